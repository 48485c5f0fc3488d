"""Test profiles: the settings of a client in a file, where the key comes from, and what a mistake is answered with."""

from __future__ import annotations

import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import keyring
import keyring.errors
import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ConfigurationError
from comfy_cloud._profiles import profiles_path
from comfy_cloud.testing import Emulator

KEY = "canary-key-0123456789"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write the file of the profiles, readable by its owner only."""
    path = tmp_path / "comfy-cloud.toml"
    monkeypatch.setenv("COMFY_CLOUD_CONFIG", str(path))

    def do(text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    return do


def key_of(cloud: ComfyCloud | AsyncComfyCloud) -> str | None:
    """Return the key that a client sends."""
    source = cloud._http.transport._credential.source  # type: ignore[union-attr]
    return None if source is None else source.reveal()  # type: ignore[union-attr]


def test_a_profile_is_all_that_a_client_needs(write: Write) -> None:
    """Somebody who wrote the file once needs no variable and no argument."""
    with Emulator() as server:
        write(f'[default]\nkey = "{server.api_key}"\nbase_url = "{server.url}"\n')
        with ComfyCloud.from_profile() as cloud:
            assert cloud.queue.remaining() == 0


@pytest.mark.anyio
async def test_the_async_client_reads_the_same_file(write: Write) -> None:
    with Emulator() as server:
        write(f'[lab]\nkey = "{server.api_key}"\nbase_url = "{server.url}"\n')
        async with AsyncComfyCloud.from_profile("lab") as cloud:
            assert await cloud.queue.remaining() == 0


def test_a_name_comes_first_then_the_variable_then_default(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("".join(f'[{name}]\nbase_url = "http://127.0.0.1:{port}"\n' for name, port in PORTS.items()))
    assert str(ComfyCloud.from_profile()) == "<ComfyCloud http://127.0.0.1:1>"
    monkeypatch.setenv("COMFY_CLOUD_PROFILE", "lab")
    assert str(ComfyCloud.from_profile()) == "<ComfyCloud http://127.0.0.1:2>"
    assert str(ComfyCloud.from_profile("work")) == "<ComfyCloud http://127.0.0.1:3>"


PORTS = {"default": 1, "lab": 2, "work": 3}


def test_the_argument_beats_the_environment_which_beats_the_profile(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting for one run must not need an edit of the file."""
    write(f'[default]\nkey = "{KEY}"\nbase_url = "https://a.example"\n')
    assert key_of(ComfyCloud.from_profile()) == KEY
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "of-the-environment")
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", "https://b.example")
    cloud = ComfyCloud.from_profile()
    assert (str(cloud), key_of(cloud)) == ("<ComfyCloud https://b.example>", "of-the-environment")
    cloud = ComfyCloud.from_profile(api_key="of-the-argument", base_url="https://c.example")
    assert (str(cloud), key_of(cloud)) == ("<ComfyCloud https://c.example>", "of-the-argument")


def test_without_a_file_a_client_has_its_usual_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command line works the same for who never wrote one."""
    monkeypatch.setenv("COMFY_CLOUD_CONFIG", str(tmp_path / "nowhere.toml"))
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "of-the-environment")
    assert key_of(ComfyCloud.from_profile(timeout=3)) == "of-the-environment"


def test_every_setting_reaches_the_client(write: Write) -> None:
    write(
        f'[default]\nkey = "{KEY}"\nbase_url = "https://a.example/x"\ntimeout = 7\ntotal_timeout = 8.5\nlive = false\n'
        'proxy = "http://proxy.example:3128"\nuser_agent = "acme/1"\n[default.headers]\nX-Gate = "open"\n'
    )
    cloud = ComfyCloud.from_profile()
    assert str(cloud) == "<ComfyCloud https://a.example/x>"
    assert cloud._http.total_timeout == 8.5
    assert cloud._http.timeout.read == 7
    assert cloud._http.headers["x-gate"] == "open"
    assert cloud._http.headers["user-agent"].startswith("acme/1 ")
    assert cloud._connection.socket is None


@pytest.mark.parametrize("way", ["argument", "variable"])
def test_a_profiles_key_goes_to_the_profiles_server_only(
    way: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever tries another server for a moment does not hand it the key of the cloud."""
    write(f'[default]\nkey = "{KEY}"\n')
    if way == "variable":
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", "https://other.example")
    elsewhere = ComfyCloud.from_profile(base_url="https://other.example" if way == "argument" else None)
    assert (str(elsewhere), key_of(elsewhere)) == ("<ComfyCloud https://other.example>", None)
    assert key_of(ComfyCloud.from_profile(base_url="https://cloud.comfy.org")) == KEY


MISTAKES = {
    "[default\n": r"could not read FILE: expected .*at line 1, column 9\); strings need quotes",
    f"[default]\nkey = {KEY}\n": r"could not read FILE: invalid value \(at line 2, column 7\); strings need quotes",
    f'key = "{KEY}"\n': r"FILE: 'key' must be in a profile: write \[default\] in a line above",
    '[default]\nbase = "x"\n': r"FILE, profile 'default': no setting 'base'; there are key, base_url, ",
    '[default]\nbase_uri = "x"\n': r"FILE, profile 'default': no setting 'base_uri' \(did you mean 'base_url'\?\); ",
    "[default]\nkey = 5\n": "FILE, profile 'default': key must be a string",
    "[default]\ntimeout = true\n": "FILE, profile 'default': timeout must be a number of seconds",
    '[default]\nlive = "no"\n': "FILE, profile 'default': live must be true or false",
    "[default.headers]\nX-Gate = 5\n": "FILE, profile 'default': headers must be a table of strings",
    '[default]\nbase_url = "cloud"\n': "FILE, profile 'default': base_url must have http:// or https://",
    f'[default]\nkey = "{KEY} x"\n': "FILE, profile 'default': key must not be empty or contain spaces",
    '[default]\nkey = ""\n': "no API key",
    '[default]\nkey = "keyring:acme"\n': "FILE, profile 'default': the keyring has no key; store it: keyring set acme",
}


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """What the keyring keeps; never a developer's own."""
    passwords: dict[tuple[str, str], str] = {}

    def get_password(service: str, user: str) -> str | None:
        if service == "locked":
            raise keyring.errors.KeyringLocked("it is locked")
        return passwords.get((service, user))

    monkeypatch.setattr(keyring, "get_password", get_password)
    return passwords


@pytest.mark.parametrize(("text", "message"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_a_mistake_is_named_with_file_profile_and_what_to_do(text: str, message: str, write: Write) -> None:
    """Without the key, which is often in the line that is wrong; also where a traceback shows what frames hold."""
    path = write(text)
    with pytest.raises(ConfigurationError, match=message.replace("FILE", re.escape(str(path)))) as caught:
        ComfyCloud.from_profile()
    below = caught.tb.tb_next  # this test's own frame holds the text
    shown = traceback.TracebackException(caught.type, caught.value, below, capture_locals=True)
    assert KEY not in "".join(shown.format())
    assert caught.value.__context__ is None or KEY not in repr(vars(caught.value.__context__))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"no profile 'wrok' in FILE \(no such file\): add a table \[wrok\] there"),
        ("", r"no profile 'wrok' in FILE \(it has none\): add a table \[wrok\] there"),
        ("[work]\n[lab]\n", r"no profile 'wrok' \(did you mean 'work'\?\) in FILE \(it has 'work', 'lab'\): add"),
    ],
)
@pytest.mark.parametrize("way", ["argument", "variable"])
def test_a_profile_that_is_not_there_is_an_error(
    text: str | None, message: str, way: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going on with other settings than the ones asked for could run jobs on the wrong account."""
    path = write(text or "")
    if text is None:
        path.unlink()
    if way == "variable":
        monkeypatch.setenv("COMFY_CLOUD_PROFILE", "wrok")
    with pytest.raises(ConfigurationError, match=message.replace("FILE", re.escape(str(path)))):
        ComfyCloud.from_profile("wrok" if way == "argument" else None)


def test_a_file_that_cannot_be_read_is_named(write: Write) -> None:
    path = write("")
    path.write_bytes(b"[default]\n\xff")
    with pytest.raises(ConfigurationError, match="byte 10 is not UTF-8"):
        ComfyCloud.from_profile()
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match=r"could not read .*: Is a directory"):
        ComfyCloud.from_profile()


@pytest.mark.parametrize(
    ("setting", "place"),
    [("keyring:acme", ("acme", "default")), ("keyring:acme/ann", ("acme", "ann"))],
)
def test_the_key_is_read_from_the_keyring(
    setting: str, place: tuple[str, str], write: Write, kept: dict[tuple[str, str], str]
) -> None:
    """The user's name there is the profile's, so that each profile has a key of its own."""
    write(f'[default]\nkey = "{setting}"\n')
    kept[place] = KEY
    assert key_of(ComfyCloud.from_profile()) == KEY


def test_a_keyring_that_cannot_be_used_is_told(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write('[default]\nkey = "keyring:locked"\n')
    with pytest.raises(ConfigurationError, match=r"profile 'default': the keyring cannot be asked: it is locked"):
        ComfyCloud.from_profile()
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigurationError, match="the key is in a keyring: pip install keyring"):
        ComfyCloud.from_profile()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the bits of a file say nothing")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_with_a_key_that_others_can_read_warns(mode: int, write: Write) -> None:
    """On a shared machine the key would be everybody's."""
    path = write(f'[default]\nkey = "{KEY}"\n[ring]\nkey = "keyring:acme"\n[plain]\nbase_url = "http://127.0.0.1:1"\n')
    path.chmod(mode)
    with pytest.warns(
        UserWarning, match=f"{re.escape(str(path))} holds a key and others can read it: chmod 600"
    ) as told:
        ComfyCloud.from_profile()
    assert [Path(warning.filename) for warning in told] == [Path(__file__)]
    ComfyCloud.from_profile("plain")  # warnings are errors here


def test_it_warns_once(write: Write) -> None:
    write(f'[default]\nkey = "{KEY}"\n').chmod(0o644)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(3):
            ComfyCloud.from_profile()
    assert len(told) == 1


def test_the_file_is_where_the_system_keeps_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COMFY_CLOUD_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert profiles_path() == tmp_path / "comfy-cloud.toml"
    assert profiles_path({"COMFY_CLOUD_CONFIG": "~/x.toml"}) == Path.home() / "x.toml"
    assert profiles_path().name == "comfy-cloud.toml"
    with pytest.raises(ConfigurationError, match="no home folder of '~nobody-of-this-name'"):
        profiles_path({"COMFY_CLOUD_CONFIG": "~nobody-of-this-name/x.toml"})


def test_a_name_is_a_string() -> None:
    with pytest.raises(ConfigurationError, match="name must be a string, not int"):
        ComfyCloud.from_profile(5)  # type: ignore[arg-type]


def test_no_repr_shows_a_setting(write: Write) -> None:
    write(f'[default]\nkey = "{KEY}"\n[default.headers]\nX-Gate = "{KEY}"\n')
    from comfy_cloud._profiles import read_profile

    profile = read_profile()
    assert profile is not None
    assert KEY not in repr(profile) + str(profile.key)
