"""The public names: each says what it is, which types it takes and gives, and is there in both flavours alike.

What the design promises is written down here once more, as data: a promise that is broken by a rename fails.
"""

from __future__ import annotations

import builtins
import dataclasses
import inspect
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import comfy_cloud
from comfy_cloud import AsyncComfyCloud, ComfyCloud, testing

PACKAGE = str(Path(comfy_cloud.__file__).parent)
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CLIENTS = {
    flavour: flavour("key", base_url="http://127.0.0.1:1", ssl_context=TLS) for flavour in (ComfyCloud, AsyncComfyCloud)
}


def groups(flavour: type[Any]) -> dict[str, type[Any]]:
    """The types of what a client's properties give, by the property; the generated client has tests of its own."""
    names = [name for name, value in vars(flavour).items() if isinstance(value, property) and name != "raw"]
    return {name: type(getattr(CLIENTS[flavour], name)) for name in names}


CLASSES = {
    **{name: value for name in comfy_cloud.__all__ if isinstance(value := getattr(comfy_cloud, name), type)},
    **{f"testing.{name}": getattr(testing, name) for name in testing.__all__},
    **{f"{flavour.__name__}.{name}": group for flavour in CLIENTS for name, group in groups(flavour).items()},
}
PAIRS = {name: (found, CLASSES[name.replace("Async", "")]) for name, found in CLASSES.items() if "Async" in name}


def function_of(value: Any) -> Any:
    """The plain function behind a method or property."""
    return getattr(value, "fget", None) or getattr(value, "__func__", value)


def members(owner: type[Any]) -> Iterator[tuple[str, Any]]:
    """What our own code defines on a class, for its users: public names and the operators among the others."""
    for name in dir(owner):
        home = next((base for base in owner.__mro__ if name in vars(base)), object)
        value = vars(home).get(name)
        function = function_of(value)
        # What a dataclass writes by itself is not ours.
        ours = inspect.isfunction(function) and function.__code__.co_filename.startswith(PACKAGE)
        if ours and (not name.startswith("_") or name.startswith("__")):
            yield f"{home.__qualname__}.{name}", value


CALLABLES: dict[str, Any] = {
    "show_progress": comfy_cloud.show_progress,
    **{name: value for owner in CLASSES.values() for name, value in members(owner)},
}


def parameters(value: Any) -> list[inspect.Parameter]:
    found = list(inspect.signature(function_of(value)).parameters.values())
    return found[1:] if found and found[0].name in {"self", "cls"} else found


@pytest.mark.parametrize("name", [*CLASSES, "errors", "events", "raw"])
def test_a_class_or_module_says_what_it_is(name: str) -> None:
    """`help()` and editors have nothing else to show."""
    found = CLASSES.get(name) or getattr(comfy_cloud, name)
    assert (found.__doc__ or "").strip()
    # What dataclasses write by themselves is no description.
    assert not (found.__doc__ or "").startswith(f"{name.rpartition('.')[2]}(")


@pytest.mark.parametrize("name", [name for name in CALLABLES if "._" not in name])
def test_a_method_or_property_says_what_it_does(name: str) -> None:
    """In one sentence at least."""
    text = inspect.getdoc(CALLABLES[name]) or ""
    assert text.strip(), "a docstring"
    assert text.partition("\n\n")[0].rstrip().endswith((".", ":", ")")), "a whole sentence first"


@pytest.mark.parametrize("name", CALLABLES)
def test_every_parameter_and_result_has_a_type(name: str) -> None:
    """A type checker takes what has none for anything at all, and finds no mistake."""
    assert inspect.signature(function_of(CALLABLES[name])).return_annotation is not inspect.Signature.empty
    assert not [each.name for each in parameters(CALLABLES[name]) if each.annotation is each.empty]


@pytest.mark.parametrize("name", PAIRS)
def test_both_flavours_have_the_same_names_and_parameters(name: str) -> None:
    """Who knows one knows the other, and a program moves by adding `await`."""
    other = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
    asynchronous, synchronous = (
        {other.get(member := each.rpartition(".")[2], member): value for each, value in members(owner)}
        for owner in PAIRS[name]
    )
    assert asynchronous.keys() == synchronous.keys()
    for member, value in asynchronous.items():
        twin = synchronous[member]
        assert type(value) is type(twin), member
        assert [shape(each) for each in parameters(value)] == [shape(each) for each in parameters(twin)], member


def shape(parameter: inspect.Parameter) -> tuple[str, str, str]:
    return parameter.name, parameter.kind.name, repr(parameter.default)


def attributes(owner: str, names: str) -> dict[str, None]:
    return {f"{owner}.{name}": None for name in names.split()}


# What the design has, in its own order; parameters as in a lambda, `...` for any default, None for what is no method.
# A name may take more than is written here, as long as nobody has to give it.
DESIGN: dict[str, str | None] = {
    "ComfyCloud": "api_key=None, *, base_url=None, timeout=..., total_timeout=120.0, retry=..., http_client=None, "
    "proxy=None, ssl_context=None, headers=None, user_agent=None, live=True",
    "RetryPolicy": "attempts=3, base_delay=0.5, max_delay=8.0, max_retry_after=60.0, statuses=...",
    "Workflow": "graph",
    "Workflow.load": "source",
    "Workflow.loads": "text",
    "Workflow.__getitem__": "name",
    "Workflow.__contains__": "name",
    "Workflow.nodes": None,
    "Workflow.copy": "",
    "Workflow.to_dict": "",
    "Workflow.randomize_seeds": "",
    "Workflow.check": "node_info",
    "Node.__setitem__": "name, value",
    "Node.set": "name, value, *, add=False, replace_link=False",
    "Node.id": None,
    "Node.class_type": None,
    "Node.title": None,
    "ComfyCloud.submit": "workflow, *, partner_key=None, extra_data=None",
    "ComfyCloud.run": "workflow, *, timeout=None, on_event=None, cancel_on_exit=False, partner_key=None, "
    "extra_data=None",
    "ComfyCloud.job": "job_id",
    "ComfyCloud.wait": "jobs, timeout=None, on_event=None",
    "ComfyCloud.as_completed": "jobs, timeout=None",
    "ComfyCloud.with_options": "",
    "ComfyCloud.account": "",
    "ComfyCloud.close": "",
    "ComfyCloud.raw": None,
    **attributes("Job", "id status raw_status node_errors error raw outputs"),
    "Job.refresh": "",
    "Job.wait": "timeout=None, *, on_event=None, check=True, cancel_on_exit=False",
    "Job.events": "",
    "Job.cancel": "force=False",
    **attributes("Outputs", "images videos audios texts files"),
    "Outputs.__getitem__": "which",
    "Outputs.save": "folder, *, overwrite=False, concurrency=4, on_progress=None",
    **attributes("Output", "node_id key kind filename text"),
    "Output.read": "",
    "Output.iter_bytes": "",
    "Output.save": "path, *, overwrite=False",
    "Output.url": "",
    "show_progress": "",
    "ComfyCloud.jobs.list": "*, status=..., limit=...",
    "ComfyCloud.jobs.get": "job_id",
    "ComfyCloud.jobs.status": "job_id",
    "ComfyCloud.queue.get": "",
    "ComfyCloud.queue.cancel": "job_ids",
    "ComfyCloud.queue.clear": "",
    "ComfyCloud.queue.remaining": "",
    "ComfyCloud.queue.interrupt_all": "",
    "ComfyCloud.assets.list": "",
    "ComfyCloud.assets.get": "asset_id",
    "ComfyCloud.assets.upload": "content",
    "ComfyCloud.assets.create_from_hash": "asset_hash",
    "ComfyCloud.assets.exists": "asset_hash",
    "ComfyCloud.assets.update": "asset_id",
    "ComfyCloud.assets.delete": "asset_id",
    "ComfyCloud.assets.add_tags": "asset_id, tags",
    "ComfyCloud.assets.remove_tags": "asset_id, tags",
    "ComfyCloud.assets.tags": "",
    "ComfyCloud.assets.tag_histogram": "",
    "ComfyCloud.assets.remote_metadata": "url",
    "ComfyCloud.assets.import_url": "url",
    "AssetImport.status": None,
    "AssetImport.wait": "",
    "ComfyCloud.files.upload_image": "content",
    "ComfyCloud.files.upload_mask": "content, original",
    "ComfyCloud.files.mask_layers": "filename",
    "ComfyCloud.files.download": "filename, *, type='output'",
    "ComfyCloud.models.folders": "",
    "ComfyCloud.models.list": "folder",
    "ComfyCloud.models.preview": "folder, filename",
    "ComfyCloud.nodes.info": "",
    "ComfyCloud.userdata.list": "",
    "ComfyCloud.userdata.read": "path",
    "ComfyCloud.userdata.write": "path, data",
    "ComfyCloud.userdata.delete": "path",
    "ComfyCloud.history.list": "",
    "ComfyCloud.history.get": "job_id",
    "ComfyCloud.history.delete": "job_ids",
    "ComfyCloud.history.clear": "",
    "ComfyCloud.workflows.templates": "",
    "ComfyCloud.workflows.subgraphs": "",
    "ComfyCloud.workflows.subgraph": "subgraph_id",
    "ComfyCloud.system.stats": "",
    "ComfyCloud.system.features": "",
}


def promised(name: str) -> Any:
    """A class, or a member of one, by its name."""
    owner, _, member = name.rpartition(".")
    if not owner or name in CLASSES:
        return CLASSES.get(name) or CALLABLES[name]
    declared = vars(CLASSES[owner]).get("__annotations__", {})
    return inspect.getattr_static(CLASSES[owner], member, declared.get(member))


def in_the_other_flavour(name: str) -> str:
    head, dot, rest = name.partition(".")
    renamed = f"Async{head}{dot}{rest}"
    return {"AsyncComfyCloud.close": "AsyncComfyCloud.aclose"}.get(renamed, renamed)


FLAVOURED = [in_the_other_flavour(name) for name in DESIGN if f"Async{name.partition('.')[0]}" in CLASSES]


@pytest.mark.parametrize("name", [*DESIGN, *FLAVOURED])
def test_what_the_design_promises_is_there_as_it_says(name: str) -> None:
    """Programs are written by it."""
    wanted = DESIGN[name if name in DESIGN else name.replace("Async", "").replace("aclose", "close")]
    found = promised(name)
    if wanted is None:
        # A declared attribute is its type, as text.
        assert isinstance(found, property | str) or inspect.ismemberdescriptor(found)
        return
    has = {each.name: each for each in parameters(vars(found)["__init__"] if isinstance(found, type) else found)}
    expected = inspect.signature(eval(f"lambda {wanted}: None")).parameters
    assert [each for each in has if each in expected] == list(expected), "all of them, in this order"
    for each in expected.values():
        assert has[each.name].kind is each.kind, each
        assert each.default in (..., has[each.name].default), each
    more = [each for each in has.values() if each.name not in expected]
    assert not [each.name for each in more if each.default is each.empty]


# Each exception below its base, with what else it is in brackets, and with what it tells.
ERRORS = """
ComfyCloudError: job_id message
    ConfigurationError
    WorkflowError
        UIFormatError
        NodeNotFoundError(KeyError)
        AmbiguousNodeError
        NodeInputError
    APIConnectionError(ConnectionError)
        APITimeoutError(TimeoutError)
    UnexpectedResponseError
    APIStatusError: status code message request_id body operation retryable
        BadRequestError
            InvalidWorkflowError: node_errors
        AuthenticationError
        PaymentRequiredError
            SubscriptionInactiveError
        PermissionDeniedError
        NotFoundError
        ConflictError
        PayloadTooLargeError
        UnsupportedMediaTypeError
        UnprocessableEntityError
        RateLimitError: retry_after
        ServerError
        NotSupportedError
    JobError: job
        JobFailedError: node_id node_type exception_type traceback
        JobCancelledError
        JobTimeoutError(TimeoutError)
        JobLostError
    BatchError
        BatchConflictError: key
        BatchInUseError: pid host
    SubmissionUncertainError: submission_id since
    DownloadError
    UploadError
"""


def test_the_tree_of_exceptions_is_the_one_of_the_design() -> None:
    """Programs catch by it, and read what the errors tell."""
    above: list[type[Any]] = [Exception]
    for line in ERRORS.strip().splitlines():
        depth = (len(line) - len(line.lstrip())) // 4
        name, _, tells = line.strip().partition(": ")
        name, _, also = name.rstrip(")").partition("(")
        found = CLASSES[name]
        assert found.__bases__ == (above[depth], *([vars(builtins)[also]] if also else [])), name
        above[depth + 1 :] = [found]
        needs = {
            "APIStatusError": ["status"],
            "SubmissionUncertainError": ["submission_id", "since"],
            "BatchConflictError": ["key"],
        }
        given = next((names for base, names in needs.items() if issubclass(found, CLASSES[base])), [])
        error = found("what was wrong", **dict.fromkeys(given))
        assert not [each for each in tells.split() if not hasattr(error, each)], name
    assert len(ERRORS.split("\n")) - 2 == len(comfy_cloud.errors.__all__), "and no other"


def test_states_and_events_are_those_of_the_design() -> None:
    """Programs decide by the words and by the types."""
    assert [*comfy_cloud.JobStatus.__members__] == ["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"]
    events = """JobQueued JobStarted NodesCached NodeStarted NodeProgress Preview NodeText NodeFinished JobCompleted
        JobFailed JobCancelled UnknownEvent"""
    for name in events.split():
        event = CLASSES[name]
        assert issubclass(event, comfy_cloud.JobEvent)
        assert event.__dataclass_params__.frozen, name
        assert dataclasses.fields(event)[0].name == "job_id"
