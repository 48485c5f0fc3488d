"""Read where the models of an editor's save can be downloaded, for messages about models that a server lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .declared_inputs import mapping


def model_sources(save: Mapping[str, Any]) -> dict[str, str]:
    """Return where a save says that its models can be downloaded, by file name.

    Templates keep it per node, under `properties.models`: `{"name": ..., "url": ..., "directory": ...}`.
    """
    found: dict[str, str] = {}
    for graph in (save, *_list(mapping(save.get("definitions")).get("subgraphs"))):
        for node in _list(mapping(graph).get("nodes")):
            for model in map(mapping, _list(mapping(mapping(node).get("properties")).get("models"))):
                name, url = model.get("name"), model.get("url")
                if isinstance(name, str) and isinstance(url, str):
                    found[name] = url
    return found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
