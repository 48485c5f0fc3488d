"""The messages that a server sends about its jobs, from where they arise to whoever listens.

Delivery is the listener's business: which socket may see which message depends on the dialect.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    """One message. `client_id` is the client that submitted the job, None where it named none; `job_id` is None
    for messages about the whole queue."""

    type: str
    data: dict[str, Any]
    job_id: str | None = None
    client_id: str | None = None


Listener = Callable[[Message], None]


class EventBus:
    """Calls every listener with every message, in the thread that publishes: listeners must not block."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; call what is returned to remove it."""
        with self._lock:
            self._listeners = [*self._listeners, listener]

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not listener]

        return unsubscribe

    def publish(self, message: Message) -> None:
        for listener in self._listeners:
            listener(message)
