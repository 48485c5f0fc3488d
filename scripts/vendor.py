#!/usr/bin/env python3
"""Copy the package into another project, under any name. The copy is complete and needs no build step and no link.

    python scripts/vendor.py DEST [--name NAME] [--testing] [--force]      write DEST/NAME
    python scripts/vendor.py DEST [--name NAME] --check                    compare; write nothing

The copy has the raw client as a real folder, the licence, and VENDORED.json with version, contract, requirements and
the sha256 of each file. The same checkout gives the same bytes. The new copy is written beside the old one, and the
folders are swapped when it is complete. Nothing else is changed. A folder that this script did not write is never
replaced, and an edited copy only with --force. The script needs only the standard library.

Exit status: 0 written (or up to date), 1 edited (with --check, or refused), 2 failed, 3 unedited but different from
this checkout (with --check).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import keyword
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "overrides" / "comfy_cloud"
RAW = ROOT / "generated" / "comfy_cloud_api"
MANIFEST: Final = "VENDORED.json"
DISTRIBUTION: Final = "comfy-cloud"
# The suffixes of the files to copy. Caches and the backup files of editors have others.
KEPT: Final = frozenset({".py", ".typed", ".json", ".html"})
EDITED: Final = 1
FAILED: Final = 2
OUTDATED: Final = 3


class VendorError(Exception):
    """Raised if nothing can be written. The message says why, and what to do."""


class EditedError(VendorError):
    """Raised if the copy was edited by hand after it was written."""


def walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name within `folder` and the path of each file. Links are not followed, Python's caches left out."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix != ".pyc":
                yield path.relative_to(folder).as_posix(), path


def package_files(*, testing: bool) -> dict[str, bytes]:
    """Return the files that a copy of this checkout has, by their names within the copy."""
    files = {"LICENSE": (ROOT / "LICENSE").read_bytes()}
    # The raw client is read from its own folder. On Windows without symbolic links, git checks out a text file in place
    # of the link.
    for folder, prefix in ((PACKAGE, ""), (RAW, "raw/")):
        for name, path in walk(folder):
            if path.suffix in KEPT and (testing or not name.startswith("testing/")):
                files[prefix + name] = path.read_bytes()
    return files


def manifest_for(files: Mapping[str, bytes], *, name: str, testing: bool) -> dict[str, Any]:
    """Return the content of VENDORED.json for these files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.search(r'^__version__ = "([^"]+)"$', files["_version.py"].decode(), re.MULTILINE)
    if version is None:
        raise VendorError(f"{PACKAGE / '_version.py'} must have a line __version__ = ...")
    requirements = [*project["dependencies"], *(project["optional-dependencies"]["testing"] if testing else ())]
    return {
        "distribution": DISTRIBUTION,
        "version": version[1],
        "contract_sha256": json.loads(files["raw/GENERATED.json"])["contract_sha256"],
        "name": name,
        "testing": testing,
        "license": project["license"],
        "requires_python": project["requires-python"],
        "requirements": sorted(requirements),
        "files": {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())},
    }


def read_manifest(target: Path) -> dict[str, Any]:
    """Return the manifest of a copy. Raises VendorError if the folder was not written by this script."""
    try:
        manifest = json.loads((target / MANIFEST).read_bytes())
        ours = manifest["distribution"] == DISTRIBUTION and isinstance(manifest["files"], dict)
        ours = ours and {"version", "contract_sha256", "name", "testing"} <= manifest.keys()
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        ours = False
    if not ours or target.is_symlink():
        raise VendorError(
            f"{target} was not written by this script (it has no {MANIFEST} of this project); use another folder, "
            "or remove this one"
        )
    return dict(manifest)


def edits(target: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return the edits to a copy since it was written, as one line per file."""
    written = manifest["files"]
    found = {name: path for name, path in walk(target) if name != MANIFEST}
    lines = [f"removed: {name}" for name in written.keys() - found.keys()]
    for name, path in found.items():
        if name not in written:
            lines.append(f"added: {name}")
        elif not is_as_written(path, written[name]):
            lines.append(f"changed: {name}")
    return sorted(lines)


def is_as_written(path: Path, digest: str) -> bool:
    """Return True if a file is unedited. Line ends that git converted for Windows are not an edit."""
    if path.is_symlink():
        return False
    content = path.read_bytes()
    return digest in {hashlib.sha256(each).hexdigest() for each in (content, content.replace(b"\r\n", b"\n"))}


def check(target: Path) -> int:
    """Print if the copy was edited and if it differs from this checkout, and return the exit status."""
    if not target.exists():
        raise VendorError(f"{target} does not exist; write a copy with: make vendor DEST=folder NAME=name")
    manifest = read_manifest(target)
    changed = edits(target, manifest)
    if changed:
        print("\n  ".join([f"{target} was edited since it was written:", *changed]))
    files = package_files(testing=manifest["testing"])
    fresh = manifest_for(files, name=manifest["name"], testing=manifest["testing"])
    if fresh != manifest:
        print(f"{target} is not up to date with this checkout: {difference(manifest, fresh)}")
    if changed or fresh != manifest:
        return EDITED if changed else OUTDATED
    print(f"{target}: unedited, up to date, {DISTRIBUTION} {manifest['version']}")
    return 0


def difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """Describe the difference of two manifests in one line."""
    names = {"version": "version", "contract_sha256": "contract"}
    parts = [
        f"{word} {str(there[key])[:12]} there, {str(here[key])[:12]} here"
        for key, word in names.items()
        if there[key] != here[key]
    ]
    parts = parts or [f"version {here['version']} in both"]
    count = len({name for name, _ in there["files"].items() ^ here["files"].items()})
    return "; ".join([*parts, f"files that differ: {count}" if count else "other requirements"])


def write(target: Path, *, name: str, testing: bool, force: bool) -> None:
    """Write a copy to `target`, and replace an older copy there."""
    replaced: list[str] = []
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        replaced = edits(target, read_manifest(target))
        if replaced and not force:
            raise EditedError(
                "\n  ".join([f"{target} was edited; --force (FORCE=1) replaces it, and loses these edits:", *replaced])
            )
    files = package_files(testing=testing)
    manifest = manifest_for(files, name=name, testing=testing)
    place({**files, MANIFEST: json.dumps(manifest, indent=2).encode() + b"\n"}, target)
    print(f"{target}: written, {DISTRIBUTION} {manifest['version']}, {len(files)} files")
    print(f"  needs at run time: {', '.join(manifest['requirements'])}")
    if replaced:
        print("\n  ".join(["  edits that were lost:", *replaced]))
    if not (target.parent / "__init__.py").exists():
        print(f"  {target.parent} has no __init__.py; without one, packaging tools may leave the folder out")


def place(files: Mapping[str, bytes], target: Path) -> None:
    """Write the files beside `target`, then swap the folders. The old one is removed when the new one is in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vendoring-", dir=target.parent) as temporary:
        fresh, old = Path(temporary, "fresh"), Path(temporary, "old")
        for name, content in files.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_bytes(content)
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except BaseException:
            # Also after Ctrl-C: without the old copy, the other project could not be imported.
            if old.exists():
                old.rename(target)
            raise


def package_name(text: str) -> str:
    """Return `text` if it can be the name of a package."""
    if not text.isascii() or not text.isidentifier() or keyword.iskeyword(text):
        raise argparse.ArgumentTypeError(f"NAME must be a Python identifier (letters, digits and _), not {text!r}")
    return text


def main(argv: Sequence[str] | None = None) -> int:
    """Write or check a copy, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dest", metavar="DEST", help="the folder for the copy, a package of your project")
    parser.add_argument("--name", type=package_name, default="comfy_cloud", help="the copy's name (comfy_cloud)")
    parser.add_argument("--testing", action="store_true", help="with the emulator and its pytest plugin")
    parser.add_argument("--force", action="store_true", help="replace a copy even if it was edited")
    parser.add_argument("--check", action="store_true", help="check if the copy was edited or is out of date")
    options = parser.parse_args(argv)
    if not options.dest:
        parser.error("DEST must not be empty, as in: make vendor DEST=../acme/src/acme/_vendor NAME=comfy_cloud")
    if options.check and (options.testing or options.force):
        parser.error("--check must not be combined with --testing or --force: it reads them from the copy")
    target = Path(options.dest, options.name)
    try:
        if options.check:
            return check(target)
        write(target, name=options.name, testing=options.testing, force=options.force)
    except (VendorError, OSError) as error:
        print(f"vendor: {error}", file=sys.stderr)
        return EDITED if isinstance(error, EditedError) else FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
