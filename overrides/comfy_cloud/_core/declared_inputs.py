"""Read which inputs a node has, by the definition of its class and the values that choose among them.

A server expands dynamic choices and growing inputs before it validates a node, and this module expands them in the
same way. It decides nothing about values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .inputs import unwrap

DYNAMIC_CHOICE: Final = "COMFY_DYNAMICCOMBO_V3"
GROWING: Final = "COMFY_AUTOGROW_V3"
MATCHING: Final = "COMFY_MATCHTYPE_V3"


@dataclass(frozen=True, slots=True)
class DeclaredInput:
    """An input of a node: its type (a name, or the list of its choices) and its options.

    `nested` inputs belong to an option of a dynamic choice. `item` is the name that an item of a growing input has
    without its group (`image0` for `images.image0`), for messages about a name that lacks the group.
    """

    required: bool
    type: Any
    options: Mapping[str, Any]
    nested: bool = False
    item: str = ""

    @property
    def types(self) -> frozenset[str]:
        """The names of the types that the input takes; empty where any may do, or the type is no name."""
        text = self._template.get("allowed_types") if self.type == MATCHING else self.type
        names = frozenset(name.strip() for name in text.split(",")) if isinstance(text, str) else frozenset()
        return frozenset() if "*" in names else names

    @property
    def choices(self) -> list[Any] | None:
        """The choices of a list, in either of its shapes; None for other inputs."""
        choices = self.options.get("options") if self.type == "COMBO" else self.type
        if self.type == DYNAMIC_CHOICE:
            choices = [option.get("key") for option in options_of(self.options)]
        return choices if isinstance(choices, list) else None

    @property
    def template_id(self) -> object:
        """The group of inputs and outputs that share one type, for an input that matches a type."""
        return self._template.get("template_id")

    @property
    def _template(self) -> Mapping[str, Any]:
        return mapping(self.options.get("template"))


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping or a model of one, else an empty mapping."""
    if not isinstance(value, Mapping) and callable(to_dict := getattr(value, "to_dict", None)):
        value = to_dict()
    return value if isinstance(value, Mapping) else {}


def options_of(options: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the options of a dynamic choice, each with its key and the inputs that it brings."""
    found = options.get("options")
    return [mapping(option) for option in found] if isinstance(found, list) else []


def declared_inputs(definition: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, DeclaredInput]:
    """Return the inputs of a node by name, with those that its values choose. Hidden inputs are left out."""
    return dict(expand_inputs(definition, inputs))


def expand_inputs(definition: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[tuple[str, DeclaredInput]]:
    """Yield the inputs of a node one by one. A value that is set in `inputs` meanwhile chooses those still to come."""
    return _expanded(mapping(definition.get("input")), inputs, "", nested=False)


def _expanded(
    sections: Mapping[str, Any], inputs: Mapping[str, Any], prefix: str, *, nested: bool
) -> Iterator[tuple[str, DeclaredInput]]:
    for section in ("required", "optional"):
        for name, spec in mapping(sections.get(section)).items():
            if not isinstance(spec, list) or not spec:
                continue
            options = mapping(spec[1]) if len(spec) > 1 else {}
            declared = DeclaredInput(section == "required", spec[0], options, nested)
            yield prefix + name, declared
            if declared.type == GROWING:
                yield from _items(declared, prefix + name)
            elif declared.type == DYNAMIC_CHOICE:
                key = unwrap(inputs.get(prefix + name))
                chosen = next((option for option in options_of(options) if option.get("key") == key), {})
                yield from _expanded(mapping(chosen.get("inputs")), inputs, f"{prefix}{name}.", nested=True)


def _items(growing: DeclaredInput, group: str) -> Iterator[tuple[str, DeclaredInput]]:
    """Yield the items of a growing input: named ones, or numbered ones up to the most that its class takes."""
    template = mapping(growing.options.get("template"))
    least, most, prefix, names = (template.get(name) for name in ("min", "max", "prefix", "names"))
    if not isinstance(names, list):
        # ComfyUI itself stops at 100 items where a class gives no limit.
        numbers = range(most if isinstance(most, int) else 100) if isinstance(prefix, str) else ()
        names = [f"{prefix}{number}" for number in numbers]
    sections = mapping(template.get("input"))
    for section in ("required", "optional"):
        for spec in mapping(sections.get(section)).values():
            if not isinstance(spec, list) or not spec:
                continue
            options = mapping(spec[1]) if len(spec) > 1 else {}
            for number, name in enumerate(names):
                required = growing.required and section == "required" and number < (least or 0)
                yield f"{group}.{name}", DeclaredInput(required, spec[0], options, growing.nested, str(name))
