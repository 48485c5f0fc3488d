"""Check, queue and execute workflows, as ComfyUI does."""
