# Derived from overrides/comfy_cloud/_async/resources/workflows.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""`cloud.workflows`: ready-made workflows and parts of them."""

from __future__ import annotations

from ..._core.arguments import ARGUMENTS
from ...raw.api.workflow import get_global_subgraph, get_global_subgraphs, get_workflow_templates
from ...raw.models import GetGlobalSubgraphsResponse200, GetWorkflowTemplatesResponse200, GlobalSubgraphData
from .base import Resource, not_found


class Workflows(Resource):
    """`cloud.workflows`: ready-made workflows and parts of them."""

    def templates(self) -> GetWorkflowTemplatesResponse200:
        """Return the workflow templates by their source (`GET /api/workflow_templates`)."""
        return self._connection.model(get_workflow_templates.operation)

    def subgraphs(self) -> GetGlobalSubgraphsResponse200:
        """Return the blueprints by id, without their content (`GET /api/global_subgraphs`)."""
        return self._connection.model(get_global_subgraphs.operation)

    def subgraph(self, subgraph_id: str) -> GlobalSubgraphData:
        """Fetch one blueprint with its content (`GET /api/global_subgraphs/{id}`). Raises NotFoundError."""
        ARGUMENTS.text("subgraph_id", subgraph_id)
        found: GlobalSubgraphData | None = self._connection.model(get_global_subgraph.operation, subgraph_id)
        if found is None:
            raise not_found("getGlobalSubgraph", f"no blueprint {subgraph_id}")
        return found
