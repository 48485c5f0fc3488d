"""`cloud.system`: the server itself."""

from __future__ import annotations

from ...raw.api.node import get_features
from ...raw.api.system import get_system_stats
from ...raw.models import GetFeaturesResponse200, SystemStatsResponse
from .base import AsyncResource


class AsyncSystem(AsyncResource):
    """`cloud.system`: the server itself."""

    async def stats(self) -> SystemStatsResponse:
        """Return versions and devices of the server (`GET /api/system_stats`)."""
        return await self._connection.model(get_system_stats.operation)

    async def features(self) -> GetFeaturesResponse200:
        """Return the features and limits that the server announces (`GET /api/features`)."""
        return await self._connection.model(get_features.operation)
