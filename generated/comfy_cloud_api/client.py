# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
"""Where raw functions send their requests: an address, and the httpx clients for it."""

import ssl
from typing import Any, NoReturn, Self

import httpx
from attrs import define, evolve, field


@define
class Client:
    """An API server, reached without a key or through an httpx client that brings one.

    The keywords go to the httpx clients, which are made when first needed: `base_url`, `cookies`, `headers`,
    `timeout` (httpx.Timeout; seconds), `verify_ssl`, `follow_redirects`, and `httpx_args` for anything else.
    A client holds connections, and perhaps a key: it is neither pickled nor shown with its headers.
    """

    _base_url: str = field(alias="base_url")
    _cookies: dict[str, str] = field(factory=dict, kw_only=True, alias="cookies", repr=False)
    _headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers", repr=False)
    _timeout: httpx.Timeout | None = field(default=None, kw_only=True, alias="timeout")
    _verify_ssl: bool | ssl.SSLContext = field(default=True, kw_only=True, alias="verify_ssl", repr=False)
    _follow_redirects: bool = field(default=False, kw_only=True, alias="follow_redirects", repr=False)
    _httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, alias="httpx_args", repr=False)
    _client: httpx.Client | None = field(default=None, init=False, repr=False)
    _async_client: httpx.AsyncClient | None = field(default=None, init=False, repr=False)

    def _own(self) -> Self:
        if self._client is not None or self._async_client is not None:
            raise RuntimeError("this client is in use: change its settings before its first request, or on its owner")
        return self

    def with_headers(self, headers: dict[str, str]) -> Self:
        """A new client with these headers too. Raises RuntimeError once the client is in use."""
        return evolve(self._own(), headers={**self._headers, **headers})

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """A new client with these cookies too. Raises RuntimeError once the client is in use."""
        return evolve(self._own(), cookies={**self._cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout) -> Self:
        """A new client with this timeout. Raises RuntimeError once the client is in use."""
        return evolve(self._own(), timeout=timeout)

    def _arguments(self) -> dict[str, Any]:
        return {
            "base_url": self._base_url,
            "cookies": self._cookies,
            "headers": self._headers,
            "timeout": self._timeout,
            "verify": self._verify_ssl,
            "follow_redirects": self._follow_redirects,
            **self._httpx_args,
        }

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Send through this client; its settings replace all of this one's."""
        self._client = client
        return self

    def get_httpx_client(self) -> httpx.Client:
        """The httpx client, made when first asked for."""
        if self._client is None:
            self._client = httpx.Client(**self._arguments())
        return self._client

    def set_async_httpx_client(self, async_client: httpx.AsyncClient) -> Self:
        """Send asynchronous calls through this client; its settings replace all of this one's."""
        self._async_client = async_client
        return self

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """The httpx client for asynchronous calls, made when first asked for."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(**self._arguments())
        return self._async_client

    def __enter__(self) -> Self:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.get_httpx_client().__exit__(*args)

    async def __aenter__(self) -> Self:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *args: Any) -> None:
        await self.get_async_httpx_client().__aexit__(*args)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and cannot be pickled: build it anew where it is needed")


@define
class AuthenticatedClient(Client):
    """A client that sends `token` with every request, in the header `auth_header_name`, after `prefix` if there is one."""

    token: str = field(kw_only=True, repr=False)
    prefix: str = field(default="", kw_only=True)
    auth_header_name: str = field(default="X-API-Key", kw_only=True)

    def _arguments(self) -> dict[str, Any]:
        arguments = Client._arguments(self)
        credential = f"{self.prefix} {self.token}" if self.prefix else self.token
        return {**arguments, "headers": {**self._headers, self.auth_header_name: credential}}
