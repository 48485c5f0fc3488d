"""Describe the servers that the emulator can be: their routes, limits and response bodies."""
