"""The logger of this package. INFO has a line per submit, retry and end of a job, DEBUG a line per request."""

from __future__ import annotations

import logging
from typing import Final

logger: Final = logging.getLogger("comfy_cloud")
# Without a handler, `logging` would print warnings to stderr in programs that did not set up logging.
logger.addHandler(logging.NullHandler())
