"""Run the command line: `python -m` with the name of the package is the same program as `comfy-cloud`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
