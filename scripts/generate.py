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
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import PythonIdentifier

sys.path.insert(0, str(Path(__file__).resolve().parent))
from contract import ContractError, apply_patch, operations, parse, read_patches, read_source, validate

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi-cloud.yaml"
PATCHES = ROOT / "openapi-cloud.patches.yaml"
OPTIONS = ROOT / "generator-config.yaml"
TEMPLATES = ROOT / "scripts" / "templates"
OUTPUT = ROOT / "generated" / "comfy_cloud_api"
HEADER = "# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate\n"


@dataclass
class Report:
    """What a run has to tell beside its files."""

    operations: int = 0
    idle_patches: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def lines(self) -> Iterable[str]:
        for idle in self.idle_patches:
            yield f"patch without effect: {idle}"
        for warning in self.warnings:
            yield f"left out: {warning}"


class ContractFacts:
    """What the templates need of the contract and the generator's own parser drops."""

    def __init__(self, document: dict[str, Any], field_prefix: str) -> None:
        self._names: dict[str, tuple[str, set[str]]] = {}
        for path, method, operation in operations(document):
            fallback = f"{method}_{path.replace('{', '').replace('}', '').strip('/').replace('/', '_')}"
            operation_id = operation.get("operationId") or fallback
            shared = document["paths"][path].get("parameters", [])
            joined = {
                parameter["name"]
                for parameter in [*shared, *operation.get("parameters", [])]
                if parameter.get("in") == "query" and parameter.get("explode") is False
            }
            self._names[PythonIdentifier(operation_id, prefix=field_prefix)] = (operation_id, joined)
        schemes = document.get("components", {}).get("securitySchemes", {}).values()
        header = next((s["name"] for s in schemes if s.get("type") == "apiKey" and s.get("in") == "header"), None)
        # Names of headers are tokens; anything else in a contract must not become code.
        safe = header is not None and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", header)
        self.key_header = header if safe else "Authorization"
        self.key_prefix = "" if safe else "Bearer"

    def operation_id(self, name: str) -> str:
        """The operationId of the contract as a Python literal."""
        return json.dumps(self._names.get(name, (str(name), set()))[0])

    def joined(self, name: str) -> set[str]:
        """Query parameters of the operation whose lists travel in one value."""
        return self._names.get(name, ("", set()))[1]

    def instance_type(self, prop: Any) -> str:
        """What `isinstance` takes for a body of this type."""
        plain = re.sub(r"\[.*\]", "", str(prop.get_type_string(no_optional=True).as_unembedded_code()))
        return "object" if plain == "Any" else plain


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
    validate(document, source)
    for patch in read_patches(PATCHES):
        trouble = apply_patch(document, patch)
        if trouble:
            report.idle_patches.append(f"{patch.verb} at {patch.at}: {trouble}")
    if own and report.idle_patches:
        raise ContractError(f"{PATCHES.name}: " + "; ".join(report.idle_patches))
    validate(document, f"{source} with {PATCHES.name}")
    report.operations = sum(1 for _ in operations(document))
    return document, content


def describe(error: GeneratorError) -> str:
    """One line for what the generator left out, and where."""
    return " ".join(f"{error.header} {error.detail or ''}".split())


def write_client(document: dict[str, Any], folder: Path, *, own: bool, report: Report) -> None:
    """Run the generator into `folder` (which must not exist)."""
    options = ConfigFile.load_from_path(OPTIONS)
    config = Config.from_sources(options, MetaType.NONE, CONTRACT, "utf-8", overwrite=False, output_path=folder)
    config.post_hooks = []
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise ContractError(describe(data))
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    project.env.globals["contract"] = ContractFacts(document, config.field_prefix)
    with contextlib.redirect_stdout(io.StringIO()):
        errors = project.build()
    report.warnings = sorted({describe(error) for error in errors})
    if own and report.warnings:
        raise ContractError("the generator left something out: " + "; ".join(report.warnings))
    written = sum(len(collection.endpoints) for collection in data.endpoint_collections_by_tag.values())
    if own and written != report.operations:
        raise ContractError(f"{report.operations} operations in the contract, {written} generated")


def finish(folder: Path, content: bytes) -> None:
    """Format, add headers and GENERATED.json."""
    ruff = [sys.executable, "-m", "ruff"]
    for command in (
        ["check", "--isolated", "--target-version=py311", "--fix-only", "--select=F401,I,UP007,UP037", "--quiet"],
        ["format", "--isolated", "--target-version=py311", "--line-length=120", "--quiet"],
    ):
        done = subprocess.run([*ruff, *command, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ContractError(f"the generated code cannot be formatted: {done.stderr.strip() or done.stdout.strip()}")
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
            getattr(module, public)
    except Exception as error:
        sys.exit(f"{name}: {type(error).__name__}: {error}")
"""


def import_all(folder: Path) -> None:
    """Import every generated module in a process of its own."""
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


def run(arguments: argparse.Namespace) -> int:
    own = arguments.spec is None
    output = Path(arguments.output).resolve()
    report = Report()
    document, content = prepare(arguments.spec or str(CONTRACT), own=own, report=report)
    output.parent.mkdir(parents=True, exist_ok=True)
    # Beside the output, so that the swap is a rename within one file system.
    with tempfile.TemporaryDirectory(prefix=".generating-", dir=output.parent) as temporary:
        fresh = Path(temporary) / output.name
        write_client(document, fresh, own=own, report=report)
        finish(fresh, content)
        import_all(fresh)
        for line in report.lines():
            print(line)
        if arguments.check:
            different = differences(fresh, output)
            if different:
                shown = "\n  ".join(different[:20])
                print(f"{output.name} is not what its sources give ({len(different)} files):\n  {shown}", file=sys.stderr)
                print("mend it with: make generate", file=sys.stderr)
                return 1
            print(f"{output.name}: up to date, {report.operations} operations")
            return 0
        for cache in fresh.rglob("__pycache__"):
            shutil.rmtree(cache)
        swap(fresh, output)
    print(f"{output.name}: written, {report.operations} operations")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with what stands there; write nothing")
    parser.add_argument("--spec", metavar="FILE_OR_URL", help=f"another contract (default: {CONTRACT.name})")
    parser.add_argument("--output", metavar="DIR", default=str(OUTPUT), help="where the client goes")
    try:
        return run(parser.parse_args(argv))
    except ContractError as error:
        print(f"generate: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
