"""Operations that describe the server: nodes, features, system, account."""

from starlette.requests import Request
from starlette.responses import Response

from ._answers import json_answer
from ._backend import Backend
from ._definitions import DEFINITIONS, node_info


async def every_node(_request: Request, backend: Backend) -> Response:
    files = backend.files.names("input")
    return json_answer({name: node_info(definition, files) for name, definition in DEFINITIONS.items()})


async def one_node(request: Request, backend: Backend) -> Response:
    """An unknown class is an empty object, not a 404."""
    name = request.path_params["node_class"]
    definition = DEFINITIONS.get(name)
    return json_answer({name: node_info(definition, backend.files.names("input"))} if definition else {})


async def features(_request: Request, backend: Backend) -> Response:
    return json_answer({**backend.dialect.features, **backend.live_features()})


async def system_stats(_request: Request, backend: Backend) -> Response:
    device = {"name": "cpu", "type": "cpu", "vram_total": 0, "vram_free": 0}
    return json_answer({"system": dict(backend.dialect.system), "devices": [device]})


async def user(_request: Request, _backend: Backend) -> Response:
    return json_answer({"status": "active"})
