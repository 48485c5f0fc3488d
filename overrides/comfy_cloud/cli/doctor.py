"""The report of `doctor`: versions and settings for a bug report. It has no API key, and no request is sent for it.

It imports none of the packages whose versions it tells, so that it works if a dependency is missing or broken.
"""

from __future__ import annotations

import json
import os
import platform
import re
import warnings
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from urllib.request import getproxies

from .._profiles import PROFILE_VARIABLE, Profile, profiles_path, read_profile
from .._settings import KEY_VARIABLE, URL_VARIABLE, Server, resolve_key, resolve_server
from .._version import __version__
from ..errors import ConfigurationError

_PACKAGE = __package__.rpartition(".")[0] if __package__ else ""
_NEEDED = ("attrs", "blake3", "h11", "httpcore", "httpx", "platformdirs", "python-dateutil", "sniffio", "websockets")
_OPTIONAL = ("keyring", "pillow", "python-multipart", "rich", "starlette", "typer", "uvicorn")
_SCHEME = re.compile(r"[a-z0-9+.-]+://", re.IGNORECASE)


def lines(profile: str | None = None, base_url: str | None = None) -> Iterator[str]:
    """Yield the lines of the report."""
    for name, what in report(profile, base_url):
        yield f"{name:<18} {what}"


def report(profile: str | None = None, base_url: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each line. `profile` and `base_url` are those of the command line."""
    yield _PACKAGE, __version__
    yield "contract", _contract()
    yield "python", f"{platform.python_version()} ({platform.python_implementation()})"
    yield "platform", platform.platform()
    for name in (*_NEEDED, *_OPTIONAL):
        yield name, _version(name, optional=name in _OPTIONAL)
    yield from _settings(profile, base_url)
    proxies = [f"{kind} {_without_credentials(address)}" for kind, address in sorted(getproxies().items())]
    yield "proxies", ", ".join(proxies) or "none"


def _contract() -> str:
    try:
        facts = json.loads(files(_PACKAGE).joinpath("raw", "GENERATED.json").read_text(encoding="utf-8"))
    except OSError:
        return "the raw client is missing; in a checkout without symbolic links, install the package"
    return f"{facts['contract_sha256']} ({facts['generator']})"


def _version(name: str, *, optional: bool) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed (optional)" if optional else "not installed"


def _settings(name: str | None, base_url: str | None) -> Iterator[tuple[str, str]]:
    """Yield server and key as a client takes them, with where they come from."""
    try:
        path = profiles_path()
    except ImportError:
        yield "settings file", "not known without platformdirs"
        profile = None
    else:
        yield "settings file", f"{path}{'' if path.exists() else ' (not there)'}"
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                profile = read_profile(name)
        except ConfigurationError as error:
            yield "profile", f"not usable: {error}"
            return
        given = "--profile" if name else PROFILE_VARIABLE if os.environ.get(PROFILE_VARIABLE, "").strip() else "default"
        yield "profile", "none" if profile is None else f"{profile.name} ({given})"
        yield from (("warning", str(warning.message)) for warning in warned)
    of_environment = os.environ.get(URL_VARIABLE, "").strip()
    of_profile = profile.settings.get("base_url") if profile and not of_environment else None
    source = "--base-url" if base_url else URL_VARIABLE if of_environment else "profile" if of_profile else "default"
    try:
        server = resolve_server(base_url or of_profile)
    except ConfigurationError as error:
        yield "base URL", f"not usable: {error}"
    else:
        yield "base URL", f"{server.base_url} ({source})"
        yield "API key", _key(server, profile)


def _key(server: Server, profile: Profile | None) -> str:
    """Describe where the key for this server comes from, or why there is none, in the words of the client."""
    if profile and profile.key and not os.environ.get(KEY_VARIABLE, "").strip():
        try:
            own = resolve_server(profile.settings.get("base_url"), {})
        except ConfigurationError as error:
            return f"not usable: {profile.where}: {error}"
        if own.origin == server.origin:
            return f"kept by keyring: {'/'.join(profile.keyring)}" if profile.keyring else "set by the profile"
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
    """Return the URL of a proxy without user name, password and query.

    It is cut by hand, because urlsplit misreads a URL without a scheme or with `/` or `?` in the password.
    """
    scheme = (_SCHEME.match(address) or [""])[0]
    return scheme + address[len(scheme) :].rpartition("@")[2].partition("?")[0]
