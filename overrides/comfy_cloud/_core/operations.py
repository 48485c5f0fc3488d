"""What the client must know of each operation: may it be repeated, and do some servers lack it. No I/O.

Keys are the operationIds of the contract; a test holds the table complete.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Operation:
    """`method` is the client's that stands on it, or several with commas between.

    `repeatable`: sending it twice does no harm, so a lost answer is asked for again.

    `optional`: some servers lack the route, and then answer 404 without a JSON body. (For other routes an empty
    404 means that the thing asked for is not there.) `deletes`: the thing is gone afterwards, so that a 404 on a
    second try is a success. `once_if` looks at a request's query and body, and says that this one may not be repeated.
    """

    method: str = ""
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


_read: Final = Operation
_optional: Final = partial(Operation, optional=True)
_once: Final = partial(Operation, repeatable=False)
_optional_once: Final = partial(Operation, repeatable=False, optional=True)

OPERATIONS: Final[dict[str, Operation]] = {
    "executePrompt": _once("submit"),
    "getPromptInfo": _read("queue.remaining"),
    "getNodeInfo": _read("nodes.info"),
    "getFeatures": _read("system.features"),
    "getWorkflowTemplates": _read("workflows.templates"),
    "getGlobalSubgraphs": _optional("workflows.subgraphs"),
    "getGlobalSubgraph": _optional("workflows.subgraph"),
    "getModelFolders": _read("models.folders"),
    "getModelsInFolder": _read("models.list"),
    "getModelPreview": _read("models.preview"),
    "manageHistory": _read("history.delete, history.clear"),
    "getHistory": _optional("history.list"),
    "getHistoryForPrompt": _optional("history.get"),
    "listJobs": _optional("jobs.list"),
    "getJobDetail": _optional("jobs.get"),
    "getJobStatus": _optional("jobs.status"),
    "viewFile": _read("files.download"),
    "getMaskLayers": _optional("files.mask_layers"),
    "listAssets": _optional("assets.list"),
    "uploadAsset": _optional_once("assets.upload"),
    "createAssetFromHash": _optional_once("assets.create_from_hash"),
    "getRemoteAssetMetadata": _optional("assets.remote_metadata"),
    "createAssetDownload": _optional_once("assets.import_url"),
    "getAssetById": _optional("assets.get"),
    "updateAsset": _optional("assets.update"),
    "deleteAsset": Operation("assets.delete", optional=True, deletes=True),
    "addAssetTags": _optional("assets.add_tags"),
    "removeAssetTags": _optional("assets.remove_tags"),
    "listTags": _optional("assets.tags"),
    "getAssetTagHistogram": _optional("assets.tag_histogram"),
    # A HEAD answer has no body in any case, so an empty 404 tells nothing about the route.
    "checkAssetByHash": _read("assets.exists"),
    "getQueueInfo": _read("queue.get"),
    "manageQueue": Operation("queue.cancel, queue.clear", once_if=_clears_queue),
    "interruptJob": _once("queue.interrupt_all"),
    "getUserdata": _read("userdata.list"),
    "getUserdataFile": _read("userdata.read"),
    "postUserdataFile": Operation("userdata.write", once_if=_keeps_existing),
    "deleteUserdataFile": Operation("userdata.delete", deletes=True),
    "uploadImage": _read("files.upload_image"),
    "uploadMask": _read("files.upload_mask"),
    "getSystemStats": _read("system.stats"),
    "getUser": _optional("account"),
}

# What the layer asks beyond the contract, on servers that lack the contract's own way.
BEYOND: Final[dict[str, Operation]] = {
    "getComfyHistoryEntry": _optional("history.get"),
    "getComfyHistory": _optional("history.list"),
    "getTask": _optional("assets.import_url"),
}


def operation_of(name: str | None, method: str) -> Operation:
    """The row of an operation; for a request that names none, its method decides."""
    row = OPERATIONS.get(name or "") or BEYOND.get(name or "")
    return row or (_read() if method in {"GET", "HEAD", "PUT", "DELETE"} else _once())
