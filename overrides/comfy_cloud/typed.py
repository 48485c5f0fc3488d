"""Build workflows from typed nodes: the base classes of the module that `cloud.nodes.stubs()` writes.

Each class of that module is a node class of one server. Calling it makes a node, its attributes are its outputs, and
`workflow(...)` gives the graph of some nodes and of all that they need. Nothing is sent and nothing is checked here:
types are checked by mypy or pyright, everything else by `Workflow.check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .workflow import Workflow

__all__ = ["Call", "Items", "Option", "Output", "workflow"]


class Output:
    """An output of a node, to be given to an input of another. Its class is the type of the output."""

    __slots__ = ("node", "slot")

    def __init__(self, node: Call, slot: int) -> None:
        self.node = node
        self.slot = slot

    def __repr__(self) -> str:
        return f"<output {self.slot} of {self.node.class_type}>"


class Option:
    """An option of a dynamic choice, with the inputs that it brings. `None` means that an input is not set."""

    def __init__(self, key: object, inputs: Mapping[str, Any]) -> None:
        self.key = key
        self.inputs = inputs


class Items:
    """The items of a growing input: numbered ones from a sequence, or named ones from a mapping."""

    def __init__(self, prefix: str, items: Sequence[Any] | Mapping[Any, Any]) -> None:
        named = (
            items if isinstance(items, Mapping) else {f"{prefix}{number}": item for number, item in enumerate(items)}
        )
        self.items: Mapping[str, Any] = named


class Call:
    """A node of a workflow that is being built. `None` as the value of an input means that it is not set."""

    def __init__(self, class_type: str, inputs: Mapping[str, Any], title: str | None) -> None:
        self.class_type = class_type
        self.inputs = dict(_named(inputs, ""))
        self.title = title

    def __repr__(self) -> str:
        return f"<{self.class_type} {', '.join(self.inputs)}>"


def _named(inputs: Mapping[str, Any], group: str) -> Iterator[tuple[str, Any]]:
    """Yield inputs under their full names: `size.width` for an input of an option, `images.image0` for an item."""
    for name, value in inputs.items():
        if isinstance(value, Option):
            yield group + name, value.key
            yield from _named(value.inputs, f"{group}{name}.")
        elif isinstance(value, Items):
            yield from _named(value.items, f"{group}{name}.")
        elif value is not None:
            yield group + name, value


def workflow(*nodes: Call) -> Workflow:
    """Return the workflow of these nodes and of all nodes that they depend on, numbered from 1 in that order.

    latent = KSampler(model=checkpoint.MODEL, ...)
    job = cloud.run(workflow(SaveImage(images=VAEDecode(samples=latent.LATENT, vae=checkpoint.VAE).IMAGE)))
    """
    ordered: dict[int, Call] = {}
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting[-1]
        needed = [value.node for value in node.inputs.values() if isinstance(value, Output)]
        missing = [other for other in needed if id(other) not in ordered]
        if missing:
            waiting += reversed(missing)
        else:
            ordered.setdefault(id(node), node)
            waiting.pop()
    ids = {identity: str(number) for number, identity in enumerate(ordered, 1)}
    graph: dict[str, Any] = {}
    for identity, node in ordered.items():
        inputs = {
            name: [ids[id(value.node)], value.slot] if isinstance(value, Output) else value
            for name, value in node.inputs.items()
        }
        graph[ids[identity]] = {"class_type": node.class_type, "inputs": inputs}
        if node.title is not None:
            graph[ids[identity]]["_meta"] = {"title": node.title}
    return Workflow(graph)
