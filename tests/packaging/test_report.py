"""`python -m comfy_cloud doctor`: what a bug report needs is there, and it can be pasted anywhere."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import comfy_cloud

ROOT = Path(__file__).resolve().parents[2]
KEY = "canary-key-0123456789"
MISSING = 'could not import typer, which the command line needs: pip install "comfy-cloud[cli]"\n'


def report(*options: str, module: str = "comfy_cloud", **environment: str) -> dict[str, str]:
    """The lines as names and values; whatever else it prints is a failure."""
    mine = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [sys.executable, "-W", "error", *options, "-m", module, "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**mine, **environment})
    assert (done.returncode, done.stderr) == (0, MISSING if "-S" in options else "")
    assert KEY not in done.stdout
    return dict(re.split(r"  +", line, maxsplit=1) for line in done.stdout.splitlines())


def test_versions_contract_and_settings_are_told() -> None:
    """The first three questions under every bug report are answered."""
    facts = json.loads((ROOT / "generated" / "comfy_cloud_api" / "GENERATED.json").read_text(encoding="utf-8"))
    told = report(COMFY_CLOUD_API_KEY=KEY)
    assert told["comfy_cloud"] == comfy_cloud.__version__
    assert told["contract"] == f"{facts['contract_sha256']} ({facts['generator']})"
    assert told["python"].startswith(platform.python_version())
    assert told["platform"] == platform.platform()
    assert told["base URL"] == "https://cloud.comfy.org (default)"
    assert told["API key"] == "set by COMFY_CLOUD_API_KEY"
    assert told["proxies"] == "none"


def test_every_dependency_is_told() -> None:
    """One that is added and not told of is the one that a report is about."""
    told = report()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    for requirement in wanted:
        name = re.split(r"[<>=]", requirement, maxsplit=1)[0]
        assert told[name] == version(name)


@pytest.mark.parametrize(
    ("url", "key", "about_url", "about_key"),
    [
        ("", "", "https://cloud.comfy.org (default)", "not usable: no API key: "),
        ("http://127.0.0.1:8188", "", "http://127.0.0.1:8188 (COMFY_CLOUD_BASE_URL)", "not set"),
        ("http://127.0.0.1:8188/", KEY, "http://127.0.0.1:8188 (COMFY_CLOUD_BASE_URL)", "set by COMFY_CLOUD_API_KEY"),
        (
            "http://example.com",
            KEY,
            "http://example.com (COMFY_CLOUD_BASE_URL)",
            "not used: COMFY_CLOUD_API_KEY",
        ),
        ("", f"{KEY}\nx", "https://cloud.comfy.org (default)", "not usable: COMFY_CLOUD_API_KEY must not be empty"),
        (f"https://me:{KEY}@example.com", KEY, "not usable: COMFY_CLOUD_BASE_URL must not contain credentials", None),
    ],
)
def test_the_settings_are_told_as_the_client_takes_them(
    url: str, key: str, about_url: str, about_key: str | None
) -> None:
    """By the client's own rules, in its own words; also where they cannot work."""
    told = report(COMFY_CLOUD_BASE_URL=url, COMFY_CLOUD_API_KEY=key)
    assert told["base URL"].startswith(about_url)
    assert (about_key is None and "API key" not in told) or told["API key"].startswith(str(about_key))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"http://me:{KEY}@proxy:3128", "http://proxy:3128"),
        (f"me:{KEY}@proxy:3128", "proxy:3128"),
        (f"socks5h://me:{KEY}/@@proxy:1080/?{KEY}", "socks5h://proxy:1080/"),
        (f"me:{KEY}://@proxy:3128", "proxy:3128"),
        ("http://proxy:3128", "http://proxy:3128"),
    ],
)
def test_proxies_are_told_without_their_credentials(address: str, shown: str) -> None:
    """Many a puzzling failure is a proxy that nobody thought of."""
    told = report(HTTPS_PROXY=address, no_proxy="localhost,.example.com")
    assert told["proxies"] == f"https {shown}, no localhost,.example.com"


def test_it_works_where_dependencies_are_missing(tmp_path: Path) -> None:
    """That is when it is needed: with no site-packages at all, by the source tree alone."""
    told = report("-S", PYTHONPATH=str(ROOT / "overrides"))
    assert told["httpx"] == "not installed"
    assert told["uvicorn"] == "not installed (optional)"


def test_it_says_that_a_checkout_has_no_link(tmp_path: Path) -> None:
    """Git on Windows may have left a text file in its place; everything else would say only what is missing."""
    package = tmp_path / "comfy"
    package.mkdir()
    for path in (ROOT / "overrides" / "comfy_cloud").iterdir():
        (package / path.name).symlink_to(path)
    (package / "raw").unlink()
    (package / "raw").write_text("../../generated/comfy_cloud_api", encoding="utf-8")
    told = report(module="comfy", PYTHONPATH=str(tmp_path))
    assert told["comfy"] == comfy_cloud.__version__
    assert told["contract"].startswith("the raw client is missing")
