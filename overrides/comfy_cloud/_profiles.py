"""Profiles: settings of a client in a file of the user, read for `from_profile` and for the command line.

The file is only read, and only by those two: a plain client depends on its arguments and the environment.
"""

from __future__ import annotations

import os
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType
from typing import Any, Final

from ._core.arguments import SETTINGS
from ._core.nearest import nearest
from ._core.secrets import Secret
from ._settings import KEY_VARIABLE, URL_VARIABLE, check_key, expanded, resolve_server
from .errors import ConfigurationError

PROFILE_VARIABLE: Final = "COMFY_CLOUD_PROFILE"
FILE_VARIABLE: Final = "COMFY_CLOUD_CONFIG"
DEFAULT_PROFILE: Final = "default"
_KEYRING: Final = "keyring:"
# Arguments for which None means that the environment has them.
_FROM_ENVIRONMENT: Final = frozenset({"api_key", "base_url"})

# The settings of a profile, and the words for their types. They are the arguments of a client, but for the key.
_STRING, _SECONDS = (str, "a string"), ((int, float), "a number of seconds")
_SETTINGS: Final[dict[str, tuple[Any, str]]] = {
    "key": _STRING,
    "base_url": _STRING,
    "timeout": _SECONDS,
    "total_timeout": _SECONDS,
    "proxy": _STRING,
    "headers": (dict, "a table of strings"),
    "user_agent": _STRING,
    "live": (bool, "true or false"),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as its file has it. `key` is the key or names where it is kept; no repr shows it or a setting."""

    name: str
    path: Path
    key: Secret | None = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def where(self) -> str:
        """The profile and its file, as messages name them."""
        return f"{self.path}, profile {self.name!r}"

    @property
    def keyring(self) -> tuple[str, str] | None:
        """Service and user name under which the keyring keeps the key; None if the file has the key itself."""
        text = self.key.reveal() if self.key else ""
        if not text.startswith(_KEYRING):
            return None
        service, _, user = text.removeprefix(_KEYRING).partition("/")
        return service, user or self.name


def profiles_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the file, which need not exist."""
    if chosen := environ.get(FILE_VARIABLE, "").strip():
        return Path(expanded(chosen, ConfigurationError))
    from platformdirs import user_config_path  # not needed by those who name the file

    return user_config_path() / "comfy-cloud.toml"


def profile_names(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the names of all profiles; none if there is no file. Raises ConfigurationError for a broken file."""
    return list(_tables(profiles_path(environ)))


def read_profile(name: str | None = None, environ: Mapping[str, str] = os.environ) -> Profile | None:
    """Return the profile of this name, else that of `COMFY_CLOUD_PROFILE`, else `default`; None if nobody named one.

    Raises ConfigurationError for a profile that was named and is not there, and for a file or a profile that cannot be
    used. Asks no keyring.
    """
    SETTINGS.instance("name", name, (str, NoneType), "a string")
    chosen = name if name is not None else environ.get(PROFILE_VARIABLE, "").strip() or None
    path = profiles_path(environ)
    del environ  # it holds the key, and tracebacks can show what a frame holds
    tables = _tables(path)
    if chosen is None and DEFAULT_PROFILE not in tables:
        return None
    chosen = chosen or DEFAULT_PROFILE
    if chosen not in tables:
        there = (
            f"it has {', '.join(map(repr, tables))}" if tables else "it has none" if path.exists() else "no such file"
        )
        raise ConfigurationError(
            f"no profile {chosen!r}{nearest(chosen, tables)} in {path} ({there}): add a table [{chosen}] there"
        )
    profile = tables[chosen]
    if (fault := _fault(profile.settings)) is not None:
        raise ConfigurationError(f"{profile.where}: {fault}")
    if (profile.key and not profile.keyring) or "headers" in profile.settings:
        _warn_readable(path)
    return profile


def profile_arguments(
    name: str | None, given: dict[str, Any], environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return the arguments of a client: those that are `given`, else the environment's, else the profile's.

    What the environment sets is left out, since the client reads it. A profile's key is for the profile's own server:
    it is left out if an argument or the environment names another one. A key that is given is wrapped in place.
    """
    if isinstance(given.get("api_key"), str):
        given["api_key"] = Secret(given["api_key"])
    has_key = bool(environ.get(KEY_VARIABLE, "").strip())
    variables = {each: environ.get(each, "").strip() for each in (PROFILE_VARIABLE, FILE_VARIABLE, URL_VARIABLE)}
    del environ  # it holds the key, and tracebacks can show what a frame holds
    profile = read_profile(name, variables)
    arguments = {each: value for each, value in given.items() if value is not None or each not in _FROM_ENVIRONMENT}
    if profile is None:
        return arguments
    try:
        own = resolve_server(profile.settings.get("base_url"), {})
    except ConfigurationError as error:
        raise ConfigurationError(f"{profile.where}: {error}") from None
    settings = {
        each: value for each, value in profile.settings.items() if each != "base_url" or not variables[URL_VARIABLE]
    }
    settings |= arguments
    chosen = resolve_server(settings.get("base_url"), variables)
    if profile.key and "api_key" not in settings and not has_key and chosen.origin == own.origin:
        settings["api_key"] = _key(profile)
    return settings


def _tables(path: Path) -> dict[str, Profile]:
    """Return the profiles of a file by their names, their settings unchecked."""
    fault, tables = None, dict[str, Any]()
    try:
        tables = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        fault = error.strerror or str(error)
    except UnicodeDecodeError as error:
        fault = f"byte {error.start} is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        fault = f"{str(error)[:1].lower()}{str(error)[1:]}; strings need quotes"
    # Raised out here, so that the error has no context: the exceptions of some versions hold the whole file.
    if fault is not None:
        raise ConfigurationError(f"could not read {path}: {fault}")
    keys = {name: _taken_key(table) for name, table in tables.items() if isinstance(table, dict)}
    loose = min(tables.keys() - keys.keys(), default=None)
    if loose is not None:
        tables.clear()  # the loose one may be a key, and tracebacks can show what a frame holds
        raise ConfigurationError(f"{path}: {loose!r} must be in a profile: write [{DEFAULT_PROFILE}] in a line above")
    return {name: Profile(name, path, keys[name], table) for name, table in tables.items()}


def _taken_key(table: dict[str, Any]) -> Secret | None:
    """Take the key out of the settings of a profile. A key of another type stays, as None, and is refused later."""
    if isinstance(table.get("key"), str):
        return Secret(table.pop("key").strip())
    if "key" in table:
        table["key"] = None
    return None


def _fault(settings: Mapping[str, Any]) -> str | None:
    for name, value in settings.items():
        if name not in _SETTINGS:
            return f"no setting {name!r}{nearest(name, _SETTINGS)}; there are {', '.join(_SETTINGS)}"
        kind, words = _SETTINGS[name]
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not fits or (isinstance(value, dict) and not all(isinstance(text, str) for text in value.values())):
            return f"{name} must be {words}"
    return None


def _warn_readable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if os.name == "posix" and mode & 0o077:
        warnings.warn(f"{path} holds a key and others can read it: chmod 600 {path}", UserWarning, stacklevel=5)


def _key(profile: Profile) -> Secret:
    kept = profile.keyring
    if kept is None:
        return check_key(profile.key.reveal() if profile.key else "", f"{profile.where}: key")
    service, user = kept
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigurationError(f"{profile.where}: the key is in a keyring: pip install keyring") from None
    try:
        key = Secret(keyring.get_password(service, user) or "")
    except KeyringError as error:
        raise ConfigurationError(f"{profile.where}: the keyring cannot be asked: {error}") from None
    if not key:
        raise ConfigurationError(f"{profile.where}: the keyring has no key; store it: keyring set {service} {user}")
    return check_key(key.reveal(), f"{profile.where}: the key in the keyring")
