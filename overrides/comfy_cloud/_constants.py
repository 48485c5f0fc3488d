"""Every number of this package, with its unit. Nothing else: no settings, no text, no logic."""

from __future__ import annotations

from typing import Final

# Asking for the state of a job.
POLL_FIRST_DELAY: Final = 0.25  # seconds
POLL_GROWTH: Final = 1.5  # factor from one delay to the next
POLL_LONGEST_DELAY: Final = 5.0  # seconds, before jitter
POLL_JITTER: Final = 0.2  # part of a delay, added or taken away at most

# Local file names made from the server's.
FILE_NAME_MAX_BYTES: Final = 200  # bytes of UTF-8; file systems allow 255, a part file's ending needs some of them
FILE_EXTENSION_MAX_BYTES: Final = 16  # bytes of UTF-8, without the dot; what is longer is no extension

# Times. The unit of an epoch number is told by its size; each bound is the year 5138 in the unit below it, and 1973 in
# the one above.
EPOCH_MILLISECONDS_FROM: Final = 10**11
EPOCH_MICROSECONDS_FROM: Final = 10**14
EPOCH_NANOSECONDS_FROM: Final = 10**17
TIME_TEXT_MAX_LENGTH: Final = 100  # characters; longer text is no time, and slow to find out about

# Sending a request again.
RETRY_ATTEMPTS: Final = 3  # tries in all
RETRY_BASE_DELAY: Final = 0.5  # seconds
RETRY_LONGEST_DELAY: Final = 8.0  # seconds
RETRY_LONGEST_AFTER: Final = 60.0  # seconds of a server's Retry-After that are waited for
RETRY_STATUSES: Final = frozenset({408, 429, 500, 502, 503, 504})

# How long one try may take, and one call with all its tries and pauses.
CONNECT_TIMEOUT: Final = 5.0  # seconds
READ_TIMEOUT: Final = 30.0  # seconds without a byte
WRITE_TIMEOUT: Final = 60.0  # seconds without a byte taken
POOL_TIMEOUT: Final = 10.0  # seconds for a free connection
TOTAL_TIMEOUT: Final = 120.0  # seconds
CLOCK_SLACK: Final = 0.01  # seconds by which a timer may end early
REDIRECTS_MAX: Final = 5  # hops from an address of ours to where the bytes are

# What is kept and shown of an error answer.
ERROR_BODY_MAX_CHARS: Final = 20_000  # characters of a body that is no JSON
ERROR_MESSAGE_MAX_CHARS: Final = 1_000  # characters of the server's words in a message

# Following a job.
JOB_UNKNOWN_GRACE: Final = 10.0  # seconds after the submit in which "unknown" means nothing
UNREACHABLE_LIMIT: Final = 300.0  # seconds without any answer after which waiting gives up
SUBMIT_LOOKUP: Final = 10.0  # seconds spent looking for a job whose answer was lost
NUDGE_SPACING: Final = 0.05  # seconds between two questions that the socket gives a reason for
OUTPUTS_GRACE: Final = 10.0  # seconds a finished job may take until its outputs can be read

# Files.
CHUNK: Final = 1 << 16  # bytes read or written at a time
SAVE_CONCURRENCY: Final = 4  # outputs saved at the same time
UPLOAD_CONCURRENCY: Final = 4  # inputs uploaded at the same time
IMAGE_MAX_BYTES: Final = 50 << 20  # bytes; the cloud's published limits for an image
IMAGE_MAX_EDGE: Final = 16_384  # pixels
IMAGE_MAX_PIXELS: Final = 64_000_000  # pixels
SHOWN_IMAGE_MAX: Final = 5 << 20  # bytes of a picture that a notebook shows
SHOWN_IMAGE_TIMEOUT: Final = 10.0  # seconds that showing one may take
SPOOL_MEMORY: Final = 8 << 20  # bytes of an unseekable upload kept in memory before it goes to disk

# Lists.
PAGE_SIZE: Final = 200  # items asked for at a time; the contract allows 500 or more

# The socket.
SOCKET_OPEN_TIMEOUT: Final = 5.0  # seconds
SOCKET_CLOSE_TIMEOUT: Final = 1.0  # seconds
SOCKET_OPEN_PATIENCE: Final = 1.0  # seconds that `run` waits for it before it submits
SOCKET_SILENCE: Final = 45.0  # seconds without a frame after which it counts as dead; pinged at two thirds of that
SOCKET_LAG: Final = 0.1  # seconds it may be behind REST when a job is over
SOCKET_REOPEN_FIRST: Final = 0.5  # seconds, doubled with every failure
SOCKET_REOPEN_LONGEST: Final = 30.0  # seconds
SOCKET_MAX_FRAME: Final = 64 << 20  # bytes
SOCKET_BACKLOG: Final = 256  # events kept for jobs that nobody follows yet
SOCKET_BACKLOG_IMAGE: Final = 1 << 17  # bytes of a preview among them at most

# Cancelling when a wait ends early.
CANCEL_TIMEOUT: Final = 5.0  # seconds
