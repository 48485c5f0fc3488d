"""Whether a job is over, and how: a wrong reading hangs a wait, ends it too early, or hides why a job failed."""

import json
from typing import Any

import pytest

from comfy_cloud._core.job_state import (
    ExecutionError,
    JobState,
    JobStatus,
    find_history_entry,
    from_history_entry,
    from_job_detail,
    from_job_status,
    from_queue,
    is_terminal,
    node_errors_of,
    read_execution_error,
    read_queue,
    status_of,
)

JOB = "5f0c7e55-0000-4000-8000-000000000001"
OTHER = "5f0c7e55-0000-4000-8000-000000000002"
OUTPUTS = {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}}
FAILURE = {
    "prompt_id": JOB,
    "node_id": "4",
    "node_type": "KSampler",
    "exception_message": "out of memory\n",
    "exception_type": "MemoryError",
    "traceback": ["  File a\n", "  File b\n"],
    "current_inputs": {"api_key_comfy_org": ["sk-canary"]},
    "current_outputs": ["1", "4"],
}
READ_FAILURE = ExecutionError("4", "KSampler", "MemoryError", "out of memory", ("  File a\n", "  File b\n"))
JUNK: list[Any] = [None, "text", 7, True, [], [[]], {}, [{"status": "completed"}]]


def history(status_str: str | None, *events: tuple[str, Any], completed: object = False) -> dict[str, Any]:
    messages = [["execution_start", {"prompt_id": JOB}], *([name, data] for name, data in events)]
    return {"outputs": OUTPUTS, "status": {"status_str": status_str, "completed": completed, "messages": messages}}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (JobStatus.PENDING, "waiting_to_dispatch pending submitted queued_limited queued_waiting allocated"),
        (JobStatus.PENDING, "preparing pending_execution uploading"),
        (JobStatus.IN_PROGRESS, "in_progress executing executed"),
        (JobStatus.IN_PROGRESS, "cancel_requested cancel_pending cancelling_preparing erroring retryable_error"),
        (JobStatus.COMPLETED, "completed success Completed SUCCESS"),
        (JobStatus.FAILED, "failed error non_retryable_error lost ERROR"),
        (JobStatus.CANCELLED, "cancelled canceled"),
        (JobStatus.IN_PROGRESS, "thawing finished done"),
    ],
)
def test_every_word_of_a_server_has_a_meaning_and_unknown_ones_are_in_flight(status: JobStatus, words: str) -> None:
    for word in words.split():
        assert status_of(word) is status, word
        assert status_of(f" {word} ") is status


@pytest.mark.parametrize("value", [None, 3, True, [], {}, "", b"completed"])
def test_no_word_means_in_flight(value: object) -> None:
    assert status_of(value) is JobStatus.IN_PROGRESS


def test_only_completed_failed_and_cancelled_are_final_and_compare_as_text() -> None:
    assert [status.value for status in JobStatus if is_terminal(status)] == ["completed", "failed", "cancelled"]
    assert [f"{status}" for status in JobStatus] == ["pending", "in_progress", "completed", "failed", "cancelled"]
    assert JobStatus("cancelled") is JobStatus.CANCELLED


def test_a_completed_job_shows_its_outputs_and_the_whole_answer() -> None:
    body = {"id": JOB, "status": "completed", "outputs": OUTPUTS}
    assert from_job_detail(body) == JobState(JobStatus.COMPLETED, "completed", OUTPUTS)
    assert from_job_detail(body).raw is body


def test_a_failed_job_shows_its_error_and_the_outputs_that_were_made_before() -> None:
    state = from_job_detail({"status": "failed", "outputs": OUTPUTS, "execution_error": FAILURE})
    assert state == JobState(JobStatus.FAILED, "failed", OUTPUTS, READ_FAILURE)


def test_an_error_that_stands_only_in_the_timeline_is_found() -> None:
    body = {"status": "failed", "execution_status": history("error", ("execution_error", FAILURE))["status"]}
    assert from_job_detail(body).error == READ_FAILURE


def test_a_job_detail_without_a_status_is_read_by_its_timeline() -> None:
    body = {"status": None, "execution_status": history("success", completed=True)["status"]}
    assert from_job_detail(body) == JobState(JobStatus.COMPLETED, "success")


def test_the_status_of_a_job_detail_wins_over_its_timeline() -> None:
    body = {"status": "in_progress", "execution_status": history("success", completed=True)["status"]}
    assert from_job_detail(body).status is JobStatus.IN_PROGRESS


@pytest.mark.parametrize("outputs", [None, "none", 4])
def test_outputs_of_the_wrong_shape_count_as_not_told(outputs: object) -> None:
    assert from_job_detail({"status": "completed", "outputs": outputs}).outputs is None


def test_empty_outputs_and_a_list_of_outputs_are_kept_as_they_came() -> None:
    assert from_job_detail({"status": "completed", "outputs": {}}).outputs == {}
    assert from_job_detail({"status": "completed", "outputs": [{"node_id": "9"}]}).outputs == [{"node_id": "9"}]


@pytest.mark.parametrize("body", JUNK)
@pytest.mark.parametrize("read", [from_job_detail, from_job_status, from_history_entry])
def test_an_answer_of_the_wrong_shape_means_in_flight(read: Any, body: object) -> None:
    assert read(body) == JobState(JobStatus.IN_PROGRESS)
    assert read(body).raw is body


def test_a_successful_history_entry_is_a_completed_job() -> None:
    assert from_history_entry(history("success", ("execution_success", {}), completed=True)) == JobState(
        JobStatus.COMPLETED, "success", OUTPUTS
    )


def test_a_failed_history_entry_has_its_error_and_partial_outputs() -> None:
    assert from_history_entry(history("error", ("execution_error", FAILURE))) == JobState(
        JobStatus.FAILED, "error", OUTPUTS, READ_FAILURE
    )


def test_an_interrupted_job_is_cancelled_though_the_history_calls_it_an_error() -> None:
    state = from_history_entry(history("error", ("execution_interrupted", {"node_id": "4"})))
    assert (state.status, state.raw_status, state.error) == (JobStatus.CANCELLED, "error", None)


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        (history(None, ("execution_success", {})), JobStatus.COMPLETED),
        (history(None, ("execution_error", FAILURE)), JobStatus.FAILED),
        (history(None, completed=True), JobStatus.COMPLETED),
        (history("thawing", ("execution_interrupted", None)), JobStatus.CANCELLED),
        (history("thawing"), JobStatus.IN_PROGRESS),
        (history("error"), JobStatus.FAILED),
        ({"outputs": {}}, JobStatus.COMPLETED),
        ({"outputs": {}, "status": None}, JobStatus.COMPLETED),
        ({"status": "success"}, JobStatus.COMPLETED),
        ({"prompt": {"prompt_id": JOB}}, JobStatus.IN_PROGRESS),
        ({"status": {"status_str": "error", "messages": {"execution_error": 1}}}, JobStatus.FAILED),
        ({"status": {"status_str": "error", "messages": [None, [], [3], "x", ["execution_error"]]}}, JobStatus.FAILED),
    ],
)
def test_a_history_entry_with_parts_missing_is_read_by_what_it_has(entry: dict[str, Any], status: JobStatus) -> None:
    assert from_history_entry(entry).status is status


@pytest.mark.parametrize(
    "body",
    [
        {JOB: {"n": 1}, OTHER: {"n": 2}},
        {"history": [{"prompt_id": OTHER}, None, {"prompt_id": JOB, "n": 1}]},
        [{"prompt_id": JOB, "n": 1}],
    ],
)
def test_the_entry_of_a_job_is_found_in_the_history_of_every_server(body: object) -> None:
    entry = find_history_entry(body, JOB)
    assert entry is not None
    assert entry["n"] == 1
    assert find_history_entry(body, "unknown") is None


@pytest.mark.parametrize("body", [*JUNK, {JOB: None}, {"history": None}])
def test_a_history_without_the_job_has_no_entry(body: object) -> None:
    assert find_history_entry(body, JOB) is None


def test_a_job_is_running_or_pending_by_the_list_it_stands_in() -> None:
    body = {"queue_running": [[1, JOB, {}, {}, []]], "queue_pending": [[2.5, OTHER, {}, {}, []]]}
    running, pending = from_queue(body, JOB), from_queue(body, OTHER)
    assert running == JobState(JobStatus.IN_PROGRESS)
    assert pending == JobState(JobStatus.PENDING)
    assert from_queue(body, "unknown") is None


@pytest.mark.parametrize("tail", [[{"client_id": "c"}, ["9"]], [["9"], {"client_id": "c"}]])
def test_both_orders_of_a_queue_item_read_the_same(tail: list[Any]) -> None:
    (item,) = read_queue({"queue_pending": [[-6, JOB, {"1": {"class_type": "X"}}, *tail]]})
    assert (item.job_id, item.running, item.number) == (JOB, False, -6)
    assert (item.workflow, item.extra_data, item.output_nodes) == (
        {"1": {"class_type": "X"}},
        {"client_id": "c"},
        ("9",),
    )


@pytest.mark.parametrize(
    "body",
    [
        *JUNK,
        {"queue_running": None, "queue_pending": {}},
        {"queue_running": [None, [], [1], [1, None], {"prompt_id": JOB}, "x", [1, 7, {}]]},
    ],
)
def test_an_unreadable_queue_holds_no_job(body: object) -> None:
    assert from_queue(body, JOB) is None
    assert read_queue(body) == ()


def test_a_short_queue_item_is_still_found() -> None:
    assert from_queue({"queue_running": [[None, JOB]]}, JOB) is not None


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (json.dumps(FAILURE), READ_FAILURE),
        (" the machine went away \n", ExecutionError(None, None, None, "the machine went away", ())),
        ('"quoted"', ExecutionError(None, None, None, "quoted", ())),
        ('{"detail": "lost"}', ExecutionError(None, None, None, '{"detail": "lost"}', ())),
        ("[" * 100_000, ExecutionError(None, None, None, "[" * 100_000, ())),
        ("{broken", ExecutionError(None, None, None, "{broken", ())),
        (None, None),
        ("", None),
        ("null", None),
        ("{}", None),
        (7, None),
    ],
)
def test_the_status_endpoint_tells_a_failure_as_json_text_or_plain_text(
    message: object, error: ExecutionError | None
) -> None:
    assert from_job_status({"status": "error", "error_message": message}) == JobState(
        JobStatus.FAILED, "error", None, error
    )


def test_the_words_of_the_status_endpoint_are_kept() -> None:
    state = from_job_status({"status": "queued_limited", "error_message": None})
    assert (state.status, state.raw_status) == (JobStatus.PENDING, "queued_limited")


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"node_id": 4, "exception_message": None}, ExecutionError("4", None, None, "", ())),
        ({"message": "boom"}, ExecutionError(None, None, None, "boom", ())),
        ({"exception_message": "x", "traceback": "one text"}, ExecutionError(None, None, None, "x", ("one text",))),
        ({"exception_message": "x", "traceback": [None, "", 3, "l"]}, ExecutionError(None, None, None, "x", ("l",))),
        ({"exception_message": ["x"], "traceback": {}}, ExecutionError(None, None, None, "", ())),
        (None, None),
        ({}, None),
        ([FAILURE], None),
        (True, None),
    ],
)
def test_an_execution_error_with_parts_missing_or_wrong_is_still_told(
    value: object, error: ExecutionError | None
) -> None:
    assert read_execution_error(value) == error


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"node_errors": {"2": {"errors": []}, 3: "odd"}}, {"2": {"errors": []}, "3": "odd"}),
        ({"node_errors": {}}, {}),
        ({"node_errors": None}, {}),
        ({"node_errors": []}, {}),
        ({"prompt_id": JOB}, {}),
        (None, {}),
        ([], {}),
        ("text", {}),
    ],
)
def test_nodes_that_a_server_dropped_are_told_by_id(body: object, errors: dict[str, Any]) -> None:
    assert node_errors_of(body) == errors


def test_no_repr_shows_a_key_that_a_failed_node_or_the_queue_was_given() -> None:
    state = from_job_detail({"status": "failed", "outputs": {"1": "sk-canary"}, "execution_error": FAILURE})
    (item,) = read_queue({"queue_running": [[1, JOB, {}, {"api_key_comfy_org": "sk-canary"}, []]]})
    assert "sk-canary" not in repr(state)
    assert "sk-canary" not in repr(state.error)
    assert "sk-canary" not in repr(item)


@pytest.mark.parametrize("told", ["cannot fetch {0}", json.dumps("cannot fetch {0}"), {"message": "cannot fetch {0}"}])
def test_the_message_of_a_failed_job_shows_no_signature(told: Any) -> None:
    """It ends up in logs. What the server said is kept in `raw`."""
    signed = "https://storage.example/a.png?signature=s3cr3t"
    value = json.loads(json.dumps(told).replace("{0}", signed))
    if isinstance(value, dict):
        value["traceback"] = [f"open {signed}"]
    error = read_execution_error(value)
    assert error is not None
    assert "s3cr3t" not in f"{error}"
    assert error.message == "cannot fetch https://storage.example/a.png?[redacted]"
    assert "s3cr3t" in str(error.raw)
