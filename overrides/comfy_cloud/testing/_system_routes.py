"""Operations that describe the server: nodes, templates, blueprints, features, system, account."""

from starlette.requests import Request
from starlette.responses import Response

from ._answers import Refusal, json_answer
from ._backend import Backend
from ._blueprints import BLUEPRINTS
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
    return json_answer(backend.features())


async def system_stats(_request: Request, backend: Backend) -> Response:
    dialect = backend.dialect
    return json_answer({"system": dict(dialect.system), "devices": [dict(dialect.device)]})


async def user(_request: Request, _backend: Backend) -> Response:
    return json_answer({"status": "active"})


async def workflow_templates(_request: Request, _backend: Backend) -> Response:
    """Templates come with custom nodes, and no server has any here."""
    return json_answer({})


async def global_subgraphs(_request: Request, backend: Backend) -> Response:
    data = backend.dialect.blueprints.listed_data
    return json_answer({blueprint.id: blueprint.entry(data) for blueprint in BLUEPRINTS.values()})


async def global_subgraph(request: Request, backend: Backend) -> Response:
    blueprint = BLUEPRINTS.get(request.path_params["id"])
    if blueprint is not None:
        return json_answer(blueprint.full())
    if backend.dialect.blueprints.null_for_unknown:
        return json_answer(None)
    raise Refusal(404, "NOT_FOUND", "No blueprint has this id")
