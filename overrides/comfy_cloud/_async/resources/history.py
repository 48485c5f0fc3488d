"""`cloud.history`: past jobs."""

from __future__ import annotations

from uuid import UUID

from ..._core.arguments import Ids, as_id, as_str_list, drop_none
from ..._core.pages import Listing, read_history
from ...errors import NotSupportedError
from ...raw.api.job import get_history, manage_history
from ...raw.models import HistoryDetailEntry, HistoryEntry, HistoryManageRequest
from .. import backend
from ..connection import off_contract
from ..states import fetch_past_state
from .base import AsyncResource, not_found

get_comfy_history = off_contract("getComfyHistory", "/api/history")


class AsyncHistory(AsyncResource):
    """`cloud.history`: past jobs."""

    def list(self, *, limit: int | None = None) -> backend.Stream[HistoryEntry]:
        """Iterate over past jobs, newest first (`GET /api/history_v2`; on a ComfyUI `GET /api/history`)."""
        return self._list(Listing("history", size_name="max_items", limit=limit), limit)

    async def _list(self, listing: Listing, limit: int | None) -> backend.Stream[HistoryEntry]:
        try:
            if "getHistory" not in self._connection.http.absent:
                async for entry in self._items(get_history.operation, {}, listing, HistoryEntry.from_dict):
                    yield entry
                return
        except NotSupportedError:
            pass
        if not listing.done:
            for fields in read_history(await self._connection.json(get_comfy_history, **drop_none(max_items=limit))):
                yield HistoryEntry.from_dict(fields)

    async def get(self, job_id: str | UUID) -> HistoryDetailEntry:
        """Fetch a past job (`GET /api/history_v2/{prompt_id}`, else `GET /api/history/{id}`). Raises NotFoundError."""
        state = await fetch_past_state(self._connection, as_id("job_id", job_id))
        if state is None:
            raise not_found("getHistoryForPrompt", f"the history has no job {job_id}", job_id=str(job_id))
        return HistoryDetailEntry.from_dict(state.raw)

    async def delete(self, job_ids: Ids) -> None:
        """Remove past jobs from the history (`POST /api/history`). Unknown ids are ignored."""
        if ids := as_str_list("job_ids", job_ids):
            await self._connection.model(manage_history.operation, body=HistoryManageRequest(delete=ids))

    async def clear(self) -> None:
        """Remove every past job from the history (`POST /api/history`)."""
        await self._connection.model(manage_history.operation, body=HistoryManageRequest(clear=True))
