# Derived from overrides/comfy_cloud/_async/imports.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Imports of files from elsewhere, which the cloud fetches in the background, and the reading of assets."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast
from urllib.parse import quote
from uuid import UUID

from .._core.following import Following
from .._core.polling import PollSchedule
from .._core.records import ImportState, contract_names, read_import
from ..errors import APITimeoutError, ComfyCloudError, UnexpectedResponseError, UploadError
from ..raw.api.asset import get_asset_by_id
from ..raw.models import Asset, AssetCreated, AssetUpdated
from ..raw.types import read
from . import backend
from .connection import Connection, beyond
from .deadline import until

M = TypeVar("M", Asset, AssetCreated, AssetUpdated)


def asset_model(model: type[M], body: Any) -> M:
    """An asset as the server sent it, with the contract's names beside newer ones."""
    return cast(M, read(model.from_dict, contract_names(body)))


class AssetImport:
    """An import on its way. Attributes hold the last answer; `refresh` and `wait` ask (`GET /api/tasks/{task_id}`)."""

    def __init__(self, connection: Connection, answer: Any) -> None:
        fields: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
        task_id, asset_id = fields.get("task_id"), fields.get("id")
        self._connection = connection
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

    def refresh(self) -> AssetImport:
        """Ask once; returns the import itself. Sends nothing once it has its asset."""
        if self._id is None or self._state.asset is not None:
            return self
        kwargs = beyond("getTask", f"/api/tasks/{quote(self._id, safe='')}")
        state = read_import(self._connection.answer(kwargs))
        if state.status == "completed" and state.asset is None and state.asset_id is not None:
            kwargs = get_asset_by_id._get_kwargs(cast(UUID, state.asset_id))
            state = replace(state, asset=self._connection.answer(kwargs))
        self._state = state
        return self

    def wait(self, timeout: float | None = None) -> AssetImport:
        """Wait until it is over (`timeout` in seconds; None: as long as it takes); returns the import itself.

        Raises UploadError where it failed, APITimeoutError when the time is over (the import goes on), and the
        connection error where the server stays out of reach for five minutes.
        """
        timing, started = self._connection.timing, time.monotonic()
        schedule = PollSchedule(random.random, first=timing.poll_first, longest=timing.poll_longest)
        following = Following(timing, started)
        deadline = None if timeout is None else started + timeout
        while self.status not in ("completed", "failed"):
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                raise APITimeoutError(f"import {self._id} is not over after {timeout:g} s", operation="getTask")
            backend.sleep(schedule.next_delay(remaining))
            try:
                with until(deadline):
                    self.refresh()
                following = Following(timing, time.monotonic())
            except ComfyCloudError as error:
                if following.gives_up(error, time.monotonic()):
                    raise
        if self.status == "failed":
            raise UploadError(f"import {self._id} failed: {self.error or 'no reason told'}")
        return self
