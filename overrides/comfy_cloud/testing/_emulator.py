"""The emulator as tests use it: starts the server, names its addresses and keys, holds and inspects its work."""

import contextlib
import socket
from types import TracebackType
from typing import Self

from ._app import HANDLERS, App
from ._backend import Backend, Options
from ._dialects import DIALECTS, DialectName
from ._faults import Fault
from ._gate import gate_for
from ._jobs import FINISHED, State
from ._journal import Journal
from ._keys import ApiKeys
from ._orders import FaultOrder, Faults
from ._server import ThreadedServer, bind

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class Emulator:
    """A server that answers like Comfy Cloud or like ComfyUI, on loopback, in this process.

        with Emulator() as emulator:
            cloud = ComfyCloud(api_key=emulator.api_key, base_url=emulator.url)

    `dialect` is `"cloud"`, `"cloud-next"` (newer field names), `"comfyui"` or `"comfyui-old"`. `port` 0 takes a free
    port. `max_concurrent_jobs` is how many jobs run at once (default: 3 on the cloud, 1 on ComfyUI). With
    `keeps_submission_ids=False` neither a `prompt_id` nor a marker in `extra_data` survives a submit. Raises ValueError
    for an unknown dialect or a limit below 1, OSError where the port is taken. Starts on construction, ends with
    `close()` or the `with` block.
    """

    def __init__(
        self,
        *,
        dialect: DialectName = "cloud",
        port: int = 0,
        host: str = "127.0.0.1",
        max_concurrent_jobs: int | None = None,
        keeps_submission_ids: bool = True,
    ) -> None:
        row = DIALECTS.get(dialect)
        if row is None:
            raise ValueError(f"unknown dialect {dialect!r}; there are {', '.join(DIALECTS)}")
        limit = row.queue.max_concurrent_jobs if max_concurrent_jobs is None else max_concurrent_jobs
        if limit < 1:
            raise ValueError(f"max_concurrent_jobs must be at least 1, not {limit}")
        self.dialect: str = row.name
        self.journal = Journal()
        self.faults = Faults()
        with contextlib.ExitStack() as undo:

            def listen(host: str, port: int) -> socket.socket:
                return undo.enter_context(contextlib.closing(bind(host, port)))

            public = [listen(host, port), listen(host, 0)]
            inner = [listen("127.0.0.1", 0) for _ in public]
            inner_ports = [listener.getsockname()[1] for listener in inner]
            self.port, storage_port = (listener.getsockname()[1] for listener in public)
            shown = _ANY_ADDRESS.get(host, host)
            shown = f"[{shown}]" if ":" in shown else shown
            self.url = f"http://{shown}:{self.port}"
            self.storage_url = f"http://{shown}:{storage_port}"
            options = Options(limit, keeps_submission_ids)
            self._backend = Backend(row, options, self.url, self.storage_url, frozenset(HANDLERS))
            undo.callback(self._backend.close)
            gate = gate_for(self._backend, self.journal, self.faults, public, inner_ports)
            self._server = ThreadedServer(App(self._backend, self.journal, inner_ports[1]), inner, gate)
            self._server.start()
            self.faults.on_change(lambda new: self._server.do(gate.obey(new)) if gate.concerns(new) else None)
            self._undo = undo.pop_all()
        self._undo.callback(self._server.stop)
        self._undo.callback(self._backend.fetcher.close)  # a request may wait for what it fetches
        self._undo.callback(self.drop_sockets)

    @property
    def api_key(self) -> str:
        """A key that is let in everywhere."""
        return self._backend.keys.valid

    @property
    def keys(self) -> ApiKeys:
        """All keys: `.valid`, `.no_credits` (402 on submit), `.inactive` (429 on submit), `.forbidden` (403)."""
        return self._backend.keys

    @property
    def storage_keys_seen(self) -> int:
        """How many requests brought a key to the storage origin, in a header, the query or the path. Each was
        refused."""
        return self._backend.guard.keys_seen

    def pause(self) -> None:
        """Start no further jobs: what is submitted from now on stays pending until `resume()`."""
        self._backend.engine.pause()

    def resume(self) -> None:
        """Start what waits, and everything from now on."""
        self._backend.engine.resume()

    def wait_for(self, job_id: str, *states: State, timeout: float = 10.0) -> State:
        """Block until a job is in one of `states` (by default: until it has ended) and return its state: pending,
        in_progress, completed, failed or cancelled. Raises TimeoutError after `timeout` seconds."""
        return self._backend.engine.wait_for(job_id, frozenset(states) or FINISHED, timeout).state

    def restart_worker(self) -> None:
        """Bring back a worker that `"extra_data": null` killed (ComfyUI before 2026); its job is lost."""
        self._backend.engine.restart_worker()

    @property
    def sockets(self) -> int:
        """How many sockets are open at `/ws`, whether messages reach them or not."""
        return len(self._backend.hub)

    def wait_for_sockets(self, count: int, timeout: float = 10.0) -> None:
        """Block until exactly `count` sockets are open; raises TimeoutError after `timeout` seconds."""
        self._backend.hub.wait_for(count, timeout)

    def drop_sockets(self) -> None:
        """End every open socket without a closing handshake, as a server does that dies."""
        self._backend.hub.drop()

    def fail(
        self,
        operation: str,
        fault: Fault,
        *,
        count: int | None = 1,
        probability: float = 1.0,
        seed: int = 0,
        after: int = 0,
    ) -> FaultOrder:
        """Order a fault: it happens to the next `count` requests of `operation` (None: to all), after the first
        `after` of them went well.

            emulator.fail("executePrompt", Fault.lose_answer())

        `operation` is an operationId, `"storage"` for downloads from signed addresses, `"socket"` for the WebSocket,
        `"connection"` for new connections, or `"*"` for every request. With a `probability` below 1 each request is
        hit or not by the random numbers of `seed`. Takes effect before it returns. Raises ValueError for an unknown
        operation, and for one that the fault cannot happen to.
        """
        order = FaultOrder(operation, fault, count=count, probability=probability, seed=seed, after=after)
        self.faults.add(order)
        return order

    def close(self) -> None:
        """Interrupt what runs, stop the server and free its ports. May be called again."""
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Emulator {self.dialect} at {self.url}>"
