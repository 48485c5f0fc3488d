"""Handle the operations that describe the server: nodes, templates, blueprints, features, system, account."""

from starlette.requests import Request
from starlette.responses import Response

from .._servers.responses import Refusal, json_response
from .._state.blueprints import BLUEPRINTS
from .backend import Backend


async def every_node(_request: Request, backend: Backend) -> Response:
    files = backend.files.names("input")
    return json_response({name: definition.node_info(files) for name, definition in backend.known.listed.items()})


async def one_node(request: Request, backend: Backend) -> Response:
    """Handle ComfyUI's `GET /api/object_info/{node_class}`. An unknown class is an empty object, not a 404."""
    name = request.path_params["node_class"]
    definition = backend.known.listed.get(name)
    return json_response({name: definition.node_info(backend.files.names("input"))} if definition else {})


async def features(_request: Request, backend: Backend) -> Response:
    return json_response(backend.features())


async def system_stats(_request: Request, backend: Backend) -> Response:
    dialect = backend.dialect
    system = dict(dialect.system)
    if backend.known.version:
        # Clients keep node definitions by the version of the server, and the next start may have other definitions.
        system["comfyui_version"] = f"{system['comfyui_version']}+{backend.known.version}"
    return json_response({"system": system, "devices": [dict(dialect.device)]})


async def user(_request: Request, _backend: Backend) -> Response:
    return json_response({"status": "active"})


async def workflow_templates(_request: Request, _backend: Backend) -> Response:
    """Handle `GET /api/workflow_templates`. Templates come with custom nodes, and no emulated server has any."""
    return json_response({})


async def global_subgraphs(_request: Request, backend: Backend) -> Response:
    data = backend.dialect.blueprints.listed_data
    return json_response({blueprint.id: blueprint.entry(data) for blueprint in BLUEPRINTS.values()})


async def global_subgraph(request: Request, backend: Backend) -> Response:
    blueprint = BLUEPRINTS.get(request.path_params["id"])
    if blueprint is not None:
        return json_response(blueprint.full())
    if backend.dialect.blueprints.null_for_unknown:
        return json_response(None)
    raise Refusal(404, "NOT_FOUND", "No blueprint has this id")
