"""Test the report on settings: where each comes from, by the client's own rules, without a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud.testing import Emulator

from .conftest import CLI

KEY = "canary-key-0123456789"


@pytest.mark.parametrize(
    ("profile", "base_url", "key"),
    [
        (f'key = "{KEY}"', "https://cloud.comfy.org (default)", "set by the profile"),
        ('key = "keyring:acme"', "https://cloud.comfy.org (default)", "kept by keyring: acme/default"),
        ('base_url = "http://127.0.0.1:1"', "http://127.0.0.1:1 (profile)", "not set"),
        (f'key = "{KEY}"\nbase_url = "nowhere"', "not usable: base_url must have http", None),
    ],
)
def test_the_settings_of_a_profile_are_told(
    profile: str, base_url: str, key: str | None, cli: CLI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "profiles.toml"
    file.write_text(f"[default]\n{profile}\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("COMFY_CLOUD_CONFIG", str(file))
    done = cli("doctor", "--json")
    (told,) = done.objects
    assert KEY not in done.out
    assert told["settings file"] == str(file)
    assert told["profile"] == "default (default)"
    assert told["base URL"].startswith(base_url)
    assert told.get("API key") == key


def test_what_overrules_a_profile_is_told(cli: CLI, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "profiles.toml"
    file.write_text(f'[lab]\nkey = "{KEY}"\nbase_url = "https://a.example"\n', encoding="utf-8")
    file.chmod(0o644)
    monkeypatch.setenv("COMFY_CLOUD_CONFIG", str(file))
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", "https://b.example")
    (told,) = cli("doctor", "--profile", "lab", "--json").objects
    assert told["profile"] == "lab (--profile)"
    assert told["base URL"] == "https://b.example (COMFY_CLOUD_BASE_URL)"
    assert told["API key"] == "not set"
    assert "others can read it" in told["warning"]
    (told,) = cli("doctor", "--profile", "lab", "--base-url", "https://a.example", "--json").objects
    assert (told["base URL"], told["API key"]) == ("https://a.example (--base-url)", "set by the profile")
    (told,) = cli("doctor", "--profile", "labb", "--json").objects
    assert told["profile"].startswith("not usable: no profile 'labb'")


def test_the_server_is_asked_only_on_request(server: Emulator, cli: CLI) -> None:
    assert cli("doctor").code == 0
    assert len(server.journal) == 0
    asked = cli("doctor", "--connect")
    assert asked.err == "the server answers: 0 jobs in its queue\n"
    assert asked.out.startswith("comfy_cloud ")
