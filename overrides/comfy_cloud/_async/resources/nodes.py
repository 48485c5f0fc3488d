"""`cloud.nodes`: the definitions of nodes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..._core.declared_inputs import mapping
from ..._core.node_cache import entry, file_name, kept_info, version_of
from ..._core.stubs import write_stubs
from ...raw.api.node import get_node_info
from ...raw.api.system import get_system_stats
from ...raw.models import GetNodeInfoResponse200
from .. import backend
from .base import AsyncResource


class AsyncNodes(AsyncResource):
    """`cloud.nodes`: the definitions of nodes."""

    async def info(self) -> GetNodeInfoResponse200:
        """Return all node definitions by class, for `Workflow.check` (`GET /api/object_info`; hundreds of KB)."""
        return await self._connection.model(get_node_info.operation)

    async def stubs(self) -> str:
        """Return the source of a Python module with a typed class for each node class of this server.

        Write it to a file and build workflows with it: mypy and pyright then find wrong types, wrong links, missing
        inputs and choices that the server does not offer before anything is sent. Uses `GET /api/object_info`.

            Path("nodes.py").write_text(await cloud.nodes.stubs(), encoding="utf-8")
        """
        return write_stubs(mapping(await self.info()), server=self._connection.origin)

    async def _definitions(self, *, cache: bool) -> tuple[Mapping[str, Any], bool]:
        """Return node definitions as JSON, and whether they come from the cache on disk.

        The server's version is asked for each time, so that an update of the server is noticed at once.
        """
        from ..._cache import read_cached, write_cached  # platformdirs is imported only where a cache is wanted

        name = file_name(self._connection.origin)
        version = version_of(await self._connection.json(get_system_stats.operation))
        if cache:
            kept = kept_info(await backend.in_thread(read_cached, name), version, time.time())
            if kept is not None:
                return kept, True
        info = mapping(await self._connection.json(get_node_info.operation))
        await backend.in_thread(write_cached, name, entry(info, version, time.time()))
        return info, False
