# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
"""A client library for accessing Comfy Cloud HTTP interface, version 1"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
