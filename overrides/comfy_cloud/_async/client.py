"""The client: settings in, jobs out. Everything it does is done by the modules beside it."""

from __future__ import annotations

import platform
import ssl
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self
from uuid import UUID, uuid4

from .. import __version__
from .._constants import CONNECT_TIMEOUT, POOL_TIMEOUT, READ_TIMEOUT, SOCKET_OPEN_PATIENCE, TOTAL_TIMEOUT, WRITE_TIMEOUT
from .._core.following import Timing
from .._core.retry import RetryPolicy
from .._core.secrets import Secret
from .._core.submission import extra_fields
from .._httpx import httpx, socket_route
from .._settings import KEEP, Keep, KeySource, resolve_key, resolve_server
from ..errors import ConfigurationError
from ..raw.api.user import get_user
from ..raw.client import Client as RawClient
from ..workflow import Workflow
from .connection import AsyncConnection
from .http import AsyncHTTPClient
from .jobs import AsyncJob, OnEvent
from .socket import AsyncSocket
from .submit import submit_graph
from .uploads import upload_files

if TYPE_CHECKING:
    from ..raw.models import UserResponse
    from .assets import AsyncAssets
    from .files import AsyncFiles
    from .resources import (
        AsyncHistory,
        AsyncJobs,
        AsyncModels,
        AsyncNodes,
        AsyncQueue,
        AsyncSystem,
        AsyncUserData,
        AsyncWorkflows,
    )

_DEFAULT_TIMEOUT = httpx.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT, write=WRITE_TIMEOUT, pool=POOL_TIMEOUT)


class AsyncComfyCloud:
    """A connection to Comfy Cloud, or to an open-source ComfyUI.

    `api_key` is a text or a callable that gives one (asked for each request), else `COMFY_CLOUD_API_KEY`; the cloud
    needs one. `base_url` is the server, else `COMFY_CLOUD_BASE_URL`, else `https://cloud.comfy.org`; a path prefix is
    kept. `timeout` (seconds, or httpx.Timeout) holds for one try, `total_timeout` (seconds, None: no limit) for a call
    with all its tries. `retry=None` turns retries off. `http_client` is a client of yours whose proxies and TLS are
    used, for the socket too; it is never closed. (Through a transport of your own, or HTTP/2, there is no socket.)
    `proxy` and `ssl_context` configure ours instead. `headers` go with each request, `user_agent` in front of our own.
    `live=False` polls only, without the socket.

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
        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # type: ignore[assignment]
        self._server = resolve_server(base_url)
        credential = resolve_key(api_key, self._server)  # type: ignore[arg-type]
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise ConfigurationError(f"http_client is a {type(http_client).__name__}, not an httpx.AsyncClient")
        if http_client is not None and (proxy is not None or ssl_context is not None):
            raise ConfigurationError(
                "proxy and ssl_context belong to the http_client that was handed in: set them there"
            )
        self._owner = True
        timeout = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
        agent = f"comfy-cloud/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"
        inner = http_client
        if inner is None:
            inner = httpx.AsyncClient(proxy=proxy, verify=ssl_context or True, timeout=timeout)
        self._http = AsyncHTTPClient(
            inner,
            owns_inner=http_client is None,
            server=self._server,
            credential=credential,
            retry=retry,
            timeout=timeout,
            total_timeout=total_timeout,
            headers={"User-Agent": f"{user_agent} {agent}" if user_agent else agent, **(headers or {})},
        )
        client_id = str(uuid4())
        route = socket_route(inner, self._server.base_url) if live else None
        self._connection = AsyncConnection(
            self._http,
            None if route is None else AsyncSocket(self._http, self._server.socket_url, client_id, route),
            client_id,
            Timing(),
            is_cloud=True if self._server.is_cloud else None,
        )
        self._raw = RawClient(base_url=self._server.base_url).set_async_httpx_client(self._http)

    @property
    def raw(self) -> RawClient:
        """The generated client on the same connection, for `raw.api...` functions. Raises our errors, too."""
        return self._raw

    # A group's module, and the models that it brings, are imported when it is first used.

    @property
    def jobs(self) -> AsyncJobs:
        """Jobs of the account: list, get, status."""
        from .resources import AsyncJobs

        return AsyncJobs(self._connection, self._raw)

    @property
    def queue(self) -> AsyncQueue:
        """Jobs that run or wait: get, cancel, clear, remaining, interrupt_all."""
        from .resources import AsyncQueue

        return AsyncQueue(self._connection, self._raw)

    @property
    def history(self) -> AsyncHistory:
        """Past jobs: list, get, delete, clear."""
        from .resources import AsyncHistory

        return AsyncHistory(self._connection, self._raw)

    @property
    def assets(self) -> AsyncAssets:
        """Stored files with tags: list, get, upload, update, delete, tag, import."""
        from .assets import AsyncAssets

        return AsyncAssets(self._connection, self._raw)

    @property
    def files(self) -> AsyncFiles:
        """Files by name: upload_image, upload_mask, mask_layers, download."""
        from .files import AsyncFiles

        return AsyncFiles(self._connection, self._raw)

    @property
    def models(self) -> AsyncModels:
        """Installed models: folders, list, preview."""
        from .resources import AsyncModels

        return AsyncModels(self._connection, self._raw)

    @property
    def nodes(self) -> AsyncNodes:
        """Node definitions: info."""
        from .resources import AsyncNodes

        return AsyncNodes(self._connection, self._raw)

    @property
    def userdata(self) -> AsyncUserData:
        """The user's own files: list, read, write, delete."""
        from .resources import AsyncUserData

        return AsyncUserData(self._connection, self._raw)

    @property
    def workflows(self) -> AsyncWorkflows:
        """Ready-made workflows: templates, subgraphs, subgraph."""
        from .resources import AsyncWorkflows

        return AsyncWorkflows(self._connection, self._raw)

    @property
    def system(self) -> AsyncSystem:
        """The server: stats, features."""
        from .resources import AsyncSystem

        return AsyncSystem(self._connection, self._raw)

    async def account(self) -> UserResponse:
        """Whose the API key is (`GET /api/user`, which no ComfyUI has)."""
        return await get_user.asyncio(client=self._raw)

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | Keep | None = KEEP,
        total_timeout: float | Keep | None = KEEP,
        retry: RetryPolicy | Keep | None = KEEP,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """A sibling with other settings and the same key, connections and socket. Closing it closes nothing.

        What is not given stays as it is; `headers` are added. `cloud.with_options(retry=None).submit(workflow)`.
        """
        sibling = object.__new__(type(self))
        sibling.__dict__.update(self.__dict__)
        sibling._http = self._http.sibling(timeout, total_timeout, retry, headers or {})
        sibling._connection = replace(self._connection, http=sibling._http)
        sibling._raw = RawClient(base_url=self._server.base_url).set_async_httpx_client(sibling._http)
        sibling._owner = False
        return sibling

    async def submit(
        self,
        workflow: Workflow | Mapping[str, Any],
        *,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> AsyncJob:
        """Upload the workflow's files, submit it (`POST /api/prompt`), and return its job at once.

        `partner_key` is the key for nodes that call paid partner services; it is sent only when given. What the
        server dropped is in `job.node_errors`, and warned about. It opens no socket: `run` tells a short job from its
        start. Raises WorkflowError, UploadError, InvalidWorkflowError (`.node_errors`), SubmissionUncertainError (the
        answer was lost), and the API's errors.
        """
        secret = None if partner_key is None else Secret(partner_key)
        del partner_key
        return await self._submit(workflow, secret, extra_data)

    async def _submit(
        self, workflow: Workflow | Mapping[str, Any], partner_key: Secret | None, extra_data: Mapping[str, Any] | None
    ) -> AsyncJob:
        prepared = (workflow if isinstance(workflow, Workflow) else Workflow(workflow))._prepare()
        fields = extra_fields(extra_data, partner_key)
        graph = prepared.graph(await upload_files(self._connection, prepared.files))
        if self._connection.socket is not None:
            await self._connection.socket.settle(SOCKET_OPEN_PATIENCE)
        return await submit_graph(self._connection, graph, submission_id=str(uuid4()), extra_data=fields)

    async def run(
        self,
        workflow: Workflow | Mapping[str, Any],
        *,
        timeout: float | None = None,
        on_event: OnEvent | None = None,
        cancel_on_exit: bool = False,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> AsyncJob:
        """`submit`, then `wait`: returns the completed job, its outputs readable.

        `timeout` (seconds), `on_event` and `cancel_on_exit` are those of the job's `wait`, which see.
        """
        secret = None if partner_key is None else Secret(partner_key)
        del partner_key
        if self._connection.socket is not None:
            self._connection.socket.start()  # opens beside the upload
        job = await self._submit(workflow, secret, extra_data)
        return await job.wait(timeout, on_event=on_event, cancel_on_exit=cancel_on_exit)

    def job(self, job_id: str | UUID) -> AsyncJob:
        """The handle of a job whose id was kept elsewhere. Sends nothing; `refresh` or `wait` ask."""
        text = str(job_id).strip()
        if not text:
            raise ConfigurationError("the job's id is empty")
        return AsyncJob(self._connection, text)

    async def aclose(self) -> None:
        """Close the connections. Jobs on the server run on."""
        if self._owner and self._connection.socket is not None:
            await self._connection.socket.aclose()
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._server.base_url}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and a key and cannot be pickled: make one in each process")
