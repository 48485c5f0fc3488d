"""Write a Python module with a typed class for each node class of a server, from the server's node definitions.

The module is source text for a type checker and for people: links are typed, choices are Literals, defaults are
defaults. It stands on the base classes in `typed.py`. Nothing of the definitions is executed: every text of theirs
is written as a literal or into a docstring.
"""

from __future__ import annotations

import json
import keyword
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .declared_inputs import DYNAMIC_CHOICE, GROWING, MATCHING, mapping, options_of

_HEADER: Final = '''"""Typed nodes of {server}, written by `cloud.nodes.stubs()`: write them anew when nodes change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from {package}.typed import Call, Items, Option, Output, workflow

__all__ = [
    "workflow",
'''
_PLAIN: Final = {"INT": "int", "FLOAT": "float", "STRING": "str", "BOOLEAN": "bool"}
# Names that the module itself uses; a node class or type of such a name gets another. Those of the first lot stand in
# the body of each class, where an output of such a name would take their place.
# fmt: off
_IN_CLASSES: Final = frozenset((
    "Any", "Literal", "Mapping", "Path", "Sequence", "bool", "bytes", "float", "int", "object", "property", "str",
))
_TAKEN: Final = _IN_CLASSES | {
    "Call", "Items", "Option", "Output", "TypeAlias", "annotations", "self", "super", "title", "workflow",
}
# fmt: on
# Vendored copies have another name, under which their stubs import them.
_PACKAGE: Final = __name__.rpartition("._core")[0]


def write_stubs(node_info: Mapping[str, Any], *, server: str) -> str:
    """Return the source of the module. `server` tells readers where the nodes are from."""
    return _Writer(node_info).source(server)


class _Writer:
    """One module on its way: the names that are taken, and the types of outputs that were met."""

    def __init__(self, node_info: Mapping[str, Any]) -> None:
        definitions = {name: mapping(definition) for name, definition in node_info.items()}
        self._definitions = {name: definition for name, definition in definitions.items() if definition}
        self._types: dict[str, str] = {}
        self._option_names: list[str] = []
        outputs = [definition.get("output") for definition in definitions.values()]
        # An input of a type that some node gives takes a link; any other may be a widget that only the editor knows.
        self._linked = {each for output in outputs if isinstance(output, list) for each in output if type(each) is str}
        self._names: set[str] = set(_TAKEN)
        self._classes = {name: self._unique(_identifier(name)) for name in self._definitions}

    def source(self, server: str) -> str:
        body = "".join(self._node(name, definition) for name, definition in self._definitions.items())
        types = "".join(
            f'class {name}(Output):\n    """An output of type {_prose(type_name)}."""\n\n\n'
            f"{name}_: TypeAlias = {name}\n\n\n"
            for type_name, name in self._types.items()
        )
        head = _HEADER.format(server=_prose(server), package=_PACKAGE)
        names = {*self._classes.values(), *self._types.values(), *self._option_names}
        public = "".join(f"    {json.dumps(name)},\n" for name in sorted(names))
        return f"{head}{public}]\n\n\n{types}{body}".rstrip() + "\n"

    def _node(self, name: str, definition: Mapping[str, Any]) -> str:
        title = definition.get("display_name") or name
        about = definition.get("description")
        lines = [f"{title}{': ' + str(about) if about else ''}"]
        sections = mapping(definition.get("input"))
        class_name = self._classes[name]
        options: list[str] = []
        parameters, inputs, told = self._parameters(sections, class_name, options)
        parameters.append("title: str | None = None")
        code = [*options, f"class {class_name}(Call):\n", *_docstring([*lines, *told])]
        code += ["    def __init__(\n        self,\n        *,\n", *(f"        {each},\n" for each in parameters)]
        code += [f"    ) -> None:\n        super().__init__({_literal(name)}, {inputs}, title)\n"]
        code += self._outputs(definition)
        return "".join(code) + "\n\n"

    def _outputs(self, definition: Mapping[str, Any]) -> Iterator[str]:
        outputs, names = definition.get("output"), definition.get("output_name")
        taken = {"class_type", "inputs", "title", *_IN_CLASSES}
        for slot, output in enumerate(outputs if isinstance(outputs, list) else []):
            label = names[slot] if isinstance(names, list) and slot < len(names) else output
            attribute = _identifier(label if isinstance(label, str) and label else f"output_{slot}")
            while attribute in taken:
                attribute += f"_{slot}"
            taken.add(attribute)
            kind = self._type(output) if isinstance(output, str) and output not in ("*", MATCHING) else None
            yield f"\n    @property\n    def {attribute}(self) -> {f'{kind}_' if kind else 'Any'}:\n"
            yield f'        """Return output {slot}, {_prose(output if isinstance(output, str) else "a choice")}."""\n'
            yield f"        return {f'{kind}_' if kind else 'Output'}(self, {slot})\n"

    def _parameters(
        self, sections: Mapping[str, Any], owner: str, options: list[str]
    ) -> tuple[list[str], str, list[str]]:
        """Return parameters, the expression of the inputs by name, and lines about them; options are appended."""
        parameters, inputs, told = [], [], []
        taken = {"self", "title", "super", "Items"}  # what __init__ itself uses
        for section in ("required", "optional"):
            for name, spec in mapping(sections.get(section)).items():
                if not isinstance(spec, list) or not spec:
                    continue
                declared = mapping(spec[1]) if len(spec) > 1 else {}
                parameter = _identifier(name)
                while parameter in taken:
                    parameter += "_"
                taken.add(parameter)
                kind, value = self._input(spec[0], declared, f"{owner}_{parameter}", parameter, options)
                default = _default(declared.get("default"), kind) if section == "required" else None
                optional = section == "optional"
                ending = " | None = None" if optional else f" = {default}" if default else ""
                if optional and spec[0] == GROWING:
                    value = f"{value} if {parameter} is not None else None"
                parameters.append(f"{parameter}: {kind}{ending}")
                inputs.append(f"{_literal(name)}: {value}")
                told.append(_about(parameter, declared))
        return parameters, "{" + ", ".join(inputs) + "}", [line for line in told if line]

    def _input(
        self, kind: Any, declared: Mapping[str, Any], owner: str, parameter: str, options: list[str]
    ) -> tuple[str, str]:
        """Return the annotation of an input, and the expression of its value."""
        if kind == GROWING:
            template = mapping(declared.get("template"))
            item = next(iter(_specs(mapping(template.get("input")))), ["*"])
            of = self._input(item[0], mapping(item[1]) if len(item) > 1 else {}, owner, parameter, options)[0]
            names = template.get("names")
            if isinstance(names, list) and names:
                return f"Mapping[{_choices(names)}, {of}]", f'Items("", {parameter})'
            return f"Sequence[{of}]", f"Items({_literal(str(template.get('prefix', '')))}, {parameter})"
        if kind == DYNAMIC_CHOICE:
            classes = [self._option(option, owner, options) for option in options_of(declared)]
            return " | ".join(classes) or "object", parameter
        choices = declared.get("options") if kind == "COMBO" else kind
        if isinstance(choices, list):
            uploads = any(name.endswith("_upload") and given for name, given in declared.items())
            if uploads:
                return "str | Path | bytes", parameter
            return _choices(choices) if "remote" not in declared else "str", parameter
        text = mapping(declared.get("template")).get("allowed_types") if kind == MATCHING else kind
        names = [name.strip() for name in text.split(",")] if isinstance(text, str) else ["*"]
        if "*" in names or kind == "COMBO":
            return "object", parameter
        kinds = [each for name in names for each in (_PLAIN.get(name), self._type(name)) if each]
        values = [] if all(name in _PLAIN or name in self._linked for name in names) else ["object"]
        return " | ".join(values or kinds), parameter

    def _option(self, option: Mapping[str, Any], owner: str, options: list[str]) -> str:
        name = self._unique(f"{owner}_{_identifier(str(option.get('key')))}")
        parameters, inputs, told = self._parameters(mapping(option.get("inputs")), name, options)
        code = [f"class {name}(Option):\n", *_docstring([f"{option.get('key')!s} for {owner}.", *told])]
        code += ["    def __init__(self"]
        code += [", *, " + ", ".join(parameters)] if parameters else []
        code += [f") -> None:\n        super().__init__({_literal(option.get('key'))}, {inputs})\n\n\n"]
        options.append("".join(code))
        self._option_names.append(name)
        return name

    def _type(self, name: str) -> str:
        if name not in self._types:
            self._types[name] = self._unique(_identifier(name))
        return self._types[name]

    def _unique(self, name: str) -> str:
        while name in self._names or f"{name}_" in self._names:
            name += "_1"
        self._names |= {name, f"{name}_"}
        return name


def _identifier(name: str) -> str:
    cleaned = re.sub(r"\W", "_", name, flags=re.ASCII) or "_"
    cleaned = f"_{cleaned}" if cleaned[0].isdigit() else cleaned
    # Two underscores in front would be mangled inside a class.
    cleaned = re.sub("^__+", "_", cleaned)
    return f"{cleaned}_" if keyword.iskeyword(cleaned) else cleaned


def _literal(value: object) -> str:
    """Return Python source for a JSON value."""
    return repr(value) if isinstance(value, str | int | float | bool) else "None"


def _choices(choices: list[Any]) -> str:
    # An empty list means that the choices are made elsewhere; a Literal holds no float.
    if choices and all(isinstance(choice, str | int | None) for choice in choices):
        return f"Literal[{', '.join(map(_literal, choices))}]"
    return "str | int | float"


def _default(value: object, kind: str) -> str | None:
    """Return source of a default that fits the annotation, None if there is none."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    fits = {bool: "bool", int: "int", float: "float", str: "str"}.get(type(value))
    if kind.startswith("Literal["):
        return _literal(value) if f"{_literal(value)}," in f"{kind[8:-1]}," else None
    if fits == "int" and kind.startswith("float"):
        return _literal(value)
    return _literal(value) if fits and kind.split(" | ")[0] in (fits, "object") else None


def _specs(sections: Mapping[str, Any]) -> Iterator[list[Any]]:
    for section in ("required", "optional"):
        yield from (spec for spec in mapping(sections.get(section)).values() if isinstance(spec, list) and spec)


def _about(parameter: str, declared: Mapping[str, Any]) -> str:
    least, most = declared.get("min"), declared.get("max")
    limits = [f"from {least}" if least is not None else "", f"to {most}" if most is not None else ""]
    told = [" ".join(filter(None, limits)), f"default {declared['default']!r}" if "default" in declared else ""]
    tooltip = declared.get("tooltip")
    text = "; ".join([*filter(None, told), *([tooltip] if isinstance(tooltip, str) else [])])
    return f"- `{parameter}`: {text}" if text else ""


def _prose(text: object) -> str:
    """Return text that can stand inside a docstring: one line, no escape and no end of the docstring."""
    return " ".join(str(text).split()).replace("\\", "/").replace('"', "'").encode("ascii", "replace").decode()


def _docstring(lines: list[str]) -> Iterator[str]:
    first, *rest = (_prose(line) for line in lines)
    if not rest:
        yield f'    """{first}"""\n\n'
        return
    yield f'    """{first}\n\n'
    yield from (f"    {line}\n" for line in rest)
    yield '    """\n\n'
