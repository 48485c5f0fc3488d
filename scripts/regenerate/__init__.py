"""Adopt a published contract with all that depends on it, and report whom it breaks."""
