"""Stand in front of the server as a gateway does: let nobody in who has not logged in, or be another service."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Literal, get_args
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

RefusalKind = Literal["challenge", "redirect", "page"]
LOGIN_PATH = "/login"

_LOGIN_PAGE = "<!doctype html><title>Log in</title><form method=post><input name=user><input name=password></form>"
_OTHER_PAGE = "<!doctype html><title>Printer</title><p>The paper tray is empty.</p>"


@dataclass(frozen=True)
class Gateway:
    """A gateway in front of the server, made by one of the class methods: `Emulator(gateway=Gateway.bearer("secret"))`.

    It wants the same of a REST request and of a WebSocket handshake. `refusal` is the response to a request without it:
    "challenge" is 401 with `WWW-Authenticate`, "redirect" is 302 to a login page, and "page" is 200 with that page.
    """

    scheme: Literal["Basic", "Bearer", "Cookie", "Header", "Other"]
    name: str = ""
    secret: str = field(default="", repr=False)
    refusal: RefusalKind = "challenge"
    status: int = 200

    def __post_init__(self) -> None:
        if self.refusal not in get_args(RefusalKind):
            raise ValueError(f"refusal must be one of {', '.join(get_args(RefusalKind))}, not {self.refusal!r}")

    @classmethod
    def basic(cls, user: str, password: str, *, refusal: RefusalKind = "challenge") -> "Gateway":
        """Require basic authentication."""
        secret = base64.b64encode(f"{user}:{password}".encode()).decode()
        return cls("Basic", "authorization", secret, refusal)

    @classmethod
    def bearer(cls, token: str, *, refusal: RefusalKind = "challenge") -> "Gateway":
        """Require `Authorization: Bearer TOKEN`."""
        return cls("Bearer", "authorization", token, refusal)

    @classmethod
    def cookie(cls, name: str, value: str, *, refusal: RefusalKind = "challenge") -> "Gateway":
        """Require a cookie, as gateways do that have a login page."""
        return cls("Cookie", name, value, refusal)

    @classmethod
    def header(cls, name: str, value: str, *, refusal: RefusalKind = "challenge") -> "Gateway":
        """Require a header of the gateway's own, such as `X-Proxy-Token`."""
        return cls("Header", name, value, refusal)

    @classmethod
    def other_service(cls, status: Literal[200, 404] = 200) -> "Gateway":
        """Respond to every request with a web page, since another program listens on the port."""
        if status not in (200, 404):
            raise ValueError(f"status must be 200 or 404, not {status!r}")
        return cls("Other", status=status)

    def response(self, request: HTTPConnection) -> Response | None:
        """Return the gateway's own response, or None if the request may pass to the server."""
        if self.scheme == "Other":
            return HTMLResponse(_OTHER_PAGE, self.status)
        if any(given == self.secret for given in self._given(request)):
            return None
        path = request.url.path
        if self.refusal == "page" or (self.refusal == "redirect" and path == LOGIN_PATH):
            return HTMLResponse(_LOGIN_PAGE)
        if self.refusal == "redirect":
            return HTMLResponse("", 302, {"location": f"{LOGIN_PATH}?next={quote(path, safe='')}"})
        page = "<!doctype html><title>401 Authorization Required</title><h1>401 Authorization Required</h1>"
        return HTMLResponse(page, 401, {"www-authenticate": f'{self.scheme} realm="gateway"'})

    def _given(self, request: HTTPConnection) -> Iterator[str]:
        """Yield what a request has in the place of the secret."""
        if self.scheme == "Cookie":
            for line in request.headers.getlist("cookie"):
                try:
                    cookies = SimpleCookie(line)
                except CookieError:
                    continue
                if self.name in cookies:
                    yield cookies[self.name].value
        elif self.scheme == "Header":
            yield from request.headers.getlist(self.name)
        else:
            for line in request.headers.getlist("authorization"):
                scheme, _, credentials = line.partition(" ")
                if scheme.lower() == self.scheme.lower():
                    yield credentials.strip()
