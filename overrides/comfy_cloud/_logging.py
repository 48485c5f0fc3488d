"""The one logger of this package: INFO a line per submit, retry and end of a job, DEBUG a line per request."""

from __future__ import annotations

import logging
from typing import Final

logger: Final = logging.getLogger("comfy_cloud")
logger.addHandler(logging.NullHandler())
