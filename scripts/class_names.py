"""Names for the classes that a contract of others asks for: each its own, and none that hides what modules import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from unicodedata import normalize

from openapi_python_client.config import ClassOverride, Config
from openapi_python_client.parser.properties import ModelProperty, Property
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import ClassName, PythonIdentifier

from contract import pointer_to

# Where a schema or a reference stands in the document, so that what is said of it can be traced back.
PLACE = "x-stands-at"
SCHEMAS = "/components/schemas/"
# Classes with these names would hide what the generated modules import.
TAKEN_CLASSES = frozenset(
    {"Any", "BinaryIO", "Client", "File", "FileTypes", "Literal", "Mapping", "Response", "T", "TYPE_CHECKING"}
    | {"TypeVar", "UNSET", "UUID", "Unset"}
)


def place_of(data: Any) -> str | None:
    """The JSON pointer of a parsed schema or reference, as far as it is known."""
    place = (getattr(data, "model_extra", None) or {}).get(PLACE)
    return place if isinstance(place, str) else None


class ClassNames(dict[str, ClassOverride]):
    """A name of its own for every class, handed out where the generator asks for overrides.

    A class that is wanted anew for the same schema is the same class; enums of the same values share theirs.
    """

    def __init__(self, document: dict[str, Any], config: Config) -> None:
        super().__init__()
        self._prefix = config.field_prefix
        self._given: dict[tuple[str, Any], tuple[str, str]] = {}
        self._names: set[str] = set()
        self._modules: set[str] = set()
        self._schema: Any = None
        self._built: dict[ClassName, Property] = {}
        # Schemas with a name come before those named after where they stand.
        self._reserved: dict[str, str] = {}
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            if isinstance(schema, dict) and {"properties", "allOf", "enum", "additionalProperties"} & set(schema):
                title = str(schema.get("title") or name).rpartition("/")[2]
                wanted = str(ClassName(UntrustedString(title), self._prefix))
                self._reserved.setdefault(wanted, pointer_to(["components", "schemas", name]))

    def now_for(self, schema: Any, built: dict[ClassName, Property]) -> None:
        """Which schema the next class is wanted for, and the classes that there are."""
        self._schema, self._built = schema, built

    def get(self, wanted: str, default: Any = None) -> Any:
        schema = self._schema
        place = place_of(schema) or f"unknown {id(schema)}"
        key: tuple[str, Any] = (wanted, place)
        if schema.enum:
            key = (wanted, (tuple(schema.enum), str((schema.model_extra or {}).get("x-enum-varnames"))))
        given = self._given.get(key)
        again = given is not None and isinstance(self._built.get(cast(ClassName, given[0])), ModelProperty)
        if given is None or again:
            given = self._given[key] = self._new(wanted, place)
        name, module = given
        if (name, module) == (wanted, PythonIdentifier(wanted, self._prefix)):
            return default
        return ClassOverride.model_validate({"class_name": name, "module_name": module})

    def _new(self, wanted: str, place: str) -> tuple[str, str]:
        stem = f"{wanted}Model" if wanted in TAKEN_CLASSES else normalize("NFKC", wanted)
        name = free(stem, lambda name: name in self._names or self._reserved.get(name, place) != place, "")
        module = free(normalize("NFKC", PythonIdentifier(name, self._prefix)), self._modules.__contains__)
        self._names.add(name)
        self._modules.add(module)
        return name, module


def free(name: str, taken: Callable[[str], bool], joint: str = "_") -> str:
    """`name`, with the first number behind it that makes it free."""
    number, candidate = 1, name
    while taken(candidate):
        number += 1
        candidate = f"{name}{joint}{number}"
    return candidate
