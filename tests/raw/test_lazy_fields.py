"""Fields of models are read when they are asked for, and nobody can tell but by the time that it takes."""

from __future__ import annotations

import copy
import pickle
from typing import Any
from uuid import UUID

import pytest

from comfy_cloud.raw.models import Asset
from comfy_cloud.raw.types import UNSET

ID = "9f8a1c0d-2b3e-4f56-8a7b-1c2d3e4f5a6b"


def fields() -> dict[str, Any]:
    return {"id": ID, "name": "a.png", "created_at": "2026-11-26T12:00:00Z", "user_metadata": {"a": 1}, "extra": [1]}


def test_a_field_is_read_once_and_kept() -> None:
    """Else what is changed in it would be lost."""
    asset = Asset.from_dict(fields())
    assert asset.id == UUID(ID)
    assert asset.id is asset.id
    asset.additional_properties["more"] = 2
    asset.name = "b.png"
    assert (asset["more"], asset["name"], asset.to_dict()["name"]) == (2, "b.png", "b.png")


def test_what_the_caller_does_with_the_json_afterwards_is_not_seen() -> None:
    json = fields()
    asset = Asset.from_dict(json)
    json["name"] = "b.png"
    json["late"] = 1
    assert (asset.name, "late" in asset) == ("a.png", False)


def test_an_unknown_attribute_is_none_of_a_model() -> None:
    for asset in (Asset.from_dict(fields()), Asset(UUID(ID), "a.png", 1, UNSET, UNSET)):  # type: ignore[arg-type]
        assert not hasattr(asset, "nothing")
        with pytest.raises(AttributeError, match="'Asset' object has no attribute 'nothing'"):
            asset.nothing  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, lambda asset: pickle.loads(pickle.dumps(asset))])
def test_a_model_that_nobody_has_read_is_copied_and_pickled(through: Any) -> None:
    asset = through(Asset.from_dict(fields()))
    assert asset == Asset.from_dict(fields())
    assert repr(asset) == repr(Asset.from_dict(fields()))
