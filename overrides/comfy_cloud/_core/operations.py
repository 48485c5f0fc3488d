"""The table of operations: which method of the client uses it, if it may be repeated, if some servers lack it. No I/O.

The keys are the operationIds of the contract. A test fails if one is missing.
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
    """A row of the table. `method` names the method of the client for it, or several with commas between.

    `repeatable`: sending the request twice does no harm, so it is sent again if its response is lost. `once_if` takes
    the query and the body of a request, and returns True if that one must not be repeated.

    `optional`: some servers lack the route and answer 404 without a JSON body. (On other routes an empty 404 means
    that the resource does not exist.) `deletes`: the resource is gone afterwards, so a 404 on a retry is a success.
    """

    method: str = ""
    repeatable: bool = True
    optional: bool = False
    deletes: bool = False
    once_if: Callable[[str, bytes], bool] | None = None


def _clears_queue(_query: str, body: bytes) -> bool:
    # A second request would remove jobs that were queued after the first.
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return True
    return not isinstance(fields, dict) or bool(fields.get("clear"))


def _keeps_existing(query: str, _body: bytes) -> bool:
    # A second request would be refused because of the first.
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
    # A response to HEAD never has a body, so an empty 404 tells nothing about the route.
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

# Operations that the contract does not have, for servers that lack those of the contract.
OFF_CONTRACT: Final[dict[str, Operation]] = {
    "getComfyHistoryEntry": _optional("history.get"),
    "getComfyHistory": _optional("history.list"),
    "getTask": _optional("assets.import_url"),
    # Cancelling twice does no harm: the second request finds nothing to cancel.
    "cancelJob": _optional("job.cancel"),
}

# A route that each server has, and that costs it little: whether it answers tells whether the server is one.
EVERYWHERE: Final = "/api/queue"


def operation_of(name: str | None, method: str) -> Operation:
    """Return the row of an operation. The method decides for a request that names no operation."""
    row = OPERATIONS.get(name or "") or OFF_CONTRACT.get(name or "")
    return row or (_read() if method in {"GET", "HEAD", "PUT", "DELETE"} else _once())
