"""What the client must know of each operation: may it be repeated, and do some servers lack it. No I/O.

Keys are the operationIds of the contract; a test holds the table complete.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Operation:
    """`repeatable`: sending it twice does no harm, so a lost answer is asked for again.

    `optional`: some servers lack the route, and then answer 404 without a JSON body. (For other routes an empty
    404 means that the thing asked for is not there.) `deletes`: the thing is gone afterwards, so that a 404 on a
    second try is a success. `once_if` looks at a request's query and body, and says that this one may not be repeated.
    """

    repeatable: bool = True
    optional: bool = False
    deletes: bool = False
    once_if: Callable[[str, bytes], bool] | None = None

    def may_repeat(self, query: str, body: bytes) -> bool:
        """Whether this request of the operation may be sent twice."""
        return self.repeatable and not (self.once_if is not None and self.once_if(query, body))


def _clears_queue(_query: str, body: bytes) -> bool:
    # A second one would take jobs that were queued after the first.
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return True
    return not isinstance(fields, dict) or bool(fields.get("clear"))


def _keeps_existing(query: str, _body: bytes) -> bool:
    # A second one would be refused because of the first.
    return parse_qs(query).get("overwrite") == ["false"]


_READ: Final = Operation()
_OPTIONAL: Final = Operation(optional=True)
_ONCE: Final = Operation(repeatable=False)
_OPTIONAL_ONCE: Final = Operation(repeatable=False, optional=True)

OPERATIONS: Final[dict[str, Operation]] = {
    "executePrompt": _ONCE,
    "getPromptInfo": _READ,
    "getNodeInfo": _READ,
    "getFeatures": _READ,
    "getWorkflowTemplates": _READ,
    "getGlobalSubgraphs": _OPTIONAL,
    "getGlobalSubgraph": _OPTIONAL,
    "getModelFolders": _READ,
    "getModelsInFolder": _READ,
    "getModelPreview": _READ,
    "manageHistory": _READ,
    "getHistory": _OPTIONAL,
    "getHistoryForPrompt": _OPTIONAL,
    "listJobs": _OPTIONAL,
    "getJobDetail": _OPTIONAL,
    "getJobStatus": _OPTIONAL,
    "viewFile": _READ,
    "getMaskLayers": _OPTIONAL,
    "listAssets": _OPTIONAL,
    "uploadAsset": _OPTIONAL_ONCE,
    "createAssetFromHash": _OPTIONAL_ONCE,
    "getRemoteAssetMetadata": _OPTIONAL,
    "createAssetDownload": _OPTIONAL_ONCE,
    "getAssetById": _OPTIONAL,
    "updateAsset": _OPTIONAL,
    "deleteAsset": Operation(optional=True, deletes=True),
    "addAssetTags": _OPTIONAL,
    "removeAssetTags": _OPTIONAL,
    "listTags": _OPTIONAL,
    "getAssetTagHistogram": _OPTIONAL,
    # A HEAD answer has no body in any case, so an empty 404 tells nothing about the route.
    "checkAssetByHash": _READ,
    "getQueueInfo": _READ,
    "manageQueue": Operation(once_if=_clears_queue),
    "interruptJob": _ONCE,
    "getUserdata": _READ,
    "getUserdataFile": _READ,
    "postUserdataFile": Operation(once_if=_keeps_existing),
    "deleteUserdataFile": Operation(deletes=True),
    "uploadImage": _READ,
    "uploadMask": _READ,
    "getSystemStats": _READ,
    "getUser": _OPTIONAL,
}

# What the layer asks beyond the contract, on servers that lack the contract's own way.
BEYOND: Final[dict[str, Operation]] = {
    "getComfyHistoryEntry": _OPTIONAL,
    "getComfyHistory": _OPTIONAL,
}


def operation_of(name: str | None, method: str) -> Operation:
    """The row of an operation; for a request that names none, its method decides."""
    row = OPERATIONS.get(name or "") or BEYOND.get(name or "")
    return row or (_READ if method in {"GET", "HEAD", "PUT", "DELETE"} else _ONCE)
