# Derived from overrides/comfy_cloud/_async/resources/system.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""`cloud.system`: the server itself."""

from __future__ import annotations

from ...raw.api.node import get_features
from ...raw.api.system import get_system_stats
from ...raw.models import GetFeaturesResponse200, SystemStatsResponse
from .base import Resource


class System(Resource):
    """`cloud.system`: the server itself."""

    def stats(self) -> SystemStatsResponse:
        """Return versions and devices of the server (`GET /api/system_stats`)."""
        return self._connection.model(get_system_stats.operation)

    def features(self) -> GetFeaturesResponse200:
        """Return the features and limits that the server announces (`GET /api/features`)."""
        return self._connection.model(get_features.operation)
