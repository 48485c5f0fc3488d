# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
"""Contains endpoint functions for accessing the API"""
