"""What is tried: every public operation that talks to a server, every fault that the emulator can order, and when."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from comfy_cloud.testing import Fault

GRAPH: Final = {"1": {"class_type": "EmulatorText", "inputs": {"text": "what the server has"}}}
PICTURE: Final = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 200}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}

WAIT: Final = 0.6  # seconds that an operation which waits is given
OLD: Final = b"what stood there before"
BUSY: Final = {"error": {"code": "QUEUE_LIMIT", "message": "too many jobs"}}

FAULTS: Final[dict[str, Fault]] = {
    **{f"close {where}": Fault.close(where) for where in ("before", "middle", "after")},
    "lose_answer": Fault.lose_answer(),
    **{f"stall {where}": Fault.stall(where=where) for where in ("before", "middle")},
    "stall a moment": Fault.stall(0.05),
    "drip": Fault.drip(0.02),
    **{f"status {status}": Fault.status(status) for status in (400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422)},
    **{f"status {status}": Fault.status(status) for status in (429, 500, 501, 502, 503, 504, 520, 525)},
    **{f"html {status}": Fault.status(status, body="html") for status in (403, 404, 429, 500, 502, 503)},
    **{f"empty {status}": Fault.status(status, body="none") for status in (404, 500, 503)},
    "queue full": Fault.status(429, body=BUSY),
    "retry soon": Fault.status(503, retry_after=0.01),
    "retry tomorrow": Fault.status(503, retry_after=86_400),
    "retry by date": Fault.status(429, retry_after=1, as_date=True),
    "truncate": Fault.truncate(),
    "truncate, relabelled": Fault.truncate(3, relabel=True),
    "lengthen": Fault.lengthen(),
    "lengthen, relabelled": Fault.lengthen(3, relabel=True),
    "break_gzip": Fault.break_gzip(),
    "refuse": Fault.refuse(),
}
# Faults of one place, and the operations that come by there.
STORAGE_FAULTS: Final = {
    "storage expires": Fault.expire_address(),
    **{
        f"storage: {name}": fault
        for name, fault in FAULTS.items()
        if name in {"close before", "close middle", "stall before", "stall middle", "drip", "refuse", "status 403"}
        or fault.kind in {"truncate", "lengthen", "break_gzip"}
    },
}
SOCKET_FAULTS: Final = {
    "socket drops": Fault.drop(),
    "socket is silent": Fault.silence(),
    "socket sends junk": Fault.junk(),
    "socket breaks its rules": Fault.bad_frame(),
    **{f"handshake: {name}": FAULTS[name] for name in ("status 403", "status 404", "status 502", "html 403")},
}
FORGET: Final = {"job forgotten": Fault.forget_job()}
NODE: Final = {"node fails": Fault.exception()}

# When a fault strikes: at the first request, at the second one, at each.
MOMENTS: Final[dict[str, dict[str, Any]]] = {
    "first": {"count": 1},
    "second": {"count": 1, "after": 1},
    "always": {"count": None},
}


@dataclass
class Prepared:
    """What a server has before anything goes wrong."""

    job_id: str
    picture_id: str
    filename: str
    picture: bytes
    source: str  # the URL of a file elsewhere
    asset_id: str = ""


async def listed(items: Any) -> list[Any]:
    """Return all of a lazy list, of whichever flavour."""
    return [item async for item in items] if hasattr(items, "__aiter__") else list(items)


async def result(value: Any) -> Any:
    """Return what a call gives, of whichever flavour."""
    return await value if hasattr(value, "__await__") else value


async def save_outputs(cloud: Any, have: Prepared, folder: Path) -> Any:
    job = await result(cloud.jobs.get(have.picture_id))
    return await result(job.outputs.save(folder))


async def import_and_wait(cloud: Any, have: Prepared, folder: Path) -> Any:
    started = await result(cloud.assets.import_url(have.source))
    return await result(started.wait(WAIT))


async def stream(cloud: Any, have: Prepared, folder: Path) -> bytes:
    return b"".join(await listed(cloud.files.download(have.filename).iter_bytes()))


async def run_a_batch(cloud: Any, have: Prepared, folder: Path) -> Any:
    async with AsyncExitStack() as stack:
        batch = cloud.batch(folder / "batch")
        if hasattr(batch, "__aenter__"):
            await stack.enter_async_context(batch)
        else:
            stack.enter_context(batch)
        await result(batch.add([("row", GRAPH)]))
        return (await listed(batch.run()))[0]


# An operation takes a client, what was prepared for it, and a folder; what it gives is awaited where it has to be.
Operation = Callable[[Any, Prepared, Path], Any]
OPERATIONS: Final[dict[str, Operation]] = {
    "submit": lambda cloud, have, folder: cloud.submit(GRAPH, queue_timeout=WAIT),
    "submit with a file": lambda cloud, have, folder: cloud.submit(with_file(), queue_timeout=WAIT),
    "submit with a key": lambda cloud, have, folder: cloud.submit(GRAPH, key=folder.name, queue_timeout=WAIT),
    "run": lambda cloud, have, folder: cloud.run(GRAPH, timeout=WAIT, queue_timeout=WAIT),
    "run, live": lambda cloud, have, folder: cloud.run(GRAPH, timeout=WAIT, queue_timeout=WAIT, on_event=print_nothing),
    "run, cancelled": lambda cloud, have, folder: cloud.run(
        GRAPH, timeout=WAIT, queue_timeout=WAIT, cancel_on_exit=True
    ),
    "check": lambda cloud, have, folder: cloud.check(GRAPH, cache=False),
    "account": lambda cloud, have, folder: cloud.account(),
    "wait": lambda cloud, have, folder: cloud.wait([have.job_id, have.picture_id], WAIT),
    "as_completed": lambda cloud, have, folder: listed(cloud.as_completed([have.job_id, have.picture_id], WAIT)),
    "job.refresh": lambda cloud, have, folder: cloud.job(have.job_id).refresh(),
    "job.wait": lambda cloud, have, folder: cloud.job(have.job_id).wait(WAIT),
    "job.wait, live": lambda cloud, have, folder: cloud.job(have.job_id).wait(WAIT, on_event=print_nothing),
    "job.events": lambda cloud, have, folder: listed(cloud.job(have.job_id).events(WAIT)),
    "job.events, live": lambda cloud, have, folder: listed(cloud.job(have.job_id).events(WAIT)),
    "job.cancel": lambda cloud, have, folder: cloud.job(have.job_id).cancel(),
    "output.read": lambda cloud, have, folder: cloud.files.download(have.filename).read(),
    "output.iter_bytes": stream,
    "output.save": lambda cloud, have, folder: cloud.files.download(have.filename).save(folder / "picture.png"),
    "output.save over another": lambda cloud, have, folder: cloud.files.download(have.filename).save(
        folder / "old.png", overwrite=True
    ),
    "outputs.save": save_outputs,
    "output.url": lambda cloud, have, folder: cloud.files.download(have.filename).url(),
    "files.upload_image": lambda cloud, have, folder: cloud.files.upload_image(PNG_FILE),
    "files.upload_mask": lambda cloud, have, folder: cloud.files.upload_mask(PNG_FILE, have.filename + " [output]"),
    "files.mask_layers": lambda cloud, have, folder: cloud.files.mask_layers("a.png"),
    "assets.list": lambda cloud, have, folder: listed(cloud.assets.list(limit=5)),
    "assets.get": lambda cloud, have, folder: cloud.assets.get(have.asset_id),
    "assets.upload": lambda cloud, have, folder: cloud.assets.upload(PNG_FILE, name="a.png", tags=["input"]),
    "assets.create_from_hash": lambda cloud, have, folder: cloud.assets.create_from_hash("blake3:" + "0" * 64),
    "assets.exists": lambda cloud, have, folder: cloud.assets.exists("blake3:" + "0" * 64),
    "assets.update": lambda cloud, have, folder: cloud.assets.update(have.asset_id, name="x"),
    "assets.delete": lambda cloud, have, folder: cloud.assets.delete(have.asset_id),
    "assets.add_tags": lambda cloud, have, folder: cloud.assets.add_tags(have.asset_id, "x"),
    "assets.remove_tags": lambda cloud, have, folder: cloud.assets.remove_tags(have.asset_id, "x"),
    "assets.tags": lambda cloud, have, folder: listed(cloud.assets.tags(limit=5)),
    "assets.tag_histogram": lambda cloud, have, folder: cloud.assets.tag_histogram(),
    "assets.remote_metadata": lambda cloud, have, folder: cloud.assets.remote_metadata(have.source),
    "assets.import_url": import_and_wait,
    "jobs.list": lambda cloud, have, folder: listed(cloud.jobs.list(limit=5)),
    "jobs.get": lambda cloud, have, folder: cloud.jobs.get(have.job_id),
    "jobs.status": lambda cloud, have, folder: cloud.jobs.status(have.job_id),
    "queue.get": lambda cloud, have, folder: cloud.queue.get(),
    "queue.cancel": lambda cloud, have, folder: cloud.queue.cancel(["0bd5a3e8-3a52-4f4a-9a41-3c7e7e4c9a10"]),
    "queue.remaining": lambda cloud, have, folder: cloud.queue.remaining(),
    "queue.clear": lambda cloud, have, folder: cloud.queue.clear(),
    "queue.interrupt_all": lambda cloud, have, folder: cloud.queue.interrupt_all(),
    "history.list": lambda cloud, have, folder: listed(cloud.history.list()),
    "history.get": lambda cloud, have, folder: cloud.history.get(have.job_id),
    "history.delete": lambda cloud, have, folder: cloud.history.delete("0bd5a3e8-3a52-4f4a-9a41-3c7e7e4c9a10"),
    "history.clear": lambda cloud, have, folder: cloud.history.clear(),
    "models.folders": lambda cloud, have, folder: cloud.models.folders(),
    "models.list": lambda cloud, have, folder: cloud.models.list("checkpoints"),
    "models.preview": lambda cloud, have, folder: cloud.models.preview("checkpoints", "a"),
    "nodes.info": lambda cloud, have, folder: cloud.nodes.info(),
    "userdata.list": lambda cloud, have, folder: cloud.userdata.list("workflows"),
    "userdata.write": lambda cloud, have, folder: cloud.userdata.write("workflows/a.json", b"{}", overwrite=True),
    "userdata.read": lambda cloud, have, folder: cloud.userdata.read("workflows/kept.json"),
    "userdata.delete": lambda cloud, have, folder: cloud.userdata.delete("workflows/a.json"),
    "workflows.templates": lambda cloud, have, folder: cloud.workflows.templates(),
    "workflows.subgraphs": lambda cloud, have, folder: cloud.workflows.subgraphs(),
    "workflows.subgraph": lambda cloud, have, folder: cloud.workflows.subgraph("a"),
    "system.stats": lambda cloud, have, folder: cloud.system.stats(),
    "system.features": lambda cloud, have, folder: cloud.system.features(),
}
SUBMITS: Final = frozenset({name for name in OPERATIONS if name.startswith(("submit", "run"))})
DOWNLOADS: Final = frozenset(
    {"output.read", "output.iter_bytes", "output.save", "output.save over another", "outputs.save"}
)
NEED_ASSET: Final = frozenset({f"assets.{verb}" for verb in ("get", "update", "delete", "add_tags", "remove_tags")})


def print_nothing(event: object) -> None:
    """Listen."""


def with_file() -> dict[str, Any]:
    """Return a workflow with a file to upload."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": PNG_FILE}},
        "2": {"class_type": "EmulatorText", "inputs": {"text": "a", "image": ["1", 0]}},
    }


class Case(NamedTuple):
    """One case: an operation, a fault by its name, when it strikes, and the flavour."""

    operation: str
    fault: str
    moment: str
    flavour: str

    @property
    def place(self) -> str:
        """Return where the fault is ordered."""
        fault = self.order
        if self.fault in SOCKET_FAULTS:
            return "socket"
        if self.fault in STORAGE_FAULTS:
            return "storage"
        places = {"refuse": "connection", "forget_job": "getJobDetail", "exception": "EmulatorText"}
        return places.get(fault.kind, "*")

    @property
    def order(self) -> Fault:
        """Return the fault."""
        return (FAULTS | STORAGE_FAULTS | SOCKET_FAULTS | FORGET | NODE)[self.fault]


def faults_of(operation: str) -> dict[str, Fault]:
    """Return the faults that can happen to an operation."""
    if operation.endswith(", live"):
        return SOCKET_FAULTS
    here = dict(FAULTS)
    if operation in DOWNLOADS:
        here |= STORAGE_FAULTS
    if operation.startswith(("job.", "run", "wait", "as_completed", "jobs.get")):
        here |= FORGET
    if operation in SUBMITS:
        here |= NODE
    return here


def all_cases() -> list[Case]:
    """Return the whole matrix, in a fixed order."""
    return [
        Case(operation, fault, moment, flavour)
        for operation in OPERATIONS
        for fault, order in faults_of(operation).items()
        for moment in MOMENTS
        # A port is closed for a time, or refuses a number of connections from the next one on.
        if not (order.kind == "refuse" and moment == "second")
        for flavour in ("sync", "async")
    ]


def chosen(count: int | None, seed: int) -> dict[tuple[str, str], list[Case]]:
    """Return `count` cases (None: all) by a seed, in groups that share an emulator."""
    cases = all_cases()
    if count is not None:
        cases = random.Random(seed).sample(cases, min(count, len(cases)))
    groups: defaultdict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.operation, case.flavour].append(case)
    return dict(groups)


def png(width: int = 2) -> bytes:
    """Return a PNG that a server can decode."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + bytes(3 * width)) * width)
    head = struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PNG_FILE: Final = png()
