"""The client: it turns settings into connections and hands out resources and jobs. The work is done elsewhere."""

from __future__ import annotations

import os
import platform
import ssl
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any, NoReturn, Self
from uuid import UUID, uuid4

from .._constants import CONNECT_TIMEOUT, POOL_TIMEOUT, QUEUE_TIMEOUT, READ_TIMEOUT, TOTAL_TIMEOUT, WRITE_TIMEOUT
from .._core.arguments import ARGUMENTS, SETTINGS
from .._core.retry import RetryPolicy
from .._core.secrets import Secret
from .._core.submission import order_of
from .._httpx import httpx
from .._settings import NOT_GIVEN, KeySource, NotGiven, resolve_key, resolve_server
from .._version import __version__
from ..errors import ComfyCloudError, ConfigurationError, SubmissionUncertainError
from . import backend

# Everything else is imported by the first method that needs it: to import it takes longer than to import httpx.
if TYPE_CHECKING:
    from .._core.checks import Problem
    from ..raw.client import Client as RawClient
    from ..raw.models import UserResponse
    from ..workflow import Workflow
    from .batch import AsyncBatch
    from .connection import AsyncLive
    from .http import AsyncHTTPClient
    from .jobs import AsyncJob, OnEvent
    from .resources.assets import AsyncAssets
    from .resources.files import AsyncFiles
    from .resources.history import AsyncHistory
    from .resources.jobs import AsyncJobs
    from .resources.models import AsyncModels
    from .resources.nodes import AsyncNodes
    from .resources.queue import AsyncQueue
    from .resources.system import AsyncSystem
    from .resources.userdata import AsyncUserData
    from .resources.workflows import AsyncWorkflows
    from .submit import OutputNames
    from .transport import AsyncTransport
    from .uploads import Progress
    from .websocket import AsyncWebSocket

__all__ = ["AsyncComfyCloud"]

_DEFAULT_TIMEOUT = httpx.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT, write=WRITE_TIMEOUT, pool=POOL_TIMEOUT)


class AsyncComfyCloud:
    """A connection to Comfy Cloud, or to an open-source ComfyUI.

    - `api_key`: The key, or a callable that returns one and is called for each request. Default: `COMFY_CLOUD_API_KEY`.
      The cloud needs a key, a ComfyUI of yours does not.
    - `base_url`: The server, with a path prefix if it has one. Default: `COMFY_CLOUD_BASE_URL`, else
      `https://cloud.comfy.org`.
    - `timeout`: The limit of one try, in seconds or as httpx.Timeout.
    - `total_timeout`: The limit of a call with all its tries, in seconds. None: no limit. Transfers have none.
    - `retry`: When a request is sent again. None: never.
    - `http_client`: An HTTP client of yours to send through. It is never closed or changed. Its headers, cookies and
      credentials go to `base_url` and to no other host, its timeouts are replaced by ours, and `total_timeout` limits
      each wait for a byte. Only a server on this machine without TLS has a WebSocket then, since httpx does not tell a
      client's proxies and certificates.
    - `proxy`: The URL of a proxy for requests and the WebSocket.
    - `ssl_context`: The certificates to trust.
    - `headers`: Headers of each request and of the WebSocket handshake, such as those that a gateway requires.
    - `user_agent`: The name of your program, in front of ours.
    - `live`: False polls only, without the WebSocket.

    Raises ConfigurationError for settings that cannot work. Use it as a context manager, or close it.

        async with AsyncComfyCloud() as cloud:
            job = await cloud.run(Workflow.load("portrait_api.json"))
            await job.outputs.save("out/")
    """

    def __init__(
        self,
        api_key: str | KeySource | None = None,
        *,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = _DEFAULT_TIMEOUT,
        total_timeout: float | None = TOTAL_TIMEOUT,
        retry: RetryPolicy | None = RetryPolicy(),  # noqa: B008 - frozen
        http_client: httpx.AsyncClient | None = None,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        live: bool = True,
    ) -> None:
        from .connection import AsyncConnection, AsyncLive
        from .http import AsyncHTTPClient
        from .transport import AsyncPools, AsyncUserClient

        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # type: ignore[assignment]
        self._server = resolve_server(base_url)
        credential = resolve_key(api_key, self._server, proxy=proxy)  # type: ignore[arg-type]
        _check_options(timeout=timeout, total_timeout=total_timeout, retry=retry)
        SETTINGS.headers("headers", headers)
        SETTINGS.header_value("user_agent", user_agent or "")
        SETTINGS.instance("proxy", proxy, (str, NoneType), "a URL")
        SETTINGS.instance("ssl_context", ssl_context, (ssl.SSLContext, NoneType), "an ssl.SSLContext")
        SETTINGS.flags(live=live)
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise ConfigurationError(f"http_client is a {type(http_client).__name__}, not an httpx.AsyncClient")
        if http_client is not None and (proxy is not None or ssl_context is not None):
            raise ConfigurationError(
                "proxy and ssl_context belong to the http_client that was handed in: set them there"
            )
        self._owner = True
        agent = f"comfy-cloud/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"
        transport: AsyncTransport
        if http_client is None:
            transport = AsyncPools(self._server, credential, proxy=proxy, ssl_context=ssl_context)
        else:
            transport = AsyncUserClient(self._server, credential, http_client)
        self._http = AsyncHTTPClient(
            transport,
            base_url=self._server.base_url,
            retry=retry,
            timeout=httpx.Timeout(timeout),
            total_timeout=total_timeout,
            headers={"User-Agent": f"{user_agent} {agent}" if user_agent else agent, **(headers or {})},
        )
        client_id = str(uuid4())
        route = transport.socket_route if live else None
        live_parts = AsyncLive(
            None if route is None else partial(_socket, self._http, self._server.socket_url, client_id, route)
        )
        self._http.live = live_parts
        self._connection = AsyncConnection(
            self._http, live_parts, client_id, is_cloud=True if self._server.is_cloud else None
        )
        backend.when_dropped(self._connection.lifeline, partial(_close_dropped, transport, live_parts))

    @classmethod
    def from_profile(cls, name: str | None = None, **settings: Any) -> Self:
        """Return a client with the settings of a profile: a table of `~/.config/comfy-cloud.toml`.

        - `name`: The name of the profile, else `COMFY_CLOUD_PROFILE`, else `default` if the file has it.
        - `settings`: Arguments of the class. They come first, then the environment, the profile and the defaults.

        The key of a profile is for the profile's own server only. `COMFY_CLOUD_CONFIG` is the path of another file.
        Raises ConfigurationError, which names the file and the profile.

            cloud = ComfyCloud.from_profile("work", timeout=60)
        """
        from .._profiles import profile_arguments

        return cls(**profile_arguments(name, settings))

    @property
    def raw(self) -> RawClient:
        """The generated client on the same connection, for `raw.api...` functions. Raises our errors as well."""
        from ..raw.client import Client as RawClient

        return RawClient(base_url=self._server.base_url).set_async_httpx_client(self._http)

    # The module of a resource, and the models that it brings, are imported when it is first used.

    @property
    def jobs(self) -> AsyncJobs:
        """Jobs of the account: list, get, status."""
        from .resources.jobs import AsyncJobs

        return AsyncJobs(self._connection)

    @property
    def queue(self) -> AsyncQueue:
        """Jobs that run or wait: get, cancel, clear, remaining, interrupt_all."""
        from .resources.queue import AsyncQueue

        return AsyncQueue(self._connection)

    @property
    def history(self) -> AsyncHistory:
        """Past jobs: list, get, delete, clear."""
        from .resources.history import AsyncHistory

        return AsyncHistory(self._connection)

    @property
    def assets(self) -> AsyncAssets:
        """Stored files with tags: list, get, upload, update, delete, tag, import."""
        from .resources.assets import AsyncAssets

        return AsyncAssets(self._connection)

    @property
    def files(self) -> AsyncFiles:
        """Files by name: upload_image, upload_mask, mask_layers, download."""
        from .resources.files import AsyncFiles

        return AsyncFiles(self._connection)

    @property
    def models(self) -> AsyncModels:
        """Installed models: folders, list, preview."""
        from .resources.models import AsyncModels

        return AsyncModels(self._connection)

    @property
    def nodes(self) -> AsyncNodes:
        """Node definitions: info."""
        from .resources.nodes import AsyncNodes

        return AsyncNodes(self._connection)

    @property
    def userdata(self) -> AsyncUserData:
        """The user's own files: list, read, write, delete."""
        from .resources.userdata import AsyncUserData

        return AsyncUserData(self._connection)

    @property
    def workflows(self) -> AsyncWorkflows:
        """Ready-made workflows: templates, subgraphs, subgraph."""
        from .resources.workflows import AsyncWorkflows

        return AsyncWorkflows(self._connection)

    @property
    def system(self) -> AsyncSystem:
        """The server: stats, features."""
        from .resources.system import AsyncSystem

        return AsyncSystem(self._connection)

    async def account(self) -> UserResponse:
        """Return the account that the API key belongs to (`GET /api/user`; Comfy Cloud only)."""
        from ..raw.api.user import get_user

        return await self._connection.model(get_user.operation)

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | NotGiven | None = NOT_GIVEN,
        total_timeout: float | NotGiven | None = NOT_GIVEN,
        retry: RetryPolicy | NotGiven | None = NOT_GIVEN,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a sibling with other settings and the same key, connections and WebSocket. Closing it closes nothing.

        Settings that are not given stay as they are; `headers` are added.

            cloud.with_options(retry=None).submit(workflow)
        """
        sibling = object.__new__(type(self))
        sibling.__dict__.update(self.__dict__)
        settings = {"timeout": timeout, "total_timeout": total_timeout, "retry": retry}
        _check_options(**settings)
        SETTINGS.headers("headers", headers)
        changed = {name: value for name, value in settings.items() if value is not NOT_GIVEN}
        sibling._http = self._http.sibling(headers or {}, changed)
        sibling._connection = replace(self._connection, http=sibling._http)
        sibling._owner = False
        return sibling

    async def submit(
        self,
        workflow: Workflow | Mapping[str, Any],
        *,
        key: str | None = None,
        front: bool = False,
        number: float | None = None,
        outputs: OutputNames | None = None,
        queue_timeout: float | None = QUEUE_TIMEOUT,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
        on_progress: Progress | None = None,
    ) -> AsyncJob:
        """Upload the workflow's files, submit it (`POST /api/prompt`), and return its job at once.

        - `workflow`: The workflow, or its graph as a dict.
        - `key`: A name of yours for the job, a string. If the server knows a job with this key, whoever submitted it,
          that job is returned instead of a new one, whatever its workflow and state: also a failed or cancelled one. So
          choose names that nobody else uses on this server. A ComfyUI forgets jobs that are removed from its queue, and
          all jobs when it restarts: another process submits them anew.
        - `front`: True puts the job before all waiting ones. A ComfyUI obeys; the cloud accepts and ignores it.
        - `number`: Sorts the job in: smaller numbers run earlier. A ComfyUI obeys; the cloud accepts and ignores it.
        - `outputs`: The output nodes to run, each by id, title or class as in `workflow[...]`, or the node itself. None
          runs all.
        - `queue_timeout`: How long to wait for room in a full queue, in seconds. None: no limit. Then RateLimitError.
        - `partner_key`: The key for nodes that call paid partner services. It is sent only when given.
        - `extra_data`: More fields of the request's `extra_data`.
        - `on_progress`: Called with the bytes of the workflow's files that are uploaded so far, and with those of all.

        What the server dropped is in `job.node_errors`, and warned about. It opens no WebSocket: `run` tells a short
        job from its start. Raises WorkflowError, UploadError, InvalidWorkflowError (`.node_errors`),
        SubmissionUncertainError (the answer was lost), and the API's errors.
        """
        from .submit import name_submit, submit_workflow

        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        ARGUMENTS.instance("partner_key", partner_key, (str, NoneType), "a string")
        secret = None if partner_key is None else Secret(partner_key)
        del partner_key
        order = order_of(
            self._connection.origin,
            key=key,
            front=front,
            number=number,
            queue_timeout=queue_timeout,
            partner_key=secret,
            extra_data=extra_data,
        )
        try:
            return await submit_workflow(self._connection, workflow, order, outputs, on_progress)
        except BaseException as error:
            name_submit(error, order)
            raise

    async def run(
        self,
        workflow: Workflow | Mapping[str, Any],
        *,
        timeout: float | None = None,
        on_event: OnEvent | None = None,
        cancel_on_exit: bool = False,
        key: str | None = None,
        front: bool = False,
        number: float | None = None,
        outputs: OutputNames | None = None,
        queue_timeout: float | None = QUEUE_TIMEOUT,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
        on_progress: Progress | None = None,
    ) -> AsyncJob:
        """Submit a workflow and wait for its job: return the completed job, its outputs readable.

        - `timeout`: How long to wait for the end of the job, in seconds. None: no limit. Then JobTimeoutError.
        - `on_event`: Called with each event of the job, such as `show_progress()`.
        - `cancel_on_exit`: Cancels the job if this call ends early, also by Ctrl-C. Else the job goes on.

        The others are those of `submit`. A job that was found by its `key` and has failed or was cancelled raises as
        `wait` does.
        """
        from .._tracing import span
        from .submit import cancel_submitted, name_submit, submit_workflow

        ARGUMENTS.patience(timeout, on_event, awaits=backend.AWAITS)
        ARGUMENTS.flags(cancel_on_exit=cancel_on_exit)
        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        ARGUMENTS.instance("partner_key", partner_key, (str, NoneType), "a string")
        secret = None if partner_key is None else Secret(partner_key)
        del partner_key
        order = order_of(
            self._connection.origin,
            key=key,
            front=front,
            number=number,
            queue_timeout=queue_timeout,
            partner_key=secret,
            extra_data=extra_data,
        )
        if self._connection.socket is not None:
            self._connection.socket.start()  # opens beside the upload
        since = datetime.now(UTC)
        try:
            with span("comfy.job", {"server.address": self._connection.http.base_url.host}) as traced:
                job = await submit_workflow(self._connection, workflow, order, outputs, on_progress)
                traced.set("comfy.job.id", job.id)
                return await job._wait(timeout, on_event, check=True, cancel_on_exit=cancel_on_exit)
        except BaseException as error:
            name_submit(error, order)
            # Also when it is unknown whether there is a job: whoever leaves here does not want to pay for it. A wait
            # that had begun has cancelled its job itself.
            lost = isinstance(error, SubmissionUncertainError) or not isinstance(error, ComfyCloudError)
            if cancel_on_exit and lost and order.sent and getattr(error, "job_id", None) is None:
                await cancel_submitted(self._connection, order.submission_id, since)
            raise

    async def check(self, workflow: Workflow | Mapping[str, Any], *, cache: bool = True) -> list[Problem]:
        """Return what this server would refuse, fail on or misread in a workflow, before a credit is spent.

        `Workflow.check` with the server's own node definitions, which include its models and files: a checkpoint that
        is not there is named with the nearest that is, and with `assets.import_url` if a converted save names its
        source. Definitions are kept on disk, for one day at most and as long as the server's version stays the same.
        Before a file or a class is reported as missing they are fetched anew, so a model that has just arrived is no
        problem. `cache=False` always fetches them. Uses `GET /api/object_info` and `GET /api/system_stats`.
        """
        from ..workflow import Workflow

        ARGUMENTS.flags(cache=cache)
        checked = workflow if isinstance(workflow, Workflow) else Workflow(workflow)
        info, kept = await self.nodes._definitions(cache=cache)
        problems = checked.check(info)
        if kept and any(problem.kind in ("not_offered", "unknown_class") for problem in problems):
            info, _ = await self.nodes._definitions(cache=False)
            problems = checked.check(info)
        return problems

    def job(self, job_id: str | UUID | AsyncJob) -> AsyncJob:
        """Return the handle of a job by its id, or bind a handle that was pickled or copied to this client.

        Sends nothing; `refresh` or `wait` ask. A handle keeps its state, and its outputs can be read again. Raises
        ConfigurationError for a handle of another server or of the other kind of client.
        """
        from .jobs import job_handle

        return job_handle(self._connection, job_id)

    def batch(
        self,
        folder: str | os.PathLike[str],
        *,
        name: str = "{filename}",
        sidecar: bool = False,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> AsyncBatch:
        """Open the batch in a folder, which is made if need be: many jobs that survive anything.

        - `folder`: The folder of the ledger and of the files.
        - `name`: The template of file names, as for `outputs.save`.
        - `sidecar`: Writes the parameters beside each file, as `outputs.save` does.
        - `partner_key`: Goes with each submit, and not into the ledger.
        - `extra_data`: Goes with each submit, and not into the ledger.

        Raises BatchInUseError if another process owns the batch, BatchError if its ledger cannot be used.

            async with cloud.batch("out/portraits") as batch:
                await batch.add(sweep(workflow, {"KSampler.seed": range(1000)}))
                async for item in batch.run():
                    print(item.key, item.state, item.paths or item.error)
        """
        from .batch import AsyncBatch

        ARGUMENTS.instance("partner_key", partner_key, (str, NoneType), "a string")
        ARGUMENTS.flags(sidecar=sidecar)
        secret = None if partner_key is None else Secret(partner_key)
        del partner_key
        return AsyncBatch(
            self._connection, folder, name=name, sidecar=sidecar, partner_key=secret, extra_data=extra_data
        )

    async def wait(
        self,
        jobs: Iterable[str | UUID | AsyncJob],
        timeout: float | None = None,
        on_event: OnEvent | None = None,
    ) -> list[AsyncJob]:
        """Wait until all these jobs (handles or ids) are over; return their handles in the same order.

        One question serves all: the list of active jobs (`GET /api/jobs`, else `GET /api/queue`), and a job's own
        route once it has left the list. A job that failed or was cancelled raises nothing: its `status` and `error`
        tell. `timeout` is in seconds for all together; `on_event` gets the events of all. Raises JobTimeoutError, which
        names the jobs that are not over, and once the others are over JobLostError for jobs that the server lost.

            for job in await cloud.wait([await cloud.submit(workflow) for workflow in workflows]):
                print(job.id, job.status)
        """
        from .jobs import job_handles
        from .watch import AsyncWait

        ARGUMENTS.patience(timeout, on_event, awaits=backend.AWAITS)
        handles = job_handles(self._connection, jobs)
        await AsyncWait(self._connection, handles, timeout, listens=on_event is not None).run(on_event)
        return handles

    def as_completed(
        self, jobs: Iterable[str | UUID | AsyncJob], timeout: float | None = None
    ) -> backend.Stream[AsyncJob]:
        """Yield the handles of these jobs (handles or ids) as they end, whether completed, failed or cancelled.

        Asks and raises as `wait` does; JobTimeoutError is raised when `timeout` (seconds) is over for the jobs left.
        """
        from .jobs import job_handles

        ARGUMENTS.patience(timeout)
        return self._as_completed(job_handles(self._connection, jobs), timeout)

    async def _as_completed(self, jobs: list[AsyncJob], timeout: float | None) -> backend.Stream[AsyncJob]:
        from ..events import JobCancelled, JobCompleted, JobFailed
        from .watch import AsyncWait

        wait = AsyncWait(self._connection, jobs, timeout, listens=False)
        async with aclosing(wait.events()) as events:
            async for job, event in events:
                if isinstance(event, (JobCompleted, JobFailed, JobCancelled)):
                    yield job

    async def aclose(self) -> None:
        """Close the connections. Jobs on the server run on. In a process that was forked off, nothing is closed."""
        if self._http.transport.is_foreign:
            return  # a closing message on a shared connection would end it for the parent
        if self._owner and self._connection.live.opened is not None:
            await self._connection.live.opened.aclose()
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._server.base_url}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and a key and cannot be pickled: make one in each process")


def _check_options(*, timeout: object, total_timeout: object, retry: object) -> None:
    """Raise ConfigurationError for settings that no request could be made with."""
    for name, limit in (timeout.as_dict() if isinstance(timeout, httpx.Timeout) else {"": timeout}).items():
        if limit is not NOT_GIVEN:
            SETTINGS.number(f"timeout.{name}".rstrip("."), limit, zero=False)
    if total_timeout is not NOT_GIVEN:
        SETTINGS.number("total_timeout", total_timeout)
    if retry is not NOT_GIVEN:
        SETTINGS.instance("retry", retry, (RetryPolicy, NoneType), "a RetryPolicy, or None for no retries")


def _socket(http: AsyncHTTPClient, address: str, client_id: str, route: Mapping[str, Any]) -> AsyncWebSocket:
    from .websocket import AsyncWebSocket

    return AsyncWebSocket(http, address, client_id, route)


def _close_dropped(transport: AsyncTransport, live: AsyncLive) -> backend.Closing:
    """Return how to close what a client left open that nobody can use any more; None if there is nothing."""
    if not transport.is_open:
        return None

    async def close() -> None:
        if live.opened is not None:
            await live.opened.aclose()
        await transport.aclose()

    return transport.loop, close
