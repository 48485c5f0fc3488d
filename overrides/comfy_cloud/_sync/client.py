# Derived from overrides/comfy_cloud/_async/client.py by scripts/unasync.py: do not edit. Rebuild with: make derive
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
from .connection import Connection
from .http import HTTPClient
from .jobs import Job, OnEvent
from .socket import Socket
from .submit import submit_graph
from .uploads import upload_files

if TYPE_CHECKING:
    from ..raw.models import UserResponse
    from .assets import Assets
    from .files import Files
    from .resources import (
        History,
        Jobs,
        Models,
        Nodes,
        Queue,
        System,
        UserData,
        Workflows,
    )

_DEFAULT_TIMEOUT = httpx.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT, write=WRITE_TIMEOUT, pool=POOL_TIMEOUT)


class ComfyCloud:
    """A connection to Comfy Cloud, or to an open-source ComfyUI.

    `api_key` is a text or a callable that gives one (asked for each request), else `COMFY_CLOUD_API_KEY`; the cloud
    needs one. `base_url` is the server, else `COMFY_CLOUD_BASE_URL`, else `https://cloud.comfy.org`; a path prefix is
    kept. `timeout` (seconds, or httpx.Timeout) holds for one try, `total_timeout` (seconds, None: no limit) for a call
    with all its tries. `retry=None` turns retries off. `http_client` is a client of yours whose proxies and TLS are
    used, for the socket too; it is never closed. (Through a transport of your own, or HTTP/2, there is no socket.)
    `proxy` and `ssl_context` configure ours instead. `headers` go with each request, `user_agent` in front of our own.
    `live=False` polls only, without the socket.

    Raises ConfigurationError for settings that cannot work. Use it as a context manager, or close it.

        with ComfyCloud() as cloud:
            job = cloud.run(Workflow.load("portrait_api.json"))
            job.outputs.save("out/")
    """

    def __init__(
        self,
        api_key: str | KeySource | None = None,
        *,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = _DEFAULT_TIMEOUT,
        total_timeout: float | None = TOTAL_TIMEOUT,
        retry: RetryPolicy | None = RetryPolicy(),  # noqa: B008 - frozen
        http_client: httpx.Client | None = None,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        live: bool = True,
    ) -> None:
        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # type: ignore[assignment]
        self._server = resolve_server(base_url)
        credential = resolve_key(api_key, self._server)  # type: ignore[arg-type]
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise ConfigurationError(f"http_client is a {type(http_client).__name__}, not an httpx.Client")
        if http_client is not None and (proxy is not None or ssl_context is not None):
            raise ConfigurationError(
                "proxy and ssl_context belong to the http_client that was handed in: set them there"
            )
        self._owner = True
        timeout = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
        agent = f"comfy-cloud/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"
        inner = http_client
        if inner is None:
            inner = httpx.Client(proxy=proxy, verify=ssl_context or True, timeout=timeout)
        self._http = HTTPClient(
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
        self._connection = Connection(
            self._http,
            None if route is None else Socket(self._http, self._server.socket_url, client_id, route),
            client_id,
            Timing(),
            is_cloud=True if self._server.is_cloud else None,
        )
        self._raw = RawClient(base_url=self._server.base_url).set_httpx_client(self._http)

    @property
    def raw(self) -> RawClient:
        """The generated client on the same connection, for `raw.api...` functions. Raises our errors, too."""
        return self._raw

    # A group's module, and the models that it brings, are imported when it is first used.

    @property
    def jobs(self) -> Jobs:
        """Jobs of the account: list, get, status."""
        from .resources import Jobs

        return Jobs(self._connection, self._raw)

    @property
    def queue(self) -> Queue:
        """Jobs that run or wait: get, cancel, clear, remaining, interrupt_all."""
        from .resources import Queue

        return Queue(self._connection, self._raw)

    @property
    def history(self) -> History:
        """Past jobs: list, get, delete, clear."""
        from .resources import History

        return History(self._connection, self._raw)

    @property
    def assets(self) -> Assets:
        """Stored files with tags: list, get, upload, update, delete, tag, import."""
        from .assets import Assets

        return Assets(self._connection, self._raw)

    @property
    def files(self) -> Files:
        """Files by name: upload_image, upload_mask, mask_layers, download."""
        from .files import Files

        return Files(self._connection, self._raw)

    @property
    def models(self) -> Models:
        """Installed models: folders, list, preview."""
        from .resources import Models

        return Models(self._connection, self._raw)

    @property
    def nodes(self) -> Nodes:
        """Node definitions: info."""
        from .resources import Nodes

        return Nodes(self._connection, self._raw)

    @property
    def userdata(self) -> UserData:
        """The user's own files: list, read, write, delete."""
        from .resources import UserData

        return UserData(self._connection, self._raw)

    @property
    def workflows(self) -> Workflows:
        """Ready-made workflows: templates, subgraphs, subgraph."""
        from .resources import Workflows

        return Workflows(self._connection, self._raw)

    @property
    def system(self) -> System:
        """The server: stats, features."""
        from .resources import System

        return System(self._connection, self._raw)

    def account(self) -> UserResponse:
        """Whose the API key is (`GET /api/user`, which no ComfyUI has)."""
        return get_user.sync(client=self._raw)

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
        sibling._raw = RawClient(base_url=self._server.base_url).set_httpx_client(sibling._http)
        sibling._owner = False
        return sibling

    def submit(
        self,
        workflow: Workflow | Mapping[str, Any],
        *,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> Job:
        """Upload the workflow's files, submit it (`POST /api/prompt`), and return its job at once.

        `partner_key` is the key for nodes that call paid partner services; it is sent only when given. What the
        server dropped is in `job.node_errors`, and warned about. It opens no socket: `run` tells a short job from its
        start. Raises WorkflowError, UploadError, InvalidWorkflowError (`.node_errors`), SubmissionUncertainError (the
        answer was lost), and the API's errors.
        """
        secret = None if partner_key is None else Secret(partner_key)
        del partner_key
        return self._submit(workflow, secret, extra_data)

    def _submit(
        self, workflow: Workflow | Mapping[str, Any], partner_key: Secret | None, extra_data: Mapping[str, Any] | None
    ) -> Job:
        prepared = (workflow if isinstance(workflow, Workflow) else Workflow(workflow))._prepare()
        fields = extra_fields(extra_data, partner_key)
        graph = prepared.graph(upload_files(self._connection, prepared.files))
        if self._connection.socket is not None:
            self._connection.socket.settle(SOCKET_OPEN_PATIENCE)
        return submit_graph(self._connection, graph, submission_id=str(uuid4()), extra_data=fields)

    def run(
        self,
        workflow: Workflow | Mapping[str, Any],
        *,
        timeout: float | None = None,
        on_event: OnEvent | None = None,
        cancel_on_exit: bool = False,
        partner_key: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> Job:
        """`submit`, then `wait`: returns the completed job, its outputs readable.

        `timeout` (seconds), `on_event` and `cancel_on_exit` are those of the job's `wait`, which see.
        """
        secret = None if partner_key is None else Secret(partner_key)
        del partner_key
        if self._connection.socket is not None:
            self._connection.socket.start()  # opens beside the upload
        job = self._submit(workflow, secret, extra_data)
        return job.wait(timeout, on_event=on_event, cancel_on_exit=cancel_on_exit)

    def job(self, job_id: str | UUID) -> Job:
        """The handle of a job whose id was kept elsewhere. Sends nothing; `refresh` or `wait` ask."""
        text = str(job_id).strip()
        if not text:
            raise ConfigurationError("the job's id is empty")
        return Job(self._connection, text)

    def close(self) -> None:
        """Close the connections. Jobs on the server run on."""
        if self._owner and self._connection.socket is not None:
            self._connection.socket.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._server.base_url}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and a key and cannot be pickled: make one in each process")
