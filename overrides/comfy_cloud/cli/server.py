"""Commands for what a server has: nodes, models, assets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .._core.declared_inputs import mapping
from ..errors import NotFoundError
from .files import write_whole
from .jobs import Limit
from .program import Program, command, group, json_text
from .progress import Bars
from .shapes import print_table

Match = Annotated[str | None, typer.Argument(metavar="[TEXT]", help="Only those whose name has this text.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "nodes --save object_info.json")
    def nodes(
        program: Program,
        text: Match = None,
        save: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Record all node definitions, for --node-info.")
        ] = None,
    ) -> None:
        """List the node classes of the server, or record their definitions."""
        with program.cloud() as cloud:
            definitions = cloud.nodes.info().to_dict()
        if save is not None:
            write_whole(save, json_text(definitions, "utf-8") + "\n")
            program.emit({"file": str(save), "nodes": len(definitions)}, str(save))
            return
        found = [
            (name, str(mapping(definition).get("category") or ""))
            for name, definition in sorted(definitions.items())
            if (text or "").casefold() in name.casefold()
        ]
        if program.json:
            program.emit({"nodes": [{"name": name, "category": category} for name, category in found]})
        else:
            print_table(("NODE", "CATEGORY"), found)

    @command(app, "stubs --out nodes.py")
    def stubs(
        program: Program, out: Annotated[Path, typer.Option(metavar="FILE", help="Python module to write.")]
    ) -> None:
        """Write a module of typed nodes, for type checkers and editors. They find mistakes before anything is sent."""
        with program.cloud() as cloud:
            source = cloud.nodes.stubs()
        write_whole(out, source)
        program.emit({"file": str(out)}, str(out))

    @command(app, "models checkpoints")
    def models(
        program: Program,
        folder: Annotated[str | None, typer.Argument(metavar="[FOLDER]", help="Folder, such as checkpoints.")] = None,
    ) -> None:
        """List the folders of models of the server, or the models in one."""
        with program.cloud() as cloud:
            if folder is None:
                names = sorted(each.name for each in cloud.models.folders())
                program.emit({"folders": names}, *names)
                return
            found = sorted(each.name for each in cloud.models.list(folder))
        program.emit({"folder": folder, "models": found}, *found)

    add_assets_to(group(app, "assets", "List, upload, import and delete stored files.", "list --tag input"))


Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; can be given more than once.")]


def add_assets_to(app: typer.Typer) -> None:
    """Add the commands below `assets`."""

    @command(app, "assets list --tag input --limit 50", name="list")
    def list_assets(
        program: Program,
        tag: Tags = None,
        text: Annotated[str | None, typer.Option("--name", metavar="TEXT", help="Only names with this text.")] = None,
        limit: Limit = 20,
        public: Annotated[bool, typer.Option("--public", help="Also those that everybody has.")] = False,
    ) -> None:
        """List stored files."""
        with program.cloud() as cloud:
            listed = cloud.assets.list(
                include_tags=tag, name_contains=text, limit=limit or None, include_public=None if public else False
            )
            if program.json:
                for asset in listed:
                    program.emit(asset_object(asset))
                return
            rows = [(told["id"], told["name"], size(told["size"])) for told in map(asset_object, listed)]
        print_table(("ASSET", "NAME", "SIZE"), rows)

    @command(app, "assets upload me.jpg --tag input")
    def upload(
        program: Program,
        file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The file to store.")],
        tag: Tags = None,
        name: Annotated[
            str | None, typer.Option("--name", metavar="NAME", help="Its name there, else that of the file.")
        ] = None,
    ) -> None:
        """Store a file. Prints the id of the asset."""
        with program.cloud() as cloud, Bars(program) as bars:
            told = asset_object(cloud.assets.upload(file, tags=tag or ["input"], name=name, on_progress=bars.sent))
        program.emit(told, told["id"])

    @command(app, "assets import https://huggingface.co/acme/harbour/resolve/main/harbour.safetensors", name="import")
    def import_(
        program: Program,
        url: Annotated[str, typer.Argument(metavar="URL", help="A file of Hugging Face or CivitAI.")],
        tag: Tags = None,
        timeout: Annotated[float | None, typer.Option(min=0, metavar="SECONDS", help="Stop waiting.")] = None,
    ) -> None:
        """Let the cloud fetch a file, and wait for it. Prints the id of the asset."""
        with program.cloud() as cloud, Bars(program) as bars:
            done = cloud.assets.import_url(url, tags=tag).wait(timeout, on_progress=bars.imported)
            asset = done.asset
        if asset is None:
            raise NotFoundError(f"import {done.id} is completed, and the server names no asset", status=404)
        told = asset_object(asset)
        program.emit(told, told["id"])

    @command(app, "assets delete 4f0c8a52-5d6e-4b7f-9a80-1b2c3d4e5f60")
    def delete(
        program: Program, ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of assets.")]
    ) -> None:
        """Delete stored files. Prints the id of each."""
        with program.cloud() as cloud:
            for asset_id in ids:
                cloud.assets.delete(asset_id)
                program.emit({"id": asset_id, "deleted": True}, asset_id)


def asset_object(asset: Any) -> dict[str, Any]:
    """Return the JSON object of an asset. What the server does not tell is None."""
    told = mapping(asset.to_dict())
    return {name: told.get(name) for name in ("id", "name", "asset_hash", "size", "mime_type", "tags", "created_at")}


def size(count: object) -> str:
    """Return a number of bytes as people read it."""
    if not isinstance(count, int):
        return ""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
