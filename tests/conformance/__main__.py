#!/usr/bin/env python3
"""Hold the emulator's `cloud` dialect against the contract, with schemathesis.

    python tests/conformance [--examples N] [--seed N]

Two passes over all operations. The first asks each operation for something that is there, and in as many states as it
has, so that every kind of success is compared. The second lets schemathesis make up requests, valid and not. Checked
are: no server error; status, content type and body as the contract has them. What the contract cannot have right is
in exceptions.yaml, each entry with the fact that it rests on.

It runs in an environment with schemathesis and the package (see requirements/conformance.in), needs no network and
changes nothing. Exit status: 0 all conforms, 1 something does not, with what and how to see it again.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import schemathesis  # type: ignore[import-not-found]  # in an environment of its own
import yaml
from PIL import Image
from schemathesis.checks import CHECKS  # type: ignore[import-not-found]

from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]
CHECK_NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# Requests in parallel would make the order of the requests, and so a run, different every time.
PHASES = "examples,coverage,fuzzing"
Answer = tuple[str, httpx.Response]


def corrected_contract(exceptions: list[dict[str, Any]]) -> dict[str, Any]:
    """The contract with the exceptions applied."""
    contract: dict[str, Any] = yaml.safe_load((ROOT / "openapi-cloud.yaml").read_text(encoding="utf-8"))
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
    contract["components"]["responses"] = {"Refused": {"description": "Refused.", "content": error}}
    for exception in exceptions:
        *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in exception["at"].split("/")[1:]]
        parent: Any = contract
        for part in parents:
            parent = parent[part]
        value = {**parent[last], **exception["add"]} if "add" in exception else exception["replace"]
        if value == parent[last] or not exception["fact"]:
            raise SystemExit(f"exceptions.yaml: the exception at {exception['at']} changes nothing, or has no fact")
        parent[last] = value
    return contract


class Walk:
    """Asks every operation for something that is there."""

    def __init__(self, emulator: Emulator, client: httpx.Client, source_url: str) -> None:
        self._emulator = emulator
        self._client = client
        self._source_url = source_url

    def ask(self, operation: str, line: str, **more: Any) -> Answer:
        request = self._client.build_request(*line.split(), **more)
        request.read()  # schemathesis looks at it again
        return operation, self._client.send(request)

    def answers(self) -> Iterator[Answer]:
        yield from self._about_the_server()
        yield from self._files()
        yield from self._assets()
        yield from self._userdata()
        yield from self._jobs()

    def _about_the_server(self) -> Iterator[Answer]:
        yield self.ask("getNodeInfo", "GET /api/object_info")
        yield self.ask("getFeatures", "GET /api/features")
        yield self.ask("getSystemStats", "GET /api/system_stats")
        yield self.ask("getUser", "GET /api/user")
        yield self.ask("getWorkflowTemplates", "GET /api/workflow_templates")
        operation, blueprints = self.ask("getGlobalSubgraphs", "GET /api/global_subgraphs")
        yield operation, blueprints
        for blueprint_id in blueprints.json():
            yield self.ask("getGlobalSubgraph", f"GET /api/global_subgraphs/{blueprint_id}")
        yield self.ask("getModelFolders", "GET /api/experiment/models")
        yield self.ask("getModelsInFolder", "GET /api/experiment/models/checkpoints")
        preview = "checkpoints/0/harbour_v1.safetensors"
        yield self.ask("getModelPreview", f"GET /api/experiment/models/preview/{preview}")

    def _files(self) -> Iterator[Answer]:
        picture = {"image": ("in.png", _png(255), "image/png")}
        operation, stored = self.ask("uploadImage", "POST /api/upload/image", files=picture)
        yield operation, stored
        name = stored.json()["name"]
        for query in ({}, {"channel": "rgb"}, {"channel": "alpha"}):
            yield self.ask("viewFile", "GET /api/view", params={"filename": name, "type": "input", **query})
        for layer in ("painted", "painted-masked"):
            mask = {"image": (f"clipspace-{layer}-1.png", _png(len(layer)), "image/png")}
            reference = {"original_ref": json.dumps({"filename": name, "type": "input"})}
            operation, masked = self.ask("uploadMask", "POST /api/upload/mask", files=mask, data=reference)
            yield operation, masked
        yield self.ask("getMaskLayers", "GET /api/files/mask-layers", params={"filename": masked.json()["name"]})

    def _assets(self) -> Iterator[Answer]:
        file = {"file": ("a.png", _png(7), "image/png")}
        fields = {"tags": ["input", "x"], "user_metadata": '{"a": 1}'}
        operation, made = self.ask("uploadAsset", "POST /api/assets", files=file, data=fields)
        yield operation, made
        yield self.ask("uploadAsset", "POST /api/assets", files=file)
        yield self.ask("uploadAsset", "POST /api/assets", json={"url": self._source_url, "name": "b.bin"})
        asset, path = made.json(), f"/api/assets/{made.json()['id']}"
        by_hash = {"hash": asset["asset_hash"], "tags": ["y"], "name": "c.png"}
        for _ in range(2):
            operation, reference = self.ask("createAssetFromHash", "POST /api/assets/from-hash", json=by_hash)
            yield operation, reference
        yield self.ask("checkAssetByHash", f"HEAD /api/assets/hash/{asset['asset_hash']}")
        yield self.ask("addAssetTags", f"POST {path}/tags", json={"tags": ["z"]})
        yield self.ask("removeAssetTags", f"DELETE {path}/tags", json={"tags": ["z", "none"]})
        change = {"name": "d.png", "preview_id": reference.json()["id"], "user_metadata": {}}
        yield self.ask("updateAsset", f"PUT {path}", json=change)
        yield self.ask("getAssetById", f"GET {path}")
        yield self.ask("listTags", "GET /api/tags", params={"include_zero": "true"})
        yield self.ask("getAssetTagHistogram", "GET /api/assets/tags/refine")
        yield self.ask("getRemoteAssetMetadata", "GET /api/assets/remote-metadata", params={"url": self._source_url})
        yield from self._import()
        yield self.ask("listAssets", "GET /api/assets")
        yield self.ask("deleteAsset", f"DELETE {path}")

    def _import(self) -> Iterator[Answer]:
        order = {"source_url": f"{self._source_url}/import", "tags": ["models"]}
        operation, task = self.ask("createAssetDownload", "POST /api/assets/download", json=order)
        yield operation, task
        while self._client.get(f"/api/tasks/{task.json()['task_id']}").json()["status"] not in ("completed", "failed"):
            pass
        yield self.ask("createAssetDownload", "POST /api/assets/download", json=order)

    def _userdata(self) -> Iterator[Answer]:
        file = "/api/userdata/workflows%2Fa.json"
        yield self.ask("postUserdataFile", f"POST {file}", content=b"{}")
        yield self.ask("getUserdata", "GET /api/userdata", params={"dir": "workflows/"})
        yield self.ask("getUserdataFile", f"GET {file}")
        yield self.ask("deleteUserdataFile", f"DELETE {file}")

    def _jobs(self) -> Iterator[Answer]:
        """One job in each state: completed, failed, running, waiting, cancelled while it ran and while it waited."""
        saved = {
            "1": _node("EmptyImage", width=4, height=3, batch_size=1, color=255),
            "2": _node("SaveImage", images=["1", 0], filename_prefix="x"),
        }
        sleeping = {"1": _node("EmulatorSleep", seconds=3600.0)}
        jobs = []
        for workflow in (saved, {"1": _node("EmulatorFail", message="no")}, *[sleeping] * 5):
            operation, accepted = self.ask("executePrompt", "POST /api/prompt", json={"prompt": workflow})
            yield operation, accepted
            jobs.append(accepted.json()["prompt_id"])
        for job_id in jobs[:2]:
            self._emulator.wait_for(job_id)
        for job_id in jobs[2:5]:
            self._emulator.wait_for(job_id, "in_progress")
        yield self.ask("getPromptInfo", "GET /api/prompt")
        yield self.ask("getQueueInfo", "GET /api/queue")
        yield self.ask("manageQueue", "POST /api/queue", json={"delete": [jobs[5]]})
        yield from self._states(jobs)
        yield self.ask("interruptJob", "POST /api/interrupt")
        for job_id in jobs[2:5]:
            self._emulator.wait_for(job_id)
        yield from self._states(jobs)
        yield self.ask("listJobs", "GET /api/jobs")
        yield self.ask("getHistory", "GET /api/history_v2")
        for job_id in (jobs[0], jobs[1], jobs[5]):
            yield self.ask("getHistoryForPrompt", f"GET /api/history_v2/{job_id}")
        yield self.ask("manageHistory", "POST /api/history", json={"delete": [jobs[5]]})

    def _states(self, jobs: list[str]) -> Iterator[Answer]:
        for job_id in jobs:
            yield self.ask("getJobDetail", f"GET /api/jobs/{job_id}")
            yield self.ask("getJobStatus", f"GET /api/job/{job_id}/status")


def _node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def _png(alpha: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (4, 3), (0, 0, 0, alpha)).save(buffer, "PNG")
    return buffer.getvalue()


class _Source(BaseHTTPRequestHandler):
    """A server with one file at every address, to import from."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "7")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(b"weights")

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        pass


def walk(emulator: Emulator, contract: dict[str, Any], headers: dict[str, str]) -> list[str]:
    """The first pass; returns what does not conform."""
    schema = schemathesis.openapi.from_dict(contract)
    checks = [CHECKS.get_one(name) for name in CHECK_NAMES]
    problems, asked = [], set()
    source = HTTPServer(("127.0.0.1", 0), _Source)
    Thread(target=source.serve_forever, daemon=True).start()
    with httpx.Client(base_url=emulator.url, headers=headers) as client:
        for operation_id, answer in Walk(emulator, client, f"http://127.0.0.1:{source.server_port}").answers():
            asked.add(operation_id)
            if answer.status_code >= 400:
                problems.append(f"{operation_id}: {answer.status_code} {answer.text[:200]}")
            try:
                _case(schema.find_operation_by_id(operation_id), answer).validate_response(answer, checks=checks)
            except schemathesis.errors.FailureGroup as failures:
                problems += [f"{operation_id}: {failure}" for failure in failures.exceptions]
    source.shutdown()
    every = {item["operationId"] for path in contract["paths"].values() for item in path.values()}
    return problems + [f"{operation_id}: was not asked" for operation_id in sorted(every - asked)]


def _case(operation: Any, answer: httpx.Response) -> schemathesis.Case:
    """What schemathesis would have had to make up to get this answer, as far as the checks look at it."""
    template = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation.path)
    found = re.fullmatch(template, answer.request.url.raw_path.partition(b"?")[0].decode())
    case: schemathesis.Case = operation.Case(path_parameters=found.groupdict() if found else {})
    return case


def fuzz(emulator: Emulator, folder: Path, headers: dict[str, str], server_errors: list[str], options: Any) -> int:
    """The second pass, by the program that schemathesis brings; returns its exit status."""
    rows = "".join(
        f'[[operations]]\ninclude-operation-id = "{operation_id}"\nchecks.not_a_server_error.enabled = false\n'
        for operation_id in server_errors
    )
    (folder / "schemathesis.toml").write_text(rows, encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml")]
    command += ["run", str(folder / "contract.json"), "--url", emulator.url, "--phases", PHASES]
    command += [part for name, value in headers.items() for part in ("--header", f"{name}:{value}")]
    command += ["--checks", ",".join(CHECK_NAMES), "--continue-on-failure", "--warnings", "off", "--no-color"]
    command += ["--max-examples", str(options.examples), "--seed", str(options.seed)]
    return subprocess.run(command, cwd=folder, check=False).returncode


class _Crashes(logging.Handler):
    """Collects what the emulator logs of its own failures: a crash on purpose logs nothing."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))


def main() -> int:
    parser = argparse.ArgumentParser(description="Hold the emulator against the contract.")
    parser.add_argument("--examples", type=int, default=30, help="requests to make up per operation (default: 30)")
    parser.add_argument("--seed", type=int, default=1, help="seed of what is made up (default: 1)")
    options = parser.parse_args()
    listed = yaml.safe_load(Path(__file__).with_name("exceptions.yaml").read_text(encoding="utf-8"))
    contract = corrected_contract(listed["contract"])
    crashes = _Crashes()
    logging.getLogger().addHandler(crashes)
    with tempfile.TemporaryDirectory() as name, Emulator(dialect="cloud") as emulator:
        folder, headers = Path(name), {"X-API-Key": emulator.api_key}
        (folder / "contract.json").write_text(json.dumps(contract), encoding="utf-8")
        problems = walk(emulator, contract, headers)
        status = fuzz(emulator, folder, headers, list(listed["server_errors"]), options)
        count = len(emulator.journal)
    problems += [f"the emulator failed by itself: {crash}" for crash in crashes.seen]
    for problem in problems:
        print(problem, file=sys.stderr)
    failed = bool(problems or status)
    print(f"{'FAILED' if failed else 'conforms'}: {count} requests, {len(listed['contract'])} exceptions")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
