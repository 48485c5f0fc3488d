"""The contract: ours is whole and well-formed, and a bad one is refused by name and place, with nothing changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import contract
from contract import ContractError

HEAD = 'openapi: 3.0.3\ninfo: {title: t, version: "1"}\n'
OK = "{description: fine}"


@pytest.fixture(scope="module")
def ours(root: Path) -> dict[str, Any]:
    return contract.parse((root / "openapi-cloud.yaml").read_bytes(), "openapi-cloud.yaml")


def test_our_contract_is_valid_openapi(ours: dict[str, Any]) -> None:
    """Other tools read it too: documentation sites, other generators."""
    assert list(OpenAPIV30SpecValidator(ours).iter_errors()) == []


def test_every_operation_says_what_it_is(ours: dict[str, Any]) -> None:
    """These texts become the docstrings of the raw client."""
    for path, method, operation in contract.operations(ours):
        for field in ("operationId", "summary", "description"):
            assert str(operation.get(field, "")).strip(), f"{method} {path} has no {field}"


def test_no_text_of_our_contract_is_empty(ours: dict[str, Any]) -> None:
    empty = [
        path
        for path, value in contract.pointers(ours)
        if path.rpartition("/")[2] in {"summary", "description", "title"}
        and isinstance(value, str)
        and not value.strip()
    ]
    assert empty == []


# What is wrong, the bytes, and what the message has to tell.
BROKEN: dict[str, tuple[str | bytes, list[str]]] = {
    "not YAML": (HEAD + "paths:\n  /a: {get: [}\n", ["not YAML", "line 4"]),
    "tab": (HEAD + "paths:\n\t/a: {}\n", ["not YAML", "line 4"]),
    "not JSON": ('{"openapi": "3.0.3"\n "info": 1}', ["not JSON", "line 2"]),
    "empty": ("", ["empty"]),
    "only blanks": (" \n\n", ["empty"]),
    "only a comment": ("# nothing\n", ["not NoneType"]),
    "a JSON list": ("[1, 2]", ["not list"]),
    "a sentence": ("Not found.", ["not str"]),
    "not OpenAPI": ("name: a\nversion: 1\n", ["`openapi` must be", "not None"]),
    "version as a number": ("openapi: 3.0\n", ["a string), not 3.0"]),
    "a later version": ("openapi: 3.2.0\n", ["'3.2.0'"]),
    "Swagger 2": ('swagger: "2.0"\n', ["Swagger 2.0", "convert"]),
    "a web page": ("<!DOCTYPE html><html>sign in</html>", ["web page"]),
    "a web page with a remark first": ("\n<!-- cache --><html></html>", ["web page"]),
    "binary": (bytes(range(256)), ["must be UTF-8", "byte 128"]),
    "binary that is UTF-8": (b"openapi: \x00\x01", ["not YAML"]),
    "a doubled key": (HEAD + "paths: {}\npaths: {}\n", ["'paths' is there twice", "line 4"]),
    "a doubled key in JSON": ('{"openapi": "3.0.3", "paths": {}, "paths": {}}', ["'paths' is there twice"]),
    "a doubled status": (
        HEAD + f'paths: {{/a: {{get: {{responses: {{200: {OK}, "200": {OK}}}}}}}}}\n',
        ["'200' is there twice"],
    ),
    "a key that is a list": ("? [a, b]\n: 1\n", ["key that is not a string", "line 1"]),
    "an unknown tag": ("openapi: !!python/object:os.system x\n", ["not YAML", "line 1"]),
    "bytes": ("openapi: !!binary aGk=\n", ["bytes"]),
    "a loop of aliases": ("openapi: 3.0.3\nx-a: &a [*a]\n", ["aliases"]),
    "half a surrogate pair": ('{"openapi": "3.0.3", "x": "\\ud800"}', ["surrogate", "/x"]),
    "nested without end": ("[" * 100_000, ["nested too deeply"]),
    "nested deeply": ("[" * 300 + "]" * 300, ["nested too deeply"]),
    "no paths": (HEAD, ["'paths' is a required property"]),
    "paths of the wrong kind": (HEAD + "paths: [1]\n", ["at /paths"]),
    "a wrong place": (
        HEAD + f"paths: {{/a: {{get: {{responses: {{200: {OK}}}, parameters: [{{in: query}}]}}}}}}\n",
        ["/paths/~1a/get/parameters/0"],
    ),
    "a broken reference": (
        HEAD + 'paths: {}\ncomponents: {schemas: {A: {properties: {b: {$ref: "#/components/schemas/Gone"}}}}}\n',
        ["/components/schemas/A/properties/b", "#/components/schemas/Gone", "nowhere"],
    ),
    "a reference to elsewhere": (
        HEAD + 'paths: {}\ncomponents: {schemas: {A: {$ref: "https://elsewhere.example/a.yaml#/A"}}}\n',
        ["/components/schemas/A", "elsewhere.example", "out of the document"],
    ),
}


# What many real contracts do: (text, words of the fault).
AT_FAULT: dict[str, tuple[str, list[str]]] = {
    "a doubled operationId": (
        HEAD + "paths:\n"
        f"  /a: {{get: {{operationId: same, responses: {{200: {OK}}}}}}}\n"
        f"  /b: {{get: {{operationId: same, responses: {{200: {OK}}}}}}}\n",
        ["same", "not unique"],
    ),
    "a path parameter that is not declared": (
        HEAD + f"paths: {{'/a/{{id}}': {{get: {{responses: {{200: {OK}}}}}}}}}\n",
        ["'id'", "/a/{id}"],
    ),
    "a default of another type": (
        HEAD + "paths: {}\ncomponents: {schemas: {A: {type: integer, default: many}}}\n",
        ["'many' is not of type 'integer'"],
    ),
    "an enum that repeats itself": (
        HEAD + "paths: {}\ncomponents: {schemas: {A: {type: string, enum: [a, a]}}}\n",
        ["non-unique"],
    ),
}


@pytest.mark.parametrize("name", AT_FAULT)
def test_what_contradicts_itself_is_refused_in_ours_and_told_of_others(
    name: str, tmp_path: Path, generate_into: Any
) -> None:
    """Nobody can mend the contract of another house, and most of it is well; in our own a fault is a mistake."""
    text, telling = AT_FAULT[name]
    path = tmp_path / "faulty.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(contract.ContractError) as refused:
        contract.validate(contract.parse(text.encode(), "ours"), "ours")
    outcome = generate_into("--spec", path, "--output", tmp_path / "client")
    assert outcome.status == 0, outcome.err
    (told,) = (
        line for line in outcome.out.splitlines() if line.startswith("fault in the contract, taken all the same: ")
    )
    for word in telling:
        assert word in str(refused.value)
        assert word in told


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_contract_changes_nothing_and_is_named(
    name: str, tmp_path: Path, old_client: Path, generate_into: Any, assert_untouched: Callable[[], None]
) -> None:
    """CI must keep the client that works, and say in one line what to mend."""
    content, telling = BROKEN[name]
    path = tmp_path / "bad.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    outcome = generate_into("--spec", path, "--output", old_client)
    assert outcome.status == 2
    assert outcome.err.startswith(f"generate: {path}: ")
    for word in telling:
        assert word in outcome.err
    assert outcome.err.count("\n") == 1, "one line, no traceback"
    assert_untouched()


def test_aliases_that_stand_for_billions_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generate_into: Any
) -> None:
    """A few lines of YAML must not take a CI runner's memory."""
    monkeypatch.setattr(contract, "MAX_VALUES", 10_000)
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    path = tmp_path / "laughs.yaml"
    path.write_text("openapi: 3.0.3\n" + "\n".join(lines), encoding="utf-8")
    outcome = generate_into("--spec", path, "--output", tmp_path / "out")
    assert outcome.status == 2
    assert "too large (aliases?)" in outcome.err


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_a_path_that_cannot_be_read_is_named(
    name: str, tmp_path: Path, old_client: Path, generate_into: Any, assert_untouched: Callable[[], None]
) -> None:
    outcome = generate_into("--spec", tmp_path / name, "--output", old_client)
    assert outcome.status == 2
    assert f"{tmp_path / name}: could not be read: " in outcome.err
    assert_untouched()


def answer(**how: Any) -> Callable[[Request], Response]:
    return lambda _: Response(**how)


@pytest.mark.parametrize(
    ("handler", "telling"),
    [
        pytest.param(answer(status=404, response="gone"), "answered 404", id="404"),
        pytest.param(answer(status=503), "answered 503", id="503"),
        pytest.param(
            answer(response="<html>sign in</html>", content_type="text/html"), "web page", id="a page with 200"
        ),
        pytest.param(answer(response=""), "empty", id="nothing"),
        pytest.param(
            answer(response="{}", headers={"Content-Encoding": "gzip"}), "could not be fetched", id="broken gzip"
        ),
        pytest.param(answer(status=302, headers={"Location": "/openapi.yaml"}), "could not be fetched", id="a loop"),
    ],
)
def test_an_address_that_gives_no_contract_changes_nothing(
    handler: Callable[[Request], Response],
    telling: str,
    httpserver: HTTPServer,
    old_client: Path,
    generate_into: Any,
    assert_untouched: Callable[[], None],
) -> None:
    """A gateway's error page must not replace the client."""
    httpserver.expect_request("/openapi.yaml").respond_with_handler(handler)
    outcome = generate_into("--spec", httpserver.url_for("/openapi.yaml"), "--output", old_client)
    assert outcome.status == 2
    assert telling in outcome.err
    assert outcome.err.startswith(f"generate: {httpserver.url_for('/openapi.yaml')}: ")
    assert_untouched()


def test_an_unreachable_address_changes_nothing(
    old_client: Path, generate_into: Any, assert_untouched: Callable[[], None], unused_tcp_port: int
) -> None:
    outcome = generate_into("--spec", f"http://127.0.0.1:{unused_tcp_port}/openapi.yaml", "--output", old_client)
    assert outcome.status == 2
    assert "could not be fetched" in outcome.err
    assert_untouched()


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize("address", ["http://", "http://[", "https://a b/", "http://x:notaport/"])
def test_an_address_that_is_none_is_refused(address: str, old_client: Path, generate_into: Any) -> None:
    outcome = generate_into("--spec", address, "--output", old_client)
    assert outcome.status == 2
    assert "could not be fetched" in outcome.err


def test_a_silent_server_is_not_waited_for(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, old_client: Path, generate_into: Any
) -> None:
    """A scheduled job must end."""
    released = threading.Event()

    def hold(_: Request) -> Response:
        released.wait(10)
        return Response("late")

    monkeypatch.setattr(contract, "FETCH_TIMEOUT_S", 0.05)
    httpserver.expect_request("/slow").respond_with_handler(hold)
    try:
        outcome = generate_into("--spec", httpserver.url_for("/slow"), "--output", old_client)
    finally:
        released.set()
    assert outcome.status == 2
    assert "could not be fetched" in outcome.err
    assert "timed out" in outcome.err


def test_a_server_that_sends_drop_by_drop_is_not_waited_for(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each drop comes in time, so that only the whole can be late."""
    ticks = iter(range(1000))
    monkeypatch.setattr(contract.time, "monotonic", lambda: float(next(ticks)) * 20)

    def drops() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"#" * 70_000

    httpserver.expect_request("/drops").respond_with_handler(lambda _: Response(drops(), direct_passthrough=True))
    with pytest.raises(ContractError, match="not complete after 30 s"):
        contract.read_source(httpserver.url_for("/drops"))


def test_an_answer_without_end_is_cut(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "MAX_BYTES", 1000)
    httpserver.expect_request("/big").respond_with_data(b"#" * 5000)
    with pytest.raises(ContractError, match="at most 1000 bytes"):
        contract.read_source(httpserver.url_for("/big"))


def test_secrets_of_an_address_are_not_printed(httpserver: HTTPServer, old_client: Path, generate_into: Any) -> None:
    """CI logs are public; the address of a private contract often carries a token."""
    httpserver.expect_request("/private.yaml").respond_with_data("nothing", status=403)
    address = httpserver.url_for("/private.yaml?token=tok-secret").replace("http://", "http://me:pass-secret@")
    outcome = generate_into("--spec", address, "--output", old_client)
    assert "answered 403" in outcome.err
    assert "secret" not in outcome.err + outcome.out


DOCUMENT = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}


@pytest.mark.parametrize("content_type", ["application/json", "application/yaml", "text/plain", "", "text/html"])
@pytest.mark.parametrize("spelling", ["JSON", "JSON with tabs", "YAML", "YAML with a byte order mark"])
def test_a_contract_over_http_is_read_whatever_it_is_called(
    content_type: str, spelling: str, httpserver: HTTPServer
) -> None:
    """Servers name YAML in many ways, or not at all."""
    text = {
        "JSON": json.dumps(DOCUMENT),
        "JSON with tabs": json.dumps(DOCUMENT, indent="\t"),
        "YAML": 'openapi: 3.1.0\ninfo: {title: t, version: "1"}\npaths: {}\n',
        "YAML with a byte order mark": '\ufeffopenapi: 3.1.0\ninfo: {title: t, version: "1"}\npaths: {}\n',
    }[spelling]
    headers = {"Content-Type": content_type} if content_type else {}
    httpserver.expect_request("/there").respond_with_data(text, headers=headers)
    httpserver.expect_request("/here").respond_with_data("", status=302, headers={"Location": "/there"})
    for address in ("/there", "/here"):
        content = contract.read_source(httpserver.url_for(address))
        assert contract.parse(content, "x") == DOCUMENT


def test_yaml_is_read_as_json_has_it() -> None:
    """PyYAML reads YAML 1.1: `on` would be true, 12:30 a number, a date an object that no template can print."""
    text = (
        "on: on\nyes: y\nno: [no, NO, off]\ntime: 12:30:45\ndate: 2024-01-02\nequal: [=, <, <<]\nold: 010\n"
        "under: 1_000\nhex: 0x1F\noctal: 0o17\nnumbers: [-1, +2, 1.5, .5, 1e3, 1.0]\ntruth: [true, False, NULL, ~]\n"
        "empty:\n200: ok\n1.10: kept\ntrue: key\nnan: .nan\n"
    )
    assert contract.load(text, "x") == {
        "on": "on",
        "yes": "y",
        "no": ["no", "NO", "off"],
        "time": "12:30:45",
        "date": "2024-01-02",
        "equal": ["=", "<", "<<"],
        "old": "010",
        "under": "1_000",
        "hex": 31,
        "octal": 15,
        "numbers": [-1, 2, 1.5, 0.5, 1000.0, 1.0],
        "truth": [True, False, None, None],
        "empty": None,
        "200": "ok",
        "1.10": "kept",
        "true": "key",
        "nan": ".nan",
    }


def test_anchors_and_merges_are_followed() -> None:
    text = "base: &base {200: a, b: 1}\nother: {<<: *base, b: 2}\nlist: [*base]\n"
    assert contract.load(text, "x") == {
        "base": {"200": "a", "b": 1},
        "other": {"200": "a", "b": 2},
        "list": [{"200": "a", "b": 1}],
    }


def test_pairs_of_surrogates_become_their_character() -> None:
    """JSON writes an emoji as two escapes; apart they cannot be written to a file."""
    assert contract.load('a: "\\ud83d\\ude00"', "x") == {"a": "\U0001f600"}


def test_what_looks_like_a_reference_in_an_example_is_none() -> None:
    """Examples and defaults are data of the API's users."""
    document = contract.parse(
        (
            HEAD + "paths: {}\ncomponents: {schemas: {A: {type: object, example: {$ref: nowhere},"
            " properties: {example: {$ref: '#/components/schemas/A'}, $ref: {type: string}}}}}\n"
        ).encode(),
        "x",
    )
    contract.validate(document, "x")
    document["components"]["schemas"]["A"]["properties"]["example"]["$ref"] = "#/components/schemas/B"
    with pytest.raises(ContractError, match="/properties/example: the reference"):
        contract.validate(document, "x")


def test_references_may_be_percent_encoded() -> None:
    document = contract.parse((HEAD + "paths: {}\ncomponents: {schemas: {'a b': {type: string}}}\n").encode(), "x")
    document["components"]["schemas"]["C"] = {"$ref": "#/components/schemas/a%20b"}
    contract.validate(document, "x")


def test_pointers_and_resolve_are_inverse(ours: dict[str, Any]) -> None:
    """Messages and patches name places by them."""
    for path, value in contract.pointers(ours):
        assert contract.resolve(ours, path) is value
    for wrong in ("/paths/-1", "/tags/-1", "/tags/99", "/tags/x", "/info/title/0"):
        with pytest.raises(KeyError):
            contract.resolve(ours, wrong)
