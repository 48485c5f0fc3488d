# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
"""Contains methods for accessing the API"""
