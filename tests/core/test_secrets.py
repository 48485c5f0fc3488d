"""Nothing that opens anything is shown: a log or a traceback is pasted into an issue without a second look."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from comfy_cloud._core.secrets import REDACTED, Secret, redact, redact_addresses, redact_body, redact_value

KEY = "comfyui-<&\"'\\key"


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(KEY)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        f"{[secret]}",
        f"{ {'key': secret} }",
        "%s" % secret,  # noqa: UP031 - as loggers do
    ]
    assert not [text for text in shown if KEY in text]
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == KEY


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_pickled(duplicate: Any) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        duplicate(Secret(KEY))


def test_an_empty_secret_is_false() -> None:
    assert not Secret("")
    assert Secret("x")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://s.example/a.png?X-Sig=abc&b=c done", "GET https://s.example/a.png?[redacted] done"),
        ("wss://cloud.example/ws?clientId=1&token=k", "wss://cloud.example/ws?[redacted]"),
        ("https://user:pass@proxy.example:8080/", "https://proxy.example:8080/"),
        ("https://user@h/x?q", "https://h/x?[redacted]"),
        ("'https://s.example/a?sig=1', 'x'", "'https://s.example/a?[redacted]', 'x'"),
        ('<a href="https://s.example/a?sig=1">', '<a href="https://s.example/a?[redacted]">'),
        ("(b'location', b'https://s.example/a?sig=1')", "(b'location', b'https://s.example/a?[redacted]')"),
        ("target=b'/a/b?sig=1'", "target=b'/a/b?[redacted]'"),
        ("two https://a/?x=1 and http://b/c?y=2#f", "two https://a/?[redacted] and http://b/c?[redacted]"),
        ("https://s/it's.png?sig=SIGN", "https://s/it's.png?[redacted]"),
        ("https://s/a#1.png?sig=SIGN", "https://s/a#1.png?[redacted]"),
        ("see https://s/a?filename*=UTF-8''a.png&sig=SIGN.", "see https://s/a?[redacted]."),
        ("b'https://s/a?n=\\'a\\'&sig=SIGN'", "b'https://s/a?[redacted]'"),
        ('<https://s/a?n="<a>"&sig=SIGN>', "<https://s/a?[redacted]>"),
        ("/api/view?n=a\\b&sig=SIGN", "/api/view?[redacted]"),
        ("https://s/a?n=a\u00a0b\u2028&sig=SIGN", "https://s/a?[redacted]"),
        ("https://u:p'w@s/a", "https://s/a"),
        ("no address, a question? yes/no", "no address, a question? yes/no"),
        ("https://s.example/a.png", "https://s.example/a.png"),
        ("http://127.0.0.1:8188/api/queue", "http://127.0.0.1:8188/api/queue"),
    ],
)
def test_queries_and_credentials_are_cut_out_of_addresses(text: str, shown: str) -> None:
    assert redact_addresses(text) == shown


def test_given_secrets_are_replaced() -> None:
    assert redact(f"key={KEY}; none", Secret(KEY), None, Secret("")) == f"key={REDACTED}; none"


def test_json_is_searched_at_every_depth_and_in_names() -> None:
    body = {"a": [{"b": f"got {KEY}"}, 5, None, True], KEY: 1, "url": "https://s.example/a?x=1&sig=2"}
    assert redact_body(body, Secret(KEY)) == {
        "a": [{"b": "got [redacted]"}, 5, None, True],
        "[redacted]": 1,
        "url": "https://s.example/a?[redacted]",
    }
    assert redact_body(None, Secret(KEY)) is None


def test_json_too_deep_to_search_is_not_shown() -> None:
    body: Any = KEY
    for _ in range(100_000):
        body = [body]
    assert redact_body(body, Secret(KEY)) == REDACTED


def test_what_a_log_record_carries_keeps_its_type_where_nothing_is_cut() -> None:
    marker = object()
    assert [redact_value(value) for value in (5, 2.5, None, True, marker)] == [5, 2.5, None, True, marker]
    assert redact_value(["https://a/?b=1"]) == "['https://a/?[redacted]']"


def test_what_shows_more_in_its_repr_is_logged_as_its_text() -> None:
    """Error reporters take the repr of what a record carries, and a frame of the socket is whole there."""
    frame = Frame(Opcode.TEXT, b"x" * 200 + b"the-key" + b"x" * 200)
    assert "the-key" in repr(frame)
    assert "the-key" not in repr(redact_value(frame))
    assert redact_value(frame) == str(frame)
