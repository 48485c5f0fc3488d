"""The ASGI application of the emulator: finds the operation, lets the caller in or not, and asks its handler.

Two origins are served by one app: the API, and the storage behind signed addresses. Faults on purpose are not made
here: they happen in front of it.
"""

import logging
from collections.abc import Awaitable, Callable

import python_multipart  # noqa: F401 - starlette looks for it only when the first form arrives
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from . import (
    _asset_routes,
    _asset_uploads,
    _file_routes,
    _import_routes,
    _job_routes,
    _mask_routes,
    _model_routes,
    _system_routes,
    _upload_routes,
    _userdata_routes,
    _workflow_routes,
)
from ._answers import Crash, NoRoute, Refusal, empty_answer
from ._backend import Backend, has_key
from ._journal import Journal, JournalMiddleware
from ._operations import NoMatch
from ._socket import PATHS as SOCKET_PATHS
from ._socket import serve as serve_socket

Handler = Callable[[Request, Backend], Awaitable[Response]]

logger = logging.getLogger(__name__)

HANDLERS: dict[str, Handler] = {
    "executePrompt": _workflow_routes.execute_prompt,
    "getPromptInfo": _workflow_routes.prompt_info,
    "getQueueInfo": _workflow_routes.queue_info,
    "manageQueue": _workflow_routes.manage_queue,
    "interruptJob": _workflow_routes.interrupt,
    "listJobs": _job_routes.list_jobs,
    "getJobDetail": _job_routes.job_detail,
    "getJobStatus": _job_routes.job_status,
    "getHistory": _job_routes.history_v2,
    "getHistoryForPrompt": _job_routes.history_v2_of_prompt,
    "manageHistory": _job_routes.manage_history,
    "comfyuiCancelJob": _job_routes.comfyui_cancel_job,
    "comfyuiCancelJobs": _job_routes.comfyui_cancel_jobs,
    "comfyuiHistory": _job_routes.comfyui_history,
    "comfyuiHistoryOfPrompt": _job_routes.comfyui_history_of_prompt,
    "viewFile": _file_routes.view,
    "uploadImage": _upload_routes.upload_image,
    "uploadMask": _mask_routes.upload_mask,
    "getMaskLayers": _mask_routes.mask_layers,
    "listAssets": _asset_routes.list_assets,
    "uploadAsset": _asset_uploads.upload_asset,
    "createAssetFromHash": _asset_uploads.create_from_hash,
    "getAssetById": _asset_routes.get_asset,
    "updateAsset": _asset_routes.update_asset,
    "deleteAsset": _asset_routes.delete_asset,
    "addAssetTags": _asset_routes.add_tags,
    "removeAssetTags": _asset_routes.remove_tags,
    "listTags": _asset_routes.list_tags,
    "getAssetTagHistogram": _asset_routes.tag_histogram,
    "checkAssetByHash": _asset_routes.check_hash,
    "getRemoteAssetMetadata": _import_routes.remote_metadata,
    "createAssetDownload": _import_routes.download,
    "getTask": _import_routes.get_task,
    "getUserdata": _userdata_routes.list_files,
    "getUserdataFile": _userdata_routes.read_file,
    "postUserdataFile": _userdata_routes.write_file,
    "deleteUserdataFile": _userdata_routes.delete_file,
    "getModelFolders": _model_routes.list_folders,
    "getModelsInFolder": _model_routes.list_models,
    "getModelPreview": _model_routes.preview,
    "comfyuiEmbeddings": _model_routes.list_embeddings,
    "getWorkflowTemplates": _system_routes.workflow_templates,
    "getGlobalSubgraphs": _system_routes.global_subgraphs,
    "getGlobalSubgraph": _system_routes.global_subgraph,
    "getNodeInfo": _system_routes.every_node,
    "comfyuiNodeInfo": _system_routes.one_node,
    "getFeatures": _system_routes.features,
    "getSystemStats": _system_routes.system_stats,
    "getUser": _system_routes.user,
}


class App:
    """Answers requests for one backend. The storage origin is told apart by the port it came in on."""

    def __init__(self, backend: Backend, journal: Journal, storage_port: int) -> None:
        self._backend = backend
        self._storage_port = storage_port
        self._api = JournalMiddleware(self._answer_api, journal, has_key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["server"][1] == self._storage_port:
            await self._answer_storage(scope, receive, send)
        else:
            await self._api(scope, receive, send)

    async def _answer_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._talk(WebSocket(scope, receive, send))
        else:
            await self._answer_request(scope, receive, send)

    async def _talk(self, websocket: WebSocket) -> None:
        dialect, path = self._backend.dialect, websocket.scope["path"]
        if path not in SOCKET_PATHS:
            await _refuse(websocket, dialect.no_route("GET", path, frozenset()))
            return
        try:
            self._backend.admit_socket(websocket)
        except Refusal as refusal:
            await _refuse(websocket, dialect.error(refusal.status, refusal.code, refusal.message))
            return
        try:
            await serve_socket(websocket, self._backend.hub)
        except Exception:
            logger.exception("The emulator failed on a socket at %s", path)

    async def _answer_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._handle(request)
        except Refusal as refusal:
            dialect = self._backend.dialect
            shape = dialect.errors.get(scope.get("operation", ""), dialect.error)
            response = shape(refusal.status, refusal.code, refusal.message)
        except NoRoute:
            response = self._backend.dialect.no_route(scope["method"], scope["path"], frozenset())
        except ClientDisconnect:
            return
        except Crash:
            response = self._backend.dialect.crash()
        except Exception:
            logger.exception("The emulator failed on %s %s", scope["method"], scope["path"])
            response = self._backend.dialect.crash()
        await response(scope, receive, send)

    async def _handle(self, request: Request) -> Response:
        raw_path = request.scope["raw_path"].decode("latin-1")
        match = self._backend.routes.find(request.method, raw_path)
        if isinstance(match, NoMatch):
            return self._backend.dialect.no_route(request.method, raw_path, match.allowed)
        request.scope["operation"] = match.operation.id
        self._backend.admit(request, match.operation)
        request.scope["path_params"] = dict(match.parameters)
        return await HANDLERS[match.operation.id](request, self._backend)

    async def _answer_storage(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close()  # before it is accepted: refused
            return
        request = Request(scope, receive)
        if request.method not in ("GET", "HEAD"):
            response = empty_answer(405)
        else:
            request.scope["path_params"] = {"object": scope["path"].removeprefix("/")}
            response = await _file_routes.storage_object(request, self._backend)
        await response(scope, receive, send)


async def _refuse(websocket: WebSocket, response: Response) -> None:
    del response.headers["content-length"]  # uvicorn adds its own, and older versions keep both
    await websocket.send_denial_response(response)
