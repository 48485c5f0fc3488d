"""Contracts of others: they generate, import and work; what cannot be is named; and no text of one becomes code."""

from __future__ import annotations

import inspect
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

import adapt
import contract
import generate

CONTRACTS = Path(__file__).parent / "contracts"


@pytest.fixture(scope="module")
def field(make_foreign: Callable[[str, Path], Any]) -> Any:
    """The client of contracts/field.yaml."""
    return make_foreign("field_client", CONTRACTS / "field.yaml")


def test_each_thing_left_out_is_named_and_the_rest_generates(field: Any) -> None:
    """Who generates from another contract must know what the client lacks, and of which operation."""
    assert [line.partition(": it")[0].partition(": they")[0] for line in field.left_out] == [
        "GET /empty (getEmpty), in part: the body of response 200, which has no media type",
        "POST /note (postNote), whole: Unsupported content type text/plain",
        "POST /setting (setSetting), in part: Unsupported content type text/plain",
        "PUT /thing (get-thing), whole: GET /thing (getThing) has the same name in Python",
        "the field 'name ' of /components/schemas/Thing",
        "the field 'to_dict' of /components/schemas/Thing",
        "the values of the enum at /components/schemas/Thing/properties/mixed",
    ]
    assert field.out.splitlines()[-1] == "field_client: written, 5 of 7 operations"


INVALID = """\
openapi: {version}
info: {{title: t, version: "1"}}
paths:
  /good: {{get: {{operationId: getGood, responses: {{"200": {{description: fine}}}}}}}}
  /bad: {{get: {{operationId: getBad, responses: {{"200": {{description: x, content: null}}}}}}}}
  /worse:
    post:
      operationId: postWorse
      parameters: [{{name: x, in: query, content: {{}}}}]
      responses: {{"200": {{description: x}}}}
  /lost: {{get: {{operationId: getLost, responses: {{"200": {{$ref: "#/components/responses/Nowhere"}}}}}}}}
  /bare: {{post: {{operationId: postBare, requestBody: {{content: {{}}}}, responses: {{"200": {{description: x}}}}}}}}
"""


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_an_operation_that_cannot_be_is_left_out_and_named(version: str, tmp_path: Path, generate_into: Any) -> None:
    """A contract of others is not refused for one corner of it."""
    (tmp_path / "invalid.yaml").write_text(INVALID.format(version=version), encoding="utf-8")
    done = generate_into("--spec", tmp_path / "invalid.yaml", "--output", tmp_path / "invalid_client")
    assert done.status == 0, done.err
    said = [line.partition(": ")[2] for line in done.out.splitlines()]
    for name in ("GET /bad (getBad), whole", "GET /lost (getLost), whole", "POST /worse (postWorse), whole"):
        assert any(line.startswith(name) for line in said)
    assert "POST /bare (postBare), in part: the body of the request, which has no media type" in said
    assert said[-1] == "written, 2 of 5 operations"


def test_a_parameter_with_content_is_sent(field: Any) -> None:
    sent = field.load("api.file.get_picture")._get_kwargs(room="blue")
    assert sent["params"] == {"room": "blue"}


def test_a_picture_is_read_as_bytes_whichever_type_comes_first(field: Any) -> None:
    response = httpx.Response(200, content=b"picture", headers={"content-type": "image/png"})
    assert field.load("api.file.get_picture")._parse_response(response).read() == b"picture"


def test_a_response_without_media_types_is_none(field: Any) -> None:
    response = httpx.Response(200, content=b"something")
    assert field.load("api.default.get_empty")._parse_response(response) is None


def test_a_nullable_enum_is_one_class_named_after_its_field(field: Any) -> None:
    """The generator writes three equal classes, or forgets the null (upstream issues 1120 and 1405)."""
    models = field.load("models")
    assert [name for name in models.__all__ if name not in {"Thing", "ThingSize"}] == [
        "Grade",
        "SetSettingResponse200",
        "ThingAgain",
        "ThingReason",
    ]
    annotations = models.Thing.__annotations__
    assert annotations["reason"] == "None | ThingReason | Unset"
    assert annotations["grade"] == "Grade | None | Unset"
    thing = models.Thing.from_dict({"reason": "limit", "grade": None, "again": "new", "on": True})
    assert (thing.reason, thing.grade, thing.again) == (models.ThingReason.LIMIT, None, "new")
    assert {member.name: str(member) for member in models.Grade} == {"LOW": "low", "VALUE_1": "LOW"}


def test_a_field_that_is_left_out_is_an_additional_one(field: Any) -> None:
    """Otherwise a field would replace a method of its class, or lose its value."""
    values = {"name": "a", "name ": "b", "to_dict": "c", "mixed": 1, "size": 2}
    thing = field.load("models").Thing.from_dict(values)
    assert thing.to_dict() == values
    assert (thing.name, thing["name "], thing.size.name) == ("a", "b", "VALUE_2")


@pytest.fixture(scope="module")
def unions(make_foreign: Callable[[str, Path], Any]) -> Any:
    """The client of contracts/unions.yaml."""
    return make_foreign("unions_client", CONTRACTS / "unions.yaml")


READINGS = [
    ({"sort": "Rain", "depth": 1.5}, "Rain"),
    ({"sort": "Wind", "speed": 3}, "Wind"),
    ({"sort": "Wind", "depth": 3}, "Wind"),  # the discriminator decides
    ({"sort": "Wind"}, "Wind"),
    ({"sort": "Snow", "speed": 3}, "Wind"),  # a value that nobody declared: the required fields decide
    ({"speed": 3}, "Wind"),
    ({}, "Rain"),  # nothing tells: the first
]


@pytest.mark.parametrize(("value", "name"), READINGS)
def test_a_union_of_objects_is_read_by_its_discriminator(value: dict[str, Any], name: str, unions: Any) -> None:
    """Reading is forgiving, so the first of two objects would take any value of the other."""
    response = httpx.Response(200, json=value)
    answer = unions.load("api.default.get_reading")._parse_response(response)
    assert type(answer).__name__ == name
    assert answer.to_dict() == value


PLACES = [
    ("place", {"kind": "in"}, "Inside"),
    ("place", {"kind": "out"}, "Outside"),
    ("place", {"kind": "open", "room": "r"}, "Outside"),
    ("note", {"id": "1"}, "Short"),
    ("note", {"id": "1", "text": "t"}, "Long"),
    ("note", {"text": "t"}, "Long"),
    ("note", None, "NoneType"),
    ("note", [1], "list"),
    ("states", {"state": "up"}, "Up"),
    ("states", {"state": 'a "word"'}, "Up"),
    ("states", {"state": "down"}, "Down"),
    ("states", {"level": 2, "state": "down"}, "Down"),
    ("states", {"state": ["up"]}, "Up"),
    ("states", "text", "str"),
]


@pytest.mark.parametrize(("field", "value", "name"), PLACES)
def test_a_union_is_read_by_mapped_words_and_required_fields(field: str, value: Any, name: str, unions: Any) -> None:
    raw = {field: [value] if field == "states" else value}
    station = unions.load("models").Station.from_dict(raw)
    read = getattr(station, field)
    assert type(read[0] if field == "states" else read).__name__ == name
    assert station.to_dict() == raw


def test_our_own_contract_is_not_respelled() -> None:
    document = contract.parse(generate.CONTRACT.read_bytes(), "ours")
    before = json.dumps(document)
    assert list(adapt.adapt_document(document, "field_")) == []
    assert json.dumps(document) == before


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
    body = {"application/json": {"schema": {"$ref": f"#/components/schemas/S{number}"}}}
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
    return f"/p{number}/{place}/{{id}}/x{number}", {"post": operation}


def hostile_schema(number: int, text: str) -> dict[str, Any]:
    name = f"{number} {text}"
    inner = {
        "type": "object",
        "title": f"{text} I{number}",
        "properties": {text: {"type": "integer", "description": text}},
    }
    return {
        "title": f"{text} S{number}",
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
            f"m{name}": {"enum": [1, text]},
            f"u{name}": {"oneOf": [{"type": "string"}, {**inner, "title": f"{text} J{number}"}]},
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
    assert client.left_out, "the mixed enum is named by its place"
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
    assert client.left_out == []
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


BROKEN_MODEL = """
class Broken:
    @classmethod
    def from_dict(cls, fields):
        from .absent import Absent
"""


def test_a_model_that_would_fail_on_use_fails_the_run(field: Any, tmp_path: Path) -> None:
    """Models import one another where they are used, which importing them does not show."""
    shutil.copytree(field.folder, tmp_path / "client")
    models = tmp_path / "client" / "models"
    (models / "broken.py").write_text(BROKEN_MODEL, encoding="utf-8")
    with (models / "__init__.py").open("a", encoding="utf-8") as file:
        file.write('from .broken import Broken\n__all__ = ["Broken"]\n')
    with pytest.raises(contract.ContractError, match=r"client\.models: ModuleNotFoundError: .*absent"):
        generate.import_all(tmp_path / "client")
