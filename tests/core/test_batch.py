"""The rules of a batch: which rows a sweep makes, what names them, and what an error means for a row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import Workflow, errors, sweep
from comfy_cloud._core.batch import (
    Item,
    ItemState,
    after_end,
    after_lookup,
    after_submit,
    folder_name,
    following,
    rows_of,
)

GRAPH: dict[str, Any] = {
    "1": {"class_type": "KSampler", "inputs": {"seed": 1, "mode.seed": 2}, "_meta": {"title": "A. Sampler"}},
    "2": {"class_type": "Text", "inputs": {"text": "a cat"}},
}
STATUS = {"status": 500, "operation": "executePrompt"}


def test_a_sweep_is_the_grid_of_all_values() -> None:
    rows = list(sweep(GRAPH, {"KSampler.seed": range(2), "Text.text": iter(["a dog", "a fox"])}))
    assert [row.params for row in rows] == [
        {"KSampler.seed": seed, "Text.text": text} for seed in range(2) for text in ("a dog", "a fox")
    ]
    assert rows[3].workflow["1"]["seed"] == 1
    assert rows[3].workflow["2"]["text"] == "a fox"
    assert rows[0].workflow["2"]["text"] == "a dog"
    assert rows[3].changes == {"1": {"seed": 1}, "2": {"text": "a fox"}}
    assert GRAPH["2"]["inputs"]["text"] == "a cat"


def test_a_sweep_pairs_values_that_belong_together() -> None:
    rows = list(sweep(Workflow(GRAPH), {"1.seed": [5, 6], "2.text": ["x", "y"]}, zip=True))
    assert [row.params for row in rows] == [{"1.seed": 5, "2.text": "x"}, {"1.seed": 6, "2.text": "y"}]
    with pytest.raises(ValueError, match=r"as many values for each input, not \[2, 1\]"):
        sweep(GRAPH, {"1.seed": [5, 6], "2.text": ["x"]}, zip=True)


def test_names_of_nodes_and_inputs_may_have_dots() -> None:
    (row,) = sweep(GRAPH, {"A. Sampler.mode.seed": [9]})
    assert row.changes == {"1": {"mode.seed": 9}}


@pytest.mark.parametrize(
    ("params", "error", "says"),
    [
        ({"Nobody.seed": [1]}, errors.NodeNotFoundError, "Nobody"),
        ({"KSampler.sed": [1]}, errors.NodeInputError, "did you mean 'seed'"),
        ({"seed": [1]}, errors.WorkflowError, r"'NODE.INPUT', not 'seed'"),
        ({"Text.text": "a cat"}, errors.ConfigurationError, "must be a list of values, not str"),
        ({"KSampler.seed": [1], "Text.text": []}, ValueError, "'Text.text'. must have a value"),
        ({"KSampler.seed": 5}, errors.ConfigurationError, "must be a list of values, not int"),
        (["KSampler.seed"], TypeError, "params must be a mapping of inputs to lists of values, not list"),
        ({5: [1]}, TypeError, "the name of an input must be a string, not int"),
        ({"KSampler.seed": [1], "1.seed": [2]}, ValueError, "one input under two names, 'KSampler.seed' and '1.seed'"),
    ],
)
def test_a_sweep_of_what_is_not_there_is_an_error_before_any_row(params: Any, error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        sweep(GRAPH, params)


def test_rows_are_given_in_several_ways() -> None:
    workflow = Workflow(GRAPH)
    given = [workflow, GRAPH, ("a", workflow), ("b", GRAPH, {"who": "me"}), *sweep(workflow, {"1.seed": [1]})]
    assert [row.key for row in rows_of(given)] == [None, None, "a", "b", None]
    assert [row.key for row in rows_of(workflow)] == [None]


@pytest.mark.parametrize("given", [5, [5], [("", GRAPH)], [(1, GRAPH)], [("a", GRAPH, {}, 1)], [("a",)], [()], "a"])
def test_what_is_no_row_is_an_error(given: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"a row must be|key must not be empty"):
        list(rows_of(given))


def test_a_key_names_its_folder_unless_that_is_no_name() -> None:
    assert folder_name("cat-42") == "cat-42"
    assert folder_name("cat-42", taken=True).startswith("cat-42-")
    assert "/" not in folder_name("a/b")
    assert folder_name("a/b") != folder_name("a_b")
    assert folder_name("..") not in {"..", ""}
    assert len(folder_name("x" * 500)) < 200


@pytest.mark.parametrize(
    ("error", "state", "stops", "pauses"),
    [
        (errors.PaymentRequiredError("", status=402), "planned", True, False),
        (errors.AuthenticationError("", status=401), "planned", True, False),
        (errors.RateLimitError("", status=429), "planned", False, True),
        (errors.APIConnectionError("", sent=False), "planned", False, True),
        (errors.ServerError("", status=500), "planned", False, True),
        (errors.InvalidWorkflowError("", status=400), "failed", False, False),
        (errors.NodeInputError(""), "failed", False, False),
        (errors.UploadError(""), "failed", False, False),
        (errors.SubmissionUncertainError(""), "uncertain", False, False),
    ],
)
def test_what_an_error_of_a_submit_means(error: Any, state: str, stops: bool, pauses: bool) -> None:
    verdict = after_submit(error, tries=1, keeps_ids=False)
    assert (verdict.state, verdict.stops, verdict.pauses) == (state, stops, pauses)


def test_a_lost_submit_is_repeated_only_where_the_server_keeps_our_ids() -> None:
    """Under the same id: the server can then tell that it has the job already."""
    lost = errors.SubmissionUncertainError("")
    again = after_lookup(lost, keeps_ids=True)
    assert (again.state, again.fresh, again.counted) == (ItemState.PLANNED, False, False)
    assert after_submit(lost, tries=1, keeps_ids=True) == again
    assert after_lookup(lost, keeps_ids=False).state is ItemState.UNCERTAIN


@pytest.mark.parametrize("keeps_ids", [True, False])
def test_a_lookup_that_fails_says_nothing_about_the_job(keeps_ids: bool) -> None:
    verdict = after_lookup(errors.AuthenticationError("", status=401), keeps_ids=keeps_ids)
    assert (verdict.state, verdict.stops, verdict.fresh) == (ItemState.SUBMITTING, True, False)


def test_failures_of_the_service_are_tried_again_twice_and_those_of_the_workflow_never() -> None:
    service, workflow = errors.JobFailedError("lost"), errors.JobFailedError("no", node_id="3", exception_type="E")
    assert [after_end(service, tries=tries).state for tries in (1, 2, 3)] == ["planned", "planned", "failed"]
    assert after_end(service, tries=1).fresh
    assert after_end(workflow, tries=1).state is ItemState.FAILED
    tries = [after_submit(errors.ServerError("", status=502), tries=tries, keeps_ids=True).state for tries in (1, 2, 3)]
    assert tries == ["planned", "planned", "failed"]
    assert after_end(errors.JobLostError("gone"), tries=1).state is ItemState.FAILED


def test_a_job_whose_files_cannot_be_written_here_waits_for_the_next_run() -> None:
    """It was paid for; a full disk is no reason to lose it, or to go on filling."""
    full = download(OSError(28, "No space left"))
    assert (after_end(full, tries=1).state, after_end(full, tries=1).stops) == (ItemState.SUBMITTED, True)


@pytest.mark.parametrize("error", [errors.AuthenticationError("", status=401), errors.BadRequestError("", status=400)])
def test_a_job_that_may_not_be_asked_for_is_not_over(error: errors.ComfyCloudError) -> None:
    """Were it failed, `retry` would pay for it again."""
    verdict = after_end(error, tries=1)
    assert (verdict.state, verdict.stops) == (ItemState.SUBMITTED, True)


def test_a_download_that_fails_is_tried_again_twice() -> None:
    cut = download(errors.APIConnectionError(""))  # a ConnectionError, and so an OSError
    assert [after_end(cut, tries=1, saves=saves).state for saves in (1, 2, 3)] == ["submitted", "submitted", "failed"]
    assert not after_end(cut, tries=1, saves=1).stops
    assert after_end(download(errors.NotFoundError("", status=404)), tries=1).state is ItemState.FAILED
    assert after_end(download(errors.AuthenticationError("", status=401)), tries=1).stops


def download(cause: Exception) -> errors.DownloadError:
    error = errors.DownloadError("could not be fetched")
    error.__cause__ = cause
    return error


def item(**fields: Any) -> Item:
    return Item(**{
        "key": "k", "params": {}, "state": ItemState.DONE, "job_id": None, "submission_id": None,
        "paths": (Path("a.png"),), "error": None, "seconds": None, "tries": 1, **fields,
    })  # fmt: skip


def test_what_follows_a_job_gives_a_value_also_when_it_fails() -> None:
    """Whatever an executor raises is then its own: a worker that was lost."""
    assert following(lambda given: [len(given.paths), Path("b")], item()) == (True, '[1, "b"]')
    assert following(lambda given: given.nothing, item())[0] is False
    assert "AttributeError" in following(lambda given: given.nothing, item())[1]
