"""Convert jobs to JSON: the queue, the job list, job details, history, status and messages.

Each function is for one family of servers. The table of dialects chooses among them.
"""

import json
from dataclasses import replace
from typing import Any

from .._engine.events import Message
from .._engine.jobs import Job, listed
from .._state.times import iso_time

REDACTED = "[REDACTED]"
PARTNER_KEYS = ("api_key_comfy_org", "auth_token_comfy_org")

_MEDIA = {
    "image": ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tiff"),
    "video": ("mp4", "webm", "mov", "mkv", "avi"),
    "audio": ("mp3", "wav", "flac", "ogg", "opus", "m4a"),
}


def media_type(entry: dict[str, Any]) -> str | None:
    """Return `image`, `video` or `audio` by the file extension of an output, or None for anything else."""
    extension = str(entry["filename"]).rpartition(".")[2].lower()
    return next((media for media, extensions in _MEDIA.items() if extension in extensions), None)


def redacted(extra_data: dict[str, Any] | None) -> dict[str, Any]:
    """Return extra data as the cloud shows it: partner keys are replaced by a literal."""
    return {name: REDACTED if name in PARTNER_KEYS else value for name, value in (extra_data or {}).items()}


def stripped(extra_data: dict[str, Any] | None) -> dict[str, Any]:
    """Return extra data as ComfyUI shows it in its history: without partner keys."""
    return {name: value for name, value in (extra_data or {}).items() if name not in PARTNER_KEYS}


def comfyui_queue_item(job: Job, position: int) -> list[Any]:
    """Return number, id, workflow, extra data and outputs. ComfyUI 0.3.64 shows even the partner keys here."""
    del position
    return [job.number, job.id, job.prompt, job.extra_data, job.outputs_to_execute]


def cloud_queue_item(job: Job, position: int) -> list[Any]:
    """Return position (from 1), id, workflow, outputs and metadata, as the contract says."""
    return [position, job.id, job.prompt, job.outputs_to_execute, {"create_time": job.created}]


def execution_status(job: Job) -> dict[str, Any]:
    """Return status and timeline, as the history and job details have them."""
    completed = job.state == "completed"
    messages = [[name, data] for name, data in job.messages]
    return {"status_str": "success" if completed else "error", "completed": completed, "messages": messages}


def execution_meta(job: Job) -> dict[str, Any]:
    """Return for each node with outputs the node of the submitted workflow that it belongs to."""
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
    """Return one value of `GET /api/history`."""
    # ComfyUI removes the partner keys here, but 0.3.64 still shows them in the queue.
    prompt = [job.number, job.id, job.prompt, stripped(job.extra_data), job.outputs_to_execute]
    return {
        "prompt": prompt,
        "outputs": job.outputs,
        "status": execution_status(job),
        "meta": execution_meta(job),
    }


def history_v2_entry(job: Job) -> dict[str, Any]:
    """Return one item of `GET /api/history_v2`. It is short: the workflow of the web page is left out."""
    extra = redacted(job.extra_data)
    pnginfo = extra.get("extra_pnginfo")
    if isinstance(pnginfo, dict):
        extra["extra_pnginfo"] = {name: value for name, value in pnginfo.items() if name != "workflow"}
    entry = {
        "prompt_id": job.id,
        "create_time": job.created,
        "prompt": {"priority": job.number, "prompt_id": job.id, "extra_data": extra},
        "outputs": job.listed_outputs(),
        "status": execution_status(job),
        "meta": execution_meta(job),
    }
    return _with_workflow_id(entry, job)


def history_v2_detail(job: Job) -> dict[str, Any]:
    """Return the value under the id in `GET /api/history_v2/{prompt_id}`."""
    return {
        "prompt": {
            "priority": job.number,
            "prompt_id": job.id,
            "prompt": job.prompt,
            "extra_data": redacted(job.extra_data),
            "outputs_to_execute": job.outputs_to_execute,
        },
        "outputs": job.listed_outputs(),
        "status": execution_status(job),
        "meta": execution_meta(job),
    }


def cloud_job_entry(job: Job) -> dict[str, Any]:
    """Return one item of `GET /api/jobs`.

    As the contract says, `create_time` is in seconds; the other times are in ms.
    """
    entry: dict[str, Any] = {"id": job.id, "status": job.state, "create_time": job.created // 1000}
    if job.finished:
        entry |= _terminal_fields(job)
        if job.started is not None:
            entry |= {"execution_start_time": job.started, "execution_end_time": job.ended}
    return _with_workflow_id(entry, job)


def cloud_job_detail(job: Job) -> dict[str, Any]:
    """Return the body of `GET /api/jobs/{job_id}`."""
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
            "outputs": job.listed_outputs(),
            "execution_status": execution_status(job),
            "execution_meta": execution_meta(job),
        }
    return _with_workflow_id(detail, job)


def next_job_entry(job: Job) -> dict[str, Any]:
    """Return one item of `GET /api/jobs` on the newer cloud, where all times are in ms."""
    return {**cloud_job_entry(job), "create_time": job.created}


def next_job_detail(job: Job) -> dict[str, Any]:
    """Return the body of `GET /api/jobs/{job_id}` on the newer cloud, where all times are in ms."""
    return {**cloud_job_detail(job), "create_time": job.created, "update_time": job.updated}


def comfyui_job_entry(job: Job) -> dict[str, Any]:
    """Return one item of ComfyUI's `GET /api/jobs`. Times are in ms, and null fields are left out."""
    files = job.files()
    entry: dict[str, Any] = {
        "id": job.id,
        "status": job.state,
        "priority": job.number,
        # ComfyUI reads this time from the extra data, to which the submit added it.
        "create_time": (job.extra_data or {}).get("create_time", job.created),
        "outputs_count": len(files) if job.finished else 0,
        "previewable_outputs_count": len([file for file in files if _is_previewable(file)]) if job.finished else 0,
    }
    if job.finished:
        entry |= {"execution_start_time": job.started, "execution_end_time": job.ended}
        entry |= _comfyui_preview(job)
    if job.error is not None:
        # ComfyUI repeats the last message, with the fields that only a message has.
        entry["execution_error"] = job.messages[-1][1]
    return _with_workflow_id(entry, job)


def comfyui_job_detail(job: Job) -> dict[str, Any]:
    """Return the body of ComfyUI's `GET /api/jobs/{job_id}`.

    It has no `update_time`, and no workflow before the end.
    """
    detail = comfyui_job_entry(job)
    if job.finished:
        detail |= {
            "outputs": job.listed_outputs(),
            "execution_status": execution_status(job),
            "workflow": {"prompt": job.prompt, "extra_data": stripped(job.extra_data)},
        }
    return detail


def _comfyui_preview(job: Job) -> dict[str, Any]:
    found = [file for file in job.files() if _is_previewable(file)]
    preferred = [file for file in found if file[2].get("type") == "output"] or found
    if preferred:
        node_id, kind, entry = preferred[0]
        return {"preview_output": {"mediaType": kind, **entry, "nodeId": node_id}}
    texts = [(node_id, text) for node_id, kinds in job.outputs.items() for text in kinds.get("text", [])]
    if texts:
        return {"preview_output": {"content": texts[0][1], "nodeId": texts[0][0], "mediaType": "text"}}
    return {}


def _is_previewable(file: tuple[str, str, dict[str, Any]]) -> bool:
    return file[1] in ("images", "video", "audio", "3d") or "mediaType" in file[2] or media_type(file[2]) is not None


def job_status(job: Job, word: str) -> dict[str, Any]:
    """Return the body of `GET /api/job/{job_id}/status`.

    `error_message` is the error of a failed node as a JSON string.
    """
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
    """Return a WebSocket message as the contract describes it."""
    if message.type == "execution_error":
        return replace(message, data=_contract_error(message.data))
    if message.type == "executed":
        return replace(message, data={**message.data, "output": listed(message.data["output"])})
    return message


def comfyui_message(message: Message) -> Message:
    """Return a WebSocket message as ComfyUI sends it: `progress_state` has no node classes."""
    if message.type != "progress_state":
        return message
    nodes = {
        node_id: {name: value for name, value in entry.items() if name != "class_type"}
        for node_id, entry in message.data["nodes"].items()
    }
    return replace(message, data={**message.data, "nodes": nodes})


def _terminal_fields(job: Job) -> dict[str, Any]:
    files = job.files()
    fields: dict[str, Any] = {"outputs_count": len(files)}
    preferred = next((file for file in files if file[2].get("type") == "output"), files[0] if files else None)
    if preferred is not None:
        node_id, kind, entry = preferred
        fields["preview_output"] = {"mediaType": kind, **entry, "nodeId": node_id}
    if job.error is not None:
        fields["execution_error"] = _contract_error(job.error)
    return fields


def _contract_error(error: dict[str, Any]) -> dict[str, Any]:
    # ComfyUI sends a list of node ids here, but the contract requires an object.
    return {**error, "current_outputs": {}}


def _with_workflow_id(entry: dict[str, Any], job: Job) -> dict[str, Any]:
    if job.workflow_id is not None:
        entry["workflow_id"] = job.workflow_id
    return entry
