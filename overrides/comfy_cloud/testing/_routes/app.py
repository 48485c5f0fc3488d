"""Provide the ASGI application: find the operation, check that the caller may use it, and call its handler.

One app serves two origins: the API, and the storage behind signed URLs. Faults are not injected here, but in front of
the app.
"""

import logging
from collections.abc import Awaitable, Callable

import python_multipart  # noqa: F401 - starlette imports it only for the first form; a missing one must show at once
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from .._journal import Journal, JournalMiddleware
from .._servers.operations import NoMatch, not_emulated
from .._servers.responses import Crash, NoRoute, Refusal, empty_response
from . import asset_uploads, assets, files, imports, jobs, masks, models, system, uploads, userdata, workflows
from .backend import Backend, has_key
from .websocket import PATHS as SOCKET_PATHS
from .websocket import serve as serve_socket

Handler = Callable[[Request, Backend], Awaitable[Response]]

logger = logging.getLogger(__name__)

HANDLERS: dict[str, Handler] = {
    "executePrompt": workflows.execute_prompt,
    "getPromptInfo": workflows.prompt_info,
    "getQueueInfo": workflows.queue_info,
    "manageQueue": workflows.manage_queue,
    "interruptJob": workflows.interrupt,
    "listJobs": jobs.list_jobs,
    "getJobDetail": jobs.job_detail,
    "getJobStatus": jobs.job_status,
    "getHistory": jobs.history_v2,
    "getHistoryForPrompt": jobs.history_v2_of_prompt,
    "manageHistory": jobs.manage_history,
    "comfyuiCancelJob": jobs.comfyui_cancel_job,
    "comfyuiCancelJobs": jobs.comfyui_cancel_jobs,
    "comfyuiHistory": jobs.comfyui_history,
    "comfyuiHistoryOfPrompt": jobs.comfyui_history_of_prompt,
    "viewFile": files.view,
    "uploadImage": uploads.upload_image,
    "uploadMask": masks.upload_mask,
    "getMaskLayers": masks.mask_layers,
    "listAssets": assets.list_assets,
    "uploadAsset": asset_uploads.upload_asset,
    "createAssetFromHash": asset_uploads.create_from_hash,
    "getAssetById": assets.get_asset,
    "updateAsset": assets.update_asset,
    "deleteAsset": assets.delete_asset,
    "addAssetTags": assets.add_tags,
    "removeAssetTags": assets.remove_tags,
    "listTags": assets.list_tags,
    "getAssetTagHistogram": assets.tag_histogram,
    "checkAssetByHash": assets.check_hash,
    "getRemoteAssetMetadata": imports.remote_metadata,
    "createAssetDownload": imports.download,
    "getTask": imports.get_task,
    "getUserdata": userdata.list_files,
    "getUserdataFile": userdata.read_file,
    "postUserdataFile": userdata.write_file,
    "deleteUserdataFile": userdata.delete_file,
    "getModelFolders": models.list_folders,
    "getModelsInFolder": models.list_models,
    "getModelPreview": models.preview,
    "comfyuiEmbeddings": models.list_embeddings,
    "getWorkflowTemplates": system.workflow_templates,
    "getGlobalSubgraphs": system.global_subgraphs,
    "getGlobalSubgraph": system.global_subgraph,
    "getNodeInfo": system.every_node,
    "comfyuiNodeInfo": system.one_node,
    "getFeatures": system.features,
    "getSystemStats": system.system_stats,
    "getUser": system.user,
}


class App:
    """Responds to requests for one backend. It recognizes the storage origin by the port of the connection."""

    def __init__(self, backend: Backend, journal: Journal, storage_port: int) -> None:
        self._backend = backend
        self._storage_port = storage_port
        self._api = JournalMiddleware(self._serve_api, journal, has_key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Each origin has its own port on the server, so neither can be reached through the other.
        if scope["server"][1] == self._storage_port:
            await self._serve_storage(scope, receive, send)
        else:
            await self._api(scope, receive, send)

    async def _serve_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        gateway = self._backend.options.gateway
        refusal = None if gateway is None else gateway.response(HTTPConnection(scope))
        if refusal is not None:
            if scope["type"] == "websocket":
                await _refuse(WebSocket(scope, receive, send), refusal)
            else:
                await refusal(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._talk(WebSocket(scope, receive, send))
        else:
            await self._serve_request(scope, receive, send)

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

    async def _serve_request(self, scope: Scope, receive: Receive, send: Send) -> None:
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
            # The client left while it was sending its body. Nobody reads a response.
            return
        except Crash:
            response = self._backend.dialect.crash()
        except Exception:
            # This is a bug of the emulator. The test must see it in the log, and not only as a 500.
            logger.exception("The emulator failed on %s %s", scope["method"], scope["path"])
            response = self._backend.dialect.crash()
        await response(scope, receive, send)

    async def _handle(self, request: Request) -> Response:
        raw_path = request.scope["raw_path"].decode("latin-1")
        match = self._backend.routes.find(request.method, raw_path)
        if isinstance(match, NoMatch):
            if name := not_emulated(request.method, raw_path):
                return PlainTextResponse(f"The emulator does not emulate {name}, which the contract has.", 501)
            return self._backend.dialect.no_route(request.method, raw_path, match.allowed)
        # Errors have their own shape in some operations. This is how the handler of a refusal knows the operation.
        request.scope["operation"] = match.operation.id
        self._backend.admit(request, match.operation)
        request.scope["path_params"] = dict(match.parameters)
        return await HANDLERS[match.operation.id](request, self._backend)

    async def _serve_storage(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close()  # closing before accepting refuses the handshake
            return
        request = Request(scope, receive)
        if request.method not in ("GET", "HEAD"):
            response = empty_response(405)
        else:
            request.scope["path_params"] = {"object": scope["path"].removeprefix("/")}
            response = await files.storage_object(request, self._backend)
        await response(scope, receive, send)


async def _refuse(websocket: WebSocket, response: Response) -> None:
    # uvicorn adds its own Content-Length to a denial, and older versions then send both.
    del response.headers["content-length"]
    await websocket.send_denial_response(response)
