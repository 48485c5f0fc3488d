"""Kept node definitions are used only while they still hold: an old one would report models that have arrived."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud._core.node_cache import entry, file_name, kept_info, version_of

INFO = {"KSampler": {"output": ["LATENT"]}}


def test_definitions_are_kept_for_a_day_of_one_version() -> None:
    kept = entry(INFO, "0.33.0 ", 1000.0)
    assert kept_info(kept, "0.33.0 ", 1000.0) == INFO
    assert kept_info(kept, "0.33.0 ", 1000.0 + 86_399) == INFO
    assert kept_info(kept, "0.33.0 ", 1000.0 + 86_400) is None
    assert kept_info(kept, "0.33.1 ", 1000.0) is None
    assert kept_info(kept, "0.33.0 ", 999.0) is None, "the clock was set back"


@pytest.mark.parametrize("junk", [None, [], "text", {}, {"version": "v", "fetched": "x", "info": INFO}, {"info": 5}])
def test_a_file_that_somebody_else_wrote_is_not_used(junk: Any) -> None:
    assert kept_info(junk, "v", 0.0) is None


def test_each_server_has_a_file_and_a_version() -> None:
    assert file_name("https://a.test") != file_name("https://b.test")
    assert version_of({"system": {"comfyui_version": "0.33.0", "cloud_version": "7"}}) == "0.33.0 7"
    assert version_of(None) == " "
