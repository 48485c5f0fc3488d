"""A table of single edits of the contract, each with the verdict that it must get and the methods it must name."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contract import operations, resolve

Contract = dict[str, Any]
Edit = Callable[[Contract], None]
BREAKING, COMPATIBLE, NONE = "breaking", "compatible", "unchanged"


@dataclass(frozen=True)
class Row:
    """`methods` must be named; where a row is breaking and has methods, callers must find out what to adapt."""

    name: str
    verdict: str
    methods: tuple[str, ...]
    edit: Edit


def put(pointer: str, value: Any) -> Edit:
    """Set a value."""

    def edit(contract: Contract) -> None:
        parent, _, key = pointer.rpartition("/")
        holder = resolve(contract, parent)
        key = key.replace("~1", "/").replace("~0", "~")
        holder[int(key) if isinstance(holder, list) else key] = copy.deepcopy(value)

    return edit


def drop(pointer: str) -> Edit:
    """Remove a key."""

    def edit(contract: Contract) -> None:
        parent, _, key = pointer.rpartition("/")
        holder = resolve(contract, parent)
        key = key.replace("~1", "/").replace("~0", "~")
        del holder[int(key) if isinstance(holder, list) else key]

    return edit


def append(pointer: str, value: Any) -> Edit:
    """Add an item to a list."""
    return lambda contract: resolve(contract, pointer).append(copy.deepcopy(value))


def without(pointer: str, value: Any) -> Edit:
    """Take an item from a list."""
    return lambda contract: resolve(contract, pointer).remove(value)


def rename(pointer: str, old: str, new: str) -> Edit:
    """Rename a key and keep its place."""

    def edit(contract: Contract) -> None:
        holder = resolve(contract, pointer)
        items = [(new if key == old else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(items)

    return edit


def both(*edits: Edit) -> Edit:
    def edit(contract: Contract) -> None:
        for one in edits:
            one(contract)

    return edit


def op(path: str, method: str, rest: str = "") -> str:
    return f"/paths/{path.replace('/', '~1')}/{method}{rest}"


def parameter(path: str, method: str, name: str, rest: str = "") -> Callable[[Contract], str]:
    """Return the place of a parameter, which depends on the order in the contract."""

    def place(contract: Contract) -> str:
        parameters = resolve(contract, op(path, method, "/parameters"))
        index = next(index for index, one in enumerate(parameters) if one["name"] == name)
        return f"{op(path, method)}/parameters/{index}{rest}"

    return place


def at(place: Callable[[Contract], str], make: Callable[..., Edit], *values: Any) -> Edit:
    """Edit a place that is found in the contract."""
    return lambda contract: make(place(contract), *values)(contract)


def inside(place: Callable[[Contract], str], key: str, value: Any) -> Edit:
    """Set a key at a place that is found in the contract."""
    return lambda contract: put(f"{place(contract)}/{key}", value)(contract)


def inline_to_reference(path: str, method: str, name: str) -> Edit:
    def edit(contract: Contract) -> None:
        holder = resolve(contract, op(path, method, "/responses/200/content/application~1json"))
        contract["components"]["schemas"][name] = holder["schema"]
        holder["schema"] = {"$ref": f"#/components/schemas/{name}"}

    return edit


def reference_to_inline(path: str, method: str) -> Edit:
    def edit(contract: Contract) -> None:
        holder = resolve(contract, op(path, method, "/responses/200/content/application~1json"))
        name = holder["schema"]["$ref"].rpartition("/")[2]
        holder["schema"] = contract["components"]["schemas"].pop(name)

    return edit


def wrapped(pointer: str) -> Edit:
    def edit(contract: Contract) -> None:
        put(pointer, {"allOf": [resolve(contract, pointer)]})(contract)

    return edit


def moved(old: str, new: str) -> Edit:
    return lambda contract: contract["paths"].update({new: contract["paths"].pop(old)})


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(schema: Any) -> dict[str, Any]:
    return {"description": "Somebody else's words.", "content": {"application/json": {"schema": schema}}}


def reversed_at(pointer: str) -> Edit:
    return lambda contract: resolve(contract, pointer).reverse()


def twin() -> Edit:
    """Give a schema of a request a copy."""
    return lambda contract: put(f"{S}/Twin", contract["components"]["schemas"]["QueueManageRequest"])(contract)


def in_two_parts(name: str, field: str) -> Edit:
    def edit(contract: Contract) -> None:
        schemas = contract["components"]["schemas"]
        own = schemas[name]
        own["required"].remove(field)
        base = {"type": "object", "required": [field], "properties": {field: own["properties"].pop(field)}}
        schemas |= {f"{name}Base": base, name: {"allOf": [ref(f"{name}Base"), own]}}

    return edit


def security_at_each_operation(contract: Contract) -> None:
    security = contract.pop("security")
    for _, _, operation in operations(contract):
        operation.setdefault("security", security)


def parameters_of_the_path(path: str, name: str) -> Edit:
    def edit(contract: Contract) -> None:
        item = contract["paths"][path]
        for operation in item.values():
            shared = next(one for one in operation["parameters"] if one["name"] == name)
            operation["parameters"].remove(shared)
        item["parameters"] = [shared]

    return edit


def shared_parameter(contract: Contract) -> None:
    parameters = contract["paths"][TAGS]["get"]["parameters"]
    contract["components"]["parameters"] = {"Prefix": parameters[0]}
    parameters[0] = {"$ref": "#/components/parameters/Prefix"}


def parameter_as_json(contract: Contract) -> None:
    first = contract["paths"][TAGS]["get"]["parameters"][0]
    first["content"] = {"application/json": {"schema": first.pop("schema")}}


def all_moved(old: str, new: str) -> Edit:
    def edit(contract: Contract) -> None:
        contract["paths"] = {path.replace(old, new, 1): item for path, item in contract["paths"].items()}

    return edit


def odd_field(name: str) -> Edit:
    return lambda contract: contract["components"]["schemas"]["TagInfo"]["properties"].update({name: {}})


def odd_parameter(name: str) -> Edit:
    return append(op(TAGS, "get", "/parameters"), {"name": name, "in": "query", "schema": {"type": "string"}})


S = "/components/schemas"
SCHEME = "/components/securitySchemes/ApiKeyAuth"
JSON = "/requestBody/content/application~1json/schema"
FORM = "/requestBody/content/multipart~1form-data/schema"
OK = "/responses/200/content/application~1json/schema"
TAGS, JOBS, ASSETS = "/api/tags", "/api/jobs", "/api/assets"
LIMIT = parameter(TAGS, "get", "limit", "/schema")
NEW = {"operationId": "getQuota", "tags": ["user"], "summary": "x", "responses": {"200": json_of({"type": "object"})}}
KEYED = ("cloud.submit", "cloud.jobs.list", "cloud.assets.upload", "cloud.account")
EVERY = (*KEYED, "cloud.system.stats")

TAG = ("cloud.assets.tags",)
QUEUE_BODY = op("/api/queue", "post", JSON)
RESPONSE_CONTENT = op(TAGS, "get", "/responses/200/content")
EITHER = {"anyOf": [ref("QueueManageRequest"), ref("HistoryManageRequest")]}
A_PART = {"type": "object", "properties": {"copies": {"type": "integer"}}}
CALLBACK = {"done": {"{$request.body#/url}": {"post": {"responses": {"200": {"description": "x"}}}}}}
ODD_NAMES = ("class", "self", "client", "body", "from_dict", "a b", "1", "Name", "$ref", "`|x", "\u202e")

EDITS = [
    # Words, order and extensions are no facts.
    Row("a description", NONE, (), put(f"{S}/Asset/description", "Somebody else's words.")),
    Row("a summary", NONE, (), put(op(TAGS, "get", "/summary"), "Somebody else's words")),
    Row("the version of the document", NONE, (), put("/info/version", "1.0.1")),
    Row("an extension", NONE, (), put(op(TAGS, "get", "/x-internal"), True)),
    Row("an example", NONE, (), put(f"{S}/Asset/properties/name/example", "cat.png")),
    Row("a title", NONE, (), put(f"{S}/Asset/title", "The asset")),
    Row("the order of required fields", NONE, (), reversed_at(f"{S}/Asset/required")),
    Row("the order of enum values", NONE, (), reversed_at(f"{S}/JobEntry/properties/status/enum")),
    Row("the order of parameters", NONE, (), reversed_at(op(TAGS, "get", "/parameters"))),
    Row("the order of the groups", NONE, (), reversed_at("/tags")),
    Row("documentation elsewhere", NONE, (), put(f"{S}/Asset/externalDocs", {"url": "https://example.com"})),
    # What changes no Python type and narrows nothing.
    Row("format uri", COMPATIBLE, (), put(f"{S}/UserDataResponseFull/properties/path/format", "uri")),
    Row("format int32 in a response", COMPATIBLE, (), put(f"{S}/Asset/properties/size/format", "int32")),
    Row("format int64 in a request", COMPATIBLE, (), inside(LIMIT, "format", "int64")),
    Row("a reference in allOf", COMPATIBLE, (), wrapped(f"{S}/ListTagsResponse/properties/tags/items")),
    Row("a referring response in allOf", COMPATIBLE, (), wrapped(op(JOBS, "get", OK))),
    Row("additionalProperties true", COMPATIBLE, (), put(f"{S}/TagInfo/additionalProperties", True)),
    Row("additionalProperties {}", COMPATIBLE, (), put(f"{S}/TagInfo/additionalProperties", {})),
    Row("required false", COMPATIBLE, (), inside(parameter(TAGS, "get", "prefix"), "required", False)),
    Row("nullable false", COMPATIBLE, (), put(f"{S}/TagInfo/properties/name/nullable", False)),
    Row("style form", COMPATIBLE, (), inside(parameter(TAGS, "get", "prefix"), "style", "form")),
    Row("explode true", COMPATIBLE, (), inside(parameter(TAGS, "get", "prefix"), "explode", True)),
    Row("deprecated false", COMPATIBLE, (), put(op(TAGS, "get", "/deprecated"), False)),
    Row(
        "an inline response as a schema",
        COMPATIBLE,
        ("cloud.system.features",),
        inline_to_reference("/api/features", "get", "Features"),
    ),
    Row("an inline list as a schema", COMPATIBLE, (), inline_to_reference("/api/experiment/models", "get", "Folders")),
    Row("a schema in place", BREAKING, ("cloud.account",), reference_to_inline("/api/user", "get")),
    # Additions.
    Row("a new operation", COMPATIBLE, (), put("/paths/~1api~1quota", {"get": NEW})),
    Row("a new method on a path", COMPATIBLE, (), put(op("/api/user", "put"), NEW)),
    Row(
        "a new optional parameter",
        COMPATIBLE,
        ("cloud.assets.tags",),
        append(op(TAGS, "get", "/parameters"), {"name": "since", "in": "query", "schema": {"type": "string"}}),
    ),
    Row(
        "a new optional header",
        COMPATIBLE,
        ("cloud.assets.tags",),
        append(op(TAGS, "get", "/parameters"), {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}),
    ),
    Row(
        "a new field of a response",
        COMPATIBLE,
        ("cloud.jobs.get",),
        put(f"{S}/JobDetailResponse/properties/gpu_seconds", {"type": "number"}),
    ),
    Row(
        "a new required field of a response",
        COMPATIBLE,
        ("cloud.assets.tags",),
        both(put(f"{S}/TagInfo/properties/color", {"type": "string"}), append(f"{S}/TagInfo/required", "color")),
    ),
    Row(
        "a new optional field of a request",
        COMPATIBLE,
        ("cloud.submit",),
        put(f"{S}/PromptRequest/properties/region", {"type": "string"}),
    ),
    Row(
        "a new enum value of a response",
        COMPATIBLE,
        ("cloud.jobs.get",),
        append(f"{S}/JobDetailResponse/properties/status/enum", "paused"),
    ),
    Row(
        "a new enum value of a request",
        COMPATIBLE,
        ("cloud.jobs.list",),
        at(parameter(JOBS, "get", "output_type", "/schema/enum"), append, "text"),
    ),
    Row("a new schema that nothing uses", COMPATIBLE, (), put(f"{S}/Lonely", {"type": "object"})),
    Row(
        "a new error response",
        COMPATIBLE,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", "/responses/418"), json_of(ref("ErrorResponse"))),
    ),
    Row("an error response goes", COMPATIBLE, ("cloud.assets.tags",), drop(op(TAGS, "get", "/responses/401"))),
    Row(
        "an error response with another model",
        COMPATIBLE,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", "/responses/401"), json_of(ref("ValidationError"))),
    ),
    Row(
        "a new response header",
        COMPATIBLE,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", "/responses/200/headers"), {"X-Total": {"schema": {"type": "integer"}}}),
    ),
    Row(
        "another media type of a response",
        COMPATIBLE,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", "/responses/200/content/text~1csv"), {"schema": {"type": "string"}}),
    ),
    Row(
        "another form of a body",
        COMPATIBLE,
        ("cloud.queue.clear",),
        put(
            op("/api/queue", "post", "/requestBody/content/application~1x-www-form-urlencoded"),
            {"schema": ref("QueueManageRequest")},
        ),
    ),
    Row("a server behind ours", COMPATIBLE, (), append("/servers", {"url": "https://eu.cloud.comfy.org"})),
    Row(
        "another way to prove who calls",
        COMPATIBLE,
        (),
        both(
            put("/components/securitySchemes/Bearer", {"type": "http", "scheme": "bearer"}),
            append("/security", {"Bearer": []}),
        ),
    ),
    Row("an operation without a key", COMPATIBLE, ("cloud.assets.tags",), put(op(TAGS, "get", "/security"), [])),
    Row("a second group", COMPATIBLE, ("cloud.assets.tags",), append(op(TAGS, "get", "/tags"), "job")),
    Row(
        "an optional new body",
        COMPATIBLE,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", "/requestBody"), {"content": {"application/json": {"schema": ref("TagInfo")}}}),
    ),
    # Deprecations, and what becomes wider.
    Row("a deprecated operation", COMPATIBLE, ("cloud.assets.tags",), put(op(TAGS, "get", "/deprecated"), True)),
    Row(
        "a deprecated parameter",
        COMPATIBLE,
        ("cloud.assets.tags",),
        inside(parameter(TAGS, "get", "prefix"), "deprecated", True),
    ),
    Row(
        "a deprecated field", COMPATIBLE, ("cloud.assets.get",), put(f"{S}/Asset/properties/mime_type/deprecated", True)
    ),
    Row("a higher maximum", COMPATIBLE, ("cloud.assets.tags",), inside(LIMIT, "maximum", 5000)),
    Row("no maximum", COMPATIBLE, ("cloud.assets.tags",), at(LIMIT, lambda place: drop(f"{place}/maximum"))),
    Row("a lower minimum", COMPATIBLE, ("cloud.assets.tags",), inside(LIMIT, "minimum", 0)),
    Row(
        "no pattern",
        COMPATIBLE,
        ("cloud.assets.exists",),
        drop(op("/api/assets/hash/{hash}", "head", "/parameters/0/schema/pattern")),
    ),
    Row("a limit of a response", COMPATIBLE, ("cloud.assets.tags",), put(f"{S}/TagInfo/properties/count/maximum", 9)),
    Row("a wider number in a request", COMPATIBLE, ("cloud.assets.tags",), inside(LIMIT, "type", "number")),
    Row(
        "a narrower number in a response",
        COMPATIBLE,
        ("cloud.userdata.list",),
        put(f"{S}/GetUserDataResponseFullFile/properties/modified/type", "integer"),
    ),
    Row(
        "a required field of a request becomes optional",
        COMPATIBLE,
        ("cloud.assets.create_from_hash",),
        without(op("/api/assets/from-hash", "post", f"{JSON}/required"), "tags"),
    ),
    Row(
        "a field is never null now",
        COMPATIBLE,
        ("cloud.assets.get",),
        drop(f"{S}/Asset/properties/preview_id/nullable"),
    ),
    Row(
        "an optional field is always there now",
        COMPATIBLE,
        ("cloud.assets.get",),
        append(f"{S}/Asset/required", "tags"),
    ),
    # Servers and credentials.
    Row("another server", BREAKING, EVERY, put("/servers/0/url", "https://api.comfy.org")),
    Row(
        "a server before ours",
        BREAKING,
        EVERY,
        lambda contract: contract["servers"].insert(0, {"url": "https://new.comfy.org"}),
    ),
    Row("no server", BREAKING, EVERY, drop("/servers")),
    Row(
        "a server of one path",
        BREAKING,
        ("cloud.assets.tags",),
        put("/paths/~1api~1tags/servers", [{"url": "https://tags.comfy.org"}]),
    ),
    Row("another header for the key", BREAKING, KEYED, put(f"{SCHEME}/name", "X-Comfy-Key")),
    Row("the key in the query", BREAKING, KEYED, put(f"{SCHEME}/in", "query")),
    Row("a bearer token", BREAKING, KEYED, put(SCHEME, {"type": "http", "scheme": "bearer"})),
    Row(
        "a scheme of another name",
        BREAKING,
        KEYED,
        both(rename("/components/securitySchemes", "ApiKeyAuth", "Key"), put("/security", [{"Key": []}])),
    ),
    Row(
        "a key where none was asked for",
        BREAKING,
        ("cloud.system.features",),
        drop(op("/api/features", "get", "/security")),
    ),
    Row(
        "two proofs at once",
        BREAKING,
        ("cloud.assets.tags",),
        both(
            put("/components/securitySchemes/Bearer", {"type": "http", "scheme": "bearer"}),
            put(op(TAGS, "get", "/security"), [{"ApiKeyAuth": [], "Bearer": []}]),
        ),
    ),
    # Operations.
    Row("an operation goes", BREAKING, ("cloud.assets.tags",), drop("/paths/~1api~1tags")),
    Row(
        "an operation of one module goes",
        BREAKING,
        ("cloud.files.mask_layers",),
        drop("/paths/~1api~1files~1mask-layers"),
    ),
    Row(
        "an operation is renamed", BREAKING, ("cloud.assets.tags",), put(op(TAGS, "get", "/operationId"), "listAllTags")
    ),
    Row("an operation moves", BREAKING, ("cloud.assets.tags",), moved(TAGS, "/api/v2/tags")),
    Row(
        "an operation has another method", BREAKING, ("cloud.assets.tags",), rename("/paths/~1api~1tags", "get", "post")
    ),
    Row("an operation is in another group", BREAKING, ("cloud.assets.tags",), put(op(TAGS, "get", "/tags"), ["tag"])),
    # Parameters.
    Row("a parameter goes", BREAKING, ("cloud.assets.list",), at(parameter(ASSETS, "get", "include_tags"), drop)),
    Row(
        "a parameter is renamed",
        BREAKING,
        ("cloud.jobs.list",),
        inside(parameter(JOBS, "get", "status"), "name", "state"),
    ),
    Row(
        "a new required parameter",
        BREAKING,
        ("cloud.assets.tags",),
        append(
            op(TAGS, "get", "/parameters"),
            {"name": "scope", "in": "query", "required": True, "schema": {"type": "string"}},
        ),
    ),
    Row(
        "a parameter must be given",
        BREAKING,
        ("cloud.assets.tags",),
        inside(parameter(TAGS, "get", "prefix"), "required", True),
    ),
    Row(
        "a parameter moves to a header",
        BREAKING,
        ("cloud.assets.tags",),
        inside(parameter(TAGS, "get", "prefix"), "in", "header"),
    ),
    Row("a parameter of another type", BREAKING, ("cloud.assets.tags",), inside(LIMIT, "type", "string")),
    Row(
        "a list becomes a string",
        BREAKING,
        ("cloud.assets.list",),
        at(parameter(ASSETS, "get", "include_tags", "/schema"), put, {"type": "string"}),
    ),
    Row(
        "a string becomes an enum",
        BREAKING,
        ("cloud.files.download",),
        at(parameter("/api/view", "get", "type", "/schema"), put, {"type": "string", "enum": ["input", "output"]}),
    ),
    Row(
        "an enum becomes a string",
        BREAKING,
        ("cloud.jobs.list",),
        at(parameter(JOBS, "get", "sort_by", "/schema"), put, {"type": "string"}),
    ),
    Row(
        "an enum value of a request goes",
        BREAKING,
        ("cloud.jobs.list",),
        at(parameter(JOBS, "get", "output_type", "/schema/enum"), without, "audio"),
    ),
    Row("a lower maximum", BREAKING, ("cloud.assets.tags",), inside(LIMIT, "maximum", 100)),
    Row("a higher minimum", BREAKING, ("cloud.assets.tags",), inside(LIMIT, "minimum", 10)),
    Row("an exclusive maximum", BREAKING, ("cloud.assets.tags",), inside(LIMIT, "exclusiveMaximum", True)),
    Row("steps", BREAKING, ("cloud.assets.tags",), inside(LIMIT, "multipleOf", 10)),
    Row(
        "a pattern",
        BREAKING,
        ("cloud.assets.tags",),
        inside(parameter(TAGS, "get", "prefix", "/schema"), "pattern", "^[a-z]+$"),
    ),
    Row(
        "another pattern",
        BREAKING,
        ("cloud.assets.exists",),
        put(op("/api/assets/hash/{hash}", "head", "/parameters/0/schema/pattern"), "^sha256:"),
    ),
    Row(
        "a longest text",
        BREAKING,
        ("cloud.assets.tags",),
        inside(parameter(TAGS, "get", "prefix", "/schema"), "maxLength", 8),
    ),
    Row(
        "a shortest text",
        BREAKING,
        ("cloud.assets.tags",),
        inside(parameter(TAGS, "get", "prefix", "/schema"), "minLength", 3),
    ),
    Row(
        "a longest list",
        BREAKING,
        ("cloud.assets.list",),
        inside(parameter(ASSETS, "get", "include_tags", "/schema"), "maxItems", 3),
    ),
    Row(
        "another default",
        BREAKING,
        ("cloud.assets.list",),
        inside(parameter(ASSETS, "get", "include_public", "/schema"), "default", False),
    ),
    Row(
        "a list in several values",
        BREAKING,
        ("cloud.assets.list",),
        inside(parameter(ASSETS, "get", "include_tags"), "explode", True),
    ),
    # Bodies.
    Row(
        "tags as one string",
        BREAKING,
        ("cloud.assets.upload",),
        put(op(ASSETS, "post", f"{FORM}/properties/tags"), {"type": "string"}),
    ),
    Row(
        "a field of a request goes",
        BREAKING,
        ("cloud.assets.update",),
        drop(op("/api/assets/{id}", "put", f"{JSON}/properties/tags")),
    ),
    Row(
        "a field of a request must be given",
        BREAKING,
        ("cloud.submit",),
        both(
            put(f"{S}/PromptRequest/properties/region", {"type": "string"}),
            append(f"{S}/PromptRequest/required", "region"),
        ),
    ),
    Row(
        "a field of a request is renamed",
        BREAKING,
        ("cloud.queue.cancel",),
        rename(f"{S}/QueueManageRequest/properties", "delete", "ids"),
    ),
    Row(
        "no other fields in a request",
        BREAKING,
        ("cloud.submit",),
        put(f"{S}/PromptRequest/additionalProperties", False),
    ),
    Row(
        "a read-only field of a request",
        BREAKING,
        ("cloud.submit",),
        put(f"{S}/PromptRequest/properties/front/readOnly", True),
    ),
    Row(
        "a body must be given",
        BREAKING,
        ("cloud.queue.interrupt_all",),
        put(op("/api/interrupt", "post", "/requestBody"), {"required": True, **json_of({"type": "object"})}),
    ),
    Row("a body goes", BREAKING, ("cloud.assets.update",), drop(op("/api/assets/{id}", "put", "/requestBody"))),
    Row(
        "a form of a body goes",
        BREAKING,
        ("cloud.assets.upload",),
        drop(op(ASSETS, "post", "/requestBody/content/multipart~1form-data")),
    ),
    Row(
        "a file becomes a string",
        BREAKING,
        ("cloud.files.upload_image",),
        drop(op("/api/upload/image", "post", f"{FORM}/properties/image/format")),
    ),
    # Responses.
    Row("a field of a response goes", BREAKING, ("cloud.assets.get",), drop(f"{S}/Asset/properties/asset_hash")),
    Row(
        "a field of a response is renamed",
        BREAKING,
        ("cloud.jobs.get",),
        rename(f"{S}/JobDetailResponse/properties", "outputs_count", "count"),
    ),
    Row("a field may be missing", BREAKING, ("cloud.assets.get",), without(f"{S}/Asset/required", "size")),
    Row("a field may be null", BREAKING, ("cloud.assets.get",), put(f"{S}/Asset/properties/size/nullable", True)),
    Row(
        "a field of another type",
        BREAKING,
        ("cloud.assets.get",),
        put(f"{S}/Asset/properties/size", {"type": "string"}),
    ),
    Row(
        "a number with a fraction",
        BREAKING,
        ("cloud.assets.get",),
        put(f"{S}/Asset/properties/size", {"type": "number"}),
    ),
    Row("a time becomes a string", BREAKING, ("cloud.assets.get",), drop(f"{S}/Asset/properties/created_at/format")),
    Row("a field of any type", BREAKING, ("cloud.assets.get",), put(f"{S}/Asset/properties/mime_type", {})),
    Row(
        "an enum value of a response goes",
        BREAKING,
        ("cloud.jobs.get",),
        without(f"{S}/JobDetailResponse/properties/status/enum", "in_progress"),
    ),
    Row(
        "a response with another model",
        BREAKING,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", OK), ref("AssetTagHistogramResponse")),
    ),
    Row(
        "a second success with another model",
        BREAKING,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", "/responses/202"), json_of(ref("TagInfo"))),
    ),
    Row(
        "a success without content",
        BREAKING,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", "/responses/204"), {"description": "x"}),
    ),
    Row(
        "a response becomes a list",
        BREAKING,
        ("cloud.assets.tags",),
        put(op(TAGS, "get", OK), {"type": "array", "items": ref("TagInfo")}),
    ),
    Row(
        "a schema is renamed",
        BREAKING,
        ("cloud.account",),
        both(rename(S, "UserResponse", "Account"), put(op("/api/user", "get", OK), ref("Account"))),
    ),
    Row(
        "a response header goes",
        BREAKING,
        ("cloud.files.download",),
        drop(op("/api/view", "get", "/responses/302/headers/Location")),
    ),
    Row(
        "no other fields in a response",
        BREAKING,
        ("cloud.assets.tags",),
        put(f"{S}/TagInfo/additionalProperties", False),
    ),
    Row(
        "a message of the socket loses a field",
        BREAKING,
        ("job.events",),
        drop(f"{S}/WebSocketExecutingMessage/properties/data/properties/node"),
    ),
    Row(
        "a message of the socket has another type",
        BREAKING,
        ("job.events",),
        put(f"{S}/WebSocketExecutingMessage/properties/data/properties/node", {"type": "integer"}),
    ),
    Row(
        "a fact without a rule",
        BREAKING,
        ("cloud.assets.get",),
        put(f"{S}/Asset/properties/name/not", {"type": "integer"}),
    ),
    # Spelt in another way.
    Row("a slash behind the server", COMPATIBLE, (), put("/servers/0/url", "https://cloud.comfy.org/")),
    Row("the header of the key in lower case", COMPATIBLE, (), put(f"{SCHEME}/name", "x-api-key")),
    Row("security at each operation", COMPATIBLE, (), security_at_each_operation),
    Row("the parameters of a path", COMPATIBLE, (), parameters_of_the_path("/api/userdata/{file}", "file")),
    Row("a parameter in components", COMPATIBLE, (), shared_parameter),
    Row("a schema in two parts", COMPATIBLE, (), in_two_parts("TagInfo", "name")),
    Row("a part of a schema", COMPATIBLE, ("cloud.assets.upload",), append(f"{S}/AssetCreated/allOf", A_PART)),
    Row("a twin with another name", BREAKING, ("cloud.queue.clear",), both(twin(), put(QUEUE_BODY, ref("Twin")))),
    # Hidden behind references and alternatives.
    Row(
        "a narrower twin",
        BREAKING,
        ("cloud.queue.cancel",),
        both(twin(), put(QUEUE_BODY, ref("Twin")), put(f"{S}/Twin/properties/delete/maxItems", 3)),
    ),
    Row("one form more", COMPATIBLE, ("cloud.queue.clear",), put(QUEUE_BODY, EITHER)),
    Row("a schema within itself", COMPATIBLE, TAG, put(f"{S}/TagInfo/properties/parent", ref("TagInfo"))),
    Row(
        "schemas that are each other",
        BREAKING,
        TAG,
        both(put(f"{S}/A", ref("B")), put(f"{S}/B", ref("A")), put(f"{S}/TagInfo/properties/a", ref("A"))),
    ),
    Row("a discriminator", BREAKING, (), put(f"{S}/UserDataResponse/discriminator", {"propertyName": "path"})),
    # Requests and responses.
    Row(
        "a value more in a request",
        COMPATIBLE,
        ("cloud.jobs.list",),
        at(parameter(JOBS, "get", "output_type", "/schema/enum"), append, "mesh"),
    ),
    Row("a default", BREAKING, TAG, inside(parameter(TAGS, "get", "prefix", "/schema"), "default", "cat")),
    Row("a default in a body", BREAKING, ("cloud.submit",), put(f"{S}/PromptRequest/properties/front/default", True)),
    Row("a default in a response", COMPATIBLE, (), put(f"{S}/TagInfo/properties/count/default", 0)),
    Row(
        "a longest text in a body",
        BREAKING,
        ("cloud.assets.update",),
        put(op("/api/assets/{id}", "put", f"{JSON}/properties/name/maxLength"), 10),
    ),
    Row("a write-only field", BREAKING, ("cloud.assets.get",), put(f"{S}/Asset/properties/name/writeOnly", True)),
    Row("a time", BREAKING, ("cloud.account",), put(f"{S}/UserResponse/properties/status/format", "date-time")),
    Row("JSON of another kind", BREAKING, TAG, rename(RESPONSE_CONTENT, "application/json", "application/vnd.x+json")),
    Row("201 for 200", BREAKING, TAG, rename(op(TAGS, "get", "/responses"), "200", "201")),
    Row("any other error", COMPATIBLE, TAG, put(op(TAGS, "get", "/responses/default"), json_of(ref("ErrorResponse")))),
    Row("a redirect", BREAKING, TAG, put(op(TAGS, "get", "/responses/302"), {"description": "x"})),
    Row(
        "a response header of another type",
        BREAKING,
        ("cloud.files.download",),
        put(op("/api/view", "get", "/responses/302/headers/Location/schema"), {"type": "integer"}),
    ),
    Row("a parameter as JSON", BREAKING, TAG, parameter_as_json),
    Row("a callback", COMPATIBLE, ("cloud.submit",), put(op("/api/prompt", "post", "/callbacks"), CALLBACK)),
    # Servers, credentials, paths and names.
    Row("scopes", BREAKING, KEYED, put("/security", [{"ApiKeyAuth": ["read"]}])),
    Row("no key any more", COMPATIBLE, KEYED, put("/security", [])),
    Row("another beginning of each path", BREAKING, EVERY, all_moved("/api", "/api/v2")),
    Row("a slash behind the path", BREAKING, TAG, moved(TAGS, f"{TAGS}/")),
    Row("no id", BREAKING, TAG, drop(op(TAGS, "get", "/operationId"))),
    Row("fields with odd names", COMPATIBLE, TAG, both(*map(odd_field, ODD_NAMES))),
    Row("parameters with odd names", COMPATIBLE, TAG, both(*map(odd_parameter, ODD_NAMES))),
]
