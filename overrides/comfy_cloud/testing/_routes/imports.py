"""Handle the operations on files of other servers: describe a file, import it in the background, report progress."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from .._servers.responses import Refusal, check_fields, json_response, read_json_object
from .._state.files import content_type
from .._state.remote import ForbiddenSourceError, Source, SourceError, loopback
from .._state.tasks import Report, TaskError
from .asset_making import AssetRequest, create, created, keep, request_from_json
from .asset_uploads import source_errors
from .assets import asset_body
from .backend import Backend

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "source_url": str,
    "tags": list,
    "user_metadata": dict,
    "preview_id": (str, type(None)),
}
_MODEL_EXTENSIONS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")


async def remote_metadata(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/assets/remote-metadata`."""
    url = request.query_params.get("url")
    if not url:
        raise Refusal(400, "INVALID_QUERY", "url is required")
    with source_errors():
        loopback(url)
    try:
        info = await asyncio.to_thread(backend.fetcher.head, url)
    except (SourceError, ForbiddenSourceError) as error:
        raise Refusal(422, "SOURCE_FAILED", str(error)) from None
    is_model = info.filename.endswith(_MODEL_EXTENSIONS)
    return json_response(
        {
            "content_length": info.length,
            "content_type": info.content_type,
            "filename": info.filename,
            "name": info.filename.rpartition(".")[0] or info.filename,
            "tags": ["models"] if is_model else [],
            "validation": {"is_valid": True, "errors": [], "warnings": []},
        }
    )


async def download(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/assets/download`."""
    body, requested = await _read_import(request, backend)
    url = body["source_url"]
    with source_errors():
        loopback(url)
    # A URL that was imported before returns its asset at once, without a task.
    digest = backend.imported.get(url)
    known = backend.assets.find(lambda asset: asset.blob.digest == digest and not asset.public)
    if known:
        same = [asset for asset in known if asset.tags == requested.tags]
        requested.name = known[0].name
        asset = same[0] if same else create(known[0].blob, requested, backend)
        return created(asset, backend, new=not same, status=200)
    task = backend.tasks.start(lambda report: _import(url, requested, backend, report))
    return json_response({"task_id": task.id, "status": "created", "message": "The import was started"}, 202)


async def _read_import(request: Request, backend: Backend) -> tuple[dict[str, str], AssetRequest]:
    """Return the body of an import. Refuse a bad one with 422, which is the status of this operation."""
    try:
        body = await read_json_object(request, strict=True)
        check_fields(body, _FIELDS)
        requested = request_from_json(body, backend)
    except Refusal as refusal:
        raise Refusal(422, refusal.code, refusal.message) from None
    if "source_url" not in body:
        raise Refusal(422, "INVALID_BODY", "source_url is required")
    return body, requested


def _import(url: str, requested: AssetRequest, backend: Backend, report: Report) -> str:
    """Fetch a file and create an asset of it, in the task's thread. Return the asset's id."""
    try:
        with backend.fetcher.open(url) as source:
            blob, _ = keep(_ReportingSource(source, report), backend)
            info = source.info
    except (SourceError, ForbiddenSourceError) as error:
        raise TaskError(str(error)) from None
    requested.name = info.filename or blob.digest
    requested.mime_type = info.content_type or content_type(requested.name)
    asset = create(blob, requested, backend)
    backend.imported[url] = blob.digest
    return asset.id


class _ReportingSource:
    """A source that reports which part of it has been read."""

    def __init__(self, source: Source, report: Report) -> None:
        self._source = source
        self._report = report

    def read(self, size: int, /) -> bytes:
        piece = self._source.read(size)
        if self._source.info.length > 0:
            self._report(self._source.received / self._source.info.length)
        return piece


async def get_task(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/tasks/{task_id}`."""
    task = backend.tasks.get(request.path_params["task_id"])
    if task is None:
        raise Refusal(404, "NOT_FOUND", "Task not found")
    body = task.body()
    asset = backend.assets.get(task.asset_id) if task.asset_id is not None else None
    return json_response(body if asset is None else {**body, "result": asset_body(asset, backend)})
