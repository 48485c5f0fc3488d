#!/usr/bin/env python3
"""Generate the raw client from the contract: contract, patches, options and templates in, one folder out.

    python scripts/generate.py              replace generated/comfy_cloud_api with fresh output
    python scripts/generate.py --check      compare instead; exit 1 with the command that mends a difference
    python scripts/generate.py --spec FILE_OR_URL [--output DIR]      another contract

The same input gives the same bytes. Nothing is changed before the new client is complete: it is generated beside
the old one, every module is imported, it is formatted, and then the folders are swapped. For our own contract a
generator warning fails, and so does a patch that changes nothing; for another contract both are reported.

Exit status: 0 done (or equal), 1 different (--check), 2 failed, with what is wrong and where on stderr.
"""

from __future__ import annotations

import argparse
import contextlib
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
from openapi_python_client.parser.errors import GeneratorError, ParseError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonCode

sys.path.insert(0, str(Path(__file__).resolve().parent))
from adapt import (
    OPERATION_ID,
    adapt_document,
    adapt_names,
    function_of,
    parameters_of,
)
from class_names import place_of
from contract import ContractError, operations, parse, read_source, shown, validate
from contract_faults import accept
from lenient_parser import in_words, read
from patches import apply_patch, read_patches
from simplify import simplify

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi-cloud.yaml"
PATCHES = ROOT / "openapi-cloud.patches.yaml"
OPTIONS = ROOT / "generator-config.yaml"
TEMPLATES = ROOT / "scripts" / "templates"
OUTPUT = ROOT / "generated" / "comfy_cloud_api"
# How the lines begin that tell what a client does not have as its contract says.
LACKING = ("not as the contract has it: ", "left out: ")
HEADER = "# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate\n"


@dataclass
class Report:
    """What a run has to tell beside its files."""

    operations: int = 0
    written: int = 0
    faults: list[str] = field(default_factory=list)
    idle_patches: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def lines(self) -> Iterable[str]:
        for fault in dict.fromkeys(self.faults):
            yield f"at fault, taken all the same: {fault}"
        for idle in self.idle_patches:
            yield f"patch without effect: {idle}"
        for difference in self.differences:
            yield f"{LACKING[0]}{difference}"
        for left_out in self.left_out:
            yield f"{LACKING[1]}{left_out}"


class ContractFacts:
    """What the templates need of the contract and the generator's own parser drops."""

    def __init__(self, document: dict[str, Any], field_prefix: str) -> None:
        self._ids: dict[tuple[str, str], str] = {}
        self._joined: dict[tuple[str, str], set[str]] = {}
        for path, method, operation in operations(document):
            key = function_of(path, method, operation, field_prefix)
            self._ids[key] = operation.get(OPERATION_ID) or operation.get("operationId") or key[1]
            self._joined[key] = {
                parameter["name"]
                for parameter in parameters_of(document, path, operation)
                if parameter.get("in") == "query" and parameter.get("explode") is False
            }
        schemes = document.get("components", {}).get("securitySchemes", {}).values()
        header = next((s["name"] for s in schemes if s.get("type") == "apiKey" and s.get("in") == "header"), None)
        # Names of headers are tokens; anything else in a contract must not become code.
        safe = header is not None and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", header)
        self.key_header = header if safe else "Authorization"
        self.key_prefix = "" if safe else "Bearer"

    def operation_id(self, endpoint: Endpoint) -> str:
        """The operationId of the contract as a Python literal."""
        return repr(self._ids.get((endpoint.tags[0], endpoint.name), str(endpoint.name)))

    def joined(self, endpoint: Endpoint) -> set[str]:
        """Query parameters of the operation whose lists travel in one value."""
        return self._joined.get((endpoint.tags[0], endpoint.name), set())

    def instance_type(self, prop: Any) -> str:
        """What `isinstance` takes for a body of this type."""
        plain = str(prop.get_type_string(no_optional=True).as_unembedded_code())
        while re.search(r"\[[^][]*\]", plain):
            plain = re.sub(r"\[[^][]*\]", "", plain)
        return "object" if re.search(r"\b(Any|Literal)\b", plain) else plain


def sha256(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


def prepare(source: str, *, own: bool, report: Report) -> tuple[dict[str, Any], bytes]:
    """The contract, checked and patched, and its bytes as they came."""
    content = read_source(source)
    document = parse(content, source)
    check(document, source, own, report)
    for patch in read_patches(PATCHES):
        trouble = apply_patch(document, patch)
        if trouble:
            report.idle_patches.append(f"{patch}: {trouble}")
    if own and report.idle_patches:
        raise ContractError(f"{PATCHES.name}: " + "; ".join(report.idle_patches))
    if len(report.idle_patches) < len(read_patches(PATCHES)):
        check(document, f"{shown(source)} with {PATCHES.name}", own, report)
    return document, content


def check(document: dict[str, Any], source: str, own: bool, report: Report) -> None:
    """Our own contract has to be without fault; what another has is told."""
    if own:
        validate(document, source)
    else:
        accept(document, source, report.faults)


def in_double_quotes(value: UntrustedString | PythonCode | str) -> str:
    """A text as it stands between double quotes in code; unlike the generator's own filter it drops no character."""
    if isinstance(value, UntrustedString):
        value = value.get_untrusted_value()
    text = value.as_unembedded_code() if isinstance(value, PythonCode) else value
    return text.encode("unicode_escape").decode("ascii").replace('"', '\\"')


def place(operation: str, ids: Mapping[str, str]) -> str:
    """How messages name an operation: `GET /path (operationId)`, as far as it has one."""
    return f"{operation} ({ids[operation]})" if ids.get(operation) else operation


def describe(error: GeneratorError, ids: Mapping[str, str]) -> str:
    """One line for what the generator left out, and where; `ids` are the operationIds by method and path."""
    where = re.match(r"WARNING parsing (.*) within \S+\.( Endpoint will not be generated\.)?$", error.header, re.DOTALL)
    header = error.header
    if where is not None:
        header = f"{place(where[1], ids)}, {'whole' if where[2] else 'in part'}:"
    at = place_of(error.data) if isinstance(error, ParseError) else None
    text = f"{header} {f'at {at}: ' if at else ''}{error.detail or ''}"
    return in_words(text)[:1000]


def write_client(document: dict[str, Any], folder: Path, *, own: bool, report: Report) -> None:
    """Run the generator into `folder` (which must not exist)."""
    options = ConfigFile.load_from_path(OPTIONS)
    config = Config.from_sources(options, MetaType.NONE, CONTRACT, "utf-8", overwrite=False, output_path=folder)
    config.post_hooks = []
    try:
        differences = {*simplify(document, config), *adapt_document(document, config)}
        ids = {f"{method.upper()} {path}": item.get("operationId", "") for path, method, item in operations(document)}
        data, lost = read(document, config)
        if isinstance(data, GeneratorError):
            raise ContractError(describe(data, {}))
        differences.update(lost)
        adapt_names(data, config)
        project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
        project.env.filters["in_double_quote_literal"] = in_double_quotes
        project.env.globals["contract"] = ContractFacts(document, config.field_prefix)
        with contextlib.redirect_stdout(io.StringIO()):
            errors = project.build()
    except (ContractError, OSError):
        raise
    except Exception as error:
        raise ContractError(f"the generator cannot take this contract: {type(error).__name__}: {error}") from error
    report.operations = len(ids)
    report.differences = sorted(differences)
    report.left_out = sorted({describe(error, ids) for error in errors})
    report.written = sum(len(collection.endpoints) for collection in data.endpoint_collections_by_tag.values())
    if own and (lacking := [*report.differences, *report.left_out]):
        raise ContractError("the client would differ from the contract: " + "; ".join(lacking))
    if own and report.written != report.operations:
        raise ContractError(f"{report.operations} operations in the contract, {report.written} generated")


def finish(folder: Path, content: bytes) -> None:
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
        "patches_sha256": sha256(PATCHES.read_bytes()),
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
    """Import every generated module, and what its models import when they are used, in a process of its own."""
    command = [sys.executable, "-B", "-W", "error", "-c", IMPORT_ALL, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ContractError(f"a generated module does not import: {done.stderr.strip()}")


def differences(ours: Path, theirs: Path) -> list[str]:
    """Names of files that differ or stand on one side only, byte for byte."""

    def names(folder: Path) -> set[str]:
        kept = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(folder).as_posix() for path in kept}

    left, right = names(ours), names(theirs)
    same, _, _ = filecmp.cmpfiles(ours, theirs, sorted(left & right), shallow=False)
    return sorted((left | right) - set(same))


def swap(fresh: Path, output: Path) -> None:
    """Put `fresh` in the place of `output`; the old folder is only removed once the new one stands."""
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
    """A line in which texts of a contract cannot steer a terminal or a CI log."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def check_output(output: Path) -> None:
    """Refuse to replace a folder that this script has not written: its contents would be lost."""
    if output.is_dir() and not any(output.iterdir()):
        return
    if output.exists() and not (output / "GENERATED.json").is_file():
        raise ContractError(f"{output}: exists and is no generated client; name a new folder, or remove it first")


def run(arguments: argparse.Namespace) -> int:
    own = arguments.spec is None
    output = Path(arguments.output).resolve()
    report = Report()
    check_output(output)
    document, content = prepare(arguments.spec or str(CONTRACT), own=own, report=report)
    beside = None
    if not arguments.check:
        # Beside the output, so that the swap is a rename within one file system.
        beside = output.parent
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".generating-", dir=beside) as temporary:
        fresh = Path(temporary) / "fresh"
        write_client(document, fresh, own=own, report=report)
        finish(fresh, content)
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
        print(f"{output.name} is not what its sources give ({len(different)} files):\n  {names}", file=sys.stderr)
        print("mend it with: make generate", file=sys.stderr)
        return 1
    print(f"{output.name}: up to date, {counted}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with what stands there; write nothing")
    parser.add_argument("--spec", metavar="FILE_OR_URL", help=f"another contract (default: {CONTRACT.name})")
    parser.add_argument("--output", metavar="DIR", default=str(OUTPUT), help="where the client goes")
    arguments = parser.parse_args(argv)
    try:
        return run(arguments)
    except (ContractError, OSError) as error:
        print(f"generate: {printable(str(error))}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
