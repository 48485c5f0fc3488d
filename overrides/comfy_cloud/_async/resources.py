"""The smaller groups of a client: jobs, queue, history, models, nodes, user data, workflows, system.

Raw models come out as the server filled them: a value of the wrong type, or a body of the wrong shape, is as it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from .._constants import PAGE_SIZE
from .._core.pages import Listing, Moment
from .._core.records import (
    QueueState,
    UserFile,
    given,
    read_history,
    read_queue_state,
    read_user_file,
    read_user_files,
    texts,
)
from .._core.statuses import JobStatus, from_job_detail, from_job_status
from ..errors import NotFoundError, NotSupportedError, UnexpectedResponseError
from ..raw.api.job import (
    get_history,
    get_job_status,
    get_queue_info,
    interrupt_job,
    list_jobs,
    manage_history,
    manage_queue,
)
from ..raw.api.model import get_model_folders, get_model_preview, get_models_in_folder
from ..raw.api.node import get_features, get_node_info
from ..raw.api.system import get_system_stats
from ..raw.api.user import delete_userdata_file, get_userdata, get_userdata_file, post_userdata_file
from ..raw.api.workflow import get_global_subgraph, get_global_subgraphs, get_prompt_info, get_workflow_templates
from ..raw.models import (
    GetFeaturesResponse200,
    GetGlobalSubgraphsResponse200,
    GetNodeInfoResponse200,
    GetWorkflowTemplatesResponse200,
    GlobalSubgraphData,
    HistoryDetailEntry,
    HistoryEntry,
    HistoryManageRequest,
    ModelFile,
    ModelFolder,
    PostUserdataFileFullInfo,
    PostUserdataFileOverwrite,
    QueueManageRequest,
    SystemStatsResponse,
)
from ..raw.types import File
from . import backend
from .connection import beyond
from .groups import AsyncGroup
from .jobs import AsyncJob
from .states import fetch_past_state

Ids = str | UUID | Iterable[str | UUID]


class AsyncJobs(AsyncGroup):
    """`cloud.jobs`: the jobs of the account."""

    def list(
        self,
        *,
        status: str | Iterable[str] | None = None,
        workflow_id: str | None = None,
        output_type: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        created_after: Moment | None = None,
        created_before: Moment | None = None,
        limit: int | None = None,
    ) -> backend.Stream[AsyncJob]:
        """Jobs page by page (`GET /api/jobs`), as handles with their last state but without outputs: see `refresh`.

        `status` is one or several of pending, in_progress, completed, failed, cancelled; `output_type` image, video
        or audio; `sort_by` create_time or execution_time; `sort_order` desc or asc. `created_after` (inclusive) and
        `created_before` (exclusive) are datetimes, or text that python-dateutil reads; they filter on this side.
        `limit` counts jobs. Nothing is asked before the first one is. Raises ConfigurationError for an unreadable time.
        """
        if created_after is not None and sort_by in (None, "create_time") and sort_order in (None, "desc"):
            sort_by, sort_order = "create_time", "desc"
        listing = Listing(
            "jobs",
            PAGE_SIZE,
            limit=limit,
            created_after=created_after,
            created_before=created_before,
            newest_first=(sort_by, sort_order) == ("create_time", "desc"),
        )
        asked = given(
            status=None if status is None else ",".join(texts(status)),
            workflow_id=workflow_id,
            output_type=output_type,
            sort_by=sort_by,
            sort_order=sort_order,
        )
        return self._items(list_jobs._get_kwargs(**asked), listing, self._handle)

    def _handle(self, entry: Mapping[str, Any]) -> AsyncJob | None:
        job_id = entry.get("id")
        if not isinstance(job_id, str) or not job_id:
            return None
        job = AsyncJob(self._connection, job_id)
        job._state = from_job_detail(entry)
        return job

    async def get(self, job_id: str | UUID) -> AsyncJob:
        """The job as the server knows it (`GET /api/jobs/{job_id}`, else history and queue). Raises NotFoundError."""
        job = AsyncJob(self._connection, str(job_id))
        if await job._ask() is None:
            raise _missing("getJobDetail", f"no job {job_id}", job_id=str(job_id))
        return job

    async def status(self, job_id: str | UUID) -> JobStatus:
        """How far the job is (`GET /api/job/{job_id}/status`, which no ComfyUI has). Raises NotFoundError."""
        kwargs = get_job_status._get_kwargs(cast(UUID, job_id))
        return from_job_status(await self._connection.answer(kwargs)).status


class AsyncQueue(AsyncGroup):
    """`cloud.queue`: jobs that run or wait."""

    async def get(self) -> QueueState:
        """What runs and what waits (`GET /api/queue`)."""
        return read_queue_state(await self._connection.answer(get_queue_info._get_kwargs()))

    async def cancel(self, job_ids: Ids) -> None:
        """Take waiting jobs out of the queue (`POST /api/queue`); newer servers stop running ones, too.

        Ids that are not in the queue are ignored. To stop a job that may run, use its own `cancel`.
        """
        if ids := texts(job_ids):
            await manage_queue.asyncio(client=self._raw, body=QueueManageRequest(delete=ids))

    async def clear(self) -> None:
        """Take every waiting job out of the queue (`POST /api/queue`)."""
        await manage_queue.asyncio(client=self._raw, body=QueueManageRequest(clear=True))

    async def remaining(self) -> int:
        """How many jobs run or wait (`GET /api/prompt`); a ComfyUI counts those of all users."""
        body = await self._connection.answer(get_prompt_info._get_kwargs())
        info = body.get("exec_info") if isinstance(body, Mapping) else None
        count = info.get("queue_remaining") if isinstance(info, Mapping) else None
        if not isinstance(count, int):
            message = "getPromptInfo: the answer has no exec_info.queue_remaining"
            raise UnexpectedResponseError(message, operation="getPromptInfo", status=200)
        return count

    async def interrupt_all(self) -> None:
        """Stop what runs, whosesoever job it is (`POST /api/interrupt` without a name).

        The contract says all running jobs of the account; newer servers stop the oldest only. One job is stopped by
        its own `cancel`.
        """
        await interrupt_job.asyncio(client=self._raw)


class AsyncHistory(AsyncGroup):
    """`cloud.history`: past jobs."""

    async def list(self, *, limit: int | None = None) -> backend.Stream[HistoryEntry]:
        """Past jobs page by page, newest first (`GET /api/history_v2`; on a ComfyUI `GET /api/history`, in one)."""
        listing = Listing("history", PAGE_SIZE, size_name="max_items", limit=limit)
        try:
            if "getHistory" not in self._connection.http.absent:
                async for entry in self._items(get_history._get_kwargs(), listing, HistoryEntry.from_dict):
                    yield entry
                return
        except NotSupportedError:
            pass
        kwargs = beyond("getComfyHistory", "/api/history") | {"params": given(max_items=limit)}
        for fields in [] if listing.done else read_history(await self._connection.answer(kwargs)):
            yield HistoryEntry.from_dict(fields)

    async def get(self, job_id: str | UUID) -> HistoryDetailEntry:
        """One past job (`GET /api/history_v2/{prompt_id}`, else `GET /api/history/{id}`). Raises NotFoundError."""
        state = await fetch_past_state(self._connection, str(job_id))
        if state is None:
            raise _missing("getHistoryForPrompt", f"the history has no job {job_id}", job_id=str(job_id))
        return HistoryDetailEntry.from_dict(state.raw)

    async def delete(self, job_ids: Ids) -> None:
        """Remove past jobs from the history (`POST /api/history`). Unknown ids are ignored."""
        if ids := texts(job_ids):
            await manage_history.asyncio(client=self._raw, body=HistoryManageRequest(delete=ids))

    async def clear(self) -> None:
        """Remove every past job from the history (`POST /api/history`)."""
        await manage_history.asyncio(client=self._raw, body=HistoryManageRequest(clear=True))


class AsyncModels(AsyncGroup):
    """`cloud.models`: the models that are installed."""

    async def folders(self) -> Sequence[ModelFolder]:
        """The folders that models are sorted into (`GET /api/experiment/models`)."""
        return await get_model_folders.asyncio(client=self._raw)

    async def list(self, folder: str) -> Sequence[ModelFile]:
        """The models of one folder (`GET /api/experiment/models/{folder}`).

        Raises NotFoundError for an unknown folder; the cloud has it for an empty one, too.
        """
        return await get_models_in_folder.asyncio(folder, client=self._raw)

    async def preview(self, folder: str, filename: str, *, path_index: int = 0) -> bytes:
        """A model's picture as WebP (`GET /api/experiment/models/preview/...`). Raises NotFoundError if it has none.

        `path_index` is the model's `path_index` in the folder's list.
        """
        return (await get_model_preview.asyncio_detailed(folder, path_index, filename, client=self._raw)).content


class AsyncNodes(AsyncGroup):
    """`cloud.nodes`: the definitions of nodes."""

    async def info(self) -> GetNodeInfoResponse200:
        """Every node by its class, for `Workflow.check` (`GET /api/object_info`; hundreds of kilobytes)."""
        return await get_node_info.asyncio(client=self._raw)


class AsyncUserData(AsyncGroup):
    """`cloud.userdata`: files that the server keeps for its user."""

    async def list(self, dir: str = "", *, recurse: bool = True) -> Sequence[UserFile]:  # noqa: A002 - the server's word
        """The files in a folder, with those in folders below unless `recurse` is False (`GET /api/userdata`).

        Raises NotFoundError where there is no such folder.
        """
        folder = dir.strip("/") or "."
        kwargs = get_userdata._get_kwargs(dir_=folder, recurse=recurse, full_info=True)
        return read_user_files(await self._connection.answer(kwargs), folder)

    async def read(self, path: str) -> bytes:
        """A file's content (`GET /api/userdata/{file}`). Raises NotFoundError."""
        return (await get_userdata_file.asyncio_detailed(await self._sent(path), client=self._raw)).content

    async def write(self, path: str, data: bytes | str | Any, *, overwrite: bool = True) -> UserFile:
        """Store a file (`POST /api/userdata/{file}`). Text is sent in UTF-8; what is neither bytes nor text, as JSON.

        Raises ConflictError where the file exists and `overwrite` is False.
        """
        text = data if isinstance(data, bytes | str) else json.dumps(data, ensure_ascii=False)
        kwargs = post_userdata_file._get_kwargs(
            await self._sent(path),
            body=File(text.encode() if isinstance(text, str) else text),
            overwrite=PostUserdataFileOverwrite("true" if overwrite else "false"),
            full_info=PostUserdataFileFullInfo.TRUE,
        )
        return read_user_file(await self._connection.answer(kwargs), path)

    async def delete(self, path: str) -> None:
        """Remove a file (`DELETE /api/userdata/{file}`). Raises NotFoundError."""
        await delete_userdata_file.asyncio(await self._sent(path), client=self._raw)

    async def _sent(self, path: str) -> str:
        # A ComfyUI unquotes a path twice.
        return path.replace("%", "%25") if "%" in path and not await self._connection.on_cloud() else path


class AsyncWorkflows(AsyncGroup):
    """`cloud.workflows`: ready-made workflows and parts of them."""

    async def templates(self) -> GetWorkflowTemplatesResponse200:
        """Workflow templates by their source (`GET /api/workflow_templates`)."""
        return await get_workflow_templates.asyncio(client=self._raw)

    async def subgraphs(self) -> GetGlobalSubgraphsResponse200:
        """Blueprints by their id, without content (`GET /api/global_subgraphs`)."""
        return await get_global_subgraphs.asyncio(client=self._raw)

    async def subgraph(self, subgraph_id: str) -> GlobalSubgraphData:
        """One blueprint with its content (`GET /api/global_subgraphs/{id}`). Raises NotFoundError."""
        found: GlobalSubgraphData | None = await get_global_subgraph.asyncio(subgraph_id, client=self._raw)
        if found is None:
            raise _missing("getGlobalSubgraph", f"no blueprint {subgraph_id}")
        return found


class AsyncSystem(AsyncGroup):
    """`cloud.system`: the server itself."""

    async def stats(self) -> SystemStatsResponse:
        """Versions and devices (`GET /api/system_stats`)."""
        return await get_system_stats.asyncio(client=self._raw)

    async def features(self) -> GetFeaturesResponse200:
        """What the server announces that it can do, and its limits (`GET /api/features`)."""
        return await get_features.asyncio(client=self._raw)


def _missing(operation: str, what: str, *, job_id: str | None = None) -> NotFoundError:
    """What a server says with an empty success, as the error that others answer."""
    return NotFoundError(f"{operation}: {what}", status=404, operation=operation, job_id=job_id)
