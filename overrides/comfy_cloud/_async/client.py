"""The client: settings in, jobs out. Everything it does is done by the modules beside it."""

from __future__ import annotations

import platform
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NoReturn, Self
from uuid import UUID, uuid4

from .. import __version__
from .._constants import CONNECT_TIMEOUT, POOL_TIMEOUT, READ_TIMEOUT, TOTAL_TIMEOUT, WRITE_TIMEOUT
from .._core.following import Timing
from .._core.retry import RetryPolicy
from .._core.secrets import Secret
from .._core.submission import extra_fields
from .._httpx import httpx
from .._settings import KeySource, resolve_key, resolve_server
from ..errors import ConfigurationError
from ..raw.client import Client as RawClient
from ..workflow import Workflow
from .http import AsyncHTTPClient
from .jobs import AsyncJob, OnEvent
from .submit import submit_graph
from .uploads import AsyncUploads

_DEFAULT_TIMEOUT = httpx.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT, write=WRITE_TIMEOUT, pool=POOL_TIMEOUT)


class AsyncComfyCloud:
    """A connection to Comfy Cloud, or to an open-source ComfyUI.

    `api_key` is a text or a callable that gives one (asked for each request), else `COMFY_CLOUD_API_KEY`; the cloud
    needs one. `base_url` is the server, else `COMFY_CLOUD_BASE_URL`, else `https://cloud.comfy.org`; a path prefix is
    kept. `timeout` (seconds, or httpx.Timeout) holds for one try, `total_timeout` (seconds, None: no limit) for a call
    with all its tries. `retry=None` turns retries off. `http_client` is a client of yours whose proxies and TLS are
    used; it is never closed. `proxy` and `ssl_context` configure ours instead. `headers` go with each request,
    `user_agent` in front of our own.

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
        self._uploads = AsyncUploads(self._http, is_cloud=True if self._server.is_cloud else None)
        self._client_id = str(uuid4())
        self._timing = Timing()
        self._raw = RawClient(base_url=self._server.base_url).set_async_httpx_client(self._http)

    @property
    def raw(self) -> RawClient:
        """The generated client on the same connection, for `raw.api...` functions. Raises our errors, too."""
        return self._raw

    async def submit(
        self,
        workflow: Workflow | Mapping[str, Any],
        *,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> AsyncJob:
        """Upload the workflow's files, submit it (`POST /api/prompt`), and return its job at once.

        `partner_key` is the key for nodes that call paid partner services; it is sent only when given. What the
        server dropped is in `job.node_errors`, and warned about. Raises WorkflowError, UploadError,
        InvalidWorkflowError (`.node_errors`), SubmissionUncertainError (the answer was lost), and the API's errors.
        """
        secret = None if partner_key is None else Secret(partner_key)
        del partner_key
        prepared = (workflow if isinstance(workflow, Workflow) else Workflow(workflow))._prepare()
        fields = extra_fields(extra_data, secret)
        graph = prepared.graph(await self._uploads.names(prepared.files))
        return await submit_graph(self._http, graph, client_id=self._client_id, timing=self._timing, extra_data=fields)

    async def run(
        self,
        workflow: Workflow | Mapping[str, Any],
        *,
        timeout: float | None = None,
        on_event: OnEvent | None = None,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> AsyncJob:
        """`submit`, then `wait`: returns the completed job, its outputs readable. `timeout` (seconds) is the wait's."""
        job = await self.submit(workflow, partner_key=partner_key, extra_data=extra_data)
        return await job.wait(timeout, on_event=on_event)

    def job(self, job_id: str | UUID) -> AsyncJob:
        """The handle of a job whose id was kept elsewhere. Sends nothing; `refresh` or `wait` ask."""
        text = str(job_id).strip()
        if not text:
            raise ConfigurationError("the job's id is empty")
        return AsyncJob(self._http, text, self._timing)

    async def aclose(self) -> None:
        """Close the connections. Jobs on the server run on."""
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
