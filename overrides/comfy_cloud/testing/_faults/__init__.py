"""Inject faults into the bytes between client and emulator, by the rules that a test adds."""
