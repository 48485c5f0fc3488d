"""`cloud.userdata`: files that the server keeps for its user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._core.arguments import ARGUMENTS, unsendable
from ..._core.userdata import UserFile, read_user_file, read_user_files
from ...raw.api.user import delete_userdata_file, get_userdata, get_userdata_file, post_userdata_file
from ...raw.models import PostUserdataFileFullInfo, PostUserdataFileOverwrite
from ...raw.types import File
from .base import AsyncResource


class AsyncUserData(AsyncResource):
    """`cloud.userdata`: files that the server keeps for its user."""

    async def list(self, dir: str = "", *, recurse: bool = True) -> Sequence[UserFile]:  # noqa: A002 - the server's word
        """List the files in a folder and, unless `recurse` is False, in those below it (`GET /api/userdata`).

        Raises NotFoundError if there is no such folder.
        """
        ARGUMENTS.texts(dir=dir)
        ARGUMENTS.flags(recurse=recurse)
        folder = dir.strip("/") or "."
        found = await self._connection.json(get_userdata.operation, dir_=folder, recurse=recurse, full_info=True)
        return read_user_files(found, folder)

    async def read(self, path: str | UserFile) -> bytes:
        """Return the content of a file, by its path or as listed (`GET /api/userdata/{file}`). Raises NotFoundError."""
        return (await self._connection.call(get_userdata_file.operation, await self._sent(path))).content

    async def write(self, path: str, data: bytes | str | Any, *, overwrite: bool = True) -> UserFile:
        """Store a file (`POST /api/userdata/{file}`). Strings are sent in UTF-8.

        Data that is neither bytes nor a string is sent as JSON. Raises ConflictError if the file exists and `overwrite`
        is False.
        """
        ARGUMENTS.flags(overwrite=overwrite)
        text = data if isinstance(data, bytes | str) else ARGUMENTS.as_json("data", data)
        try:
            content = text.encode() if isinstance(text, str) else text
        except UnicodeEncodeError as error:
            raise unsendable("data", error) from None
        stored = await self._connection.json(
            post_userdata_file.operation,
            await self._sent(path),
            body=File(content),
            overwrite=PostUserdataFileOverwrite("true" if overwrite else "false"),
            full_info=PostUserdataFileFullInfo.TRUE,
        )
        return read_user_file(stored, path)

    async def delete(self, path: str | UserFile) -> None:
        """Delete a file (`DELETE /api/userdata/{file}`). Raises NotFoundError."""
        await self._connection.call(delete_userdata_file.operation, await self._sent(path))

    async def _sent(self, path: str | UserFile) -> str:
        path = path.path if isinstance(path, UserFile) else path
        ARGUMENTS.text("path", path)
        # A ComfyUI unquotes the path twice, so that a percent sign has to be quoted twice.
        return path.replace("%", "%25") if "%" in path and not await self._connection.on_cloud() else path
