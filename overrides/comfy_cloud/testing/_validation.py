"""The checks of `POST /api/prompt`: is the workflow's graph sound, and which of its outputs can run.

It judges, in ComfyUI's words and order, and runs nothing. An output that cannot run does not stop the others; a
workflow is refused only where none is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._definitions import DEFINITIONS, Definition, Input
from ._files import FileStore
from ._nodes import NODES

_LONG_LIST = 20  # choices; a longer list is left out of the error
_CONVERSIONS: dict[str, type] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
# Tracebacks come with the server's own paths; these are made up.
_TRACEBACK = ['  File "/comfyui/execution.py", line 1184, in validate_prompt\n']

Reason = dict[str, Any]


@dataclass(frozen=True)
class CheckRules:
    """Where servers differ: how they word a node that is none, and whether they name cycles."""

    missing_node_type: bool
    names_cycles: bool


@dataclass
class Verdict:
    """`error` is None where the workflow is accepted; then `outputs` are the ids of the output nodes to run."""

    error: dict[str, Any] | None = None
    outputs: list[str] = field(default_factory=list)
    node_errors: dict[str, Any] = field(default_factory=dict)


class MalformedGraphError(Exception):
    """A top-level entry is not a node at all: ComfyUI's own code fails on it."""


def check_workflow(
    prompt: Mapping[str, Any], *, targets: list[str] | None, files: FileStore, rules: CheckRules
) -> Verdict:
    """Judge a workflow in API format. Values are converted in place, as ComfyUI does: `"5"` becomes 5 for an INT.

    `targets` limits the outputs to those ids. Raises MalformedGraphError.
    """
    outputs = []
    for node_id, node in prompt.items():
        error, class_type = _check_class(node_id, node, rules)
        if error is not None:
            return Verdict(error)
        if DEFINITIONS[class_type].output_node and (targets is None or node_id in targets):
            outputs.append(node_id)
    if not outputs:
        return Verdict(_error("prompt_no_outputs", "Prompt has no outputs"))
    return _Checker(prompt, files, rules).check_outputs(outputs)


def _error(
    error_type: str, message: str, details: str = "", extra_info: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"type": error_type, "message": message, "details": details, "extra_info": extra_info or {}}


def _check_class(node_id: str, node: Any, rules: CheckRules) -> tuple[dict[str, Any] | None, str]:
    try:
        class_type = node["class_type"] if "class_type" in node else None  # noqa: SIM401 - lists get this far, too
    except TypeError as error:
        raise MalformedGraphError(f"entry {node_id!r} is not a node") from error
    details = f"Node ID '#{node_id}'"
    if isinstance(class_type, str) and class_type in DEFINITIONS:
        return None, class_type
    if not rules.missing_node_type:
        if class_type is None:
            message = "Cannot execute because a node is missing the class_type property."
        else:
            message = f"Cannot execute because node {class_type} does not exist."
        return _error("invalid_prompt", message, details), ""
    if not isinstance(node, dict):
        raise MalformedGraphError(f"entry {node_id!r} is not a node")
    title = (node.get("_meta") or {}).get("title")
    if class_type is None:
        name = title or f"ID #{node_id}"
        message = f"Node '{name}' has no class_type. The workflow may be corrupted or a custom node is missing."
    else:
        title = title or class_type
        message = f"Node '{title}' not found. The custom node may not be installed."
    extra = {"node_id": node_id, "class_type": class_type, "node_title": title}
    return _error("missing_node_type", message, details, extra), ""


class _CycleError(Exception):
    """A node is its own ancestor."""


class _Checker:
    """Checks the nodes of one workflow, each once."""

    def __init__(self, prompt: Mapping[str, Any], files: FileStore, rules: CheckRules) -> None:
        self._prompt = prompt
        self._files = files
        self._rules = rules
        self._checked: dict[str, tuple[bool, list[Reason]]] = {}
        self._path: list[str] = []

    def check_outputs(self, outputs: list[str]) -> Verdict:
        good = []
        failed: list[Reason] = []
        node_errors: dict[str, Any] = {}
        for output in outputs:
            valid, reasons = self._check_output(output)
            if valid:
                good.append(output)
                continue
            failed += reasons
            for node_id, (node_valid, node_reasons) in self._checked.items():
                # A node below a bad one is invalid without reasons of its own, and is not reported.
                if not node_valid and node_reasons:
                    class_type = self._prompt[node_id]["class_type"]
                    entry = {"errors": node_reasons, "dependent_outputs": [], "class_type": class_type}
                    node_errors.setdefault(node_id, entry)["dependent_outputs"].append(output)
        if good:
            return Verdict(None, good, node_errors)
        details = "\n".join(f"{reason['message']}: {reason['details']}" for reason in failed)
        error = _error("prompt_outputs_failed_validation", "Prompt outputs failed validation", details)
        return Verdict(error, [], node_errors)

    def _check_output(self, output: str) -> tuple[bool, list[Reason]]:
        try:
            return self._check_node(output)
        except _CycleError as cycle:
            # Old servers run out of stack here, and lose the reason on the way up.
            reasons = [_error("dependency_cycle", "Dependency cycle detected", str(cycle))]
            self._checked[output] = (False, reasons if self._rules.names_cycles else [])
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            extra = {"exception_type": type(error).__name__, "traceback": _TRACEBACK}
            reason = _error("exception_during_validation", "Exception when validating node", str(error), extra)
            self._checked[output] = (False, [reason])
        finally:
            self._path.clear()
        return self._checked[output]

    def _check_node(self, node_id: str) -> tuple[bool, list[Reason]]:
        if node_id in self._checked:
            return self._checked[node_id]
        if node_id in self._path:
            raise _CycleError(" -> ".join([*self._path[self._path.index(node_id) :], node_id]))
        self._path.append(node_id)
        node = self._prompt[node_id]
        inputs = node["inputs"]
        definition = DEFINITIONS[node["class_type"]]
        valid = True
        reasons: list[Reason] = []
        for item in definition.inputs:
            if item.name not in inputs:
                if item.required:
                    extra = {"input_name": item.name}
                    reasons.append(_error("required_input_missing", "Required input is missing", item.name, extra))
            elif isinstance(inputs[item.name], list):
                valid = self._check_link(item, inputs[item.name], reasons) and valid
            else:
                self._check_value(definition, item, inputs, reasons)
        reasons += self._check_custom(definition, inputs)
        self._path.pop()
        self._checked[node_id] = (valid and not reasons, reasons)
        return self._checked[node_id]

    def _check_link(self, item: Input, link: list[Any], reasons: list[Reason]) -> bool:
        """Check a link and the node behind it; False where only that node is to blame."""
        if len(link) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            reasons.append(_error("bad_linked_input", message, item.name, self._about(item, received_value=link)))
            return True
        source, slot = link
        received = DEFINITIONS[self._prompt[source]["class_type"]].outputs[slot]
        if received != item.type:
            details = f"{item.name}, received_type({received}) mismatch input_type({item.type})"
            extra = self._about(item, received_type=received, linked_node=link)
            message = "Return type mismatch between linked nodes"
            reasons.append(_error("return_type_mismatch", message, details, extra))
            return True
        depth = len(self._path)
        try:
            return self._check_node(source)[0]
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            del self._path[depth:]
            extra = self._about(
                item,
                exception_message=str(error),
                exception_type=type(error).__name__,
                traceback=_TRACEBACK,
                linked_node=link,
            )
            message = "Exception when validating inner node"
            reason = _error("exception_during_inner_validation", message, str(error), extra)
            self._checked[source] = (False, [reason])
            return False

    def _check_value(self, definition: Definition, item: Input, inputs: dict[str, Any], reasons: list[Reason]) -> None:
        value = inputs[item.name]
        if isinstance(value, dict) and "__value__" in value:
            value = inputs[item.name] = value["__value__"]
        kind = item.type if isinstance(item.type, str) else "COMBO"
        if kind in _CONVERSIONS:
            try:
                value = inputs[item.name] = _CONVERSIONS[kind](value)
            except (ValueError, TypeError, OverflowError) as error:
                message = f"Failed to convert an input value to a {kind} value"
                extra = self._about(item, received_value=value, exception_message=str(error))
                reasons.append(_error("invalid_input_type", message, f"{item.name}, {value}, {error}", extra))
                return
        if item.name not in NODES[definition.name].checked:
            reasons += self._check_limits(item, value)

    def _check_limits(self, item: Input, value: Any) -> list[Reason]:
        low, high = item.option("min"), item.option("max")
        if low is not None and value < low:
            error_type, message, details = (
                "value_smaller_than_min",
                f"Value {value} smaller than min of {low}",
                item.name,
            )
        elif high is not None and value > high:
            error_type, message, details = (
                "value_bigger_than_max",
                f"Value {value} bigger than max of {high}",
                item.name,
            )
        elif item.choices is not None and value not in item.choices:
            many = len(item.choices) > _LONG_LIST
            offered = f"(list of length {len(item.choices)})" if many else str(item.choices)
            error_type, message = "value_not_in_list", "Value not in list"
            details = f"{item.name}: '{value}' not in {offered}"
        else:
            return []
        return [_error(error_type, message, details, self._about(item, received_value=value))]

    def _check_custom(self, definition: Definition, inputs: Mapping[str, Any]) -> list[Reason]:
        node = NODES[definition.name]
        names = [name for name in sorted(node.checked) if name in inputs and not isinstance(inputs[name], list)]
        problem = node.check(self._files, inputs) if names else None
        if problem is None:
            return []
        message = "Custom validation failed for node"
        return [
            _error("custom_validation_failed", message, f"{name} - {problem}", {"input_name": name}) for name in names
        ]

    @staticmethod
    def _about(item: Input, **more: Any) -> dict[str, Any]:
        choices = item.choices
        config = None if choices is not None and len(choices) > _LONG_LIST else [item.type, dict(item.options or {})]
        return {"input_name": item.name, "input_config": config, **more}
