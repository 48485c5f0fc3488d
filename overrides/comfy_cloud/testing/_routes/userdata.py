"""Handle the operations on user data: list a folder; read, write and delete a file."""

from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from .._servers.responses import Crash, Refusal, empty_response, json_response, read_body
from .._state.userdata import BlockedPathError, OutsideRootError, UserFile, clean_path
from .backend import Backend


async def list_files(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/userdata`."""
    query = request.query_params
    folder = query.get("dir")
    if not folder:
        raise Refusal(400, "INVALID_QUERY", "Directory not provided")
    try:
        files = backend.userdata.list(folder, recurse=_is_true(query.get("recurse")))
    except OutsideRootError as error:
        raise _outside(backend, "getUserdata", error) from None
    if files is None:
        raise Refusal(404, "NOT_FOUND", "Directory not found")
    rules = backend.dialect.userdata
    if rules.always_full or _is_true(query.get("full_info")):
        return json_response([_described(path, file, rules.listed(file.modified), backend) for path, file in files])
    if _is_true(query.get("split")):
        return json_response([[path, *path.split("/")] for path, _ in files])
    return json_response([path for path, _ in files])


def _is_true(value: str | None) -> bool:
    return (value or "").lower() == "true"


def _outside(backend: Backend, operation: str, error: OutsideRootError) -> Refusal:
    return Refusal(backend.dialect.userdata.outside[operation], "FORBIDDEN", str(error))


def _described(path: str, file: UserFile, modified: float | str, backend: Backend) -> dict[str, Any]:
    body: dict[str, Any] = {"path": path, "size": len(file.content), "modified": modified}
    rules = backend.dialect.userdata
    return body | {"created": rules.listed(file.created)} if rules.created else body


def _path(request: Request, backend: Backend, operation: str) -> str:
    path = request.path_params["file"]
    if backend.dialect.userdata.unquotes_again:
        path = unquote(path)
    try:
        return clean_path(path)
    except OutsideRootError as error:
        raise _outside(backend, operation, error) from None


async def read_file(request: Request, backend: Backend) -> Response:
    """Handle `GET /api/userdata/{file}`."""
    path = _path(request, backend, "getUserdataFile")
    rules = backend.dialect.userdata
    file = backend.userdata.get(path)
    if file is not None:
        return Response(
            file.content,
            media_type=rules.file_type(path),
            headers={"content-disposition": "attachment", "x-content-type-options": "nosniff"},
        )
    if rules.raw_folders and backend.userdata.is_folder(path):
        headers = {"content-disposition": "attachment"}
        return Response(status_code=403, media_type="application/octet-stream", headers=headers)
    raise Refusal(404, "NOT_FOUND", "File not found")


async def write_file(request: Request, backend: Backend) -> Response:
    """Handle `POST /api/userdata/{file}`."""
    path = _path(request, backend, "postUserdataFile")
    query, rules = request.query_params, backend.dialect.userdata
    content = await read_body(request)
    try:
        file = backend.userdata.put(path, content, overwrite=query.get("overwrite") != "false")
    except BlockedPathError as error:
        # ComfyUI cannot create the folder because a file has its name, and its server returns 500.
        if rules.raw_folders and not backend.userdata.is_folder(path):
            raise Crash from error
        raise Refusal(400, "INVALID_PATH", str(error)) from None
    if file is None:
        raise Refusal(409, "CONFLICT", "File already exists")
    if rules.always_full or _is_true(query.get("full_info")):
        return json_response(_described(file.path, file, rules.stored(file.modified), backend))
    return json_response(file.path)


async def delete_file(request: Request, backend: Backend) -> Response:
    """Handle `DELETE /api/userdata/{file}`."""
    path = _path(request, backend, "deleteUserdataFile")
    if backend.userdata.delete(path):
        return empty_response(204)
    if backend.dialect.userdata.raw_folders and backend.userdata.is_folder(path):
        raise Crash
    raise Refusal(404, "NOT_FOUND", "File not found")
