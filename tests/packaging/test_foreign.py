"""Contracts of others: they generate, import and work; what cannot be is named; and no text of one becomes code."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import contract
import generate

CONTRACTS = Path(__file__).parent / "contracts"


@pytest.fixture(scope="module")
def odd(make_foreign: Callable[[str, Path], Any]) -> Any:
    """The client of contracts/odd.yaml."""
    return make_foreign("odd_client", CONTRACTS / "odd.yaml")


class Server:
    """A server that keeps the last request and answers what it is told to."""

    def __init__(self, http: HTTPServer, client: Any) -> None:
        self.client = client
        self.last: Any = None
        self.status = 200
        self.body: Any = {}
        self.content_type = "application/json"
        http.expect_request("").respond_with_handler(self._answer)
        http.expect_request(RegexAny()).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        request.get_data()
        self.last = request
        body = self.body if isinstance(self.body, (str, bytes)) else json.dumps(self.body)
        return Response(body, status=self.status, content_type=self.content_type)


class RegexAny(str):
    """A path that equals every path."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


@pytest.fixture
def server(odd: Any, httpserver: HTTPServer) -> Iterator[Server]:
    client = odd.load("client").Client(base_url=httpserver.url_for("").rstrip("/"))
    with client:
        yield Server(httpserver, client)


def test_what_is_not_as_the_contract_has_it_is_named(odd: Any) -> None:
    """Who generates from another contract must know which types are missing, and where; no operation is."""
    assert odd.left_out == []
    assert odd.differences == [
        "/components/schemas/Control: the enum values ['a\\n'], for their control characters",
        "/components/schemas/Jumble: an enum of float and str is taken without its values",
        "/paths/~1content-parameter/get/parameters/0: the parameter filter is taken as the text that is sent",
        "/paths/~1send-xml/post/requestBody/content: application/xml is sent as bytes",
        "/paths/~1xml/get/responses/200/content: application/xml is read as bytes",
        "GET /collide-2 (getThing): its name is numbered, since GET /collide-1 has the same",
    ]
    assert odd.out.splitlines()[-1] == "odd_client: written, 17 of 17 operations"


def test_operations_that_share_a_name_can_all_be_called(odd: Any, server: Server) -> None:
    module = odd.load("api.default.get_thing_2")
    module.sync(client=server.client)
    assert server.last.path == "/collide-2"
    assert module._get_kwargs()["extensions"]["operation"] == "getThing"


def test_bodies_of_unknown_types_are_sent_and_read_as_bytes(odd: Any, server: Server) -> None:
    """Nothing here writes XML, and nothing need be lost for that."""
    server.body, server.content_type = b"<b/>", "application/xml"
    assert odd.load("api.default.get_xml").sync(client=server.client).read() == b"<b/>"
    odd.load("api.default.send_xml").sync_detailed(client=server.client, body=odd.load("types").File(payload=b"<a/>"))
    assert (server.last.data, server.last.headers["Content-Type"]) == (b"<a/>", "application/xml")


def test_names_that_python_keeps_for_itself_are_sent_as_they_are(odd: Any, server: Server) -> None:
    module = odd.load("api.class_.import_")
    module.sync(
        "a/b",
        client=server.client,
        from_="x",
        async_=True,
        body="b",
        client_query="c",
        sync_detailed_parameter="d",
        self_="s",
        page=2,
    )
    assert server.last.path == "/keywords/a/b"
    query = {name: values[0] for name, values in parse_qs(server.last.query_string.decode()).items()}
    assert query == {"from": "x", "async": "true", "body": "b", "client": "c", "sync_detailed": "d", "page": "2"}
    assert server.last.headers["self"] == "s"


def test_fields_that_would_hide_methods_are_read_and_written_back(odd: Any, server: Server) -> None:
    fields = {
        "class": "c",
        "import": True,
        "None": "n",
        "self": "s",
        "to_dict": "t",
        "from_dict": "f",
        "to_multipart": "m",
        "additional_keys": "k",
        "additionalProperties": "p",
        "values": {"url": {"a": "1"}},
        "model": {"url": {"b": "2"}},
        "cls": "2024-01-02T03:04:05+00:00",
        "datetime": "2024-01-02",
        "sort": "ASC",
        "level": -1,
        "same": "one",
        "mixed": None,
        "constant": {"kind": "fixed"},
        "Any": {"value": None},
        "_under": "u",
        "9lives": "9",
        "@type": "at",
        "brand-new": [1],
    }
    server.body = fields
    value = odd.load("api.class_.import_").sync("x", client=server.client)
    assert value.to_dict() == fields
    assert value.additional_keys == ["brand-new"]
    assert type(value.values).__name__ == "APIKey"
    assert type(value.model).__name__ == "ApiKey"
    assert type(value.values.url).__name__ == "URL"
    assert type(value.model.url).__name__ == "Url"


def test_a_path_parameter_named_body_stands_beside_a_body(odd: Any, server: Server) -> None:
    """The success range answers, the default is the error's."""
    keywords = odd.load("models").Keywords(class_="c", from_dict_field="f")
    module = odd.load("api.default.post_body")
    server.status, server.body = 299, {"content": "x", "file": {}}
    answer = module.sync("b c", client=server.client, body=keywords)
    assert server.last.path == "/body/b c"
    assert server.last.json == {"class": "c", "from_dict": "f"}
    assert type(answer).__name__ == "FileModel"
    server.status, server.body = 500, {"message": "no"}
    with pytest.raises(odd.load("errors").UnexpectedStatus, match="postBody was answered with status 500"):
        module.sync("b", client=server.client, body=keywords)


def test_a_default_answer_is_the_success_where_no_other_is_named(odd: Any, server: Server) -> None:
    server.body = {"value": "v"}
    answer = odd.load("api.default.only_default").sync(client=server.client)
    assert (type(answer).__name__, answer.value) == ("AnyModel", "v")


def test_header_cookie_and_joined_parameters_arrive(odd: Any, server: Server) -> None:
    """httpx deprecates cookies of one request: they go in a header, and what is not given is not sent."""
    module = odd.load("api.default.hints")
    server.status, server.body = 204, ""
    theme = odd.load("models").HintsTheme.DARK
    module.sync(client=server.client, ids=["a", "b"], x_hint="h", x_number=3, session="s; theme=light", theme=theme)
    assert server.last.headers["X-Hint"] == "h"
    assert server.last.headers["X-Number"] == "3"
    assert server.last.cookies["theme"] == "dark"
    assert server.last.headers["Cookie"].count(";") == 1, "a value adds no cookie"
    assert server.last.query_string == b"ids=a%2Cb"
    module.sync(client=server.client, x_hint="h")
    assert "Cookie" not in server.last.headers
    assert "X-Number" not in server.last.headers
    assert server.last.query_string == b""


def test_text_is_sent_and_read_as_text(odd: Any, server: Server) -> None:
    server.body, server.content_type = "grüße", "text/plain; charset=utf-8"
    answer = odd.load("api.default.send_text").sync(client=server.client, body="größe")
    assert server.last.data == "größe".encode()
    assert server.last.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer == "grüße"


def test_pictures_are_sent_and_read_as_bytes(odd: Any, server: Server) -> None:
    server.body, server.content_type = b"\xff\xd8\x00", "image/jpeg"
    file = odd.load("types").File(payload=b"\xff\xd8")
    answer = odd.load("api.default.send_picture").sync(client=server.client, body=file)
    assert (server.last.data, server.last.headers["Content-Type"]) == (b"\xff\xd8", "image/jpeg")
    assert answer.read() == b"\xff\xd8\x00"


def test_a_form_is_sent_once_in_the_first_type_that_fits(odd: Any, server: Server) -> None:
    """Form and JSON have the same model here; `*/*` is read as JSON."""
    server.body = {"name": "n", "sort": "unheard of"}
    models = odd.load("models")
    form = models.Form(name="a b", count=2, agreed=True, sort=models.Sort.ASC_2)
    answer = odd.load("api.default.send_form").sync(client=server.client, body=form)
    assert server.last.form.to_dict() == {"name": "a b", "count": "2", "agreed": "true", "sort": "ASC"}
    assert answer.sort == "unheard of"


def test_other_ways_to_name_an_operation_work(odd: Any, server: Server) -> None:
    """Neither operationId nor tags; a path item by reference; a dotted path parameter; one name in two tags."""
    server.body = {"any": {"value": "v"}}
    assert odd.load("api.default.get_untagged_id").sync("1", client=server.client).any_.value == "v"
    for module, path in (
        ("api.default.via_reference", "/shared-path"),
        ("api.default.get_thing", "/collide-1"),
        ("api.other.get_thing", "/elsewhere"),
    ):
        odd.load(module).sync(client=server.client)
        assert server.last.path == path
    odd.load("api.default.dotted").sync("me", client=server.client)
    assert server.last.path == "/unsupported/me"


def test_the_operation_of_a_request_is_its_operation_id(odd: Any) -> None:
    """Retries and messages go by it."""
    names = {
        "api.default.get_thing": "get-thing",
        "api.other.get_thing": "get_thing",
        "api.default.get_untagged_id": "get_untagged_id",
    }
    for module, wanted in names.items():
        arguments = ["1"] if module.endswith("_id") else []
        assert odd.load(module)._get_kwargs(*arguments)["extensions"]["operation"] == wanted


def test_every_enum_value_has_a_member(odd: Any) -> None:
    """Values that differ in case or punctuation only are different values."""
    models = odd.load("models")
    assert {str(member) for member in models.Sort} == {
        "asc",
        "ASC",
        "a-b",
        "a_b",
        "",
        "2x",
        "<",
        "=",
        "on",
        "*",
        "größe",
    }
    assert sorted(models.Level) == [-1, 0, 1]
    assert [str(member) for member in models.Same] == ["one", "two"]


def test_alternatives_with_null_or_text_are_still_read_as_models(odd: Any) -> None:
    """`null` or a string in front fits anything; what is an object must become one."""
    union = odd.load("models").Alternatives
    value = union.from_dict({"null_first": {"a": "1"}, "text_first": {"a": "2"}, "listed": [{"a": "3"}, None]})
    assert [type(item).__name__ for item in (value.null_first, value.text_first, value.listed[0])] == ["URL"] * 3
    assert union.from_dict({"null_first": None, "text_first": "t"}).to_dict() == {"null_first": None, "text_first": "t"}


def test_schemas_of_one_title_or_name_stay_apart(odd: Any) -> None:
    """Upstream drops the second, and every operation that uses it."""
    models = odd.load("models")
    assert models.Twin.from_dict({"one": 1}).one == 1
    assert models.Twin2.from_dict({"two": 2}).two == 2
    owner = models.Owner.from_dict({"part": {"inner": 1}})
    assert owner.part.inner == 1
    assert models.OwnerPart.from_dict({"outer": 1}).outer == 1


CANARY_CODE = "__import__('pathlib').Path({!r}).touch()"


def hostile_texts(code: str) -> list[str]:
    """Texts that would end a string, a docstring, a comment, a format field or a template, with code behind."""
    return [
        f'"""\n{code}\n"""',
        f"'''\n{code}\n'''",
        f'"; {code}; "',
        f'\\"; {code} #',
        f'" + {code} + "',
        f"{{{code}}}",
        f"]\n{code}\n[",
        f"\r\n{code}",
        f"\u2028{code}",
        f"\x85{code}\x0c{code}",
        f"\n    {code}",
        f"{{{{ cycler.__init__ }}}}{{% if 1 %}}{code}",
        "{}",
        "{0.__class__}",
        "tail\\",
        'tail"',
        'tail"""',
        "\\N{dash} \\x \\U \\'",
        "\x00nul",
        "%s%(a)s #",
        "\U0001f600 \u202e",
        " ",
        "a\tb",
        "\u2026" * 200,
        "\\" * 301,
        '"' * 301,
    ]


def hostile_operation(number: int, text: str) -> tuple[str, dict[str, Any]]:
    # A path of control characters can be generated, but no request sent to it.
    place = "".join(filter(str.isprintable, text.translate(str.maketrans("{}/#?", "()|--"))))
    name = f"{number} {text}"
    body = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/S{number}"}},
        f"text/plain; a={text}": {"schema": {"type": "string"}},
    }
    text_field = {"type": "string", "description": text, "default": text, "example": text}
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": text},
        {"name": f"q{name}", "in": "query", "explode": False, "schema": {"type": "array", "items": text_field}},
        {"name": f"h{name}", "in": "header", "schema": text_field, "description": text},
        {"name": f"c{name}", "in": "cookie", "schema": text_field},
    ]
    answer = {"description": text, "content": {"application/json": body["application/json"]}}
    operation = {
        "operationId": f"op{name}",
        "summary": text,
        "description": text,
        "tags": [f"tag{number % 3} {text}"],
        "parameters": parameters,
        "requestBody": {"description": text, "content": body},
        "responses": {"200": answer},
    }
    return f"/p{number}/{place}/{{id}}/{{{{x{number}", {"post": operation}


def hostile_schema(number: int, text: str) -> dict[str, Any]:
    name = f"{number} {text}"
    inner = {"type": "object", "title": text, "properties": {text or "a": {"type": "integer", "description": text}}}
    return {
        "title": f"S{name}",
        "description": text,
        "type": "object",
        "required": [name],
        "properties": {
            name: {"type": "string", "description": text, "default": text, "example": text},
            f"e{name}": {
                "type": "string",
                "enum": [text, f"v{text}", f"w{number}"],
                "x-enum-varnames": [text, "A", "B"],
            },
            f"c{name}": {"type": "string", "const": text, "description": text},
            f"i{name}": inner,
            f"u{name}": {"oneOf": [{"type": "string"}, inner]},
        },
    }


@pytest.fixture(scope="module")
def hostile(make_foreign: Callable[[str, Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The client of a contract that puts hostile texts in every place; and where its code would leave a mark."""
    folder = tmp_path_factory.mktemp("hostile")
    texts = hostile_texts(CANARY_CODE.format(str(folder / "canary")))
    document = {
        "openapi": "3.1.0",
        "info": {"title": texts[0] + texts[2], "version": texts[1], "description": texts[0]},
        "paths": dict(hostile_operation(number, text) for number, text in enumerate(texts)),
        "components": {
            "schemas": {f"S{number}": hostile_schema(number, text) for number, text in enumerate(texts)},
            "securitySchemes": {"a": {"type": "apiKey", "in": "header", "name": texts[2]}},
        },
    }
    (folder / "hostile.json").write_text(json.dumps(document), encoding="utf-8")
    return make_foreign("hostile_client", folder / "hostile.json"), folder, texts


USE_ALL = """
import inspect, json, sys, importlib
from pathlib import Path
import httpx
folder = Path(sys.argv[1])
sys.path.insert(0, str(folder.parent))
package = folder.name
sent = []
def answer(request):
    sent.append([str(request.url), request.extensions["operation"]])
    return httpx.Response(200, json=json.loads(request.content))
raw = importlib.import_module(package + ".client").Client(base_url="http://test")
raw.set_httpx_client(httpx.Client(transport=httpx.MockTransport(answer), base_url="http://test"))
models = importlib.import_module(package + ".models")
for path in sorted(folder.glob("api/*/*.py")):
    if path.stem == "__init__":
        continue
    module = importlib.import_module(f"{package}.api.{path.parent.name}.{path.stem}")
    homes = {value: getattr(value, "__module__", "") for value in vars(module).values() if isinstance(value, type)}
    model = next(value for value, home in homes.items() if home.startswith(package + ".models"))
    names = [name for name in inspect.signature(module.sync).parameters if name not in {"id", "client", "body"}]
    # No header can have such a name; httpx says so.
    given = {name: ["v"] if name.startswith("q") else "v" for name in names if not name.startswith("h")}
    fields = inspect.signature(model).parameters
    value = model(**{name: "text" for name in fields})
    back = module.sync("../x", client=raw, body=value, **given)
    assert back.to_dict() == value.to_dict(), path
    inspect.getdoc(module.sync), repr(back)
print(json.dumps(sent))
"""


def test_no_text_of_a_contract_becomes_code(hostile: Any) -> None:
    """A contract from elsewhere must not run code on the machine that generates, or on the ones that import."""
    client, folder, texts = hostile
    command = [sys.executable, "-W", "error", "-c", USE_ALL, str(client.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.iterdir()] == ["hostile.json"], "something ran"
    sent = json.loads(done.stdout)
    assert sorted(operation for _, operation in sent) == sorted(f"op{n} {text}" for n, text in enumerate(texts))
    assert all("/..%2Fx/" in url for url, _ in sent)


def test_names_of_fields_keep_every_character(hostile: Any) -> None:
    """What is dropped from a name is a field that the server does not know."""
    client, _, texts = hostile
    models = client.load("models")
    names: set[str] = set()
    for name in models.__all__:
        model = getattr(models, name)
        if hasattr(model, "to_dict"):
            names |= set(model(**dict.fromkeys(inspect.signature(model).parameters, "v")).to_dict())
    assert {f"{number} {text}" for number, text in enumerate(texts)} <= names


def test_the_report_cannot_steer_a_terminal(hostile: Any) -> None:
    client, _, _ = hostile
    assert client.differences, "control characters in enum values are named"
    assert all(character.isprintable() or character == "\n" for character in client.out)


def big(count: int) -> dict[str, Any]:
    """A contract of `count` operations over a tenth as many schemas that refer to one another."""
    schemas: dict[str, Any] = {}
    for number in range(count // 10):
        schemas[f"Thing{number}"] = {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "state": {"type": "string", "enum": ["on", "off"]},
                "made": {"type": "string", "format": "date-time"},
                "next": {"$ref": f"#/components/schemas/Thing{(number + 1) % (count // 10)}"},
                "children": {"type": "array", "items": {"$ref": f"#/components/schemas/Thing{number}"}},
            },
        }
    paths: dict[str, Any] = {}
    for number in range(count):
        schema = {"$ref": f"#/components/schemas/Thing{number % (count // 10)}"}
        content = {"application/json": {"schema": schema}}
        operation: dict[str, Any] = {
            "operationId": f"doThing{number}",
            "tags": [f"group{number % 12}"],
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "default": 10}}],
            "responses": {"200": {"description": "done", "content": content}},
        }
        if number % 2:
            operation["requestBody"] = {"required": True, "content": content}
        paths[f"/things/{number}"] = {"post" if number % 2 else "get": operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "big", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def test_a_contract_of_300_operations_generates(tmp_path: Path, make_foreign: Callable[[str, Path], Any]) -> None:
    (tmp_path / "big.json").write_text(json.dumps(big(300)), encoding="utf-8")
    client = make_foreign("big_client", tmp_path / "big.json")
    assert client.differences + client.left_out == []
    assert client.out.endswith("big_client: written, 300 of 300 operations")
    assert client.load("api.group7.do_thing_7").sync.__name__ == "sync"


def test_a_contract_over_http_generates(
    httpserver: HTTPServer, tmp_path: Path, small: Path, generate_into: Any
) -> None:
    httpserver.expect_request("/openapi").respond_with_data(small.read_bytes(), content_type="application/yaml")
    outcome = generate_into("--spec", httpserver.url_for("/openapi"), "--output", tmp_path / "client")
    assert outcome.status == 0
    facts = json.loads((tmp_path / "client" / "GENERATED.json").read_text(encoding="utf-8"))
    assert facts["contract_sha256"] == generate.sha256(small.read_bytes())


def test_our_own_contract_passes_the_adaptations_unchanged() -> None:
    """They are for others; ours says what it means."""
    from openapi_python_client.config import Config, ConfigFile, MetaType

    from adapt import PLACE, adapt_document

    document = contract.parse(generate.CONTRACT.read_bytes(), "ours")
    before = json.dumps(document)
    options = ConfigFile.load_from_path(generate.OPTIONS)
    config = Config.from_sources(options, MetaType.NONE, "x", "utf-8", overwrite=False, output_path=None)
    overrides = dict(config.content_type_overrides)
    assert list(adapt_document(document, config)) == []
    for _, node in contract.pointers(document):
        if isinstance(node, dict):
            node.pop(PLACE, None)
    assert json.dumps(document) == before
    assert config.content_type_overrides == overrides


@pytest.fixture(scope="module")
def loose(make_foreign: Callable[[str, Path], Any]) -> Any:
    """The client of contracts/loose.yaml."""
    return make_foreign("loose_client", CONTRACTS / "loose.yaml")


def test_a_schema_is_lost_rather_than_the_operations_that_use_it(loose: Any) -> None:
    """Most real contracts have a corner that cannot be typed; all their operations can be called all the same."""
    assert loose.out.splitlines()[-1] == "loose_client: written, 2 of 2 operations"
    thing = "/components/schemas/Thing"
    assert [line.partition(" (")[0] for line in loose.differences] == [
        f"{thing}/properties/kind: its type, which is no word",
        f"{thing}/properties/self/allOf: the fields of #{thing} are taken without types",
        "/paths/~1things/get/parameters/0/schema: the default 'many', which is no integer",
        "/paths/~1things~1{id}/get/parameters/1/schema: the default 'many', which is no integer",
    ]


def test_what_was_said_more_simply_means_what_it_meant(loose: Any) -> None:
    """Types survive: an enum inside `allOf`, a reference into the middle of another schema, JSON under an odd name."""
    get_thing = loose.load("api.default.get_thing")
    sent = get_thing._get_kwargs("a", x_since="2026-01-02", count=3)
    assert (sent["url"], sent["headers"], sent["params"]) == ("/things/a", {"X-Since": "2026-01-02"}, {"count": 3})
    models = loose.load("models")
    thing = models.Thing.from_dict({"colour": "red", "anything": [1, {}], "kind": 5, "self": None})
    assert thing.colour.name == "RED"
    assert thing.to_dict() == {"colour": "red", "anything": [1, {}], "kind": 5, "self": None}
    answer = httpx.Response(200, json={"colour": "green"}, headers={"content-type": "text/json"})
    assert get_thing._parse_response(client=None, response=answer).colour.name == "GREEN"


@pytest.fixture(scope="module")
def tangled(make_foreign: Callable[[str, Path], Any]) -> Any:
    """The client of contracts/tangled.yaml."""
    return make_foreign("tangled_client", CONTRACTS / "tangled.yaml")


def test_schemas_that_hold_themselves_lose_one_type_where_the_circle_closes(tangled: Any) -> None:
    """All operations stay, and each loss is named with its place."""
    assert tangled.out.splitlines()[-1] == "tangled_client: written, 3 of 3 operations"
    fields = "/components/schemas/Place/properties"
    value, place = "#/components/schemas/Value", "/paths/~1places~1{region.name}~1{spots}/get/parameters"
    reason = "are taken without types (it is not one object, or it holds this one)"
    assert tangled.left_out == []
    assert tangled.differences == [
        f"/components/schemas/Chicken/allOf: the fields of #/components/schemas/Egg {reason}",
        f"{fields}/beside: its own fields are taken without types, beside those of its alternatives",
        f"{fields}/size: the default 3",
        f"{fields}/union_plus/allOf: the fields of #/components/schemas/Node {reason}",
        f"{fields}/within/allOf/1: the fields of its alternatives are taken without types",
        f"/components/schemas/Value/oneOf/1/items: taken as any value ({value} is not there, or holds itself)",
        f"{place}/0: the parameter spots is taken as the text that is sent",
        f"{place}/2: the parameter X-Wishes is taken as the text that is sent",
        "GET /places/{region.name}/{spots}: the parameter region.name, of which nothing is said, is taken as text",
        "GET /places/{region.name}/{spots}: the parameters ['gone'], which the path does not have",
        "PlaceClash, id: taken as any value (str can't be merged with int)",
    ]


PLACE: dict[str, Any] = {
    "value": ["a", ["b", []]],
    "node": {"child": {"child": "end", "leaf": {"part": {"leaf": "l"}}}},
    "late": {"id": "i", "shared": "s", "own": "o"},
    "chicken": {"wing": "w", "shell": "s"},
    "open": True,
    "size": 2,
    "same-name": "a",
    "same_name": "b",
    "same name": "c",
    "either": {"left": "l"},
    "wrapped": {"size": 1},
    "clash": {"id": 5, "more": "m"},
    "union_plus": {"more": "m", "leaf": {}},
    "deep": {"id": "i", "more": "m"},
    "listed": [{"id": "i"}],
    "beside": {"own": "o", "id": "i"},
    "within": {"own": "o", "id": "i"},
}


def test_types_survive_what_stands_around_them(tangled: Any) -> None:
    """An object among alternatives, what comes late in an `allOf`, an alias: each is read as its own class."""
    models = tangled.load("models")
    place = models.Place.from_dict(PLACE)
    assert place.to_dict() == PLACE
    assert type(place.node.child).__name__ == "NodeType1"
    assert (place.node.child.child, type(place.node.child.leaf).__name__) == ("end", "Leaf")
    assert (place.late.id, place.late.shared, place.late.own) == ("i", "s", "o")
    assert (place.deep.id, place.deep.more) == ("i", "m")
    assert (place.beside.id, place.beside["own"], place.within.own, place.within["id"]) == ("i", "o", "o", "i")
    assert (place.either.left, place.listed[0].id) == ("l", "i")
    assert place.size is models.PlaceSize.VALUE_2
    assert type(place.wrapped) is models.Place, "a schema that only refers is its target"
    assert (place.same_name, len({place.samename, place.same_name, place.samename_2})) == ("b", 3)
    assert (place.chicken.wing, place.chicken["shell"]) == ("w", "s")
    assert models.Egg.from_dict(PLACE["chicken"]).wing == "w"
    # The schema keeps the name; what is named after where it stands is numbered.
    assert models.LeafPart.from_dict({"root": "r"}).root == "r"
    assert type(place.node.child.leaf.part).__name__ == "LeafPart2"
    answer = tangled.load("api.default.ship")._parse_response(client=None, response=httpx.Response(200, json={}))
    assert type(answer) is models.ShipBody
    assert type(models.ShipBody2.from_dict({"box": {"a": 1}}).box).__name__ == "ShipBody2Box"


def test_parameters_go_where_the_server_looks_for_them(tangled: Any) -> None:
    sent = tangled.load("api.default.search")._get_kwargs(for_="a b")
    assert (sent["url"], sent["params"]) == ("/search", {"for": "a b"})
    sent = tangled.load("api.default.get_place")._get_kwargs(
        "north", "1,2", x_wishes="wish,none", limit=3, code="a", code_2=["b"]
    )
    assert sent["url"] == "/places/north/1%2C2"
    assert sent["params"] == {"limit": 3, "code": "a", "code[]": ["b"]}
    assert sent["headers"]["X-Wishes"] == "wish,none"


BROKEN_MODEL = """
class Broken:
    @classmethod
    def from_dict(cls, fields):
        from .absent import Absent
"""


def test_a_model_that_would_fail_on_use_fails_the_run(tangled: Any, tmp_path: Path) -> None:
    """Models import one another where they are used, which importing them does not show."""
    shutil.copytree(tangled.folder, tmp_path / "client")
    models = tmp_path / "client" / "models"
    (models / "broken.py").write_text(BROKEN_MODEL, encoding="utf-8")
    with (models / "__init__.py").open("a", encoding="utf-8") as file:
        file.write('from .broken import Broken\n__all__ = ["Broken"]\n')
    with pytest.raises(contract.ContractError, match=r"client\.models: ModuleNotFoundError: .*absent"):
        generate.import_all(tmp_path / "client")


def test_faults_against_openapi_itself_are_told_and_taken(make_foreign: Callable[[str, Path], Any]) -> None:
    """One document in a hundred has some; nobody who wants a client can mend them."""
    faulty = make_foreign("faulty_client", CONTRACTS / "faulty.yaml")
    assert faulty.out.splitlines()[-1] == "faulty_client: written, 1 of 1 operations"
    told = re.findall(r"^at fault, taken all the same: (.*)$", faulty.out, re.MULTILINE)
    fields = "at /components/schemas/Thing/properties"
    refused = told.pop(3)
    assert refused.endswith(f"{fields}/code/pattern: 0 is not of type 'string'")
    assert told == [
        "at /paths/~1things~1{id}/get/parameters/0: a parameter of the path that need not be given",
        "at /paths/~1things~1{id}/get/responses/200: an answer without a description",
        "at /info/version: a number, which should be text",
        f"{fields}/name/required: not what OpenAPI has there, and taken as not said",
        f"{fields}/code/pattern: not what OpenAPI has there, and taken as not said",
        f"{fields}/pattern/minLength: not what OpenAPI has there, and taken as not said",
    ]
    thing = {"name": "n", "code": "c", "pattern": "p", "label": None, "kind": "thing", "size": 1}
    answer = httpx.Response(200, json=thing)
    value = faulty.load("api.default.get_thing")._parse_response(client=None, response=answer)
    assert (value.to_dict(), value.label, value.pattern, value.kind) == (thing, None, "p", "thing")
