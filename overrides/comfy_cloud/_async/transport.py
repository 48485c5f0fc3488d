"""Transports: how a request leaves, over connections of ours or through a user's HTTP client.

A transport puts the API key on a copy of each request to our origin, and knows what the WebSocket needs to take the
same way. It retries nothing, follows no redirect and raises what httpx raises; `http.py` above it does the rest.
"""

from __future__ import annotations

import os
import ssl
from abc import abstractmethod
from contextlib import aclosing
from typing import Any, Final

from .._constants import CONNECTION_IDLE, CONNECTIONS_MAX
from .._core.operations import operation_of
from .._core.secrets import Secret, named_secrets
from .._httpx import CallersError, base_url_of, environment_proxy, hide_query, httpcore, httpx, passing_on
from .._settings import KEY_HEADER, Credential, Server, check_key, is_loopback
from ..errors import ComfyCloudError, ConfigurationError
from . import backend
from .deadline import AsyncDeadlineBackend

CLOSED: Final = "this client is closed: make a new one, or stay inside its `with` block"

# Headers that a WebSocket handshake has of its own, or has no use for.
_NOT_FOR_HANDSHAKE: Final = frozenset({"accept", "accept-encoding", "connection", "host"})


class AsyncTransport(httpx.AsyncBaseTransport):
    """The transport of a client and its siblings. Requests to our origin carry the key, all others do not."""

    def __init__(self, server: Server, credential: Credential) -> None:
        url = base_url_of(server)
        self._origin = (url.scheme, url.netloc)
        # How the WebSocket reaches the server: keywords for `connect` of websockets, or None to do without it.
        self.socket_route: dict[str, Any] | None = None
        self._credential = credential
        self._closed = False
        self._loop: object = None
        self._process: int | None = None

    def check(self) -> None:
        """Raise ConfigurationError if this transport cannot be used, or not from here."""
        if self._closed:
            raise ConfigurationError(CLOSED)
        if self.is_foreign:
            raise ConfigurationError("this client belongs to another process: make one in each process, after the fork")
        self._process = os.getpid()
        loop = backend.current_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise ConfigurationError("this client belongs to another event loop: make one in each loop that needs one")

    @property
    def loop(self) -> object:
        """Return the event loop that this transport is used from, or None."""
        return self._loop

    @property
    def is_open(self) -> bool:
        """Return True if this process may have connections open here."""
        return self._process is not None and not self._closed and not self.is_foreign

    @property
    def is_foreign(self) -> bool:
        """Return True in a process that was forked off after the first use. Its connections are those of the parent."""
        return self._process not in {None, os.getpid()}

    async def key(self) -> Secret | None:
        """Return the key. A callable is asked each time, since keys may be rotated."""
        source = self._credential.source
        if source is None or isinstance(source, Secret):
            return source
        try:
            key = await backend.resolve(source())
        except ComfyCloudError:
            raise
        except Exception as error:  # noqa: BLE001 - it is not ours to judge
            raise CallersError(error) from None
        return check_key(key, "api_key")

    def is_ours(self, url: httpx.URL) -> bool:
        """Return True for URLs of our server. Only those may see the key."""
        return (url.scheme, url.netloc) == self._origin

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        ours = self.is_ours(request.url)
        key = await self.key() if ours else None
        if key is not None:
            # On a copy: httpx builds redirects from the request, and keeps it on responses and errors.
            request = _copy(request, request.headers)
            request.headers[KEY_HEADER] = key.reveal()
        response = await self._carry(request, ours)
        sent = response.extensions.pop("sent", request.headers)
        # An error may quote what was sent.
        response.extensions["secrets"] = [key, *(named_secrets(sent) if response.is_error else ())]
        if response.has_redirect_location:
            # Taken away from httpx, which builds a request from it before anybody could look at the target.
            response.extensions["redirect"] = response.headers.pop("location")
        return response

    async def handshake_headers(self, request: httpx.Request) -> list[tuple[str, str]]:
        """Return the headers of a WebSocket handshake that takes the place of `request`: what a gateway asks for."""
        return [item for item in request.headers.multi_items() if item[0].lower() not in _NOT_FOR_HANDSHAKE]

    async def aclose(self) -> None:
        self._closed = True

    @abstractmethod
    async def _carry(self, request: httpx.Request, ours: bool) -> httpx.Response: ...


class AsyncPools(AsyncTransport):
    """Connections of our own: two pools for our origin, and one per proxy for the hosts that redirects lead to.

    A request that is never sent twice takes a connection that is opened for it. A server may close an idle connection
    at the moment when a request is sent on it, and nobody can tell then whether the request was read.
    """

    def __init__(
        self, server: Server, credential: Credential, *, proxy: str | None, ssl_context: ssl.SSLContext | None
    ) -> None:
        super().__init__(server, credential)
        self._proxy = proxy
        self._ssl_context = ssl_context
        scheme, host, _ = server.origin
        ours = self._proxy_for(scheme, host)
        self._ours = self._open(scheme, ours)
        self._once = self._open(scheme, ours, idle=0)
        self._others: dict[tuple[str, str | None], AsyncPool] = {}
        self.socket_route = {"proxy": ours, **({"ssl": self._tls()} if scheme == "https" else {})}

    def _proxy_for(self, scheme: str, host: str) -> str | None:
        return self._proxy if self._proxy is not None else environment_proxy(scheme, host)

    def _tls(self) -> ssl.SSLContext:
        # Made when first needed: to read the certificates takes longer than all else that a client does at its start.
        self._ssl_context = self._ssl_context or httpx.create_ssl_context()
        return self._ssl_context

    def _open(self, scheme: str, proxy: str | None, *, idle: int = CONNECTIONS_MAX) -> AsyncPool:
        return AsyncPool(proxy, self._tls() if scheme == "https" else None, idle)

    async def _carry(self, request: httpx.Request, ours: bool) -> httpx.Response:
        if ours:
            if b"%3A%2F%2F" in request.url.query:  # a URL that the server is to fetch, which may be signed
                request = _copy(request, request.headers)
                request.extensions = {**request.extensions}
                request.url = hide_query(request.url, request.extensions)
            row = operation_of(request.extensions.get("operation"), request.method)
            return await (self._ours if row.repeatable else self._once).handle_async_request(request)
        key = (request.url.scheme, self._proxy_for(request.url.scheme, request.url.host))
        pool = self._others.get(key)
        if pool is None:
            pool = self._others[key] = self._open(*key)
        return await pool.handle_async_request(request)

    async def aclose(self) -> None:
        await super().aclose()
        for pool in (self._ours, self._once, *self._others.values()):
            await pool.aclose()


class AsyncGone:
    """The transport of those who wait for a connection of a pool that is closed: it refuses."""

    async def handle_async_request(self, request: object) -> httpcore.Response:  # noqa: ARG002
        raise httpcore.ConnectError("the client was closed")


_GONE: Final = AsyncGone()


class AsyncPool(httpx.AsyncHTTPTransport):
    """httpx's transport on a pool whose connections keep the deadlines of `until`, and which keeps `idle` open."""

    def __init__(self, proxy: str | None, ssl_context: ssl.SSLContext | None, idle: int) -> None:
        self._opener = AsyncDeadlineBackend()
        # Instead of httpx's constructor, which takes no network backend.
        options: dict[str, Any] = {
            "ssl_context": ssl_context,
            "max_connections": CONNECTIONS_MAX,
            "max_keepalive_connections": idle,
            "keepalive_expiry": CONNECTION_IDLE,
            "network_backend": self._opener,
        }
        if proxy is None:
            self._pool = httpcore.AsyncConnectionPool(**options)
            return
        try:
            url = httpx.Proxy(proxy)
            options |= {"proxy_url": httpcore.URL(str(url.url)), "proxy_auth": url.raw_auth}
            kind = httpcore.AsyncSOCKSProxy if url.url.scheme.startswith("socks") else httpcore.AsyncHTTPProxy
            self._pool = kind(**options)
        except (ValueError, httpx.InvalidURL):
            # httpx's own words can show the password of a proxy that is written without a scheme.
            raise ConfigurationError("proxy must be a URL with http, https, socks5 or socks5h and a host") from None
        except RuntimeError as error:
            raise ConfigurationError(f"proxy could not be used: {error}") from None

    async def aclose(self) -> None:
        await super().aclose()
        await self._opener.aclose()
        # A closed pool forgets those who wait for a connection as well: a transfer would wait for its turn for ever.
        for waiting in list(self._pool._requests):
            if waiting.is_queued():
                waiting.assign_to_connection(_GONE)  # type: ignore[arg-type]


class AsyncUserClient(AsyncTransport):
    """A client that the user handed in, which stays theirs: nothing private of it is read or changed.

    httpx does not tell a client's proxies and certificates in public, so that a WebSocket could go around them. It is
    used only where neither can matter: http on this machine.
    """

    def __init__(self, server: Server, credential: Credential, client: httpx.AsyncClient) -> None:
        super().__init__(server, credential)
        self._client = client
        if server.is_loopback and server.origin[0] == "http":
            self.socket_route = {"proxy": None}

    def check(self) -> None:
        super().check()
        if self._client.is_closed:
            raise ConfigurationError("the http_client that was handed in is closed: make a new one")

    async def _carry(self, request: httpx.Request, ours: bool) -> httpx.Response:
        # What its owner set on the client is for our server, and for no host that a redirect leads to.
        auth = None
        if ours:
            auth = httpx.USE_CLIENT_DEFAULT
            merged = self._client.build_request("GET", request.url, headers=request.headers)
            request = _copy(request, merged.headers)
            if request.url.scheme == "http" and KEY_HEADER in request.headers:
                request.extensions = {**request.extensions, "trace": _refuse_proxy}
        with passing_on():
            response = await self._client.send(request, stream=True, follow_redirects=False, auth=auth)
            if "target" in request.extensions and "network_stream" not in response.extensions:
                # Not httpcore, which alone knows this extension: such a transport has to see the whole URL.
                await response.aclose()
                request = _copy(request, request.headers)
                request.url = request.url.copy_with(raw_path=request.extensions["target"])
                response = await self._client.send(request, stream=True, follow_redirects=False, auth=auth)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=response.stream,
            extensions={**response.extensions, "sent": response.request.headers},
        )

    async def handshake_headers(self, request: httpx.Request) -> list[tuple[str, str]]:
        request = self._client.build_request("GET", request.url, headers=request.headers)
        if self._client.auth is not None:
            async with aclosing(self._client.auth.async_auth_flow(request)) as flow:
                async for first in flow:
                    # An auth that asks for a token elsewhere first has it once a request to the server was made. Until
                    # then the handshake goes without.
                    request = first if first.url == request.url else request
                    break
        return await super().handshake_headers(request)


class AsyncBorrowedTransport(httpx.AsyncBaseTransport):
    """The transport of another client, which stays open when the borrower is closed."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._transport.handle_async_request(request)


async def _refuse_proxy(name: str, info: dict[str, Any]) -> None:
    """Raise ConfigurationError where httpcore is about to send a key in clear to another machine.

    httpx does not tell a client's proxies, but httpcore tells each step of a request before it is taken. Without this,
    a client of the user's takes a proxy from `HTTP_PROXY` even for 127.0.0.1.
    """
    if name.endswith("send_request_headers.started"):
        host = info["request"].url.host
    elif name == "socks.connect_tcp.started":
        host = info["host"]
    else:
        return
    host = host.decode("ascii") if isinstance(host, bytes) else host
    if not is_loopback(host):
        raise ConfigurationError(
            f"the key would cross the network in clear text to the proxy {host}: make the http_client with"
            " trust_env=False and without that proxy, or use no api_key"
        )


def _copy(request: httpx.Request, headers: httpx.Headers) -> httpx.Request:
    # Neither by the constructor, which parses the URL anew, nor by `copy`, for which httpx drops stream and extensions.
    other = object.__new__(httpx.Request)
    vars(other).update(vars(request), headers=httpx.Headers(headers))
    return other
