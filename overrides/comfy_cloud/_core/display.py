"""Write the HTML that a notebook shows: outputs as pictures, players and texts, and a job as a card.

Everything is part of the HTML itself, as `data:` URLs: nothing is fetched from anywhere, and no URL of a server is in
it. What servers and users wrote is escaped. No I/O.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from .._constants import SHOWN_COUNT_MAX, SHOWN_TEXT_MAX, SHOWN_TOTAL_MAX
from .images import image_type
from .job_state import JobStatus
from .outputs import OutputKind

# Neither too light for a white page nor too dark for a black one.
_COLOURS = {
    JobStatus.PENDING: "#888",
    JobStatus.IN_PROGRESS: "#27c",
    JobStatus.COMPLETED: "#2a7",
    JobStatus.FAILED: "#d33",
    JobStatus.CANCELLED: "#b80",
}
_BOX = "display:inline-block;vertical-align:top;margin:4px;font-family:system-ui,sans-serif"
# The cloud names files by 64 digits.
_CUT = "max-width:256px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap"
_SMALL = "font-size:smaller;opacity:.7"


@dataclass(frozen=True, slots=True)
class ShownOutput:
    """An output as it is shown, and `maker`, the title or class of its node.

    `content` is None if it was not fetched or is too large; `hint` then says why.
    """

    node: str
    name: str
    kind: OutputKind
    media_type: str
    text: str | None = None
    content: bytes | None = None
    hint: str = ""
    maker: str | None = None

    @property
    def size(self) -> int:
        """Return how much it adds to the notebook, in bytes."""
        return len(self.content or b"")

    def html(self) -> str:
        """Return the output with its caption."""
        where = ", ".join(filter(None, [self.maker, f"node {self.node}" if self.node else ""]))
        name = escape(self.name)
        body = self._body() or ""
        hint = "" if body or not self.hint else f"<div>({escape(self.hint)})</div>"
        caption = f"<div>{escape(f'{where}: {self.kind}' if where else self.kind)}</div>"
        caption += f'<div style="{_CUT}" title="{name}">{name}</div>{hint}'
        return f'<figure style="{_BOX}">{body}<figcaption style="{_SMALL}">{caption}</figcaption></figure>'

    def _body(self) -> str | None:
        if self.text is not None:
            cut = self.text[:SHOWN_TEXT_MAX] + ("..." if len(self.text) > SHOWN_TEXT_MAX else "")
            return f'<pre style="max-height:20em;max-width:48em;overflow:auto;white-space:pre-wrap">{escape(cut)}</pre>'
        if self.content is None:
            return None
        source = f"base64,{b64encode(self.content).decode()}"
        if picture := image_type(self.content):
            style = "max-width:256px;max-height:256px"
            return f'<img src="data:{picture};{source}" alt="{escape(self.name)}" style="{style}">'
        if self.kind in ("video", "audio"):
            style = "max-width:320px;max-height:256px" if self.kind == "video" else ""
            media = escape(self.media_type)
            return f'<{self.kind} controls src="data:{media};{source}" style="{style}"></{self.kind}>'
        return None


def can_be_shown(kind: OutputKind, content: bytes) -> bool:
    """Return True for content that a notebook can show as a picture or with a player."""
    return image_type(content) is not None or (kind in ("video", "audio") and content != b"")


def gallery(outputs: Iterable[ShownOutput]) -> str:
    """Return the outputs side by side, as many as a notebook's file should hold; the others are counted."""
    shown: list[str] = []
    size = left = 0
    for output in outputs:
        if len(shown) >= SHOWN_COUNT_MAX or size + output.size > SHOWN_TOTAL_MAX:
            left += 1
            continue
        size += output.size
        shown.append(output.html())
    if left:
        shown.append(f'<span style="{_SMALL}">and {left} more: save() has all of them</span>')
    return f'<div style="display:flex;flex-wrap:wrap;align-items:flex-start">{"".join(shown) or "no outputs"}</div>'


def card(
    job_id: str,
    status: JobStatus | None,
    *,
    created_at: datetime | None = None,
    error: str | None = None,
    dropped: Iterable[str] = (),
    kinds: Iterable[str] = (),
) -> str:
    """Return the state of a job. `dropped` are the nodes that the server left out, `kinds` those of its outputs."""
    colour = _COLOURS[status] if status else "#888"
    words = str(status or "not asked yet").replace("_", " ")
    told = [f"submitted {created_at:%Y-%m-%d %H:%M:%S} UTC"] if created_at else []
    counted = [f"{count}x {kind}" for kind, count in Counter(kinds).items()]
    told += [f"outputs: {', '.join(counted)}"] if counted else []
    told += [f"left out by the server: {', '.join(dropped)}"] if (dropped := [*dropped]) else []
    parts = [f'<div><span style="color:{colour}">&#9679;</span> <b>{words}</b> <code>{escape(job_id)}</code></div>']
    parts += [f'<div style="{_SMALL}">{escape(line)}</div>' for line in told]
    if error:
        parts.append(f'<pre style="max-width:60em;white-space:pre-wrap">{escape(error[:SHOWN_TEXT_MAX])}</pre>')
    border = f"border:1px solid #8888;border-left:4px solid {colour};border-radius:4px;padding:6px 12px"
    return f'<div style="{_BOX};{border}">{"".join(parts)}</div>'
