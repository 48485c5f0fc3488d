"""Operations on files of other servers: look at one, import one in the background, ask how far the import is."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from ._answers import Refusal, check_fields, json_answer, read_json_object
from ._asset_making import Wish, create, created, keep, wish_of
from ._asset_routes import asset_body
from ._asset_uploads import source_errors
from ._backend import Backend
from ._downloads import content_type
from ._remote import ForbiddenSourceError, Source, SourceError, loopback
from ._tasks import Report, TaskError

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "source_url": str,
    "tags": list,
    "user_metadata": dict,
    "preview_id": (str, type(None)),
}
_MODEL_EXTENSIONS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")


async def remote_metadata(request: Request, backend: Backend) -> Response:
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
    return json_answer(
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
    body, wish = await _order(request, backend)
    url = body["source_url"]
    with source_errors():
        loopback(url)
    digest = backend.imported.get(url)
    known = backend.assets.find(lambda asset: asset.blob.digest == digest and not asset.public)
    if known:
        same = [asset for asset in known if asset.tags == wish.tags]
        wish.name = known[0].name
        asset = same[0] if same else create(known[0].blob, wish, backend)
        return created(asset, backend, new=not same, status=200)
    task = backend.tasks.start(lambda report: _import(url, wish, backend, report))
    return json_answer({"task_id": task.id, "status": "created", "message": "The import was started"}, 202)


async def _order(request: Request, backend: Backend) -> tuple[dict[str, str], Wish]:
    """The body of an import; what does not fit is 422 here."""
    try:
        body = await read_json_object(request, strict=True)
        check_fields(body, _FIELDS)
        wish = wish_of(body, backend)
    except Refusal as refusal:
        raise Refusal(422, refusal.code, refusal.message) from None
    if "source_url" not in body:
        raise Refusal(422, "INVALID_BODY", "source_url is required")
    return body, wish


def _import(url: str, wish: Wish, backend: Backend, report: Report) -> str:
    """Fetch a file and make an asset of it; returns the asset's id. Runs in the task's thread."""
    try:
        with backend.fetcher.open(url) as source:
            blob, _ = keep(_Watched(source, report), backend)
            info = source.info
    except (SourceError, ForbiddenSourceError) as error:
        raise TaskError(str(error)) from None
    wish.name = info.filename or blob.digest
    wish.mime_type = info.content_type or content_type(wish.name)
    asset = create(blob, wish, backend)
    backend.imported[url] = blob.digest
    return asset.id


class _Watched:
    """A source that reports how much of it has been read."""

    def __init__(self, source: Source, report: Report) -> None:
        self._source = source
        self._report = report

    def read(self, size: int, /) -> bytes:
        piece = self._source.read(size)
        if self._source.info.length > 0:
            self._report(self._source.received / self._source.info.length)
        return piece


async def get_task(request: Request, backend: Backend) -> Response:
    task = backend.tasks.get(request.path_params["task_id"])
    if task is None:
        raise Refusal(404, "NOT_FOUND", "Task not found")
    body = task.body()
    asset = backend.assets.get(task.asset_id) if task.asset_id is not None else None
    return json_answer(body if asset is None else {**body, "result": asset_body(asset, backend)})
