# Derived from overrides/comfy_cloud/_async/resources/__init__.py by scripts/unasync.py: do not edit. Rebuild with: make derive
