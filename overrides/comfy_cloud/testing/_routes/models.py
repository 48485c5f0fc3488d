"""Handle the operations on models: list folders, list the files of a folder, return a preview, list embeddings."""

from os.path import splitext
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .._servers.responses import Crash, Refusal, json_response
from .._state.models import EXTENSIONS, FOLDERS, MODIFIED, ModelFile, ModelFolder
from .backend import Backend


async def list_folders(_request: Request, backend: Backend) -> Response:
    return json_response([_folder_body(folder, backend) for folder in FOLDERS.values()])


def _folder_body(folder: ModelFolder, backend: Backend) -> dict[str, Any]:
    rules = backend.dialect.models
    body: dict[str, Any] = {"name": folder.name, "folders": [rules.root + path for path in folder.paths]}
    return body | {"extensions": list(EXTENSIONS)} if rules.extensions else body


def _folder(request: Request) -> ModelFolder:
    folder = FOLDERS.get(request.path_params["folder"])
    if folder is None:
        raise Refusal(404, "NOT_FOUND", "Unknown model folder")
    return folder


async def list_models(request: Request, backend: Backend) -> Response:
    folder = _folder(request)
    rules = backend.dialect.models
    if not folder.files and rules.empty_status != 200:
        raise Refusal(rules.empty_status, "NOT_FOUND", "The folder holds no models")
    return json_response([_file_body(file, details=rules.details) for file in folder.files])


def _file_body(file: ModelFile, *, details: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"name": file.name, "pathIndex": file.path_index}
    more = {"modified": MODIFIED, "created": MODIFIED, "size": len(file.content)}
    return body | more if details else body


async def list_embeddings(_request: Request, _backend: Backend) -> Response:
    return json_response([splitext(file.name)[0] for file in FOLDERS["embeddings"].files])


async def preview(request: Request, backend: Backend) -> Response:
    rules = backend.dialect.models
    index = request.path_params["path_index"]
    if not (index.isascii() and index.isdigit()):
        raise _bad_index(rules.no_number)
    folder = _folder(request)
    if int(index[:9]) >= len(folder.paths):
        raise _bad_index(rules.no_path)
    picture = folder.preview(int(index), request.path_params["filename"])
    if picture is None:
        raise Refusal(404, "NOT_FOUND", "No such model, or it has no preview")
    return Response(picture, media_type="image/webp")


def _bad_index(status: int) -> Exception:
    return Crash() if status == 500 else Refusal(status, "INVALID_PATH_INDEX", "Bad path index")
