"""Patches: each has a reason and changes something, and one that does not is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import contract
import generate
import patches
from contract import ContractError
from patches import Patch

NAMES = [f"{patch}" for patch in patches.read_patches(generate.PATCHES)]


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return contract.parse(generate.CONTRACT.read_bytes(), "ours")


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_each_of_our_patches_has_a_reason_and_changes_something(number: int, ours: dict[str, Any]) -> None:
    """A patch that outlived its reason hides what the contract says."""
    document = copy.deepcopy(ours)
    patch = patches.read_patches(generate.PATCHES)[number]
    assert len(patch.because) > 15
    before = copy.deepcopy(document)
    assert patches.apply_patch(document, patch) is None
    assert document != before


def test_our_patches_leave_a_valid_contract(ours: dict[str, Any]) -> None:
    document = copy.deepcopy(ours)
    for patch in patches.read_patches(generate.PATCHES):
        assert patches.apply_patch(document, patch) is None
    contract.validate(document, "patched")


IDLE = """
  - at: /info
    add: {title: again}
    because: Nothing, this is a test.
"""


def test_an_idle_patch_fails_for_our_contract(
    old_client: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    generate_into: Any,
    assert_untouched: Callable[[], None],
) -> None:
    path = tmp_path / "openapi-cloud.patches.yaml"
    path.write_text(generate.PATCHES.read_text(encoding="utf-8") + IDLE, encoding="utf-8")
    monkeypatch.setattr(generate, "PATCHES", path)
    outcome = generate_into("--output", old_client)
    assert outcome.status == 2
    assert outcome.err == "generate: openapi-cloud.patches.yaml: add at /info: it already has title\n"
    assert_untouched()


def test_patches_are_for_our_contract_only(small: Path, tmp_path: Path, generate_into: Any) -> None:
    """A patch with a reference would make another contract fail, and any other patch would be told as idle."""
    outcome = generate_into("--spec", small, "--output", tmp_path / "client")
    assert (outcome.status, outcome.out) == (0, "client: written, 1 of 1 operations\n")
    facts = json.loads((tmp_path / "client" / "GENERATED.json").read_text(encoding="utf-8"))
    assert facts["patches_sha256"] == generate.sha256(b"")


def test_our_contract_by_its_path_is_ours(tmp_path: Path, generate_into: Any) -> None:
    outcome = generate_into("--check", "--spec", generate.CONTRACT)
    assert (outcome.status, outcome.err) == (0, "")


BREAKING = {
    "nothing at its pointer": (
        "{at: /gone, add: {a: 1}, because: To break it.}",
        "add at /gone: nothing is there",
    ),
    "no list at its pointer": (
        "{at: /info/title/0, replace: 1, because: To break it.}",
        "replace at /info/title/0: nothing is there",
    ),
    "takes out what must be there": (
        "{at: /info, remove: [title], because: To break it.}",
        "remove at /info: at /info: 'title' is a required property",
    ),
    "refers to nothing": (
        (
            "{at: /paths/~1thing/get/responses/200, because: To break it., "
            "add: {content: {a/b: {schema: {$ref: '#/components/schemas/Gone'}}}}}"
        ),
        (
            "add at /paths/~1thing/get/responses/200: at /paths/~1thing/get/responses/200/content/a~1b/schema:"
            " the reference '#/components/schemas/Gone' leads nowhere"
        ),
    ),
    "takes away what others refer to": (
        "{at: /components/schemas, remove: [Used], because: To break it.}",
        (
            "remove at /components/schemas: at /components/schemas/User/properties/a:"
            " the reference '#/components/schemas/Used' leads nowhere"
        ),
    ),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_patch_that_breaks_the_contract_is_named(
    name: str,
    small: Path,
    old_client: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    generate_into: Any,
    assert_untouched: Callable[[], None],
) -> None:
    """It stands between patches that are in order: only its own pointer tells where to mend."""
    patch, message = BREAKING[name]
    schemas = "{Used: {type: string}, User: {type: object, properties: {a: {$ref: '#/components/schemas/Used'}}}}"
    small.write_text(f"{small.read_text(encoding='utf-8')}components: {{schemas: {schemas}}}\n", encoding="utf-8")
    path = tmp_path / "some.patches.yaml"
    fine = "{at: /info, add: {%s: a}, because: To be in order.}"
    path.write_text(f"patches: [{fine % 'x-one'}, {patch}, {fine % 'x-two'}]", encoding="utf-8")
    monkeypatch.setattr(generate, "CONTRACT", small)
    monkeypatch.setattr(generate, "PATCHES", path)
    outcome = generate_into("--output", old_client)
    assert outcome.status == 2
    assert outcome.err == f"generate: some.patches.yaml: {message}\n"
    assert_untouched()


def test_a_patch_may_refer_to_what_a_later_one_adds(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generate_into: Any
) -> None:
    path = tmp_path / "some.patches.yaml"
    reference = "{content: {application/json: {schema: {$ref: '#/components/schemas/New'}}}}"
    path.write_text(
        f"patches:\n- {{at: /paths/~1thing/get/responses/200, add: {reference}, because: A test.}}\n"
        "- {at: /components, add: {schemas: {New: {type: string}}}, because: A test.}\n",
        encoding="utf-8",
    )
    small.write_text(f"{small.read_text(encoding='utf-8')}components: {{}}\n", encoding="utf-8")
    monkeypatch.setattr(generate, "CONTRACT", small)
    monkeypatch.setattr(generate, "PATCHES", path)
    assert generate_into("--output", tmp_path / "client").err == ""


DOCUMENT = {"a": {"b": 1, "c/d": [1, 2]}, "e~f": {}}

APPLIED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"at": "/a", "add": {"n": 2}}, {"a": {"b": 1, "c/d": [1, 2], "n": 2}, "e~f": {}}),
    ({"at": "/a/c~1d", "add": [2, 3]}, {"a": {"b": 1, "c/d": [1, 2, 3]}, "e~f": {}}),
    ({"at": "/a/b", "replace": {"n": 2}}, {"a": {"b": {"n": 2}, "c/d": [1, 2]}, "e~f": {}}),
    ({"at": "/a/c~1d/0", "replace": 9}, {"a": {"b": 1, "c/d": [9, 2]}, "e~f": {}}),
    ({"at": "/e~0f", "replace": None}, {"a": {"b": 1, "c/d": [1, 2]}, "e~f": None}),
    ({"at": "/a", "remove": ["b", "c/d"]}, {"a": {}, "e~f": {}}),
]


@pytest.mark.parametrize(("entry", "wanted"), APPLIED)
def test_patches_do_what_they_say(entry: dict[str, Any], wanted: dict[str, Any]) -> None:
    document = copy.deepcopy(DOCUMENT)
    verb = next(verb for verb in ("add", "replace", "remove") if verb in entry)
    patch = Patch(entry["at"], verb, entry[verb], "a test")
    assert patches.apply_patch(document, patch) is None
    assert document == wanted


IDLES: list[tuple[dict[str, Any], str]] = [
    ({"at": "/x", "add": {"n": 1}}, "nothing is there"),
    ({"at": "/a/c~1d/2", "replace": 1}, "nothing is there"),
    ({"at": "/a", "add": {"b": 2, "n": 1}}, "it already has b"),
    ({"at": "/a/c~1d", "add": [1, 2]}, "it is already there"),
    ({"at": "/a/b", "replace": 1}, "it already says so"),
    ({"at": "/a", "remove": ["b", "gone"]}, "it does not have gone"),
    ({"at": "/a/b", "add": {"n": 1}}, "no mapping is there"),
    ({"at": "/a/c~1d", "remove": ["b"]}, "no mapping is there"),
    ({"at": "/a", "add": ["n"]}, "a mapping is there, not a list"),
]


@pytest.mark.parametrize(("entry", "why"), IDLES)
def test_a_patch_that_changes_nothing_says_why_and_changes_nothing(entry: dict[str, Any], why: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    verb = next(verb for verb in ("add", "replace", "remove") if verb in entry)
    assert patches.apply_patch(document, Patch(entry["at"], verb, entry[verb], "a test")) == why
    assert document == DOCUMENT


BAD_FILES = {
    "patches: [{at: /a, add: {b: 1}}]": "patch 1: must have `at`",
    "patches: [{at: /a, add: {b: 1}, because: ' '}]": "patch 1: `because` must be a reason",
    "patches: [{at: /a, add: {b: 1}, because: 3}]": "patch 1: must have `at`",
    "patches: [{at: a/b, add: {b: 1}, because: why}]": "a JSON pointer",
    "patches: [{at: /a, add: {b: 1}, replace: 2, because: why}]": "one of `add`, `replace`, `remove`",
    "patches: [{at: /a, move: b, because: why}]": "has at, because, move",
    "patches: [{at: /a, add: b, because: why}]": "`add` must be a mapping",
    "patches: [{at: /a, add: {}, because: why}]": "`add` must be a mapping",
    "patches: [{at: /a, remove: b, because: why}]": "`remove` must be a list",
    "patches: [{at: /a, remove: [1], because: why}]": "`remove` must be a list",
    "patches: [text]": "patch 1: must be a mapping, not str",
    "[]": "list of `patches`",
    "patches: {}": "list of `patches`",
    "": "list of `patches`",
    "patches: [": "not YAML: line 1",
    "patches: []\npatches: []": "'patches' is there twice",
}


@pytest.mark.parametrize("text", BAD_FILES)
def test_a_bad_patch_file_is_refused_by_number(text: str, tmp_path: Path) -> None:
    """It is written by hand, and by people in a hurry."""
    path = tmp_path / "some.patches.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        patches.read_patches(path)
    assert str(caught.value).startswith("some.patches.yaml: ")
    assert BAD_FILES[text] in str(caught.value)


def test_a_patch_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"gone\.yaml: could not be read"):
        patches.read_patches(tmp_path / "gone.yaml")
