"""Give each widget of a node its value: by name where the save has names, else by position.

Values by position say nothing about the widget they belong to. When a class has gained or lost a widget since the
save, ComfyUI's editor shifts all that follow and sends garbage. Here a value is taken by position only if it can belong
to its widget; otherwise the widget keeps its default and is reported.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Container, Mapping
from typing import Any, Final, NamedTuple

from ..checks import ProblemKind
from ..declared_inputs import DYNAMIC_CHOICE, DeclaredInput, expand_inputs
from .saved import SavedNode, Slot

# fmt: off
_WIDGET_TYPES: Final = frozenset((
    "INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", DYNAMIC_CHOICE, "AUDIO_RECORD", "BOUNDING_BOXES", "COLOR", "COLORS",
    "COMPOSITOR", "CURVE", "IMAGECOMPARE", "LOAD_3D", "PAINTER", "WEBCAM",
))
# fmt: on
"""Types that the editor shows as a widget; `socketless` or `widgetType` in the options mark others."""

_CONTROL_WORDS: Final = frozenset(("fixed", "increment", "increment-wrap", "decrement", "randomize"))
_UPLOAD_WORDS: Final = frozenset(("image", "audio", "video", "file"))
EDITOR_ONLY: Final = frozenset(("control_after_generate", "upload", "audioUI"))
"""Values by these names belong to the editor: what becomes of a seed after a run, and upload buttons."""


class Finding(NamedTuple):
    """A fault of a node's values: the widget, the kind of the problem, and words that follow the widget's name."""

    widget: str | None
    kind: ProblemKind
    text: str


def is_widget(name: str, declared: DeclaredInput, marked: Container[str] = ()) -> bool:
    """Return whether the editor shows an input as a widget. `marked` are those that the save itself marks so."""
    options = declared.options
    known = isinstance(declared.type, list) or str(declared.type) in _WIDGET_TYPES or name in marked
    return not options.get("forceInput") and bool(known or "socketless" in options or options.get("widgetType"))


def widget_values(node: SavedNode, definition: Mapping[str, Any], findings: list[Finding]) -> dict[str, Any]:
    """Return the values of a node's widgets by name, in the order of the class; add what does not fit to `findings`."""
    if node.type == "CustomCombo" and node.values:
        return _custom_combo(node.values)
    marked = {slot.widget: slot for slot in node.inputs if slot.widget}
    if node.named:
        if node.values is None:
            text = "has its values as an object; they are read by name, and the editor would lose them"
            findings.append(Finding(None, "better_than_editor", text))
        return _read(_ByName(node.named, findings), definition, marked)
    found: list[Finding] = []
    values = _read(
        _ByPosition(node.values or [], found, viewer=bool(definition.get("output_node"))), definition, marked
    )
    # Editors since 2025 list all widgets among a node's inputs, those of older ones only where a link ends.
    if any(slot.link is None for slot in marked.values()) and [*marked] != [*values]:
        renamed = _named_by_inputs(node.values or [], marked, dict(expand_inputs(definition, values)))
        if renamed is not None:
            return _read(_ByName(renamed, findings), definition, marked)
    findings += found
    return values


def _read(reader: _ByName | _ByPosition, definition: Mapping[str, Any], marked: Mapping[str, Slot]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, declared in expand_inputs(definition, values):
        if is_widget(name, declared, marked):
            values[name] = reader.take(name, declared)
    reader.finish(values.keys())
    return values


def _named_by_inputs(
    values: list[Any], marked: Mapping[str, Slot], known: Mapping[str, DeclaredInput]
) -> dict[str, Any] | None:
    """Return values by the names of the widgets that the node had when it was saved; None unless all of them fit."""
    findings: list[Finding] = []
    reader = _ByPosition(values, findings)
    named = {}
    for name, slot in marked.items():
        named[name] = reader.take(name, known.get(name) or DeclaredInput(True, slot.type, {}))
    reader.finish(named.keys())
    return None if findings else named


def sent(value: Any) -> Any:
    """Return a widget's value as the editor sends it: a list is wrapped, so that no server takes it for a link."""
    return {"__value__": value} if isinstance(value, list) else value


def default_of(declared: DeclaredInput) -> Any:
    """Return the value that a new node has: the default of the definition, else its first choice."""
    if "default" in declared.options:
        return declared.options["default"]
    if declared.choices:
        return declared.choices[0]
    return {"INT": 0, "FLOAT": 0, "STRING": "", "BOOLEAN": False}.get(str(declared.type))


def filled(value: Any, declared: DeclaredInput) -> Any:
    """Return a saved value, and the first choice in place of a null where there are choices, as the editor does."""
    return declared.choices[0] if value is None and declared.choices else value


def fits(value: object, declared: DeclaredInput) -> bool:
    """Return whether a value can belong to a widget. Choices that are not offered fit: models may be missing."""
    wanted, choices = declared.options.get("widgetType", declared.type), declared.choices
    if value is None or not (choices is None or (choices and value not in choices)):
        return True
    if choices is not None:
        kinds = (str,) if any(isinstance(choice, str) for choice in choices) else (int, float)
        return isinstance(value, (*kinds, list) if declared.options.get("multiselect") else kinds)
    if wanted in ("INT", "FLOAT"):
        return _is_number(value)
    if wanted == "BOOLEAN":
        return isinstance(value, bool)
    return isinstance(value, str) if wanted in ("STRING", "COLOR") else True


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


class _ByName:
    """Values that the save keeps by name."""

    def __init__(self, values: Mapping[str, Any], findings: list[Finding]) -> None:
        self._values = values
        self._findings = findings

    def take(self, name: str, declared: DeclaredInput) -> Any:
        if name not in self._values:
            return default_of(declared)
        value = self._values[name]
        if not fits(value, declared):
            text = f"must be {_type_name(declared)}, not {reprlib.repr(value)}; its default is used"
            self._findings.append(Finding(name, "wrong_type", text))
            return default_of(declared)
        self._findings += _unknown_key(name, value, declared)
        return filled(value, declared)

    def finish(self, known: Container[str]) -> None:
        for name, value in self._values.items():
            if name not in known and name.partition("#")[0] not in EDITOR_ONLY and value is not None:
                text = f"is no widget of this class on this server; its value {reprlib.repr(value)} is dropped"
                self._findings.append(Finding(name, "unknown_input", text))


class _ByPosition:
    """Values that the save keeps as a list, in the order of the widgets when it was saved."""

    def __init__(self, values: list[Any], findings: list[Finding], *, viewer: bool = False) -> None:
        self._values = values
        self._findings = findings
        self._viewer = viewer
        self._at = 0
        self._control = self._upload = self._broken = False
        self._taken: list[tuple[str, DeclaredInput, Any]] = []
        self._missing: list[tuple[str, DeclaredInput]] = []

    def take(self, name: str, declared: DeclaredInput) -> Any:
        self._skip(declared)
        if self._broken or self._at >= len(self._values):
            self._missing.append((name, declared))
            return default_of(declared)
        value = self._values[self._at]
        if not fits(value, declared):
            self._broken = True
            text = (
                f"must be {_type_name(declared)}, and the save has {reprlib.repr(value)} in its place: the class has "
                "gained or lost widgets since; its default is used"
            )
            self._findings.append(Finding(name, "wrong_type", text))
            return default_of(declared)
        self._at += 1
        self._control = _has_control(name, declared)
        self._upload |= _uploads(declared)
        self._viewer |= self._upload
        self._taken.append((name, declared, value))
        if not _surely_fits(value, declared):
            text = f"is {reprlib.repr(value)} in the save, which its class does not take; it may be of another widget"
            self._findings.append(Finding(name, "not_offered" if declared.choices else "out_of_range", text))
            # Nobody knows how many of the values that follow belong to a dynamic choice.
            self._broken = declared.type == DYNAMIC_CHOICE
        return filled(value, declared)

    def finish(self, _known: Container[str]) -> None:
        left = [] if self._broken else self._values[self._at :]
        # Viewers of results and buttons for uploads save something at the end, which may be an empty string.
        own = (None, *_CONTROL_WORDS, *_UPLOAD_WORDS, *([""] if self._viewer else []))
        if any(value not in own for value in left):
            text = f"has {len(left)} more values in the save than its class has widgets: {reprlib.repr(left)}"
            self._findings.append(Finding(None, "surplus_value", text))
        if self._broken or (self._missing and self._may_be_shifted()):
            for name, declared in self._missing:
                default = reprlib.repr(default_of(declared))
                text = f"has no value in the save that is surely its own; its default {default} is used"
                self._findings.append(Finding(name, "missing_value", text))

    def _may_be_shifted(self) -> bool:
        """Return whether the widgets without a value may stand elsewhere than at the end, with another result.

        A class may have gained widgets before others. That is excluded if the values do not fit the widgets to which
        they would then belong.
        """
        widgets = [declared for _, declared, _ in self._taken] + [declared for _, declared in self._missing]
        values = [value for _, _, value in self._taken]
        defaults = [default_of(declared) for declared in widgets]
        plain = values + defaults[len(values) :]
        for gained in range(1, len(self._missing) + 1):
            for place in reversed(range(len(values))):
                if not _surely_fits(values[place], widgets[place + gained]):
                    break  # nor can any value before it have moved on so far
                moved = values[:place] + defaults[place : place + gained] + values[place:]
                if moved + defaults[len(moved) :] != plain:
                    return True
        return False

    def _skip(self, declared: DeclaredInput) -> None:
        """Pass over the editor's own values before the next widget: the control of a seed, an upload button."""
        value = self._values[self._at] if self._at < len(self._values) else declared
        if self._control:
            switch = isinstance(value, bool) and declared.type != "BOOLEAN"  # the control was a switch before 2023-05
            if value is None or switch or (isinstance(value, str) and value in _CONTROL_WORDS):
                self._at += 1
        elif self._upload and isinstance(value, str) and value in _UPLOAD_WORDS and not _surely_fits(value, declared):
            self._at += 1
            self._upload = False
        self._control = False


def _surely_fits(value: Any, declared: DeclaredInput) -> bool:
    """Return whether a value is one of a widget's own: offered, or the name of a file, or a number in its range."""
    if _uploads(declared):
        return isinstance(value, str) and value not in _UPLOAD_WORDS
    if value is None:
        return True
    if declared.choices:
        return value in declared.choices or (isinstance(value, str) and "." in value)
    if not fits(value, declared) or declared.type not in ("INT", "FLOAT"):
        return fits(value, declared)
    limits = [declared.options.get(name) for name in ("min", "max")]
    least, most = (limit if isinstance(limit, int | float) else value for limit in limits)
    whole = declared.type == "FLOAT" or isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, str) and least <= value <= most


def _uploads(declared: DeclaredInput) -> bool:
    return any(key.endswith("_upload") and given for key, given in declared.options.items())


def _unknown_key(name: str, value: object, declared: DeclaredInput) -> list[Finding]:
    if declared.type != DYNAMIC_CHOICE or value is None or value in (declared.choices or []):
        return []
    return [Finding(name, "not_offered", f"is {reprlib.repr(value)}, which this server does not offer")]


def _has_control(name: str, declared: DeclaredInput) -> bool:
    seed = declared.type == "INT" and name.rpartition(".")[2] in ("seed", "noise_seed")
    return bool(declared.options.get("control_after_generate", seed))


def _type_name(declared: DeclaredInput) -> str:
    return "one of its choices" if declared.choices is not None else f"of type {declared.type}"


def _custom_combo(values: list[Any]) -> dict[str, Any]:
    """Return the values of CustomCombo, whose options are made in the editor: choice, index, then the options."""
    names = ["choice", "index", *(f"option{number}" for number in range(1, len(values) - 1))]
    return dict(zip(names, values, strict=False))
