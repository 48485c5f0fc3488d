"""The numbers of this package, each with its unit and its reason. No settings, strings or logic."""

from __future__ import annotations

from typing import Final

# Polling the state of a job. Short jobs should be noticed soon, and a job of an hour should not cost 1,000 requests.
POLL_FIRST_DELAY: Final = 0.25  # seconds
POLL_GROWTH: Final = 1.5  # factor from one delay to the next
POLL_EARLY_PHASE: Final = 60.0  # seconds from the start of a wait in which delays stay shorter
POLL_EARLY_DELAY: Final = 2.5  # seconds, the longest delay in that phase, before jitter
POLL_LONGEST_DELAY: Final = 5.0  # seconds, the longest delay after that phase, before jitter
POLL_LIVE_DELAY: Final = 15.0  # seconds between two polls while the WebSocket delivers messages about the job
# Where no WebSocket tells the end of a job, it is polled more often, so that the end is noticed within a tenth of the
# job's time, or within 1.5 s, whatever the jitter adds. Longer delays made people wait up to 3 s for jobs of 10 s.
POLL_ALONE_SHARE: Final = 1 / 13  # of the time waited so far: the delay before jitter
POLL_ALONE_FIRST: Final = 1 / 16  # of POLL_FIRST_DELAY: the shortest such delay
POLL_ALONE_LONGEST: Final = 1.2  # seconds, the longest such delay
POLL_ALONE_PHASE: Final = 90.0  # seconds from the start of a wait; longer jobs are polled like all others
POLL_JITTER: Final = 0.2  # largest part of a delay that is added or subtracted at random

# Polling many jobs with one request.
LIST_SPACING: Final = 0.5  # seconds, the shortest time between two requests for the list of active jobs
LIST_FAILURES_MAX: Final = 3  # failures in a row after which each job is polled by its id
LIST_REFUSED_PAUSE: Final = 60.0  # seconds without the list after it was refused, or failed too often
ACTIVE_PAGE_SIZE: Final = 1000  # active jobs per page; the contract's maximum, so that one page is usually enough
# Requests about jobs at the same time. If they took all CONNECTIONS_MAX connections, a submit or a download would wait
# for a free one and could reach POOL_TIMEOUT.
QUESTIONS_MAX: Final = 8

# Local file names, made from the server's file names.
FILE_NAME_MAX_BYTES: Final = 200  # bytes of UTF-8; most file systems allow 255, and a number may be added
FILE_EXTENSION_MAX_BYTES: Final = 16  # bytes of UTF-8, without the dot; a longer ending is not an extension

# Times. Servers send epoch numbers without a unit, so the unit is guessed by size. Each bound is the year 5138 in the
# smaller unit's reading and the year 1973 in the larger one's, so real times are never ambiguous.
EPOCH_MILLISECONDS_FROM: Final = 10**11
EPOCH_MICROSECONDS_FROM: Final = 10**14
EPOCH_NANOSECONDS_FROM: Final = 10**17
TIME_TEXT_MAX_LENGTH: Final = 100  # characters; dateutil takes long to refuse a long string

# Retries.
RETRY_ATTEMPTS: Final = 3  # tries in all, the first one included
RETRY_BASE_DELAY: Final = 0.5  # seconds before the second try at most; doubled for each later try
RETRY_LONGEST_DELAY: Final = 8.0  # seconds between two tries at most
RETRY_LONGEST_AFTER: Final = 60.0  # seconds; a longer Retry-After is raised as an error, not waited for
# 520 to 530 are what a gateway such as Cloudflare says in place of 502, when the server behind it does not answer.
RETRY_STATUSES: Final = frozenset({408, 429, 500, 502, 503, 504, *range(520, 531)})

# Timeouts of one try, and of one call with all its tries and the delays between them.
CONNECT_TIMEOUT: Final = 5.0  # seconds until a connection is open
READ_TIMEOUT: Final = 30.0  # seconds without a received byte
WRITE_TIMEOUT: Final = 60.0  # seconds without a sent byte
POOL_TIMEOUT: Final = 10.0  # seconds until a connection of the pool is free
CONNECTIONS_MAX: Final = 10  # open connections to one server at most, and as many for what is never sent twice
CONNECTION_IDLE: Final = 5.0  # seconds until an idle connection is closed
TOTAL_TIMEOUT: Final = 120.0  # seconds for a whole call
NUMBER_MAX: Final = 1e9  # seconds, or credits; timers of operating systems overflow not far above
CLOCK_SLACK: Final = 0.01  # seconds; the timer of an event loop may fire this much too early
REDIRECTS_MAX: Final = 5  # redirects from a URL of the API to the file storage

# Error responses.
ERROR_BODY_MAX_CHARS: Final = 20_000  # characters that are kept of a body that is not JSON
ERROR_MESSAGE_MAX_CHARS: Final = 1_000  # characters of the server's message in ours

# Waiting for a job.
JOB_UNKNOWN_GRACE: Final = 10.0  # seconds after the submit in which a 404 is ignored: servers register a job late
UNREACHABLE_LIMIT: Final = 300.0  # seconds without any response after which a wait raises the connection error
SUBMIT_LOOKUP: Final = 10.0  # seconds to search for a job whose submit response was lost
QUEUE_TIMEOUT: Final = 60.0  # seconds that a submit waits for room in a full queue
QUEUE_PAUSE: Final = 1.0  # seconds between two tries to submit to a full queue
OUTPUTS_GRACE: Final = 10.0  # seconds between "completed" and the outputs; servers store them separately
REMOVED_MAX: Final = 10_000  # ids of removed jobs that a client remembers: a ComfyUI forgets these jobs
JOB_ID_MAX_CHARS: Final = 200  # characters of a job's id; servers use UUIDs
SUBMISSIONS_MAX: Final = 10_000  # submits with a key that a client remembers

# Files.
CHUNK: Final = 1 << 16  # bytes that are read or written at a time
RECEIVE_CHUNK: Final = 1 << 18  # bytes that are taken from a connection at a time; asyncio reads no more either
SEND_CHUNK: Final = 1 << 18  # bytes of a file that are handed to a connection at a time
SEND_AHEAD: Final = 4  # such chunks that a thread reads at a time
SAVE_CONCURRENCY: Final = 4  # outputs that are saved at the same time
UPLOAD_CONCURRENCY: Final = 4  # inputs that are uploaded at the same time
IMAGE_MAX_BYTES: Final = 50 << 20  # bytes; this and the next two are the cloud's published limits for an image
IMAGE_MAX_EDGE: Final = 16_384  # pixels
IMAGE_MAX_PIXELS: Final = 64_000_000  # pixels
SHOWN_FILE_MAX: Final = 5 << 20  # bytes of a picture, film or sound that a notebook shows; it stores it in its own file
SHOWN_TOTAL_MAX: Final = 20 << 20  # bytes of all outputs that a notebook shows together
SHOWN_COUNT_MAX: Final = 24  # outputs that a notebook shows together
SHOWN_TEXT_MAX: Final = 20_000  # characters of a text that a notebook shows
SHOWN_TIMEOUT: Final = 10.0  # seconds to download what a notebook shows
SPOOL_MEMORY: Final = 8 << 20  # bytes; a larger upload that cannot seek is copied to disk, not to memory

# Progress that is shown.
PROGRESS_TICK: Final = 1.0  # seconds between two looks at the clock while nothing is heard

# Lists.
PAGE_SIZE: Final = 200  # items per page; the contract allows at least 500

LARGE_GRAPH_NODES: Final = 1000  # a graph of more nodes is checked and encoded in a thread: 1,000 take 3 to 6 ms

# Node definitions kept on disk for `check`.
NODE_CACHE_LONGEST: Final = 86_400.0  # seconds

# The WebSocket.
SOCKET_OPEN_TIMEOUT: Final = 5.0  # seconds for the handshake
SOCKET_CLOSE_TIMEOUT: Final = 1.0  # seconds for the closing handshake
SOCKET_OPEN_PATIENCE: Final = 1.0  # seconds that `run` waits for the WebSocket before it submits without
SOCKET_REFUSED_PAUSE: Final = 60.0  # seconds until a handshake that was refused is sent again unchanged
SOCKET_SILENCE: Final = 45.0  # seconds without a frame after which it is closed; a ping is sent after two thirds
SOCKET_LAG: Final = 0.1  # seconds to wait for late events when REST says that a job is over
# Seconds after a message about the end of a job at which REST is polled. ComfyUI 0.33.0 sends `execution_success` some
# milliseconds before its REST responses show the end, so a single poll would be too early and cost a whole interval.
SOCKET_END_DELAYS: Final = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05)
SOCKET_REOPEN_FIRST: Final = 0.5  # seconds before the first reconnect; doubled after each failure
SOCKET_REOPEN_LONGEST: Final = 30.0  # seconds between two reconnects at most
SOCKET_MAX_FRAME: Final = 64 << 20  # bytes of a frame at most; previews of large images take several megabytes
SOCKET_REPEATS: Final = 10_000  # nodes whose last step is known, so that it is told once
SOCKET_BACKLOG: Final = 256  # events that are kept for jobs without a subscriber: a job may start before `wait` does
SOCKET_BACKLOG_BYTES: Final = 64 << 20  # bytes of previews that are kept for them, or for a slow reader
SOCKET_BACKLOG_FRAME: Final = 1 << 17  # bytes; other events of larger frames are delivered, but not kept

# Cancelling a job when a wait ends early.
CANCEL_TIMEOUT: Final = 5.0  # seconds

# Parallel calls of the sync client.
GATHER_END_PATIENCE: Final = 0.5  # seconds for parallel calls to end after an error or Ctrl-C

# Bodies.
RESPONSE_MAX_BYTES: Final = 256 << 20  # bytes of a response that is read whole, decompressed
ERROR_MAX_BYTES: Final = 1 << 20  # bytes of an error response that are read; the rest is not
HEADS_MAX_BYTES: Final = 256 << 10  # bytes of all heads before the body of a transfer
JSON_VALUES_MAX: Final = 5_000_000  # values in JSON; a list takes 64 bytes of memory, an object 200 and more
TRANSFER_BYTES_MIN: Final = 1 << 10  # bytes that a transfer moves within TRANSFER_BYTES_TIME at least
TRANSFER_BYTES_TIME: Final = 60.0  # seconds

# Batches.
BATCH_KEY_LENGTH: Final = 16  # hex digits of a row's digest that make its key: 64 bits
BATCH_SUBMITS_MAX: Final = 3  # submits of one row, where the service failed
BATCH_CONCURRENCY: Final = 4  # submits, and rows that are collected, at the same time
BATCH_LINGER: Final = 0.02  # seconds in which results are gathered, so that one commit writes them all
BATCH_PAUSE_FIRST: Final = 0.5  # seconds in which nothing is submitted after a full queue or a server out of reach
BATCH_PAUSE_LONGEST: Final = 30.0  # seconds, doubled each time until then
BATCH_CALLS_MAX: Final = 256  # calls of `then` handed to an executor at the same time
BATCH_CHUNK: Final = 500  # rows that are added in one transaction, or read at a time
LEDGER_PATIENCE: Final = 30.0  # seconds that a lock of another program on the ledger is waited for
