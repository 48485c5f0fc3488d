"""Rows about small calls, decoding and submits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
from data import assets, graph, jobs
from harness import Row

from comfy_cloud import AsyncComfyCloud, ComfyCloud, Workflow

CALLS = 100
SUBMITS = 10
JOB = "9f8a1c0d-2b3e-4f56-8a7b-1c2d3e4f5a6b"


def sdk_client(url: str) -> Any:
    import os

    from comfy_sdk import Comfy

    os.environ["COMFY_BASE_URL"] = url
    return Comfy(api_key="key")


def simplified_client(url: str) -> Any:
    from comfy_api_simplified import ComfyApiWrapper

    return ComfyApiWrapper(url)


def repeated(call: Callable[[], Any], times: int) -> Iterator[None]:
    """Make the call once before it is measured, so that connections are open and modules imported."""
    call()
    while True:
        yield
        for _ in range(times):
            call()


def call_ours(url: str) -> Iterator[None]:
    with ComfyCloud("key", base_url=url) as cloud:
        yield from repeated(cloud.system.stats, CALLS)


def call_httpx(url: str) -> Iterator[None]:
    with httpx.Client(base_url=url, headers={"X-API-Key": "key"}) as client:
        yield from repeated(lambda: client.get("/api/system_stats").raise_for_status().json(), CALLS)


def call_sdk(url: str) -> Iterator[None]:
    client = sdk_client(url)
    yield from repeated(lambda: client.jobs.get(JOB), CALLS)


def call_simplified(url: str) -> Iterator[None]:
    yield from repeated(simplified_client(url).get_system_stats, CALLS)


async def call_async_ours(url: str) -> AsyncIterator[None]:
    async with AsyncComfyCloud("key", base_url=url) as cloud:
        await cloud.system.stats()
        while True:
            yield
            for _ in range(CALLS):
                await cloud.system.stats()


async def call_async_httpx(url: str) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=url, headers={"X-API-Key": "key"}) as client:
        (await client.get("/api/system_stats")).raise_for_status()
        while True:
            yield
            for _ in range(CALLS):
                (await client.get("/api/system_stats")).raise_for_status().json()


async def call_async_sdk(url: str) -> AsyncIterator[None]:
    import os

    from comfy_sdk import AsyncComfy

    os.environ["COMFY_BASE_URL"] = url
    async with AsyncComfy(api_key="key") as client:
        await client.jobs.get(JOB)
        while True:
            yield
            for _ in range(CALLS):
                await client.jobs.get(JOB)


def jobs_page(number: int) -> bytes:
    page = {"offset": 0, "limit": number, "total": number, "has_more": False}
    return json.dumps({"jobs": jobs(number), "pagination": page}).encode()


def assets_page(number: int) -> bytes:
    return json.dumps({"assets": assets(number), "total": number, "has_more": False}).encode()


def decoding(kind: str, number: int, library: str, *, read: bool = False) -> Callable[[str], Iterator[None]]:
    """Return a side that decodes a page, and with `read` also reads every field of every item once."""

    def side(_url: str) -> Iterator[None]:
        import peers

        content = jobs_page(number) if kind == "jobs" else assets_page(number)
        decode = getattr(peers, f"{library}_{kind}")()
        times = max(1, 20_000 // number)

        def call() -> None:
            items = getattr(decode(content), kind)
            if read:
                for item in items:
                    for name in peers.FIELDS[kind]:
                        getattr(item, name)

        yield from repeated(call, times)

    return side


def sides_of(kind: str, number: int, *, read: bool = False) -> dict[str, Any]:
    return {name: decoding(kind, number, name, read=read) for name in ("ours", "pydantic", "msgspec")}


def info_ours(url: str) -> Iterator[None]:
    with ComfyCloud("key", base_url=url) as cloud:
        yield from repeated(cloud.nodes.info, 20)


def info_httpx(url: str) -> Iterator[None]:
    with httpx.Client(base_url=url, headers={"X-API-Key": "key"}) as client:
        yield from repeated(lambda: json.loads(client.get("/api/object_info").raise_for_status().content), 20)


def info_simplified(url: str) -> Iterator[None]:
    yield from repeated(simplified_client(url).get_object_info, 20)


def submit_ours(url: str) -> Iterator[None]:
    workflow = Workflow(graph(1000))
    with ComfyCloud("key", base_url=url) as cloud:
        yield from repeated(lambda: cloud.submit(workflow), SUBMITS)


def submit_httpx(url: str) -> Iterator[None]:
    body = {"prompt": graph(1000), "client_id": JOB}
    with httpx.Client(base_url=url, headers={"X-API-Key": "key"}) as client:
        yield from repeated(lambda: client.post("/api/prompt", json=body).raise_for_status().json(), SUBMITS)


def submit_sdk(url: str) -> Iterator[None]:
    client = sdk_client(url)
    workflow = client.workflows.from_json(graph(1000))
    yield from repeated(lambda: client.submit(workflow), SUBMITS)


def submit_simplified(url: str) -> Iterator[None]:
    client, workflow = simplified_client(url), graph(1000)
    yield from repeated(lambda: client.queue_prompt(workflow), SUBMITS)


async def submit_async_ours(url: str) -> AsyncIterator[None]:
    workflow = Workflow(graph(1000))
    async with AsyncComfyCloud("key", base_url=url) as cloud:
        await cloud.submit(workflow)
        while True:
            yield
            for _ in range(SUBMITS):
                await cloud.submit(workflow)


async def submit_async_httpx(url: str) -> AsyncIterator[None]:
    body = {"prompt": graph(1000), "client_id": JOB}
    async with httpx.AsyncClient(base_url=url, headers={"X-API-Key": "key"}) as client:
        (await client.post("/api/prompt", json=body)).raise_for_status()
        while True:
            yield
            for _ in range(SUBMITS):
                (await client.post("/api/prompt", json=body)).raise_for_status().json()


ASYNC_SUBMIT = {"ours": submit_async_ours, "httpx": submit_async_httpx}

ROWS = [
    Row(
        "call",
        "small call, sync",
        {"ours": call_ours, "httpx": call_httpx, "sdk": call_sdk, "simplified": call_simplified},
        goal=1.10,
        before="1.36",
        turns=10,
    ),
    Row(
        "call-async",
        "small call, async",
        {"ours": call_async_ours, "httpx": call_async_httpx, "sdk": call_async_sdk},
        goal=1.05,
        before="1.17",
        turns=10,
    ),
    Row(
        "jobs",
        "1,000 jobs, bytes to objects, over pydantic's `validate_json`",
        sides_of("jobs", 1000),
        goal=1.0,
        before="2.33",
        over="pydantic",
        turns=5,
    ),
    Row(
        "assets",
        "10,000 assets, bytes to objects, over pydantic's `validate_json`",
        sides_of("assets", 10_000),
        goal=1.5,
        before="4.6",
        over="pydantic",
    ),
    Row(
        "jobs-read",
        "1,000 jobs, and every field of each read once",
        sides_of("jobs", 1000, read=True),
        goal=None,
        before="",
        over="pydantic",
        rounds=3,
    ),
    Row(
        "assets-read",
        "10,000 assets, and every field of each read once",
        sides_of("assets", 10_000, read=True),
        goal=None,
        before="",
        over="pydantic",
        rounds=3,
    ),
    Row(
        "nodes-info",
        "`nodes.info()` of 746 kB over httpx and `json.loads`",
        {"ours": info_ours, "httpx": info_httpx, "simplified": info_simplified},
        goal=1.15,
        before="2.84",
    ),
    Row(
        "submit",
        "submit of a graph of 1,000 nodes over httpx with `json=`",
        {"ours": submit_ours, "httpx": submit_httpx, "sdk": submit_sdk, "simplified": submit_simplified},
        goal=2.0,
        before="11.5",
        turns=3,
    ),
    Row("submit-async", "the same, async", ASYNC_SUBMIT, goal=2.0, before="", turns=3),
    Row(
        "submit-stall",
        "the same: longest stall of the loop",
        ASYNC_SUBMIT,
        goal=20,
        before="",
        figure="stall",
        over=None,
        unit=" ms",
        turns=3,
    ),
]
