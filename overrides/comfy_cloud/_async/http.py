"""The HTTP client under everything: raw calls and ours go through `send` here.

It adds the key (for our origin only), tries again by the table, raises our errors, follows the redirect of a file to
its storage, and decodes JSON once. It knows no operation by name and keeps no state of jobs.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Mapping
from copy import copy
from datetime import UTC, datetime
from typing import Any

from .._constants import CLOCK_SLACK, REDIRECTS_MAX
from .._core.answers import decode_body, status_error
from .._core.operations import operation_of
from .._core.retry import Failure, RetryPolicy, retry_delay
from .._core.secrets import Secret, redact_body
from .._core.times import parse_retry_after
from .._httpx import HTTP_ERRORS, connection_error, httpx, origin_of_url, passing_on, quiet_loggers
from .._logging import logger
from .._settings import KEY_HEADER, Credential, Keep, Server, check_key
from ..errors import (
    APIConnectionError,
    APITimeoutError,
    ComfyCloudError,
    ConfigurationError,
    NotFoundError,
    NotSupportedError,
    UnexpectedResponseError,
)
from . import backend
from .deadline import earliest, keep_deadlines, until

# What a storage server needs to know; other headers are between the caller and our server, and may hold credentials.
_TO_OTHERS = frozenset({"accept", "accept-encoding", "connection", "host", "if-range", "range", "user-agent"})


class AsyncKeyTransport(httpx.AsyncBaseTransport):
    """Hands requests to another httpx client, with the key on a copy of those that go to our origin."""

    def __init__(self, inner: httpx.AsyncClient, origin: tuple[str, str, int], credential: Credential) -> None:
        self._inner = inner
        self._origin = origin
        self._credential = credential

    async def key(self) -> Secret | None:
        """The key as it is now; a callable is asked each time."""
        source = self._credential.source
        if source is None or isinstance(source, Secret):
            return source
        return check_key(await backend.resolve(source()), "api_key")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        outgoing = request
        ours = origin_of_url(request.url) == self._origin
        key = await self.key() if ours else None
        if key is not None:
            outgoing = httpx.Request(
                request.method,
                request.url,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
            outgoing.headers[KEY_HEADER] = key.reveal()
        # What an inner client of the user's authenticates with is not for other servers either.
        auth = httpx.USE_CLIENT_DEFAULT if ours else None
        with passing_on():
            response = await self._inner.send(outgoing, stream=True, follow_redirects=False, auth=auth)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=response.stream,
            extensions={**response.extensions, "key": key},
        )


class AsyncErrorStream(httpx.AsyncByteStream):
    """A body whose reading raises our errors, also when it goes on past `deadline` (as time.monotonic counts)."""

    def __init__(
        self,
        stream: httpx.AsyncByteStream,
        operation: str | None,
        method: str,
        path: str,
        deadline: float | None = None,
    ) -> None:
        self._stream = stream
        self._where = (operation, method, path)
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        failed: APIConnectionError
        try:
            async for chunk in self._stream:
                if self._deadline is not None and time.monotonic() > self._deadline:
                    break
                yield chunk
            else:
                return
            failed = _out_of_time(*self._where)
        except HTTP_ERRORS as error:
            failed = _failed(error, *self._where, deadline=self._deadline)
        raise failed

    async def aclose(self) -> None:
        await self._stream.aclose()


class AsyncHTTPClient(httpx.AsyncClient):
    """An httpx client whose `send` keeps the promises above. Sends through `inner`, which it closes if it owns it."""

    def __init__(
        self,
        inner: httpx.AsyncClient,
        *,
        owns_inner: bool,
        server: Server,
        credential: Credential,
        retry: RetryPolicy | None,
        timeout: httpx.Timeout,
        total_timeout: float | None,
        headers: Mapping[str, str],
    ) -> None:
        quiet_loggers()
        self._home: object = None
        self._origin = origin_of_url(server.base_url)
        self._key_transport = AsyncKeyTransport(inner, self._origin, credential)
        super().__init__(
            base_url=server.base_url,
            headers=headers,
            timeout=timeout,
            transport=self._key_transport,
            follow_redirects=False,
        )
        self._inner = inner
        self._owns_inner = owns_inner
        keep_deadlines(inner)
        self.retry = retry
        self.total_timeout = total_timeout
        # Operations that this server proved not to have, and to have: what answered once is not gone for good because
        # a gateway answers for it now.
        self.absent: set[str] = set()
        self.present: set[str] = set()

    def sibling(
        self,
        timeout: float | httpx.Timeout | Keep | None,
        total_timeout: float | Keep | None,
        retry: RetryPolicy | Keep | None,
        headers: Mapping[str, str],
    ) -> AsyncHTTPClient:
        """A client with other settings on the same connections. What is `KEEP` stays."""
        other = copy(self)  # what it has learnt of the server is shared, too
        other._owns_inner = False
        other.headers = {**self.headers, **headers}
        if not isinstance(timeout, Keep):
            other.timeout = httpx.Timeout(timeout)
        if not isinstance(total_timeout, Keep):
            other.total_timeout = total_timeout
        if not isinstance(retry, Keep):
            other.retry = retry
        return other

    async def key(self) -> Secret | None:
        """The key, for the one request that carries it elsewhere than in the header."""
        return await self._key_transport.key()

    async def aclose(self) -> None:
        """Close the connections; a client that was handed in stays open."""
        await super().aclose()
        if self._owns_inner:
            await self._inner.aclose()

    async def send(self, request: httpx.Request, *, stream: bool = False, **_: Any) -> httpx.Response:
        """As httpx's, but that authentication and redirects are decided here. Raises our errors only."""
        if self.is_closed or self._inner.is_closed:
            whose = "this client" if self.is_closed or self._owns_inner else "the http_client that was handed in"
            raise ConfigurationError(f"{whose} is closed: make a new one, or stay inside its `with` block")
        self._home = self._home or backend.home()
        if self._home is not backend.home():
            raise ConfigurationError("this client belongs to another event loop: make one in each loop that needs one")
        name = request.extensions.get("operation")
        operation = operation_of(name, request.method)
        replayable = _replayable(request)
        # In no variable: a body can hold a key, and tracebacks can show what a frame holds.
        repeatable = operation.may_repeat(
            request.url.query.decode("ascii"), request.content if isinstance(request.stream, httpx.ByteStream) else b""
        )
        total = request.extensions.get("total_timeout", self.total_timeout)
        deadline = earliest(None if total is None else time.monotonic() + total)
        tries = 0
        while True:
            started = time.monotonic()
            result = await self._try(request, stream, deadline)
            tries += 1
            took = (time.monotonic() - started) * 1000
            path = request.url.path
            if isinstance(result, httpx.Response):
                self.present.add(name or "")
                logger.debug("%s %s %d %.0f ms", request.method, path, result.status_code, took)
                return result
            logger.debug("%s %s failed after %.0f ms", request.method, path, took)
            if isinstance(result.error, NotSupportedError) and name is not None and name not in self.present:
                self.absent.add(name)
            if tries > 1 and operation.deletes and isinstance(result.error, NotFoundError):
                # An earlier try did it, and only its answer was lost.
                return httpx.Response(204, request=request)
            delay = retry_delay(
                self.retry,
                result,
                tries=tries,
                repeatable=repeatable,
                replayable=replayable,
                random=random.random,
            )
            if delay is None or (deadline is not None and time.monotonic() + delay >= deadline):
                raise result.error
            logger.info(
                "%s %s: try %d in %.1f s (%s)", request.method, path, tries + 1, delay, type(result.error).__name__
            )
            await backend.sleep(delay)

    async def _try(self, request: httpx.Request, stream: bool, deadline: float | None) -> httpx.Response | Failure:
        """One try: a success, or what went wrong. Raises nothing, so that no exception of httpx lives on in a chain."""
        name, where = request.extensions.get("operation"), (request.method, request.url.path)
        if deadline is not None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return Failure(_out_of_time(name, *where, sent=False))
            limits = request.extensions.get("timeout", {})
            request.extensions["timeout"] = {
                kind: remaining if limit is None else min(limit, remaining) for kind, limit in limits.items()
            }
        response: httpx.Response | None = None
        try:
            with until(deadline):
                response, foreign = await self._follow(request)
            taken = response.is_success or "location" in response.extensions
            streamed = taken and stream
            response.stream = AsyncErrorStream(
                response.stream,  # type: ignore[arg-type]
                name,
                *where,
                deadline=None if streamed else deadline,
            )
            if streamed:
                return response
            with until(deadline):
                await response.aread()
        except HTTP_ERRORS as error:
            failure = Failure(_failed(error, name, *where, deadline=deadline))
        except ComfyCloudError as error:
            failure = Failure(error)
        else:
            if not taken:
                return await self._refused(request, response, foreign)
            return _decoded(request, response)
        if response is not None:
            await response.aclose()
        return failure

    async def _follow(self, request: httpx.Request) -> tuple[httpx.Response, bool]:
        """The answer behind redirects, and whether it came from another origin. Only reading is redirected.

        With the request's extension `redirect=False` a redirect is the answer: `extensions["location"]` is its target.
        """
        response = await super().send(request, stream=True, follow_redirects=False, auth=None)
        foreign = False
        for _ in range(REDIRECTS_MAX):
            target = response.next_request
            if target is None or request.method not in {"GET", "HEAD"}:
                break
            if request.extensions.get("redirect") is False:
                response.extensions["location"] = str(target.url)
                break
            await response.aclose()
            foreign = origin_of_url(target.url) != self._origin
            if foreign:
                for header in set(target.headers) - _TO_OTHERS:
                    del target.headers[header]
            response = await super().send(target, stream=True, follow_redirects=False, auth=None)
        response.next_request = None
        # The address that answered may be a signed one; nobody needs it on the response.
        response.request = request
        return response, foreign

    async def _refused(self, request: httpx.Request, response: httpx.Response, foreign: bool) -> Failure:
        # A storage server quotes the signed address in its errors.
        body = None if foreign else redact_body(decode_body(response.content), response.extensions.get("key"))
        retry_after = parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC))
        name = request.extensions.get("operation")
        if response.has_redirect_location:
            error: ComfyCloudError = UnexpectedResponseError(
                f"{name or request.method} {request.url.path}: redirected ({response.status_code}); is base_url right?",
                operation=name,
                status=response.status_code,
            )
            return Failure(error)
        error = status_error(
            status=response.status_code,
            body=body,
            operation=name,
            method=request.method,
            path=f"{request.url.path} (file storage)" if foreign else request.url.path,
            request_id=response.headers.get("x-request-id"),
            retry_after=retry_after,
        )
        expired = foreign and response.status_code in {400, 401, 403, 410}
        return Failure(error, retry_after=retry_after, refreshable=expired)


def _out_of_time(operation: str | None, method: str, path: str, *, sent: bool = True) -> APITimeoutError:
    return APITimeoutError(f"{operation or method} {path}: total_timeout is over", operation=operation, sent=sent)


def _failed(
    error: Exception, operation: str | None, method: str, path: str, *, deadline: float | None
) -> APIConnectionError:
    """Our exception for httpx's, which does not know whose time was over."""
    failed = connection_error(error, operation, method, path)
    if isinstance(failed, APITimeoutError) and deadline is not None and time.monotonic() >= deadline - CLOCK_SLACK:
        return _out_of_time(operation, method, path, sent=failed.sent)
    return failed


def _decoded(request: httpx.Request, response: httpx.Response) -> httpx.Response | Failure:
    """The response with its JSON decoded, where its operation answers JSON."""
    if not request.extensions.get("json"):
        return response
    try:
        response.extensions["json"] = response.json() if response.content.strip() else None
        return response
    except (ValueError, RecursionError):
        pass
    name = request.extensions.get("operation")
    kind = response.headers.get("content-type", "no content type")
    return Failure(
        UnexpectedResponseError(
            f"{name or request.method} {request.url.path}: {response.status_code} without JSON ({kind});"
            " is something between here and the server, or base_url wrong?",
            operation=name,
            status=response.status_code,
            content_type=kind,
        )
    )


def _replayable(request: httpx.Request) -> bool:
    """Whether the body can be sent again. httpx rewinds the files of a multipart body by itself."""
    if isinstance(request.stream, httpx.ByteStream):
        return True
    fields = getattr(request.stream, "fields", None)
    if fields is None:
        return False
    contents = [getattr(part, "file", None) for part in fields]
    return all(content is None or isinstance(content, (str, bytes)) or _seekable(content) for content in contents)


def _seekable(file: Any) -> bool:
    try:
        return bool(file.seekable())
    except (AttributeError, OSError, ValueError):
        return False
