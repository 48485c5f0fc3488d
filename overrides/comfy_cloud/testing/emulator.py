"""Provide the emulator to tests: start the server, name its URLs and keys, control and inspect its work."""

import contextlib
import socket
from collections.abc import Mapping
from os import PathLike
from typing import Any, overload

from starlette.types import ASGIApp

from ._engine.jobs import FINISHED, State
from ._engine.recorded_nodes import NodeInfo, recorded_nodes
from ._faults.faults import Fault
from ._faults.proxy import fault_proxy_for
from ._faults.rules import FaultOrder, Faults
from ._journal import Journal, JournalMiddleware
from ._routes.app import HANDLERS, App
from ._routes.backend import Backend, Options, has_key
from ._routes.gateway import Gateway
from ._servers.dialect_table import DIALECTS, DialectName
from ._sessions.replay import ReplayApp, load_session
from ._state.keys import ApiKeys, keys_with
from ._threaded_server import Running, ThreadedServer, checked_port, listening_socket

# Clients cannot connect to an address that means "every interface", so `url` names the loopback address instead.
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class Emulator(Running):
    """A server that responds like Comfy Cloud or like ComfyUI, on loopback, in this process.

        with Emulator() as emulator:
            cloud = ComfyCloud(api_key=emulator.api_key, base_url=emulator.url)

    - `dialect`: `"cloud"`, `"cloud-next"` (newer field names), `"comfyui"` or `"comfyui-old"`.
    - `port`: 0 takes a free port.
    - `max_concurrent_jobs`: How many jobs run at once. Default: 3 on the cloud, 1 on a ComfyUI.
    - `max_queued_jobs`: How many jobs of the cloud may wait or run. Default: 100. More are refused with 429 and
      QUEUE_LIMIT.
    - `keeps_submission_ids`: False lets neither a `prompt_id` nor a marker in `extra_data` survive a submit.
    - `job_credits`: What each job that has run costs. Its details tell it in `credits`.
    - `gateway`: What stands in front of the server and wants a login. The storage behind signed URLs has none.
    - `key`: The key that is accepted. Default: a new one each time.
    - `node_info`: The node classes of another server, so that workflows of your own run: the response of
      `GET /api/object_info` (what `cloud.nodes.info()` returns), a file that holds it, or a function that returns it. A
      class that the emulator cannot execute is checked as servers do, and then gives stand-ins for its outputs:
      labelled pictures of the latent's size, tones, films, boxes, texts and numbers.
    - `node_seconds`: How long each recorded node takes: a number, or numbers by class, in which `"*"` stands for all
      other classes. Default: 0.
    - `replay`: A file that `python -m comfy_cloud.testing --record` wrote. The server runs nothing and responds what
      was recorded. Faults and the journal work; any key is accepted.

    The server starts on construction and stops with `close()` or at the end of the `with` block. Raises ValueError for
    an argument that cannot be, and OSError if the port is taken or the file cannot be read.
    """

    def __init__(
        self,
        *,
        dialect: DialectName = "cloud",
        port: int = 0,
        host: str = "127.0.0.1",
        max_concurrent_jobs: int | None = None,
        max_queued_jobs: int | None = None,
        keeps_submission_ids: bool = True,
        job_credits: float | None = None,
        gateway: Gateway | None = None,
        key: str | None = None,
        node_info: NodeInfo | None = None,
        node_seconds: float | Mapping[str, float] = 0.0,
        replay: str | PathLike[str] | None = None,
    ) -> None:
        row = next((row for name, row in DIALECTS.items() if name == dialect), None)
        if row is None:
            raise ValueError(f"dialect must be one of {', '.join(DIALECTS)}, not {dialect!r}")
        if not isinstance(host, str):
            raise ValueError(f"host must be a string, such as '127.0.0.1', not {host!r}")
        limit = row.queue.max_concurrent_jobs if max_concurrent_jobs is None else max_concurrent_jobs
        most = row.queue.max_queued_jobs if max_queued_jobs is None else max_queued_jobs
        if most is not None and row.queue.max_queued_jobs is None:
            raise ValueError(f"max_queued_jobs must be None for {dialect!r}, not {most}: ComfyUI has no limit")
        if node_info is None and node_seconds != 0:
            raise ValueError("node_seconds must be left out without node_info: it is for recorded nodes")
        dropped = {
            "node_info": node_info,
            "gateway": gateway,
            "job_credits": job_credits,
            "max_concurrent_jobs": max_concurrent_jobs,
            "max_queued_jobs": max_queued_jobs,
        }
        for name in [name for name, given in dropped.items() if replay is not None and given is not None]:
            raise ValueError(f"{name} must be left out with replay: a recorded session runs no nodes and no jobs")
        recorded = None if node_info is None else recorded_nodes(node_info, node_seconds)
        options = Options(limit, most, keeps_submission_ids, gateway, job_credits, recorded)
        keys = keys_with(key)
        session = None if replay is None else load_session(replay)
        port = checked_port(port)
        self.dialect: str = row.name
        self.journal = Journal()
        self.faults = Faults()
        with contextlib.ExitStack() as undo:

            def listen(host: str, port: int) -> socket.socket:
                return undo.enter_context(contextlib.closing(listening_socket(host, port)))

            public = [listen(host, port), listen(host, 0)]
            # The server listens on ports of its own, behind the proxy on the public ports.
            inner = [listen("127.0.0.1", 0) for _ in public]
            inner_ports = [listener.getsockname()[1] for listener in inner]
            self.port, storage_port = (listener.getsockname()[1] for listener in public)
            shown = _ANY_ADDRESS.get(host, host)
            shown = f"[{shown}]" if ":" in shown else shown
            self.url = f"http://{shown}:{self.port}"
            self.storage_url = f"http://{shown}:{storage_port}"
            self._backend = Backend(row, options, self.url, self.storage_url, frozenset(HANDLERS), self.faults, keys)
            undo.callback(self._backend.close)
            self._proxy = fault_proxy_for(self._backend, self.journal, self.faults, public, inner_ports)
            app: ASGIApp = App(self._backend, self.journal, inner_ports[1])
            if session is not None:
                app = JournalMiddleware(ReplayApp(session), self.journal, has_key)
            self._server = ThreadedServer(app, inner, self._proxy)
            self._server.start()
            self.faults.on_change(self._apply_fault_rules)
            # The constructor succeeded, so keep everything open. Before this line, any error closes it all.
            self._undo = undo.pop_all()
        # The stack unwinds in reverse: first drop the WebSockets and sources that would block the server's end, then
        # stop it.
        self._undo.callback(self._server.stop)
        self._undo.callback(self._backend.fetcher.close)  # a request may be waiting for a source
        self._undo.callback(self.drop_sockets)

    @property
    def api_key(self) -> str:
        """Return a key that is accepted everywhere."""
        return self._backend.keys.valid

    @property
    def keys(self) -> ApiKeys:
        """Return all keys: `.valid`, `.no_credits` (402 on submit), `.inactive` (429 on submit), `.forbidden` (403)."""
        return self._backend.keys

    @property
    def storage_keys_seen(self) -> int:
        """Return how many requests sent a key to the storage origin, in a header, the query or the path.

        Each of these requests was refused.
        """
        return self._backend.storage_keys_seen

    def pause(self) -> None:
        """Start no more jobs: jobs submitted from now on stay pending until `resume()`."""
        self._backend.engine.pause()

    def resume(self) -> None:
        """Start the pending jobs, and all later ones."""
        self._backend.engine.resume()

    def wait_for(self, job_id: str, *states: State, timeout: float = 10.0) -> State:
        """Block until a job is in one of `states` (default: until it has ended). Return its state.

        A state is pending, in_progress, completed, failed or cancelled. Raises TimeoutError after `timeout` seconds.
        """
        return self._backend.engine.wait_for(job_id, frozenset(states) or FINISHED, timeout).state

    @property
    def credits_spent(self) -> float:
        """Return what the jobs have cost that have run and are in the history, by `job_credits`."""
        cost = self._backend.options.job_credits or 0.0
        return sum(cost for job in self._backend.engine.finished() if job.started is not None)

    @property
    def worker_dead(self) -> bool:
        """Return whether a job has killed the worker of a ComfyUI.

        Jobs are still accepted then, but none runs until `restart_worker()`. A worker dies of a link to a missing node
        in an input that the node class does not declare, of a node without inputs, and before 2026 of
        `"extra_data": null`. On the cloud only the job itself is lost.
        """
        return self._backend.engine.worker_is_dead()

    def wait_for_dead_worker(self, timeout: float = 10.0) -> None:
        """Block until a job has killed the worker. Raises TimeoutError after `timeout` seconds."""
        self._backend.engine.wait_for_dead_worker(timeout)

    def restart_worker(self) -> None:
        """Restart a worker that is dead. The job that killed it is lost, and the waiting jobs run."""
        self._backend.engine.restart_worker()

    @property
    def sockets(self) -> int:
        """Return how many WebSockets are open at `/ws`, whether messages reach them or not."""
        return len(self._backend.hub)

    def wait_for_sockets(self, count: int, timeout: float = 10.0) -> None:
        """Block until exactly `count` WebSockets are open. Raises TimeoutError after `timeout` seconds."""
        self._backend.hub.wait_for(count, timeout)

    def drop_sockets(self) -> None:
        """End every open WebSocket without a closing handshake, as a crashing server does."""
        self._backend.hub.drop()

    @overload
    def fail(
        self,
        operation: str,
        fault: Fault,
        /,
        *,
        count: int | None = 1,
        probability: float = 1.0,
        seed: int = 0,
        after: int = 0,
    ) -> FaultOrder: ...
    @overload
    def fail(
        self,
        node: str,
        /,
        exception_type: str = "RuntimeError",
        message: str = ...,
        *,
        count: int | None = 1,
        probability: float = 1.0,
        seed: int = 0,
        after: int = 0,
    ) -> FaultOrder: ...
    def fail(self, target: str, /, *what: Any, **options: Any) -> FaultOrder:
        """Make the next `count` requests of an operation, or runs of a node, fail (None: all of them), after the first
        `after` of them succeeded.

            emulator.fail("executePrompt", Fault.lose_answer())
            emulator.fail("KSampler", "OOMError", "out of memory", after=2)

        With a Fault, the first argument is an operation: an operationId, `"storage"` for downloads from signed URLs,
        `"socket"` for the WebSocket, `"connection"` for new connections, or `"*"` for every request. Otherwise it is a
        node, by id, title or class, or `"*"` for any node. The node raises an exception with the given type name and
        message, and its job fails as on a real server. Nodes that would be taken from the cache run in that job.

        With a `probability` below 1, each request or run fails or not by the random numbers of `seed`. The fault takes
        effect before this method returns. Returns the FaultOrder, which counts how often the fault happened. Raises
        ValueError for an unknown operation, and for an operation that this fault cannot happen to.
        """
        chance = {name: options.pop(name) for name in ("count", "probability", "seed", "after") if name in options}
        if isinstance(options.get("fault"), Fault):
            what = (options.pop("fault"), *what)
        fault = what[0] if what else None
        if isinstance(fault, Fault) and (options or len(what) > 1):
            # A number in this place may be meant as `count`, and the test would prove something else.
            raise TypeError("a Fault must be followed by count=, probability=, seed= or after= only")
        rule = FaultOrder(target, fault if isinstance(fault, Fault) else Fault.exception(*what, **options), **chance)
        self.faults.add(rule)
        return rule

    def _apply_fault_rules(self, new: FaultOrder | None) -> None:
        if self._proxy.affects_ports(new):
            self._server.run_in_loop(self._proxy.apply_rules(new))

    def __repr__(self) -> str:
        return f"<Emulator {self.dialect} at {self.url}>"
