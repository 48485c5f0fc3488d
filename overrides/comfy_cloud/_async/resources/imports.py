"""Imports of files from elsewhere, which the cloud fetches in the background, and the reading of assets."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from ..._core.arguments import ARGUMENTS
from ..._core.assets import ImportState, contract_names, read_import
from ..._core.watch import Poll
from ..._tracing import span
from ...errors import APITimeoutError, ComfyCloudError, UnexpectedResponseError, UploadError
from ...raw.api.asset import get_asset_by_id
from ...raw.models import Asset, AssetCreated, AssetUpdated
from ...raw.types import read
from .. import backend
from ..connection import AsyncConnection, off_contract
from ..deadline import until
from ..handles import AsyncHandle

__all__ = ["AsyncAssetImport"]

M = TypeVar("M", Asset, AssetCreated, AssetUpdated)

get_task = off_contract("getTask", "/api/tasks/{}")


def asset_model(model: type[M], body: Any) -> M:
    """Return an asset as the server sent it, with the contract's names beside newer ones."""
    return cast(M, read(model.from_dict, contract_names(body)))


class AsyncAssetImport(AsyncHandle):
    """An import on its way. Attributes hold the last answer; `refresh` and `wait` ask (`GET /api/tasks/{task_id}`)."""

    def __init__(self, connection: AsyncConnection, answer: Any) -> None:
        fields: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
        task_id, asset_id = fields.get("task_id"), fields.get("id")
        super().__init__(connection)
        self._id = task_id if isinstance(task_id, str) else None
        if self._id is None and not isinstance(asset_id, str):
            message = "createAssetDownload: the answer names neither a task nor an asset"
            raise UnexpectedResponseError(message, operation="createAssetDownload", status=200)
        self._state = read_import(answer) if self._id else ImportState("completed", 1.0, None, asset_id, fields, fields)

    @property
    def id(self) -> str | None:
        """The task's id; None where the file was there already."""
        return self._id

    @property
    def status(self) -> str:
        """created, running, completed or failed."""
        return self._state.status

    @property
    def progress(self) -> float | None:
        """From 0 to 1, where the server tells."""
        return self._state.progress

    @property
    def error(self) -> str | None:
        """Why it failed, in the server's words."""
        return self._state.error

    @property
    def asset(self) -> Asset | None:
        """The asset, once the import is completed."""
        return None if self._state.asset is None else asset_model(Asset, self._state.asset)

    @property
    def raw(self) -> Any:
        """The last answer as the server sent it."""
        return self._state.raw

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._id or self._state.asset_id} {self.status}>"

    async def refresh(self) -> AsyncAssetImport:
        """Ask once; returns the import itself. Sends nothing once it has its asset."""
        if self._id is None or self._state.asset is not None:
            return self
        state = read_import(await self._connection.json(get_task, self._id))
        # Some servers name the asset only by its id. A completed import without its asset would be of no use.
        if state.status == "completed" and state.asset is None and state.asset_id is not None:
            asset = await self._connection.json(get_asset_by_id.operation, state.asset_id)
            state = replace(state, asset=asset)
        self._state = state
        return self

    async def wait(
        self, timeout: float | None = None, *, on_progress: Callable[[int, int], Any] | None = None
    ) -> AsyncAssetImport:
        """Wait until it is over (`timeout` in seconds; None: as long as it takes); returns the import itself.

        `on_progress` is called with the percent so far and 100, if the server tells, and with 100 and 100 in the end.
        Raises UploadError where it failed, APITimeoutError when the time is over (the import goes on), and the
        connection error where the server stays out of reach for five minutes.
        """
        ARGUMENTS.patience(timeout)
        ARGUMENTS.progress(on_progress, awaits=backend.AWAITS)
        with span("comfy.import", {"comfy.task.id": self._id}):
            await self._wait(timeout, on_progress)
        return self

    async def _wait(self, timeout: float | None, on_progress: Callable[[int, int], Any] | None) -> None:
        poll = Poll(self._connection.timing, time.monotonic(), random.random, timeout)
        poll.answered(time.monotonic())  # the answer that made this import is a moment old
        while self.status not in ("completed", "failed"):
            if poll.expired(now := time.monotonic()):
                raise APITimeoutError(f"import {self._id} is not over after {timeout:g} s", operation="getTask")
            if on_progress is not None and self.progress is not None:
                await backend.resolve(on_progress(round(100 * self.progress), 100))
            await backend.sleep(poll.due - now)
            try:
                with until(poll.limit(time.monotonic())):
                    await self.refresh()
                poll.answered(time.monotonic())
            except ComfyCloudError as error:
                if poll.failed(error, time.monotonic()):
                    raise
        if self.status == "failed":
            raise UploadError(f"import {self._id} failed: {self.error or 'no reason told'}")
        if on_progress is not None:
            await backend.resolve(on_progress(100, 100))
