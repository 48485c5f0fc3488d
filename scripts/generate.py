#!/usr/bin/env python3
"""Generate the raw client from the contract: contract, patches, options and templates in, one folder out.

    python scripts/generate.py              replace generated/comfy_cloud_api with fresh output
    python scripts/generate.py --check      compare instead; exit 1 with the command that mends a difference
    python scripts/generate.py --spec FILE_OR_URL [--output DIR]      another contract, without our patches

The same input gives the same bytes. Nothing is changed before the new client is complete: it is generated beside
the old one, every module is imported, it is formatted, and then the folders are swapped. For our own contract a
generator warning fails, and so does a patch that changes nothing. For another contract, warnings and each operation
that is left out are printed (and for ours with --allow-incomplete, which the regeneration uses).

Exit status: 0 done (or equal), 1 different (--check), 2 failed, with the fault and its place on stderr.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import filecmp
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import EnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonCode

sys.path.insert(0, str(Path(__file__).resolve().parent))
from adapt import TAGS, adapt_document, function_of
from contract import METHODS, ContractError, followed, operations, parameters_of, parse, read_source, validate
from patches import Patch, apply_patch, read_patches

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi-cloud.yaml"
PATCHES = ROOT / "openapi-cloud.patches.yaml"
OPTIONS = ROOT / "generator-config.yaml"
TEMPLATES = ROOT / "scripts" / "templates"
OUTPUT = ROOT / "generated" / "comfy_cloud_api"
# Each printed line about a part of the contract that the client lacks begins with this.
LACKING = "left out: "
HEADER = "# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate\n"


@dataclass
class Report:
    """Collect what a run prints beside writing its files."""

    operations: int = 0
    written: int = 0
    faults: list[str] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def lines(self) -> Iterable[str]:
        yield from (f"fault in the contract, taken all the same: {fault}" for fault in dict.fromkeys(self.faults))
        yield from (f"{LACKING}{left_out}" for left_out in self.left_out)


class ContractFacts:
    """Facts of the contract that the templates need and the generator's parser drops."""

    def __init__(self, document: dict[str, Any], models: Iterable[ModelProperty], field_prefix: str) -> None:
        # A reference to a model is a copy of it without fields, so the model is found by its name.
        self._models = {model.class_info.name: model for model in models}
        self._ids: dict[tuple[str, str], str] = {}
        self._joined: dict[tuple[str, str], set[str]] = {}
        self._parts: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self._deprecated: set[tuple[str, str]] = set()
        self.operations: list[tuple[str, str, str]] = []
        for path, method, operation in operations(document):
            key = function_of(path, method, operation, field_prefix)
            self._ids[key] = operation.get("operationId") or key[1]
            self.operations.append((self._ids[key], method.upper(), path))
            parameters = parameters_of(document, path, operation)
            self._joined[key] = {
                parameter["name"]
                for parameter in parameters
                if parameter.get("in") == "query" and parameter.get("explode") is False
            }
            self._parts[key] = {"body": followed(document, operation.get("requestBody", {}))}
            self._parts[key] |= {parameter["name"]: parameter for parameter in parameters}
            if operation.get("deprecated") is True:
                self._deprecated.add(key)
        schemes = document.get("components", {}).get("securitySchemes", {}).values()
        header = next((s["name"] for s in schemes if s.get("type") == "apiKey" and s.get("in") == "header"), None)
        # Header names are tokens: anything else in a contract must not become code.
        safe = header is not None and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", header)
        self.key_header = header if safe else "Authorization"
        self.key_prefix = "" if safe else "Bearer"

    def operation_id(self, endpoint: Endpoint) -> str:
        """Return the operationId of the contract as a Python literal."""
        return repr(self._ids.get((endpoint.tags[0], endpoint.name), str(endpoint.name)))

    def joined(self, endpoint: Endpoint) -> set[str]:
        """Return the query parameters of the operation whose lists are sent as one value."""
        return self._joined.get((endpoint.tags[0], endpoint.name), set())

    def is_deprecated(self, endpoint: Endpoint) -> bool:
        """Return whether the contract deprecates the operation."""
        return (endpoint.tags[0], endpoint.name) in self._deprecated

    def argument_line(self, endpoint: Endpoint, prop: Property) -> str:
        """Return the docstring's line about a parameter. The generator reads no words but those of its schema."""
        part = self._parts.get((endpoint.tags[0], endpoint.name), {}).get(prop.name.get_untrusted_value(), {})
        return _line(prop, part.get("description"), part.get("deprecated"))

    def field_line(self, model: ModelProperty, prop: Property) -> str:
        """Return the docstring's line about a field."""
        schema = (model.data.properties or {}).get(prop.name)
        return _line(prop, None, getattr(schema, "deprecated", None))

    def instance_type(self, prop: Any) -> str:
        """Return the type that `isinstance` takes for a body."""
        plain = str(prop.get_type_string(no_optional=True).as_unembedded_code())
        while re.search(r"\[[^][]*\]", plain):
            plain = re.sub(r"\[[^][]*\]", "", plain)
        return "object" if re.search(r"\b(Any|Literal)\b", plain) else plain

    def object_reader(self, models: Sequence[ModelProperty]) -> str:
        """Return the code of a reader of one of these models; the plain generator asks each in turn."""
        alternatives = []
        for model in (self._models[model.class_info.name] for model in models):
            tags = (model.data.model_extra or {}).get(TAGS, {})
            required = tuple(prop.name.get_untrusted_value() for prop in model.required_properties or ())
            fields = (*(model.required_properties or ()), *(model.optional_properties or ()))
            words = {prop.name.get_untrusted_value(): words_of(prop) for prop in fields}
            words = {name: known for name, known in words.items() if known}
            name = model.class_info.name
            alternatives.append(f"_types.Alternative({name}.from_dict, {tags!r}, {words!r}, {required!r})")
        return f"_types.object_of({', '.join(alternatives)})"


def _line(prop: Property, words: str | None, deprecated: bool | None) -> str:
    said = words or (prop.description.get_untrusted_value() if prop.description else "")
    if deprecated and "deprecated" not in said.lower():
        said = f"Deprecated. {said}".strip()
    prop.description = UntrustedString(" ".join(said.split()))
    return prop.to_docstring()


def words_of(prop: Property) -> tuple[Any, ...]:
    """Return the values of a field that has few of them, else nothing."""
    if isinstance(prop, ConstProperty):
        return (prop.value.raw_value,)
    values = prop.values.values() if isinstance(prop, EnumProperty) else ()
    # The generator keeps strings as they are written between double quotes.
    return tuple(ast.literal_eval(f'"{value}"') if isinstance(value, str) else value for value in values)


def sha256(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


def prepare(source: str, *, own: bool, strict: bool, report: Report) -> tuple[dict[str, Any], bytes]:
    """Return the contract, checked and patched, and its bytes as read. Only our own contract is patched."""
    content = read_source(source)
    document = parse(content, source)
    faults = None if strict else report.faults
    if not own:
        report.invalid = leave_out_invalid(document, source, report.faults)
        return document, content
    validate(document, source, faults)
    return patched(document, read_patches(PATCHES), faults), content


def leave_out_invalid(document: dict[str, Any], source: str, faults: list[str]) -> list[str]:
    """Leave out the operations that make a contract of others invalid, and name them. Refuse what is invalid elsewhere.

    A contract whose only operations are invalid is refused as well.
    """
    left_out: list[str] = []
    while True:
        try:
            validate(document, source, faults)
            return left_out
        except ContractError as error:
            place = re.search(rf": at /paths/([^/:]+)/({'|'.join(METHODS)})[/:]", str(error))
            path = place[1].replace("~1", "/").replace("~0", "~") if place else ""
            if place is None or len(list(operations(document))) < 2:
                raise
            operation = document["paths"][path].pop(place[2])
            why = str(error).partition(": at ")[2].partition(": ")[2]
            left_out.append(f"{place[2].upper()} {path} ({operation.get('operationId', '')}), whole: {why}")


def patched(document: dict[str, Any], patches: Sequence[Patch], faults: list[str] | None) -> dict[str, Any]:
    """Return the document with all patches applied. Raises ContractError that names the patch at fault."""
    result = copy.deepcopy(document)
    idle = [f"{patch}: {trouble}" for patch in patches if (trouble := apply_patch(result, patch))]
    if idle:
        raise ContractError(f"{PATCHES.name}: " + "; ".join(idle))
    try:
        validate(result, PATCHES.name, faults)
    except ContractError as error:
        # A patch may refer to a schema that a later one adds, so only a failure is traced, patch by patch.
        for patch in patches:
            apply_patch(document, patch)
            with contextlib.suppress(ContractError):
                validate(document, PATCHES.name, faults)
                continue
            raise ContractError(f"{PATCHES.name}: {patch}: {str(error).removeprefix(f'{PATCHES.name}: ')}") from None
    return result


def in_double_quotes(value: UntrustedString | PythonCode | str) -> str:
    """Return a string as it is written between double quotes in code; unlike the generator's own filter, whole."""
    if isinstance(value, UntrustedString):
        value = value.get_untrusted_value()
    text = value.as_unembedded_code() if isinstance(value, PythonCode) else value
    return text.encode("unicode_escape").decode("ascii").replace('"', '\\"')


def describe(error: GeneratorError, ids: Mapping[str, str]) -> str:
    """Return one line for what the generator left out, and where; `ids` are the operationIds by method and path."""
    header = error.header
    where = re.match(r"WARNING parsing (.*) within \S+\.( Endpoint will not be generated\.)?$", header, re.DOTALL)
    if where is not None:
        header = f"{where[1]} ({ids.get(where[1], '')}), {'whole' if where[2] else 'in part'}:"
    # The generator prints texts that it distrusts as objects with their place in memory, which differs in each run.
    text = re.sub(r"<\S+ object at \w+>", "...", f"{header} {error.detail or ''}")
    return " ".join(text.split())[:1000]


def write_client(document: dict[str, Any], folder: Path, *, strict: bool, report: Report) -> None:
    """Run the generator into `folder` (which must not exist)."""
    options = ConfigFile.load_from_path(OPTIONS)
    config = Config.from_sources(options, MetaType.NONE, CONTRACT, "utf-8", overwrite=False, output_path=folder)
    config.post_hooks = []
    ids = {f"{method.upper()} {path}": item.get("operationId", "") for path, method, item in operations(document)}
    try:
        left_out = set(adapt_document(document, config.field_prefix))
        data = GeneratorData.from_dict(document, config=config)
        if isinstance(data, GeneratorError):
            raise ContractError(describe(data, {}))
        project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
        project.env.filters["in_double_quote_literal"] = in_double_quotes
        project.env.filters["python_literal"] = repr
        project.env.globals["contract"] = ContractFacts(document, data.models, config.field_prefix)
        with contextlib.redirect_stdout(io.StringIO()):
            errors = project.build()
    except (ContractError, OSError):
        raise
    except Exception as error:
        raise ContractError(f"the generator cannot take this contract: {type(error).__name__}: {error}") from error
    report.operations = len(ids) + len(report.invalid)
    report.left_out = sorted({*report.invalid, *left_out, *(describe(error, ids) for error in errors)})
    report.written = sum(len(collection.endpoints) for collection in data.endpoint_collections_by_tag.values())
    if strict and report.left_out:
        raise ContractError("the client would differ from the contract: " + "; ".join(report.left_out))
    if strict and report.written != report.operations:
        raise ContractError(f"{report.operations} operations in the contract, {report.written} generated")


def finish(folder: Path, content: bytes, *, own: bool) -> None:
    """Format, add headers and GENERATED.json."""
    ruff = [sys.executable, "-m", "ruff"]
    for command in (
        ["check", "--isolated", "--target-version=py311", "--fix-only", "--select=F401,I,UP007,UP037", "--quiet"],
        ["format", "--isolated", "--target-version=py311", "--line-length=120"],
    ):
        done = subprocess.run([*ruff, *command, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            trouble = (done.stderr.strip() or done.stdout.strip()).replace(f"{folder}/", "")
            raise ContractError(f"the generated code cannot be formatted: {trouble[:1000]}")
    for module in sorted(folder.rglob("*.py")):
        module.write_text(HEADER + module.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "py.typed").write_text("", encoding="utf-8")
    templates = [path for path in sorted(TEMPLATES.rglob("*.jinja")) if path.is_file()]
    facts = {
        "contract_sha256": sha256(content),
        "patches_sha256": sha256(PATCHES.read_bytes() if own else b""),
        "options_sha256": sha256(OPTIONS.read_bytes()),
        "templates_sha256": sha256(*(part for path in templates for part in (path.name.encode(), path.read_bytes()))),
        "generator": f"openapi-python-client {version('openapi-python-client')}",
        "formatter": f"ruff {version('ruff')}",
    }
    (folder / "GENERATED.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


IMPORT_ALL = """
import importlib, pathlib, sys
folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder.parent))
for path in sorted(folder.rglob("*.py")):
    name = ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__")
    try:
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            value = getattr(module, public)
            if hasattr(value, "from_dict"):
                value.from_dict({})  # which imports what its fields are made of
    except BaseException as error:
        sys.exit(f"{name}: {type(error).__name__}: {error}")
"""


def import_all(folder: Path) -> None:
    """Import every generated module, and what models import when they are used, in a separate process."""
    command = [sys.executable, "-B", "-W", "error", "-c", IMPORT_ALL, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ContractError(f"a generated module does not import: {done.stderr.strip()}")


def differences(ours: Path, theirs: Path) -> list[str]:
    """Return the names of files that differ in a byte, or are on one side only."""

    def names(folder: Path) -> set[str]:
        kept = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(folder).as_posix() for path in kept}

    left, right = names(ours), names(theirs)
    same, _, _ = filecmp.cmpfiles(ours, theirs, sorted(left & right), shallow=False)
    return sorted((left | right) - set(same))


def swap(fresh: Path, output: Path) -> None:
    """Put `fresh` in the place of `output`; the old folder is removed only once the new one is in place."""
    old = fresh.with_name("old")
    if output.exists():
        output.rename(old)
    try:
        fresh.rename(output)
    except OSError:
        if old.exists():
            old.rename(output)
        raise


def printable(line: str) -> str:
    """Escape what could steer a terminal or a CI log: a line may hold any text of a contract."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def check_output(output: Path) -> None:
    """Refuse to replace a folder that this script has not written: its contents would be lost."""
    if output.is_dir() and not any(output.iterdir()):
        return
    if output.exists() and not (output / "GENERATED.json").is_file():
        raise ContractError(f"{output}: must be a new folder or a generated client; choose another, or remove it first")


def run(arguments: argparse.Namespace) -> int:
    source = arguments.spec or str(CONTRACT)
    own = Path(source).resolve() == CONTRACT
    strict = own and not arguments.allow_incomplete
    output = Path(arguments.output).resolve()
    report = Report()
    check_output(output)
    document, content = prepare(source, own=own, strict=strict, report=report)
    beside = None
    if not arguments.check:
        # Beside the output, so that the swap is a rename within one file system.
        beside = output.parent
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".generating-", dir=beside) as temporary:
        fresh = Path(temporary) / "fresh"
        write_client(document, fresh, strict=strict, report=report)
        finish(fresh, content, own=own)
        import_all(fresh)
        for line in report.lines():
            print(printable(line))
        counted = f"{report.written} of {report.operations} operations"
        if not arguments.check:
            swap(fresh, output)
            print(f"{output.name}: written, {counted}")
            return 0
        different = differences(fresh, output)
    if different:
        names = "\n  ".join([*different[:20], *(["..."] if len(different) > 20 else [])])
        print(f"{output.name} differs from what its sources give ({len(different)} files):\n  {names}", file=sys.stderr)
        print("run: make generate", file=sys.stderr)
        return 1
    print(f"{output.name}: up to date, {counted}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the present client; write nothing")
    parser.add_argument("--spec", metavar="FILE_OR_URL", help=f"another contract (default: {CONTRACT.name})")
    parser.add_argument("--allow-incomplete", action="store_true", help="name what is left out instead of failing")
    parser.add_argument("--output", metavar="DIR", default=str(OUTPUT), help="the folder of the client")
    arguments = parser.parse_args(argv)
    try:
        return run(arguments)
    except (ContractError, OSError) as error:
        print(f"generate: {printable(str(error))}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
