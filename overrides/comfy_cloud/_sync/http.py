# Derived from overrides/comfy_cloud/_async/http.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The HTTP client under everything: raw calls and ours go through `send` here.

It retries by the table of operations, raises only our errors, follows the redirect of a file to its storage, and
decodes JSON once. The key is put on below it, in `transport.py`; what a response means that is no success is told by
`_core/error_responses.py`. It knows no operation by name and keeps no state of jobs.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from .._constants import CHUNK, CLOCK_SLACK, ERROR_MAX_BYTES, JSON_VALUES_MAX, REDIRECTS_MAX, RESPONSE_MAX_BYTES
from .._core.arguments import unsendable
from .._core.bodies import ACCEPTED, holds_too_much
from .._core.error_responses import FailedResponse, Place, wrong_server
from .._core.operations import EVERYWHERE, Operation, operation_of
from .._core.retry import Failure, RetryPolicy, retry_delay
from .._core.secrets import named_secrets, redact_body
from .._httpx import CallersError, NoCookies, connection_error, hide_query, httpx, quiet_loggers, redirect_target
from .._logging import logger
from ..errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ComfyCloudError,
    ConfigurationError,
    NotFoundError,
    NotSupportedError,
    UnexpectedResponseError,
)
from . import backend
from .deadline import earliest, limited, note_head
from .streams import ErrorStream, read_whole
from .transport import CLOSED, BorrowedTransport, Transport

if TYPE_CHECKING:
    from .connection import Live

# What a storage server needs to know; other headers are between the caller and our server, and may hold credentials.
_TO_OTHERS: Final = frozenset({"accept", "accept-encoding", "connection", "host", "if-range", "range", "user-agent"})


class HTTPClient(httpx.Client):
    """An httpx client whose `send` keeps the promises above. `transport` is shared with its siblings."""

    def __init__(
        self,
        transport: Transport,
        *,
        base_url: str,
        retry: RetryPolicy | None,
        timeout: httpx.Timeout,
        total_timeout: float | None,
        headers: Mapping[str, str],
    ) -> None:
        quiet_loggers()
        # There is no cookie jar but that of a user's own client: a second one would hide theirs, since only one
        # `Cookie` header is sent, and a cookie that no header can carry would stop every request after it.
        headers = {"Accept-Encoding": ACCEPTED, **headers}
        super().__init__(base_url=base_url, headers=headers, timeout=timeout, transport=transport)
        self._cookies = NoCookies()
        self.transport = transport
        self.retry = retry
        self.total_timeout = total_timeout
        self.response_limit = RESPONSE_MAX_BYTES
        self.error_limit = ERROR_MAX_BYTES
        # Operations that this server proved not to have, and to have. An operation that answered once is not gone for
        # good because a gateway answers for it now. "" is in it once the server has answered as one in any way.
        self.absent: set[str] = set()
        self.present: set[str] = set()
        # The URL of the server, as messages name it. `resolve_server` let no credentials and no query into it.
        self.server = str(self.base_url).rstrip("/")
        # Told when the server answers, so that a WebSocket that was lost with it is opened again.
        self.live: Live | None = None

    def sibling(self, headers: Mapping[str, str], settings: Mapping[str, Any]) -> HTTPClient:
        """Return a client on the same connections with more headers, and other values of these attributes.

        It shares what this one has learnt of the server.
        """
        other = copy(self)
        # httpx closes its transport with a client. Closing a sibling must not take the connections of all others.
        other._transport = BorrowedTransport(self.transport)
        other.headers = {**self.headers, **headers}
        for name, value in settings.items():
            setattr(other, name, value)
        return other

    def build_request(self, method: str, url: httpx.URL | str, **kwargs: Any) -> httpx.Request:
        """Build a request as httpx does, but raise UnsendableError for what it cannot put into one."""
        try:
            if isinstance(url, str) and url.startswith("/") and not url.startswith("//"):
                # httpx parses a path, then parses it anew behind `base_url`, and anew with its query. To parse a URL is
                # the larger part of building a small request.
                url = f"{self.server}{url}"
                if params := kwargs.pop("params", None):
                    url = f"{url}?{httpx.QueryParams(params)}"
            return super().build_request(method, url, **kwargs)
        except (UnicodeEncodeError, httpx.InvalidURL) as error:
            failed = unsendable((kwargs.get("extensions") or {}).get("operation", "request"), error)
        # Outside of the `except`, so that the error with the value is not its context.
        raise failed

    def send(self, request: httpx.Request, *, stream: bool = False, **_: Any) -> httpx.Response:
        """Send a request and return its response. Raises only ComfyCloudError.

        Unlike httpx, this applies the retry policy and `total_timeout`, follows redirects to file storage and raises
        for error statuses. Authentication and redirects are decided here, whatever the keywords say.
        """
        if self.is_closed:
            raise ConfigurationError(CLOSED)
        self.transport.check()
        name = request.extensions.get("operation")
        place = Place(name, request.method, request.url.path, self.server)
        operation = operation_of(name, request.method)
        _check_parts(request)
        repeatable, replayable = _is_repeatable(operation, request), _is_replayable(request)
        deadline = self._deadline_of(request)
        tries = 0
        while True:
            started = time.monotonic()
            result = self._try(request, place, stream, deadline)
            tries += 1
            took = (time.monotonic() - started) * 1000
            failure = result if isinstance(result, Failure) else None
            if failure is None or failure.shows_server:
                self.present.add("")
            if self.live is not None and self.live.opened is not None and (failure is None or failure.is_from_server):
                self.live.opened.hurry()
            if isinstance(result, httpx.Response):
                self.present.add(name or "")
                logger.debug("%s %s %d %.0f ms", place.method, place.path, result.status_code, took)
                return result
            logger.debug("%s %s failed after %.0f ms", place.method, place.path, took)
            if result.instead is not None and self._is_wrong(operation, result, place, deadline):
                raise wrong_server(self.server, str(place), result.instead)
            if isinstance(result.error, NotSupportedError) and name is not None and name not in self.present:
                self.absent.add(name)
            if tries > 1 and operation.deletes and isinstance(result.error, NotFoundError):
                # An earlier try deleted it, and only its response was lost.
                return httpx.Response(204, request=request)
            delay = retry_delay(
                self.retry, result, tries=tries, repeatable=repeatable, replayable=replayable, random=random.random
            )
            if delay is None or (deadline is not None and time.monotonic() + delay >= deadline):
                raise result.error
            why = type(result.error).__name__
            logger.info("%s %s: try %d in %.1f s (%s)", place.method, place.path, tries + 1, delay, why)
            backend.sleep(delay)

    def _deadline_of(self, request: httpx.Request) -> float | None:
        """Return when a call has to end, as time.monotonic counts; None for a transfer, which has a pace instead."""
        total = request.extensions.get("total_timeout", self.total_timeout)
        deadline = earliest(None if total is None else time.monotonic() + total)
        if total is None and "total_timeout" in request.extensions:
            # A transfer takes as long as its bytes need, and those before it do as well: it waits for its turn.
            request.extensions["timeout"] = {**request.extensions["timeout"], "pool": None}
        if deadline is None:
            request.extensions["trace"] = note_head
        return deadline

    def handshake_headers(self) -> list[tuple[str, str]]:
        """Return what a WebSocket handshake carries to get where a request gets: headers, cookies, credentials."""
        return self.transport.handshake_headers(self.build_request("GET", "/ws"))

    def _is_wrong(self, operation: Operation, failure: Failure, place: Place, deadline: float | None) -> bool:
        """Return True if what came instead of a response tells that this is not the server, or nobody is let in to it.

        A server that has answered before is right: a page from it is a gateway's bad minute, and waits survive that.
        """
        if not operation.repeatable and not operation.optional:
            return True  # a submit has no "not found"
        if self.present:
            return False
        if not isinstance(failure.error, APIStatusError) or place.path.endswith(EVERYWHERE):
            return True
        # A gateway can have a page of its own for each 404 of the server behind it, so that a file that is not there,
        # or a route that an old ComfyUI lacks, looks like another service. A route that all have tells them apart.
        request = self.build_request("GET", EVERYWHERE, extensions={"json": True})
        answer = self._try(request, replace(place, operation=None, path=EVERYWHERE), False, deadline)
        return isinstance(answer, Failure) and answer.instead is not None

    def _try(
        self, request: httpx.Request, place: Place, stream: bool, deadline: float | None
    ) -> httpx.Response | Failure:
        """Send once and return the success or what went wrong.

        Nothing is raised, so that no exception of httpx, which holds the request, lives on in a chain.
        """
        if deadline is not None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return Failure(_out_of_time(place, sent=False))
            # A user's own client knows nothing of deadlines: there the time left limits each wait for a byte.
            limits = request.extensions.get("timeout", {})
            request.extensions["timeout"] = {
                kind: remaining if limit is None else min(limit, remaining) for kind, limit in limits.items()
            }
        response: httpx.Response | None = None
        failure: Failure | Exception
        try:
            with limited(deadline):
                response = self._follow(request, place)
                success = response.is_success or "location" in response.extensions
                page = response.is_success and self._is_page(request, response)
                usable = success and not page
                if usable and stream:
                    response.stream = ErrorStream(response.stream, _sender(request, place))
                    return response
                limit = self.response_limit if usable else self.error_limit
                read_whole(response, place, limit, cut=not usable)
        except ComfyCloudError as error:
            # The frames below hold the request with its key, in clear where httpx is instrumented for OpenTelemetry.
            failure = Failure(error.with_traceback(None))
        except CallersError as error:
            failure = error.error
        except Exception as error:  # noqa: BLE001 - whatever is below raises its own
            failure = Failure(_failed(error, _sender(request, place), deadline))
        else:
            return _judged(request, response, place, success=success, page=page)
        if response is not None:
            response.close()
        if isinstance(failure, Failure):
            return failure
        raise failure

    def _follow(self, request: httpx.Request, place: Place) -> httpx.Response:
        """Return the response behind redirects. Only reading is redirected.

        The request's extension `storage` says whether it came from another origin. With `redirect=False` in them a
        redirect is the response: its `extensions["location"]` has the target. What answers JSON is never redirected by
        a server, but by gateways, to their login page.
        """
        request.extensions["storage"] = False
        response, url = self._hop(request), request.url
        for _ in range(REDIRECTS_MAX):
            location = response.extensions.get("redirect")
            if location is None:
                break
            if request.method not in {"GET", "HEAD"} or request.extensions.get("json"):
                response.extensions["not_followed"] = location
                break
            try:
                url = redirect_target(url, location, place)
            except UnexpectedResponseError:
                response.close()
                raise
            if request.extensions.get("redirect") is False:
                response.extensions["location"] = str(url)
                break
            length = response.headers.get("content-length", "")
            if length.isdecimal() and int(length) <= CHUNK:
                # Read to its end, since only then its connection is kept for the next request.
                for _ in response.iter_raw():
                    pass
            response.close()
            request.extensions["storage"] = foreign = not self.transport.is_ours(url)
            response = self._hop(_redirected(request, url, foreign))
        # The URL that answered may be a signed one; nobody needs it on the response.
        response.request = request
        return response

    def _is_page(self, request: httpx.Request, response: httpx.Response) -> bool:
        """Return True if a file was asked for and a web page came, such as that of a login. JSON tells by itself."""
        if request.extensions.get("json") or not response.headers.get("content-type", "").startswith("text/html"):
            return False
        if request.method == "HEAD":
            return not self.present  # some servers call each empty body HTML
        name = request.url.params.get("filename") or request.url.path
        return not name.lower().endswith((".html", ".htm"))

    def _hop(self, request: httpx.Request) -> httpx.Response:
        return super().send(request, stream=True, follow_redirects=False, auth=None)


def _sender(request: httpx.Request, place: Place) -> Place:
    """Return the place of a request with the server that its last response comes from."""
    return replace(place, server="the file storage") if request.extensions.get("storage") else place


def _redirected(request: httpx.Request, url: httpx.URL, foreign: bool) -> httpx.Request:
    """Return the request for the next hop. Another origin gets no header but those that a file storage needs."""
    headers = {name: value for name, value in request.headers.items() if not foreign or name in _TO_OTHERS}
    headers["host"] = url.netloc.decode("ascii")
    extensions = dict(request.extensions)
    if foreign:
        url = hide_query(url, extensions)
    return httpx.Request(request.method, url, headers=headers, extensions=extensions)


def redacted(body: Any, response: httpx.Response) -> Any:
    """Return decoded JSON or a text without the secrets that its request carried and without queries of addresses."""
    request = response.request
    named = [*named_secrets(request.headers), *named_secrets(_content(request))]
    return redact_body(body, *response.extensions["secrets"], *named)


def _judged(
    request: httpx.Request, response: httpx.Response, place: Place, *, success: bool, page: bool
) -> httpx.Response | Failure:
    """Return a response that was read, with its JSON decoded if its operation has any, or why it is not usable.

    `page`: a file was asked for, and a web page came.
    """
    content = response.content
    if success and (not page or (request.method not in {"GET", "HEAD"} and not content)):
        if not request.extensions.get("json"):
            return response
        if holds_too_much(content):
            message = f"{place}: the JSON of the response holds more than {JSON_VALUES_MAX:,} values"
            return Failure(UnexpectedResponseError(message, operation=place.operation, status=response.status_code))
        with suppress(ValueError, RecursionError):
            response.extensions["json"] = json.loads(content) if content.strip() else None
            return response
    failed = FailedResponse(
        response.status_code, response.headers, content, place, partial(redacted, response=response)
    )
    if success:
        return failed.without_json(page=page)
    if "redirect" in response.extensions:
        return failed.redirected(response.extensions.get("not_followed"))
    return failed.refused(datetime.now(UTC), foreign=request.extensions["storage"])


def _out_of_time(place: Place, *, sent: bool = True) -> APITimeoutError:
    return APITimeoutError(f"{place}: total_timeout is over ({place.server})", operation=place.operation, sent=sent)


def _failed(error: Exception, place: Place, deadline: float | None) -> APIConnectionError:
    """Return our exception for one of httpx, which does not know whose time was over."""
    failed = connection_error(error, place)
    if isinstance(failed, APITimeoutError) and deadline is not None and time.monotonic() >= deadline - CLOCK_SLACK:
        return _out_of_time(place, sent=failed.sent)
    return failed


def _is_repeatable(operation: Operation, request: httpx.Request) -> bool:
    """Return True if sending the request twice does no harm."""
    if operation.once_if is None:
        return operation.repeatable
    # Do not bind the body to a local: it may contain an API key, and some traceback formatters print locals.
    return not operation.once_if(request.url.query.decode("ascii"), _content(request))


def _content(request: httpx.Request) -> bytes:
    """Return the body of a request; nothing for a stream, which only its reader may take."""
    return request.content if isinstance(request.stream, httpx.ByteStream) else b""


def _is_replayable(request: httpx.Request) -> bool:
    """Return True if the body can be sent again. httpx rewinds the files of a multipart body by itself."""
    if isinstance(request.stream, httpx.ByteStream):
        return True
    fields = getattr(request.stream, "fields", None)
    if fields is None:
        return False
    contents = [getattr(part, "file", None) for part in fields]
    return all(content is None or isinstance(content, (str, bytes)) or _seekable(content) for content in contents)


def _check_parts(request: httpx.Request) -> None:
    """Raise ValueError for a form whose parts could break out of their headers. httpx writes those as they are."""
    for part in getattr(request.stream, "fields", ()):
        for name, value in getattr(part, "headers", {}).items():
            if any(ord(character) < 32 or ord(character) == 127 for character in f"{name}{value}"):
                raise ValueError(f"{name} of a file must not contain control characters, such as line ends")


def _seekable(file: Any) -> bool:
    try:
        return bool(file.seekable())
    except (AttributeError, OSError, ValueError):
        return False
