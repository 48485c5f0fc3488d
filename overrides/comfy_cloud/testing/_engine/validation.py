"""Check a submitted workflow: is its graph sound, and which of its outputs can run?

The checks use ComfyUI's words and order, and run nothing. An output that cannot run does not stop the others. A
workflow is refused only if no output is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._core.declared_inputs import DYNAMIC_CHOICE, MATCHING
from .._state.files import FileStore
from .cache import is_link
from .node_definitions import Definition, Input
from .recorded_nodes import NodeSet

_LONG_LIST = 20  # choices; an error does not repeat a longer list
_CONVERSIONS: dict[str, type] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
# A real traceback has the paths of the server. This one is invented, but has the same shape.
_TRACEBACK = ['  File "/comfyui/execution.py", line 1184, in validate_prompt\n']

Reason = dict[str, Any]


@dataclass(frozen=True)
class CheckRules:
    """The differences between servers in their checks.

    `definitions` are the node classes that the server has by itself. With `missing_node_type`, an unknown class has an
    error type of its own. With `names_cycles`, a cycle is reported at each of its nodes; otherwise its reason is lost.
    With `checks_combos`, choices of the type COMBO are checked, and not only those that are a list. With
    `needs_input_objects`, the server's own code fails on a node whose inputs are not an object.
    """

    definitions: Mapping[str, Definition]
    missing_node_type: bool
    names_cycles: bool
    checks_combos: bool
    needs_input_objects: bool


@dataclass
class Verdict:
    """The result of the checks.

    If the workflow is accepted, `error` is None and `outputs` are the ids of the output nodes to run. `node_errors` may
    be set in either case.
    """

    error: dict[str, Any] | None = None
    outputs: list[str] = field(default_factory=list)
    node_errors: dict[str, Any] = field(default_factory=dict)


class MalformedGraphError(Exception):
    """A top-level entry is not a node, or its inputs are not an object. ComfyUI's own code fails on it."""


def check_workflow(
    prompt: Mapping[str, Any], *, targets: list[str] | None, files: FileStore, rules: CheckRules, known: NodeSet
) -> Verdict:
    """Check a workflow in API format.

    As on ComfyUI, values are converted in place: `"5"` becomes 5 for an INT. `targets` limits the outputs to those ids.
    Raises MalformedGraphError.
    """
    outputs = []
    for node_id, node in prompt.items():
        if rules.needs_input_objects and isinstance(node, dict) and not isinstance(node.get("inputs", {}), dict):
            raise MalformedGraphError(f"the inputs of node {node_id!r} are not an object")
        error, class_type = _check_class(node_id, node, rules, known)
        if error is not None:
            return Verdict(error)
        if known.accepted[class_type].output_node and (targets is None or node_id in targets):
            outputs.append(node_id)
    if not outputs:
        return Verdict(_error("prompt_no_outputs", "Prompt has no outputs"))
    return _Checker(prompt, files, rules, known).check_outputs(outputs)


def _error(
    error_type: str, message: str, details: str = "", extra_info: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"type": error_type, "message": message, "details": details, "extra_info": extra_info or {}}


def _check_class(node_id: str, node: Any, rules: CheckRules, known: NodeSet) -> tuple[dict[str, Any] | None, str]:
    """Return the error of an unknown node class, or None and the class."""
    try:
        class_type = node["class_type"] if "class_type" in node else None  # noqa: SIM401 - a list gets this far and has no `get`
    except TypeError as error:
        # A number, None or a similar value. ComfyUI's own code also raises here, and its server returns 500.
        raise MalformedGraphError(f"entry {node_id!r} is not a node") from error
    details = f"Node ID '#{node_id}'"
    if isinstance(class_type, str) and class_type in known.accepted:
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


def _fits(received: Any, wanted: Any) -> bool:
    """Return whether an output of one type may be linked to an input of another. A type may be several, with commas."""
    if received == wanted or any(kind in ("*", MATCHING) for kind in (received, wanted)):
        return True
    # ComfyUI 0.33.0 links anything to a dynamic choice, and the node then fails.
    if wanted == DYNAMIC_CHOICE or (isinstance(received, list) and wanted == "COMBO"):
        return True
    if not isinstance(received, str) or not isinstance(wanted, str):
        return False
    return not set(received.split(",")).isdisjoint(wanted.split(","))


def _offers(item: Input, value: Any) -> bool:
    """Return whether a value is among the choices of an input.

    A recorded list without choices is that of a server without models, or it is filled in elsewhere. It offers all.
    """
    choices = item.choices
    if not choices or item.option("remote"):
        return True
    if isinstance(value, list) and item.option("multiselect"):
        return all(part in choices for part in value)
    return value in choices


class _CycleError(Exception):
    """A node depends on itself, and the server cannot say so."""


class _Checker:
    """Checks the nodes of one workflow, each once."""

    def __init__(self, prompt: Mapping[str, Any], files: FileStore, rules: CheckRules, known: NodeSet) -> None:
        self._prompt = prompt
        self._files = files
        self._rules = rules
        self._known = known
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
                # A node that depends on a bad node is invalid without reasons of its own. ComfyUI does not report it.
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
        except _CycleError:
            # ComfyUI 0.3.64 overflows the stack here and loses the reason.
            self._checked[output] = (False, [])
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            extra = {"exception_type": type(error).__name__, "traceback": _TRACEBACK}
            reason = _error("exception_during_validation", "Exception when validating node", str(error), extra)
            self._checked[output] = (False, [reason])
        return self._checked[output]

    def _check_node(self, node_id: str) -> tuple[bool, list[Reason]]:
        if node_id in self._checked:
            return self._checked[node_id]
        if node_id in self._path:
            return self._check_cycle(node_id)
        node = self._prompt[node_id]
        inputs = node["inputs"]
        definition = self._known.accepted[node["class_type"]]
        valid = True
        reasons: list[Reason] = []
        for item in definition.inputs_for(inputs):
            if item.name not in inputs:
                if item.required:
                    extra = {"input_name": item.name}
                    reasons.append(_error("required_input_missing", "Required input is missing", item.name, extra))
            elif isinstance(inputs[item.name], list):
                valid = self._check_link(node_id, item, inputs[item.name], reasons) and valid
            else:
                self._check_value(definition, item, inputs, reasons)
        reasons += self._check_custom(definition, inputs)
        # A cycle through this node has reported itself already.
        known = self._checked.get(node_id, (True, []))[1]
        reasons = known + [reason for reason in reasons if reason not in known]
        self._checked[node_id] = (valid and not reasons, reasons)
        return self._checked[node_id]

    def _check_cycle(self, node_id: str) -> tuple[bool, list[Reason]]:
        """Report a cycle at each of its nodes."""
        if not self._rules.names_cycles:
            raise _CycleError
        cycle = self._path[self._path.index(node_id) :]
        path = " -> ".join(f"{name} ({self._prompt[name]['class_type']})" for name in [*cycle, node_id])
        for name in cycle:
            extra = {"node_id": name, "cycle_nodes": cycle}
            self._checked[name] = (False, [_error("dependency_cycle", "Dependency cycle detected", path, extra)])
        return self._checked[node_id]

    def _check_link(self, node_id: str, item: Input, link: list[Any], reasons: list[Reason]) -> bool:
        """Check a link and the node that it comes from. Return False if only that node is to blame."""
        if len(link) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            reasons.append(_error("bad_linked_input", message, item.name, self._about(item, received_value=link)))
            return True
        source, slot = link
        # A missing node or slot raises here on purpose: ComfyUI reports the exception itself as the reason.
        received = self._known.accepted[self._prompt[source]["class_type"]].outputs[slot]
        if not _fits(received, item.type):
            details = f"{item.name}, received_type({received}) mismatch input_type({item.type})"
            extra = self._about(item, received_type=received, linked_node=link)
            message = "Return type mismatch between linked nodes"
            reasons.append(_error("return_type_mismatch", message, details, extra))
            return True
        self._path.append(node_id)
        try:
            return self._check_node(source)[0]
        except (KeyError, IndexError, TypeError, AttributeError) as error:
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
        finally:
            self._path.pop()

    def _check_value(self, definition: Definition, item: Input, inputs: dict[str, Any], reasons: list[Reason]) -> None:
        """Convert a value to the type of its input, and check its limits."""
        value = inputs[item.name]
        # ComfyUI's web page wraps a list in `__value__`, so that it is not taken for a link.
        if isinstance(value, dict) and "__value__" in value:
            value = inputs[item.name] = value["__value__"]
        kind = item.type if isinstance(item.type, str) else "COMBO"
        if kind in _CONVERSIONS:
            try:
                # The converted value replaces the original, so the node later gets an int for "5", as on ComfyUI.
                value = inputs[item.name] = _CONVERSIONS[kind](value)
            except (ValueError, TypeError, OverflowError) as error:
                message = f"Failed to convert an input value to a {kind} value"
                extra = self._about(item, received_value=value, exception_message=str(error))
                reasons.append(_error("invalid_input_type", message, f"{item.name}, {value}, {error}", extra))
                return
        if item.name not in self._known.nodes[definition.name].checked:
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
        elif self._is_choice(item) and not _offers(item, value):
            choices = item.choices or []
            offered = f"(list of length {len(choices)})" if len(choices) > _LONG_LIST else str(choices)
            error_type, message = "value_not_in_list", "Value not in list"
            details = f"{item.name}: {value!r} not in {offered}"
        else:
            return []
        return [_error(error_type, message, details, self._about(item, received_value=value))]

    def _is_choice(self, item: Input) -> bool:
        return item.choices is not None and (self._rules.checks_combos or isinstance(item.type, list))

    def _check_custom(self, definition: Definition, inputs: Mapping[str, Any]) -> list[Reason]:
        """Run the node class's own check."""
        node = self._known.nodes[definition.name]
        for name in node.checked - inputs.keys():
            # ComfyUI calls the check of the class without the input, and reports Python's own exception.
            raise TypeError(f"{definition.name}.VALIDATE_INPUTS() missing 1 required positional argument: {name!r}")
        # The value of a link is not known yet. ComfyUI passes None in its place.
        values = {name: None if is_link(inputs[name]) else inputs[name] for name in node.checked}
        problem = node.check(self._files, values) if values else None
        if problem is None:
            return []
        message = "Custom validation failed for node"
        return [
            _error("custom_validation_failed", message, f"{name} - {problem}", {"input_name": name}) for name in values
        ]

    @staticmethod
    def _about(item: Input, **more: Any) -> dict[str, Any]:
        choices = item.choices
        config = None if choices is not None and len(choices) > _LONG_LIST else [item.type, dict(item.options or {})]
        return {"input_name": item.name, "input_config": config, **more}
