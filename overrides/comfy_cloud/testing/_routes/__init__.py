"""Respond to requests and WebSockets: one handler for each operation of the contract."""
