"""Test the rules: which request a fault happens to, which rules are refused, and how a file of rules is read."""

import json
from typing import Any

import pytest

from comfy_cloud.testing import Fault, FaultOrder, Faults
from comfy_cloud.testing._faults.rules import read_rules

CLOSE = Fault.close()


def faults_of(*rules: FaultOrder) -> Faults:
    faults = Faults()
    for rule in rules:
        faults.add(rule)
    return faults


def rule(operation: str = "viewFile", fault: Fault = CLOSE, **options: Any) -> FaultOrder:
    return FaultOrder(operation, fault, **{"count": 1, "probability": 1.0, "seed": 0, "after": 0} | options)


def hits(faults: Faults, operation: str | None, times: int) -> list[bool]:
    return [faults.claim(operation) is not None for _ in range(times)]


def test_a_fault_happens_to_its_operation_as_often_as_its_count_and_to_no_other():
    faults = faults_of(rule(count=2))
    assert hits(faults, "getQueueInfo", 2) == [False, False]
    assert hits(faults, "viewFile", 4) == [True, True, False, False]
    assert (faults.applied, faults[0].applied, len(faults)) == (2, 2, 1)


def test_a_fault_without_a_count_happens_until_it_is_cleared():
    faults = faults_of(rule(count=None))
    assert hits(faults, "viewFile", 3) == [True] * 3
    faults.clear()
    assert hits(faults, "viewFile", 3) == [False] * 3
    assert (len(faults), faults.applied) == (0, 0)


def test_a_fault_can_leave_the_first_requests_alone():
    assert hits(faults_of(rule(after=2)), "viewFile", 4) == [False, False, True, False]


def test_a_star_matches_every_request_even_unknown_paths_and_downloads():
    faults = faults_of(rule("*", count=None))
    assert [hits(faults, name, 1) for name in ("viewFile", "storage", "socket", None)] == [[True]] * 4


def test_the_oldest_matching_rule_alone_applies_to_a_request():
    first, second = rule(), rule(fault=Fault.lose_answer())
    faults = faults_of(first, second)
    assert [faults.claim("viewFile") for _ in range(3)] == [first, second, None]


def test_the_same_seed_gives_the_same_faults():
    """Otherwise a test that fails once in a while could not be run again."""
    patterns = [hits(faults_of(rule(count=None, probability=0.3, seed=seed)), "viewFile", 200) for seed in (7, 7, 8)]
    assert patterns[0] == patterns[1] != patterns[2]
    assert 30 <= sum(patterns[0]) <= 90


def test_messages_connections_and_handshakes_of_a_websocket_have_faults_of_their_own():
    drop, reset = rule("socket", Fault.drop()), rule("connection", Fault.refuse(), count=3)
    close = rule("socket", Fault.close())
    faults = faults_of(drop, reset, close)
    assert [faults.claim("socket"), faults.claim("socket")] == [close, None]
    assert [faults.claim_message(), faults.claim_message()] == [drop, None]
    assert [faults.claim_connection("connection") for _ in range(4)] == [reset, reset, reset, None]
    assert faults.claim_connection("storage") is None


def test_a_port_is_closed_for_a_time_or_until_cleared():
    timed, lasting = rule("connection", Fault.refuse(2.5)), rule("storage", Fault.refuse(), count=None)
    faults = faults_of(timed, lasting)
    assert (faults.shutting("connection"), faults.shutting("storage")) == (timed, lasting)
    assert faults.claim_connection("connection") is None
    timed.over = True
    assert faults.shutting("connection") is None


def test_waiting_for_a_fault_that_does_not_happen_names_it():
    with pytest.raises(
        TimeoutError, match=r"FaultOrder viewFile Fault.close\(where='before'\), applied 0 times>, not 1"
    ):
        rule().wait_for(timeout=0)


@pytest.mark.parametrize(
    ("operation", "fault", "options", "message"),
    [
        ("viewfile", CLOSE, {}, "unknown operation 'viewfile'; did you mean 'viewFile'?"),
        ("zzzz", CLOSE, {}, "unknown operation 'zzzz'$"),
        (None, CLOSE, {}, "operation must be a string, not None"),
        ("viewFile", Fault.drop(), {}, "Fault.drop cannot happen to 'viewFile': it is for socket"),
        ("socket", Fault.truncate(), {}, "Fault.truncate cannot happen to 'socket'$"),
        ("viewFile", Fault.expire_address(), {}, "it is for storage"),
        ("listJobs", Fault.forget_job(), {}, "it is for .*, getJobDetail, getJobStatus"),
        ("viewFile", Fault.refuse(), {}, "it is for connection, storage"),
        ("connection", CLOSE, {}, "Fault.close cannot happen to 'connection'"),
        ("viewFile", CLOSE, {"count": 0}, "count must be at least 1, or None for always, not 0"),
        ("viewFile", CLOSE, {"count": "2"}, "not '2'"),
        ("viewFile", CLOSE, {"probability": 0}, "probability must be above 0"),
        ("viewFile", CLOSE, {"probability": 1.5}, "probability must be"),
        ("viewFile", CLOSE, {"after": -1}, "after must be"),
        ("connection", Fault.refuse(1), {"count": 3}, "count, probability and after must be left out"),
        ("connection", Fault.refuse(), {"count": None, "probability": 0.5}, "must be left out for a port"),
    ],
)
def test_an_impossible_rule_says_why(operation: Any, fault: Fault, options: dict[str, Any], message: str):
    """A fault with a misspelt operation would never happen, and the test that relies on it would prove nothing."""
    with pytest.raises(ValueError, match=message):
        rule(operation, fault, **options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Fault.close("end"), "where must be one of before, middle, after, not 'end'"),  # type: ignore[arg-type]
        (lambda: Fault.stall(where="after"), "one of before, middle"),  # type: ignore[arg-type]
        (lambda: Fault.stall(-1), "seconds must be a number of seconds, 0 or more, not -1"),
        (lambda: Fault.drip(float("inf")), "interval must be"),
        (lambda: Fault.status(200), "status must be from 400 to 599, not 200"),
        (lambda: Fault.status(503, body="xml"), "body must be one of json, html, none"),  # type: ignore[arg-type]
        (lambda: Fault.status(503, retry_after=True), "retry_after must be"),
        (lambda: Fault.truncate(0), "by must be a number of bytes, at least 1, not 0"),
        (lambda: Fault.junk([1]), "messages must be strings or bytes"),  # type: ignore[list-item]
        (lambda: Fault.refuse("1"), "seconds must be"),  # type: ignore[arg-type]
    ],
)
def test_an_impossible_fault_says_why(make: Any, message: str):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_fault_shows_how_it_was_made():
    assert repr(Fault.truncate(3, relabel=True)) == "Fault.truncate(by=3, relabel=True)"
    assert repr(rule("storage", Fault.break_gzip())) == "<FaultOrder storage Fault.break_gzip(), applied 0 times>"
    assert repr(faults_of()) == "<Faults: none>"


def test_rules_are_read_from_json_with_the_same_words():
    text = json.dumps(
        [
            {"operation": "viewFile", "fault": "close", "where": "middle", "count": 2, "probability": 0.5, "seed": 7},
            {"operation": "*", "fault": "status", "status": 503, "retry_after": 2, "count": None},
            {"operation": "socket", "fault": "junk", "messages": ["?"], "after": 3},
            {"operation": "storage", "fault": "expire_address"},
        ]
    )
    first, second, third, fourth = read_rules(text)
    assert (first.fault, first.count, first.probability) == (Fault.close("middle"), 2, 0.5)
    assert (second.operation, second.fault, second.count) == ("*", Fault.status(503, retry_after=2), None)
    assert (third.fault, fourth.fault) == (Fault.junk(["?"]), Fault.expire_address())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "could not parse the JSON: "),
        ("{}", "the JSON must be a list of faults, not dict"),
        ("[1]", 'fault 1: an entry must be an object with "operation" and "fault"'),
        ('[{"operation": "viewFile"}]', "fault 1: an entry must be an object with"),
        ('[{"operation": "viewFile", "fault": "explode"}]', "fault 1: fault must be one of close, "),
        ('[{"operation": "viewFile", "fault": "check_operation"}]', "not 'check_operation'"),
        ('[{"operation": "viewFile", "fault": "drip", "secs": 1}]', 'drip takes no "secs"; it takes "interval", "oper'),
        ('[{"operation": "viewFile", "fault": "status"}]', "fault 1: missing 1 required positional argument: 'status'"),
        ('[{"operation": "viewFile", "fault": "drop"}]', "fault 1: Fault.drop cannot happen to 'viewFile'"),
        ('[{"operation": ["x"], "fault": "close"}]', r"operation must be a string, not \['x'\]"),
        (
            '[{"operation": "viewFile", "fault": "close"}, {"operation": "x", "fault": "close", "where": []}]',
            "fault 2: where must be one of before",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_which_entry_is_wrong(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        read_rules(text)
