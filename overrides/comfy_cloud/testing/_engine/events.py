"""Pass the messages that a server sends about its jobs from their origin to the subscribers.

Delivery is the subscriber's task: which WebSocket may see which message depends on the dialect.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# A WebSocket gets messages of these types as binary frames. All others are JSON in text frames, under their own type.
PREVIEW = "binary: preview"
PREVIEW_WITH_METADATA = "binary: preview with metadata"
TEXT = "binary: text"


@dataclass(frozen=True)
class Message:
    """One message.

    `client_id` is the client that submitted the job, or None if the submit named none. `job_id` is None if the message
    is about the whole queue.
    """

    type: str
    data: dict[str, Any]
    job_id: str | None = None
    client_id: str | None = None


Listener = Callable[[Message], None]


class EventBus:
    """Calls every subscriber with every message, in the thread that publishes. Subscribers must not block."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a subscriber. Return a function that removes it."""
        with self._lock:
            # Replace the list instead of changing it: another thread may be iterating over it in `publish`.
            self._listeners = [*self._listeners, listener]

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not listener]

        return unsubscribe

    def publish(self, message: Message) -> None:
        for listener in self._listeners:
            listener(message)
