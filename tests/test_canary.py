"""Canaries: a key and signed addresses that must turn up nowhere, whatever is called and whatever goes wrong.

Every operation is called on each cloud, well and badly, with all loggers at DEBUG. What a program could write down of
that is kept: log records with their tracebacks, warnings, what is printed, reprs and pickles of all that is handed
out, and of each exception everything that an error reporter collects, with the local variables of each frame. So are
spans, ours and those of httpx's instrumentation, and the URLs that event hooks of a user's own client see.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import io
import linecache
import logging
import pickle
import ssl
import traceback
import warnings
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from operator import attrgetter
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from PIL import Image
from pytest_httpserver import HTTPServer

import comfy_cloud
from comfy_cloud import AsyncComfyCloud, ComfyCloud, RetryPolicy, show_progress
from comfy_cloud._core.operations import OPERATIONS
from comfy_cloud._core.watch import Timing
from comfy_cloud.testing import Emulator, Fault
from comfy_cloud.testing._state.signed_urls import Signer

PARTNER = "canary-partner-key-7d1f0b5c"  # handed to a submit
HANDED = "canary-handed-5a3e9b41"  # in an address that the user hands over, who can see it in the frames of the call
UNKNOWN = "11111111-1111-4111-8111-111111111111"
PACKAGE = str(Path(comfy_cloud.__file__).parent)
QUICK = RetryPolicy(base_delay=0.001)
QUICKLY = Timing(poll_first=0.005, poll_longest=0.02, unknown_grace=0, submit_lookup=0, socket_lag=0.3)
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without certificates, which take longer to load than a test
LOGGERS = ["", "comfy_cloud", "httpx", "httpcore", "websockets", "asyncio"]


def picture(mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (8, 6), "red").save(buffer, "PNG")
    return buffer.getvalue()


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


TEXT = {"1": node("EmulatorText", text="hello")}
SLEEP = {"1": node("EmulatorSleep", seconds=600, steps=1000)}
FAILS = {"1": node("EmulatorFail", message=f"cannot fetch http://x/a?s={HANDED}", exception_type="OOMError")}
REFUSED = {"1": node("SaveImage", filename_prefix="x")}
PARTLY = {**TEXT, "2": node("SaveImage", filename_prefix="x")}
EVERYTHING = {
    "1": node("LoadImage", image=picture()),
    "2": node("SaveImage", images=["1", 0], filename_prefix="saved"),
    "3": node("EmulatorPreview", seconds=0.02, frames=2, image=["1", 0]),
    "4": node("EmulatorText", text="hello"),
    "5": node("EmulatorFiles", kind="files", filename="a.bin", content="0123456789", repeat=1000),
}

# For each method what it takes to ask, of things that are not there.
ASKED: dict[str, tuple[Any, ...]] = {
    "submit": (TEXT,),
    "jobs.get": (UNKNOWN,),
    "jobs.status": (UNKNOWN,),
    "queue.cancel": (UNKNOWN,),
    "history.get": (UNKNOWN,),
    "history.delete": (UNKNOWN,),
    "workflows.subgraph": ("f" * 64,),
    "models.list": ("no-such-folder",),
    "models.preview": ("checkpoints", "no-such-model"),
    "files.upload_image": (b"no picture",),
    "files.upload_mask": (b"no picture", "none.png"),
    "files.mask_layers": ("none.png",),
    "files.download": ("none.png",),
    "assets.get": (UNKNOWN,),
    "assets.upload": (b"content",),
    "assets.create_from_hash": ("0" * 64,),
    "assets.exists": ("0" * 64,),
    "assets.update": (UNKNOWN,),
    "assets.delete": (UNKNOWN,),
    "assets.add_tags": (UNKNOWN, "a"),
    "assets.remove_tags": (UNKNOWN, "a"),
    "assets.remote_metadata": (f"http://127.0.0.1:1/a?token={HANDED}",),
    "assets.import_url": (f"https://example.com/a?token={HANDED}",),
    "userdata.list": ("no/such/folder",),
    "userdata.read": ("none.txt",),
    "userdata.write": ("a.txt", "text"),
    "userdata.delete": ("none.txt",),
}
METHODS = [(name, method) for name, row in OPERATIONS.items() for method in row.method.split(", ")]


async def settled(value: Any) -> Any:
    """What a method of either flavour gives, in the end; all items of a listing."""
    if inspect.isawaitable(value):
        return await value
    if inspect.isasyncgen(value):
        return [item async for item in value]
    return list(value) if inspect.isgenerator(value) else value


class Witness:
    """Keeps all that is shown, by where it was."""

    def __init__(self, logs: pytest.LogCaptureFixture, printed: pytest.CaptureFixture[str], warned: list[Any]) -> None:
        self.shown: list[tuple[str, str]] = []
        self.called: set[str] = set()
        self.failures: set[str] = set()
        self._logs, self._printed, self._warned = logs, printed, warned

    def overhear(self) -> None:
        """Look at what was logged, warned and printed so far."""
        formatter = logging.Formatter(logging.BASIC_FORMAT)
        for record in self._logs.records:
            if record.name == "werkzeug":
                continue  # the server that files are imported from
            # What a handler writes, and what one could write.
            self.shown.append((f"log of {record.name}", f"{formatter.format(record)} {vars(record)}"))
        self.shown += [("warning", f"{warning} {warning.message!r}") for warning in self._warned]
        self.shown.append(("output", "".join(self._printed.readouterr())))

    def hooks_of(self, kind: type[Any]) -> Callable[[Any], Any]:
        """Return an event hook for a client of httpx, which notes what is requested."""

        def note(seen: Any) -> None:
            self.shown.append(("event hook", f"{seen!r} {seen.url}"))

        async def noted(seen: Any) -> None:
            note(seen)

        return noted if kind is httpx.AsyncClient else note

    async def call(self, where: str, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """The result, looked at. What is raised is looked at as well, and the result is None then."""
        try:
            result = await settled(function(*args, **options))
        except Exception as error:  # noqa: BLE001
            self.look_at_error(where, error)
            return None
        self.look(where, result)
        return result

    async def ask(self, cloud: Any, method: str, *args: Any, **options: Any) -> Any:
        """Call a method of a client by its dotted name; what it names as a file is read, too."""
        self.called.add(method)
        found = await self.call(method, attrgetter(method)(cloud), *args, **options)
        return await self.call(method, found.read) if method == "files.download" and found else found

    def look(self, where: str, value: Any) -> None:
        for item in value if isinstance(value, list | tuple) else [value]:
            fields = getattr(item, "__dict__", {})
            self.shown.append((where, f"{item!r} {item} {fields}"))
            try:
                self.shown.append((f"{where}, pickle", pickle.dumps(item).decode("latin-1")))
            except (TypeError, AttributeError, pickle.PicklingError) as error:
                self.shown.append((f"{where}, no pickle", repr(error)))

    def look_at_error(self, where: str, error: BaseException) -> None:
        self.failures.add(type(error).__name__)
        where = f"{where}, {type(error).__name__}"
        link: BaseException | None = error
        while link is not None:
            notes = getattr(link, "__notes__", [])
            self.shown.append((where, f"{link} {link!r} {link.args!r} {vars(link)!r} {notes}"))
            link = link.__cause__ or link.__context__
        self.shown.append((f"{where}, traceback", "".join(traceback.format_exception(error))))
        collected = traceback.TracebackException.from_exception(error, capture_locals=True)
        self.shown.append((f"{where}, frames", "".join(collected.format())))
        self.shown.append((f"{where}, pickle", pickle.dumps(error).decode("latin-1")))

    def found(self, secrets: dict[str, str], *, but_frames: bool = False) -> set[tuple[str, str]]:
        """Which canary was seen where."""
        places = [(where, text) for where, text in self.shown if not (but_frames and where.endswith("frames"))]
        return {(name, where) for where, text in places for name, secret in secrets.items() if secret in text}


@pytest.fixture
def witness(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Witness]:
    """With every logger at DEBUG and no warning left out; what was logged, warned and printed is added in the end."""
    # asyncio notes where each future was made, and with that looks whether the source files of the whole stack changed.
    monkeypatch.setattr(linecache, "checkcache", lambda *_: None)
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, name)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield Witness(caplog, capfd, warned)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Any]] | None]:
    """All spans that have ended, of the client and of httpx. None in the environment of the oldest dependencies."""
    if importlib.util.find_spec("opentelemetry") is None:
        yield None
        return
    from opentelemetry import trace
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    HTTPXClientInstrumentor().instrument(tracer_provider=provider)
    yield lambda: [*exporter.get_finished_spans()]
    HTTPXClientInstrumentor().uninstrument()


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The signature of each address that an emulator hands out from now on."""
    made: set[str] = set()
    sign = Signer.sign

    def noted(self: Signer, object_name: str) -> str:
        address = sign(self, object_name)
        made.add(address.rpartition("signature=")[2])
        return address

    monkeypatch.setattr(Signer, "sign", noted)
    return made


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def raising(*_: Any) -> None:
    raise LookupError("the user's own")


class Broken(io.BytesIO):
    """A file that cannot be read to its end a second time, when it is sent."""

    name = "broken.bin"
    rewound = False

    def seek(self, offset: int, whence: int = 0) -> int:
        self.rewound = True
        return super().seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        if self.rewound:
            raise OSError("the disk is gone")
        return super().read(size)


async def go_well(source: str, folder: Path, witness: Witness, cloud: Any, server: Emulator) -> None:
    """Everything once, in an order in which it works."""
    terminal, events = Terminal(), list[Any]()
    show = show_progress(terminal)

    def heard(event: Any) -> None:
        events.append(event)
        show(event)

    async def ask(method: str, *args: Any, **options: Any) -> Any:
        return await witness.ask(cloud, method, *args, **options)

    job = await witness.call("run", cloud.run, EVERYTHING, on_event=heard, partner_key=PARTNER, timeout=30)
    assert {type(event).__name__ for event in events} >= {"NodeStarted", "Preview", "NodeText"}
    witness.look("events", events)
    witness.look("progress", terminal.getvalue())
    witness.look("shown", [job._repr_mimebundle_(), job.outputs._repr_mimebundle_()])
    witness.look("job", [job.outputs, job.error, job.node_errors, job.created_at, job.status])
    await witness.call("outputs.save", job.outputs.save, folder)
    for output in job.outputs:
        witness.look("output", [output, output._repr_mimebundle_()])
        for method in ("read", "iter_bytes", "url"):
            await witness.call(f"output.{method}", getattr(output, method))
    for method in ("events", "wait", "refresh", "cancel"):
        await witness.call(f"job.{method}", getattr(cloud.job(job.id), method))

    server.pause()
    waiting = await ask("submit", TEXT, partner_key=PARTNER)
    await ask("queue.get")
    await ask("queue.cancel", waiting.id)
    await ask("queue.clear")
    server.resume()
    running = await ask("submit", SLEEP)
    server.wait_for(running.id, "in_progress")
    await ask("queue.interrupt_all")
    for method in ("jobs.get", "jobs.status", "history.get"):
        await ask(method, job.id)
    for method in ("jobs.list", "history.list", "queue.remaining", "account", "nodes.info", "models.folders"):
        await ask(method)
    await ask("history.delete", job.id)
    await ask("history.clear")
    (model, *_) = await ask("models.list", "checkpoints")
    await ask("models.preview", "checkpoints", model.name, path_index=model.path_index)
    await ask("system.stats")
    await ask("system.features")
    await ask("workflows.templates")
    blueprints = await ask("workflows.subgraphs")
    await ask("workflows.subgraph", blueprints.additional_keys[0])
    await ask("userdata.write", "a.txt", "text")
    for method, argument in (("list", ""), ("read", "a.txt"), ("delete", "a.txt")):
        await ask(f"userdata.{method}", argument)

    image = await ask("files.upload_image", picture())
    mask = await ask("files.upload_mask", picture("RGBA"), image)
    await ask("files.mask_layers", mask)
    await ask("files.download", image, type="input")
    asset = await ask("assets.upload", b"content", tags=["input", "a"], name="a.bin")
    await ask("assets.upload", source)
    await ask("assets.exists", asset.asset_hash)
    await ask("assets.create_from_hash", asset.asset_hash)
    for method in ("list", "tags", "tag_histogram"):
        await ask(f"assets.{method}")
    await ask("assets.update", asset.id, name="b.bin")
    await ask("assets.add_tags", asset.id, "b")
    await ask("assets.remove_tags", asset.id, "b")
    await ask("assets.get", asset.id)
    await ask("assets.delete", asset.id)
    await ask("assets.remote_metadata", source)
    task = await ask("assets.import_url", source)
    await witness.call("import.wait", task.wait, 10)
    witness.look("import", [task, task.asset, task.error])
    assert witness.failures == {"DownloadError"}, "a text has no address, and all else went well"


def faults(server: Emulator) -> list[Fault]:
    """What can happen to any request."""
    quoting = {"error": {"type": "no", "message": f"{server.api_key} may not, see http://x/a?s={HANDED}"}}
    return [
        Fault.status(403, body=quoting),
        Fault.status(500, body="html"),
        Fault.close("before"),
        Fault.close("middle"),
        Fault.truncate(relabel=True),
        Fault.break_gzip(),
    ]


async def ask_badly(witness: Witness, cloud: Any, server: Emulator) -> None:
    """Every operation for what is not there, then refused, broken off and answered with nonsense."""
    once = cloud.with_options(retry=None)
    for operation, method in METHODS:
        await witness.ask(cloud, method, *ASKED.get(method, ()))
        for fault in faults(server):
            server.fail(operation, fault)
            await witness.ask(once, method, *ASKED.get(method, ()))
            server.faults.clear()


async def run_badly(witness: Witness, cloud: Any, server: Emulator) -> None:
    """Submits whose answer is lost, downloads that break off, jobs that fail, get lost and are refused."""
    once = cloud.with_options(retry=None)
    for fault in [*faults(server), Fault.lose_answer()]:
        server.fail("executePrompt", fault)
        await witness.call("submit", lambda: once.submit(TEXT, partner_key=PARTNER))
        server.faults.clear()

    job = await settled(cloud.run(EVERYTHING, timeout=30))
    for fault in [*faults(server), Fault.expire_address(), Fault.refuse()]:
        for client in (once, cloud):
            server.fail("storage", fault, count=3)
            image = (await settled(client.job(job.id).refresh())).outputs.images[0]
            for method in ("read", "iter_bytes", "url"):
                await witness.call(f"output.{method}", getattr(image, method))
            server.faults.clear()

    for workflow in (REFUSED, FAILS, PARTLY):
        await witness.call("run", lambda workflow=workflow: cloud.run(workflow, partner_key=PARTNER, timeout=30))
    await witness.call("on_event", lambda: cloud.run(TEXT, on_event=raising))
    await witness.call("on_progress", lambda: cloud.assets.upload(b"content", on_progress=raising))
    await witness.call("on_progress", lambda: cloud.files.upload_image(picture(), on_progress=raising))
    await witness.call("broken file", lambda: cloud.assets.upload(Broken(b"content")))
    await witness.call("outputs", lambda: cloud.job(UNKNOWN).outputs)
    await witness.call("lost", cloud.job(UNKNOWN).wait)
    sleeping = await settled(cloud.submit(SLEEP))
    await witness.call("timeout", sleeping.wait, 0.01)
    await witness.call("cancelled", sleeping.cancel)
    await witness.call("cancelled", sleeping.wait)
    for fault in (Fault.drop(), Fault.junk(), Fault.bad_frame()):
        server.fail("socket", fault)
        await witness.call("run", cloud.run, TEXT, timeout=30)
        server.faults.clear()
    server.fail("getQueueInfo", Fault.stall())
    await witness.call("stall", once.with_options(timeout=0.02).queue.get)
    server.faults.clear()


async def close(client: Any) -> None:
    await settled((getattr(client, "aclose", None) or client.close)())


async def go_out(witness: Witness, flavour: type[Any], server: Emulator) -> None:
    """Clients that cannot be made, are not let in, are closed, find nobody, or send through another one."""
    made = {"base_url": server.url, "retry": QUICK, "ssl_context": TLS}
    kind: type[Any] = {ComfyCloud: httpx.Client, AsyncComfyCloud: httpx.AsyncClient}[flavour]
    hooked = witness.hooks_of(kind)
    inner = kind(verify=TLS, event_hooks={"request": [hooked], "response": [hooked]})
    clients = [flavour(each, **made) for each in [*server.keys, "canary-that-nobody-knows"]]
    clients.append(flavour(lambda: server.api_key, base_url=server.url, http_client=inner))
    clients.append(flavour(server.api_key, base_url="http://127.0.0.1:1", retry=None, ssl_context=TLS))
    for client in clients:
        witness.look("client", [client, client.raw, client.jobs, client.assets, client.files])
        await witness.call("account", client.account)
        await witness.call("run", lambda client=client: client.run(TEXT, partner_key=PARTNER, timeout=30))
        job = await witness.call("run", lambda client=client: client.run(EVERYTHING, timeout=30))
        if job is not None:
            await witness.call("output.read", job.outputs.images[0].read)
        await close(client)
        await witness.call("closed", client.account)
    await close(inner)
    for wrong in ({"base_url": "http://example.com"}, {"http_client": inner, "proxy": "http://127.0.0.1:1"}):
        await witness.call("made", lambda wrong=wrong: flavour(server.api_key, **wrong))
    await witness.call("made", lambda: flavour(f"{server.api_key}\n", **made))


def canaries(server: Emulator, signatures: set[str]) -> dict[str, str]:
    assert len(signatures) > 5
    return {
        **{f"key {number}": key for number, key in enumerate(server.keys)},
        "partner key": PARTNER,
        **{f"signature {number}": signature for number, signature in enumerate(signatures)},
    }


@pytest.mark.parametrize(
    ("flavour", "dialect"), [(ComfyCloud, "cloud"), (ComfyCloud, "cloud-next"), (AsyncComfyCloud, "cloud-next")]
)
def test_no_canary_is_heard(
    witness: Witness,
    spans: Callable[[], list[Any]] | None,
    signatures: set[str],
    httpserver: HTTPServer,
    tmp_path: Path,
    flavour: type[Any],
    dialect: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever reads the logs, or gets the error reports, cannot use the account or fetch the pictures."""
    httpserver.expect_request("/weights.bin").respond_with_data(b"weights")
    source = httpserver.url_for(f"/weights.bin?token={HANDED}")
    # What a busy machine opens late must be heard as well.
    monkeypatch.setattr(f"{flavour.__module__.removesuffix('client')}submit.SOCKET_OPEN_PATIENCE", 30.0)

    async def everything(server: Emulator) -> None:
        go: list[Callable[..., Coroutine[Any, Any, None]]] = [partial(go_well, source, tmp_path), ask_badly, run_badly]
        for part in go:
            client = flavour(server.api_key, base_url=server.url, retry=QUICK, ssl_context=TLS)
            client._connection.timing = QUICKLY
            await part(witness, client, server)
            await close(client)
        await go_out(witness, flavour, server)

    with Emulator(dialect=dialect) as server:
        asyncio.run(everything(server), debug=flavour is AsyncComfyCloud)
        assert server.storage_keys_seen == 0
        assert {entry.operation for entry in server.journal} >= set(OPERATIONS)
        witness.shown.append(("journal", repr([*server.journal])))
    witness.overhear()
    witness.shown += [(f"span {span.name}", span.to_json()) for span in (spans() if spans else ())]
    assert witness.called == {method for _, method in METHODS}
    assert len(witness.failures) > 15
    places = {where for where, _ in witness.shown}
    assert places >= {"log of httpx", "log of comfy_cloud.socket", "warning", "output", "event hook"}
    traced = {"span GET", *(f"span comfy.{name}" for name in ("job", "submit", "run", "upload", "download", "import"))}
    assert spans is None or places >= traced
    assert witness.found(canaries(server, signatures)) == set()
    assert witness.found({"handed": HANDED}, but_frames=True) == set()


@pytest.mark.parametrize("operation", ["executePrompt", "getQueueInfo", "storage"])
def test_a_cancelled_task_shows_no_key_above_the_transport(operation: str) -> None:
    """Down to where the request is handed to httpx. Frames below that have the request itself, and its bytes: a
    cancellation brings them along, an error of ours never does."""
    frames: list[FrameType] = []

    async def noted(call: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        try:
            await call()
        except asyncio.CancelledError as error:
            frames.extend(frame for frame, _ in traceback.walk_tb(error.__traceback__))

    async def cancelled(server: Emulator) -> None:
        async with AsyncComfyCloud(server.api_key, base_url=server.url, ssl_context=TLS, live=False) as cloud:
            job = await cloud.run(EVERYTHING)
            calls: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
                "executePrompt": lambda: cloud.submit(TEXT, partner_key=PARTNER),
                "getQueueInfo": cloud.queue.get,
                "storage": job.outputs.images[0].read,
            }
            stalled = server.fail(operation, Fault.stall())
            task = asyncio.create_task(noted(calls[operation]))
            await asyncio.to_thread(stalled.wait_for)
            task.cancel()
            await task

    with Emulator() as server:
        asyncio.run(cancelled(server))
    names = [frame.f_code.co_name for frame in frames]
    above = frames[: names.index("handle_async_request") + 1]
    shown = str([frame.f_locals for frame in above if frame.f_code.co_filename.startswith(PACKAGE)])
    assert not [key for key in (server.api_key, PARTNER) if key in shown]
