"""List the routes of the servers: for each operation its name, its path, and whether it needs an API key.

The app, the journal and the fault proxy use this module to find the operation of a request line. Paths are matched
while they are percent-encoded, because `%2F` inside a name is not a path separator. This module contains no handlers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import unquote

from ...raw.api import OPERATIONS as CONTRACT

Access = Literal["key", "optional", "public"]


@dataclass(frozen=True)
class Operation:
    """One method on one path. `contract` is False if the contract does not define the route."""

    id: str
    method: str
    path: str
    access: Access = "key"
    contract: bool = True


OPERATIONS: tuple[Operation, ...] = (
    Operation("executePrompt", "POST", "/api/prompt"),
    Operation("getPromptInfo", "GET", "/api/prompt"),
    Operation("getNodeInfo", "GET", "/api/object_info"),
    Operation("getFeatures", "GET", "/api/features", "optional"),
    Operation("getWorkflowTemplates", "GET", "/api/workflow_templates", "public"),
    Operation("getGlobalSubgraphs", "GET", "/api/global_subgraphs", "public"),
    Operation("getGlobalSubgraph", "GET", "/api/global_subgraphs/{id}", "public"),
    Operation("getModelFolders", "GET", "/api/experiment/models", "public"),
    Operation("getModelsInFolder", "GET", "/api/experiment/models/{folder}", "public"),
    Operation("getModelPreview", "GET", "/api/experiment/models/preview/{folder}/{path_index}/{filename}", "public"),
    Operation("manageHistory", "POST", "/api/history"),
    Operation("getHistory", "GET", "/api/history_v2"),
    Operation("getHistoryForPrompt", "GET", "/api/history_v2/{prompt_id}"),
    Operation("listJobs", "GET", "/api/jobs"),
    Operation("getJobDetail", "GET", "/api/jobs/{job_id}"),
    Operation("getJobStatus", "GET", "/api/job/{job_id}/status"),
    Operation("viewFile", "GET", "/api/view"),
    Operation("getMaskLayers", "GET", "/api/files/mask-layers"),
    Operation("listAssets", "GET", "/api/assets"),
    Operation("uploadAsset", "POST", "/api/assets"),
    Operation("createAssetFromHash", "POST", "/api/assets/from-hash"),
    Operation("getRemoteAssetMetadata", "GET", "/api/assets/remote-metadata"),
    Operation("createAssetDownload", "POST", "/api/assets/download"),
    Operation("getAssetById", "GET", "/api/assets/{id}"),
    Operation("updateAsset", "PUT", "/api/assets/{id}"),
    Operation("deleteAsset", "DELETE", "/api/assets/{id}"),
    Operation("addAssetTags", "POST", "/api/assets/{id}/tags"),
    Operation("removeAssetTags", "DELETE", "/api/assets/{id}/tags"),
    Operation("listTags", "GET", "/api/tags"),
    Operation("getAssetTagHistogram", "GET", "/api/assets/tags/refine"),
    Operation("checkAssetByHash", "HEAD", "/api/assets/hash/{hash}"),
    Operation("getQueueInfo", "GET", "/api/queue"),
    Operation("manageQueue", "POST", "/api/queue"),
    Operation("interruptJob", "POST", "/api/interrupt"),
    Operation("getUserdata", "GET", "/api/userdata"),
    Operation("getUserdataFile", "GET", "/api/userdata/{file}"),
    Operation("postUserdataFile", "POST", "/api/userdata/{file}"),
    Operation("deleteUserdataFile", "DELETE", "/api/userdata/{file}"),
    Operation("uploadImage", "POST", "/api/upload/image"),
    Operation("uploadMask", "POST", "/api/upload/mask"),
    Operation("getSystemStats", "GET", "/api/system_stats", "public"),
    Operation("getUser", "GET", "/api/user"),
    Operation("getTask", "GET", "/api/tasks/{task_id}", contract=False),
    Operation("comfyuiHistory", "GET", "/api/history", contract=False),
    Operation("comfyuiHistoryOfPrompt", "GET", "/api/history/{prompt_id}", contract=False),
    Operation("comfyuiCancelJob", "POST", "/api/jobs/{job_id}/cancel", contract=False),
    Operation("comfyuiCancelJobs", "POST", "/api/jobs/cancel", contract=False),
    Operation("comfyuiNodeInfo", "GET", "/api/object_info/{node_class}", contract=False),
    Operation("comfyuiEmbeddings", "GET", "/api/embeddings", contract=False),
)


@dataclass(frozen=True)
class Match:
    """The operation that a request line names, and the decoded parameters of its path."""

    operation: Operation
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class NoMatch:
    """No operation. `allowed` contains the methods that the path supports; it is empty if the path does not exist."""

    allowed: frozenset[str]


class RouteTable:
    """Finds the operation of a request line.

    With `bare_routes`, paths also match without their `/api` prefix. With `allows_head`, HEAD matches every GET
    operation. ComfyUI does both.
    """

    def __init__(self, operations: Iterable[Operation], *, bare_routes: bool, allows_head: bool) -> None:
        # Try literal paths first, so that `/api/assets/from-hash` is not read as an asset with the id `from-hash`.
        ordered = sorted(operations, key=lambda operation: operation.path.count("{"))
        self._routes = [(_pattern(operation.path), operation) for operation in ordered]
        self._bare_routes = bare_routes
        self._answers_head = allows_head

    def find(self, method: str, raw_path: str) -> Match | NoMatch:
        """Return the operation that a request line names."""
        if self._bare_routes and not raw_path.startswith("/api/"):
            raw_path = "/api" + raw_path
        allowed: set[str] = set()
        for pattern, operation in self._routes:
            found = pattern.fullmatch(raw_path)
            if found is None:
                continue
            if operation.method == method or (method == "HEAD" and operation.method == "GET" and self._answers_head):
                return Match(operation, {name: unquote(value) for name, value in found.groupdict().items()})
            allowed.add(operation.method)
        return NoMatch(frozenset(allowed))


@cache  # each emulator has its own table, and tests start hundreds of emulators
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


_EVERY_ROUTE = RouteTable(OPERATIONS, bare_routes=True, allows_head=True)


# A regenerated contract may be ahead of the emulator: such an operation is missing here, and not from a server.
_NOT_EMULATED = RouteTable(
    [
        Operation(name, method, path)
        for name, (method, path) in CONTRACT.items()
        if name not in {operation.id for operation in OPERATIONS}
    ],
    bare_routes=False,
    allows_head=False,
)


def not_emulated(method: str, raw_path: str) -> str | None:
    """Return the operationId of a request line that the contract defines and the emulator lacks, or None."""
    match = _NOT_EMULATED.find(method, raw_path)
    return match.operation.id if isinstance(match, Match) else None


def find_route(method: str, raw_path: str) -> Match | None:
    """Return the operation that a request line names on any of the servers, or None."""
    match = _EVERY_ROUTE.find(method, raw_path)
    return match if isinstance(match, Match) else None


def operation_id(method: str, raw_path: str) -> str | None:
    """Return the contract's operationId of a request line, or None if the contract does not define the operation."""
    match = find_route(method, raw_path)
    return match.operation.id if match is not None and match.operation.contract else None
