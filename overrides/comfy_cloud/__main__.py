"""`python -m comfy_cloud`: the lines that a bug report needs. Shows no key and no credentials, and sends nothing.

Imports none of what it reports on, so that it works where a dependency is missing or broken.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from urllib.request import getproxies

from . import __name__ as package
from . import __version__
from ._settings import KEY_VARIABLE, URL_VARIABLE, Server, resolve_key, resolve_server
from .errors import ConfigurationError

_NEEDED = ("attrs", "blake3", "h11", "httpcore", "httpx", "python-dateutil", "websockets")
_OPTIONAL = ("pillow", "python-multipart", "starlette", "uvicorn")
_SCHEME = re.compile(r"[a-z0-9+.-]+://", re.IGNORECASE)


def report() -> Iterator[tuple[str, str]]:
    """What and how it is, a line each."""
    yield package, __version__
    yield "contract", _contract()
    yield "python", f"{platform.python_version()} ({platform.python_implementation()})"
    yield "platform", platform.platform()
    for name in (*_NEEDED, *_OPTIONAL):
        yield name, _version(name, optional=name in _OPTIONAL)
    try:
        server = resolve_server(None)
    except ConfigurationError as error:
        yield "base URL", f"not usable: {error}"
    else:
        given = os.environ.get(URL_VARIABLE, "").strip()
        yield "base URL", f"{server.base_url} ({URL_VARIABLE if given else 'default'})"
        yield "API key", _key(server)
    proxies = [f"{kind} {_without_credentials(address)}" for kind, address in sorted(getproxies().items())]
    yield "proxies", ", ".join(proxies) or "none"


def _contract() -> str:
    try:
        facts = json.loads(files(package).joinpath("raw", "GENERATED.json").read_text(encoding="utf-8"))
    except OSError:
        return "the raw client is missing; in a checkout without symbolic links, install the package"
    return f"{facts['contract_sha256']} ({facts['generator']})"


def _version(name: str, *, optional: bool) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed (optional)" if optional else "not installed"


def _key(server: Server) -> str:
    """Whether there is a key for this server, and where from; in the client's own words where there is trouble."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            credential = resolve_key(None, server)
        except ConfigurationError as error:
            return f"not usable: {error}"
    if warned:
        return f"not used: {warned[0].message}"
    return "not set" if credential.source is None else f"set by {KEY_VARIABLE}"


def _without_credentials(address: str) -> str:
    """A proxy's address; people write it without a scheme, and with anything in a password."""
    scheme = (_SCHEME.match(address) or [""])[0]
    return scheme + address[len(scheme) :].rpartition("@")[2].partition("?")[0]


def main() -> int:
    for name, what in report():
        print(f"{name:<18} {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
