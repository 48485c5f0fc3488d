"""How jobs look in answers: the queue, the job list, job details, history, status.

Each function turns jobs into JSON as one family of servers words them; the dialect's table picks them.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ._events import Message
from ._jobs import Job

REDACTED = "[REDACTED]"
PARTNER_KEYS = ("api_key_comfy_org", "auth_token_comfy_org")

_MEDIA = {
    "image": ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tiff"),
    "video": ("mp4", "webm", "mov", "mkv", "avi"),
    "audio": ("mp3", "wav", "flac", "ogg", "opus", "m4a"),
}


def media_type(entry: dict[str, Any]) -> str | None:
    """`image`, `video` or `audio` by the extension of an output's file; None for anything else."""
    extension = str(entry["filename"]).rpartition(".")[2].lower()
    return next((media for media, extensions in _MEDIA.items() if extension in extensions), None)


def redacted(extra_data: dict[str, Any] | None) -> dict[str, Any]:
    """Extra data as the cloud shows it again: partner keys replaced by a literal."""
    return {name: REDACTED if name in PARTNER_KEYS else value for name, value in (extra_data or {}).items()}


def stripped(extra_data: dict[str, Any] | None) -> dict[str, Any]:
    """Extra data as ComfyUI keeps it in its history: without partner keys."""
    return {name: value for name, value in (extra_data or {}).items() if name not in PARTNER_KEYS}


def comfyui_queue_item(job: Job, position: int) -> list[Any]:
    """Number, id, workflow, extra data, outputs: partner keys and all, which is what old versions show."""
    del position
    return [job.number, job.id, job.prompt, job.extra_data, job.outputs_to_execute]


def cloud_queue_item(job: Job, position: int) -> list[Any]:
    """Position from 1, id, workflow, outputs, metadata: as the contract words it."""
    return [position, job.id, job.prompt, job.outputs_to_execute, {"create_time": job.created}]


def execution_status(job: Job) -> dict[str, Any]:
    """Status and timeline, as history and job details have it."""
    completed = job.state == "completed"
    messages = [[name, data] for name, data in job.messages]
    return {"status_str": "success" if completed else "error", "completed": completed, "messages": messages}


def execution_meta(job: Job) -> dict[str, Any]:
    return {
        node_id: {
            "node_id": node_id,
            "display_node": job.real_node(node_id),
            "parent_node": job.parents.get(node_id),
            "real_node_id": job.real_node(node_id),
        }
        for node_id in job.outputs
    }


def comfyui_history_entry(job: Job) -> dict[str, Any]:
    """One value of `GET /api/history`."""
    prompt = [job.number, job.id, job.prompt, stripped(job.extra_data), job.outputs_to_execute]
    return {
        "prompt": prompt,
        "outputs": job.outputs,
        "status": execution_status(job),
        "meta": execution_meta(job),
    }


def history_v2_entry(job: Job) -> dict[str, Any]:
    """One item of `GET /api/history_v2`: light, without the workflow of the web page."""
    extra = redacted(job.extra_data)
    pnginfo = extra.get("extra_pnginfo")
    if isinstance(pnginfo, dict):
        extra["extra_pnginfo"] = {name: value for name, value in pnginfo.items() if name != "workflow"}
    entry = {
        "prompt_id": job.id,
        "create_time": job.created,
        "prompt": {"priority": job.number, "prompt_id": job.id, "extra_data": extra},
        "outputs": job.outputs,
        "status": execution_status(job),
        "meta": execution_meta(job),
    }
    return _with_workflow_id(entry, job)


def history_v2_detail(job: Job) -> dict[str, Any]:
    """The value under the id in `GET /api/history_v2/{prompt_id}`."""
    return {
        "prompt": {
            "priority": job.number,
            "prompt_id": job.id,
            "prompt": job.prompt,
            "extra_data": redacted(job.extra_data),
            "outputs_to_execute": job.outputs_to_execute,
        },
        "outputs": job.outputs,
        "status": execution_status(job),
        "meta": execution_meta(job),
    }


def cloud_job_entry(job: Job) -> dict[str, Any]:
    """One item of `GET /api/jobs`. `create_time` is in seconds, as the contract says; the others in ms."""
    entry: dict[str, Any] = {"id": job.id, "status": job.state, "create_time": job.created // 1000}
    if job.finished:
        entry |= _terminal_fields(job)
        if job.started is not None:
            entry |= {"execution_start_time": job.started, "execution_end_time": job.ended}
    return _with_workflow_id(entry, job)


def cloud_job_detail(job: Job) -> dict[str, Any]:
    """The body of `GET /api/jobs/{job_id}`."""
    detail: dict[str, Any] = {
        "id": job.id,
        "status": job.state,
        "create_time": job.created // 1000,
        "update_time": job.updated // 1000,
        "workflow": {"prompt": job.prompt, "extra_data": redacted(job.extra_data)},
    }
    if job.finished:
        detail |= _terminal_fields(job)
        detail |= {
            "outputs": job.outputs,
            "execution_status": execution_status(job),
            "execution_meta": execution_meta(job),
        }
    return _with_workflow_id(detail, job)


def next_job_entry(job: Job) -> dict[str, Any]:
    """One item of `GET /api/jobs` on the newer cloud: all times in ms."""
    return {**cloud_job_entry(job), "create_time": job.created}


def next_job_detail(job: Job) -> dict[str, Any]:
    return {**cloud_job_detail(job), "create_time": job.created, "update_time": job.updated}


def comfyui_job_entry(job: Job) -> dict[str, Any]:
    """One item of ComfyUI's `GET /api/jobs`: times in ms, nothing that is null."""
    files = job.files()
    entry: dict[str, Any] = {
        "id": job.id,
        "status": job.state,
        "priority": job.number,
        "create_time": (job.extra_data or {}).get("create_time", job.created),
        "outputs_count": len(files) if job.finished else 0,
        "previewable_outputs_count": len([file for file in files if _is_previewable(file)]) if job.finished else 0,
    }
    if job.finished:
        entry |= {"execution_start_time": job.started, "execution_end_time": job.ended}
        entry |= _comfyui_preview(job)
    if job.error is not None:
        entry["execution_error"] = job.messages[-1][1]
    return _with_workflow_id(entry, job)


def comfyui_job_detail(job: Job) -> dict[str, Any]:
    """The body of ComfyUI's `GET /api/jobs/{job_id}`: no `update_time`, and no workflow before the end."""
    detail = comfyui_job_entry(job)
    if job.finished:
        detail |= {
            "outputs": job.outputs,
            "execution_status": execution_status(job),
            "workflow": {"prompt": job.prompt, "extra_data": stripped(job.extra_data)},
        }
    return detail


def _comfyui_preview(job: Job) -> dict[str, Any]:
    found = [file for file in job.files() if _is_previewable(file)]
    preferred = [file for file in found if file[2].get("type") == "output"] or found
    if preferred:
        node_id, kind, entry = preferred[0]
        return {"preview_output": {**entry, "nodeId": node_id, "mediaType": kind}}
    texts = [(node_id, text) for node_id, kinds in job.outputs.items() for text in kinds.get("text", [])]
    if texts:
        return {"preview_output": {"content": texts[0][1], "nodeId": texts[0][0], "mediaType": "text"}}
    return {}


def _is_previewable(file: tuple[str, str, dict[str, Any]]) -> bool:
    return file[1] in ("images", "video", "audio", "3d") or media_type(file[2]) is not None


def job_status(job: Job, word: str) -> dict[str, Any]:
    """The body of `GET /api/job/{job_id}/status`; a failed node's error is a JSON string in `error_message`."""
    return {
        "id": job.id,
        "status": word,
        "created_at": iso_time(job.created),
        "updated_at": iso_time(job.updated),
        "last_state_update": iso_time(job.updated),
        "assigned_inference": None,
        "error_message": None if job.error is None else json.dumps(_contract_error(job.error)),
    }


def cloud_message(message: Message) -> Message:
    """A message to sockets as the contract has it."""
    if message.type == "execution_error":
        return replace(message, data=_contract_error(message.data))
    return message


def comfyui_message(message: Message) -> Message:
    """A message to sockets as ComfyUI has it: progress does not name the classes of nodes."""
    if message.type != "progress_state":
        return message
    nodes = {
        node_id: {name: value for name, value in entry.items() if name != "class_type"}
        for node_id, entry in message.data["nodes"].items()
    }
    return replace(message, data={**message.data, "nodes": nodes})


def iso_time(milliseconds: int) -> str:
    """An epoch time in ms as ISO 8601 in UTC: `2026-01-31T12:00:00.250Z`."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _terminal_fields(job: Job) -> dict[str, Any]:
    files = job.files()
    fields: dict[str, Any] = {"outputs_count": len(files)}
    preferred = next((file for file in files if file[2].get("type") == "output"), files[0] if files else None)
    if preferred is not None:
        node_id, kind, entry = preferred
        fields["preview_output"] = {**entry, "nodeId": node_id, "mediaType": kind}
    if job.error is not None:
        fields["execution_error"] = _contract_error(job.error)
    return fields


def _contract_error(error: dict[str, Any]) -> dict[str, Any]:
    # ComfyUI lists node ids here; the contract promises an object.
    return {**error, "current_outputs": {}}


def _with_workflow_id(entry: dict[str, Any], job: Job) -> dict[str, Any]:
    if job.workflow_id is not None:
        entry["workflow_id"] = job.workflow_id
    return entry
