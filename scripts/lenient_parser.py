"""The generator's parser, made to lose a type where it would lose operations.

openapi-python-client gives up a schema, with all that mentions it, for one property that it cannot read; it refuses
the second class of a name; and what stands inside alternatives it does not tie to the schema around them, so that a
client can import a class that was never written. It has no hooks for that: while a contract is read, functions of
this module stand in the place of some of the parser's. What is lost is told. Our own contract comes out unchanged.
"""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from attrs import evolve
from openapi_python_client import schema as oai
from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData, bodies, openapi, properties, responses
from openapi_python_client.parser.errors import GeneratorError, ParseError, PropertyError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import (
    AnyProperty,
    ModelProperty,
    Property,
    Schemas,
    merge_properties,
    model_property,
)
from openapi_python_client.parser.properties.schemas import (
    ReferencePath,
    parse_reference_path,
    update_schemas_with_data,
)
from openapi_python_client.parser.responses import Responses
from openapi_python_client.schema.ref import Ref
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import ClassName, PythonIdentifier

from class_names import SCHEMAS, ClassNames, free, place_of

# What the parser says of a schema that another one adds to, where that other one's turn is still to come.
NOT_YET = "in allOf was not processed"
# What the parser finds out about a model once all its fields can be had.
FIELDS = ("required_properties", "optional_properties", "relative_imports", "lazy_imports", "additional_properties")


def read(document: dict[str, Any], config: Config) -> tuple[GeneratorData | GeneratorError, list[str]]:
    """The generator's view of the document, and what it takes as any value, each with its place and the reason."""
    reading = _Reading(ClassNames(document, config))
    config.class_overrides = reading.names
    with reading.in_place():
        data = GeneratorData.from_dict(document, config=config)
    return data, list(reading.lost)


def in_words(text: str) -> str:
    """What the generator says, on one line. It does not print what it distrusts, but where in memory that is."""
    return " ".join(re.sub(r"<\S+ object at \w+>", "...", text).split())


@dataclass
class _Call:
    """What holds for a schema that is being read, and for all within it."""

    roots: set[Any]
    process_properties: bool
    error: PropertyError | None = None  # the innermost


@dataclass
class _Reading:
    """What stands in the place of the parser's own functions, and what it has to remember."""

    names: ClassNames
    lost: dict[str, None] = field(default_factory=dict)
    _calls: list[_Call] = field(default_factory=list)
    # Errors with these words pass by themselves: while named schemas are gathered, one may refer to another that is
    # still to come, and then add to it.
    _passing: str | None = None
    _missed: dict[str, str] = field(default_factory=dict)
    _model: str = ""

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Put our functions in the place of the parser's, for as long as this lasts."""
        ours: list[tuple[Any, str, Any]] = [
            (properties, "_create_schemas", self._create_schemas),
            (properties, "_process_models", self._process_models),
            (model_property, "_process_properties", self._process_properties),
            (model_property, "_resolve_naming_conflict", self._resolve_naming_conflict),
            (merge_properties, "merge_properties", self._merge_properties),
            (openapi, "deepcopy", _copied),
            (openapi.Endpoint, "_check_parameters_for_conflicts", _told_apart),
        ]
        # Each of these modules has the function under its own name.
        ours += [(module, "property_from_data", self._property_from_data) for module in _READERS]
        theirs = [(module, name, getattr(module, name)) for module, name, _ in ours]
        try:
            for module, name, function in ours:
                setattr(module, name, function)
            yield
        finally:
            for module, name, function in theirs:
                setattr(module, name, function)

    def _property_from_data(
        self,
        *,
        data: oai.Reference | oai.Schema,
        schemas: Schemas,
        process_properties: bool = True,
        roots: set[Any] | None = None,
        **rest: Any,
    ) -> tuple[Any, Schemas]:
        """As the original; what it refuses is any value, and alternatives belong to the schema around them."""
        outer = self._calls[-1] if self._calls else None
        if outer is not None:
            roots, process_properties = roots or outer.roots, process_properties and outer.process_properties
        call = _Call(roots or set(), process_properties)
        self._calls.append(call)
        self.names.now_for(data, schemas.classes_by_name)
        try:
            prop, after = _property_from_data(
                data=data, schemas=schemas, process_properties=process_properties, roots=roots, **rest
            )
        finally:
            self._calls.pop()
        if not isinstance(prop, PropertyError):
            return prop, after
        error = call.error or prop
        if self._passing is not None and self._passing in (error.detail or ""):
            if outer is not None:
                outer.error = error
            elif isinstance(error.data, oai.Reference):
                self._missed[_text(rest["name"])] = _text(error.data.ref)
            return error, schemas
        where = place_of(data) or f"{rest['parent_name']}, {_text(rest['name'])}"
        simpler = self._simpler(data, schemas, where)
        if simpler is not None:
            return self._property_from_data(
                data=simpler, schemas=schemas, process_properties=process_properties, roots=roots, **rest
            )
        self._lose(where, error)
        python_name = PythonIdentifier(rest["name"], prefix=rest["config"].field_prefix)
        return _anything(rest["name"], rest["required"], python_name, data), schemas

    def _simpler(self, data: oai.Reference | oai.Schema, schemas: Schemas, where: str) -> oai.Schema | None:
        """A schema without what may be at fault in it, if there is such a thing."""
        if isinstance(data, oai.Reference):
            return None
        if data.default is not None:
            self.lost[f"{where}: the default {data.default!r}"] = None
            return data.model_copy(update={"default": None})
        if refused := _refused_members(data, schemas):
            self._lose_members(where, refused)
            return data.model_copy(update={"allOf": [one for one in data.allOf if one not in refused]})
        return None

    def _lose_members(self, where: str, refused: list[oai.Reference]) -> None:
        for one in refused:
            reason = "it is not one object, or it holds this one"
            self.lost[f"{where}/allOf: the fields of {_text(one.ref)} are taken without types ({reason})"] = None

    def _lose(self, where: str, error: ParseError) -> None:
        detail = error.detail or error.header
        if isinstance(error.data, oai.Reference):
            detail = f"{_text(error.data.ref)} is not there, or holds itself"
        self.lost[f"{where}: taken as any value ({in_words(detail)[:200]})"] = None

    def _create_schemas(self, *, components: dict[Any, Any], schemas: Schemas, config: Config) -> Schemas:
        """As the original; where schemas wait for one another in a circle, it is opened at one of them."""
        paths = {name: ReferencePath(UntrustedString(f"{SCHEMAS}{_text(name)}")) for name in components}
        while True:
            missing = {
                name: data for name, data in components.items() if paths[name] not in schemas.classes_by_reference
            }
            if not missing:
                return schemas
            self._passing = ""  # all of them
            schemas = _create_schemas(components=missing, schemas=schemas, config=config)
            self._passing = None
            schemas.errors.clear()
            left = [name for name in missing if paths[name] not in schemas.classes_by_reference]
            if left:
                by_place = {SCHEMAS + _text(name): name for name in left}
                first = by_place[_in_circle(list(by_place), lambda place: self._missed.get(place, "")[1:])]
                schemas = cast(
                    Schemas,
                    update_schemas_with_data(
                        ref_path=paths[first], data=components[first], schemas=schemas, config=config
                    ),
                )

    def _process_models(self, *, schemas: Schemas, config: Config) -> Schemas:
        """As the original; of an `allOf` that cannot be had, the other members are taken."""
        waiting: dict[str, ModelProperty] = {}
        # What only wraps a reference is a copy of its target, which has to get the same fields.
        copies = [(model, waiting.setdefault(str(model.class_info.name), model)) for model in schemas.models_to_process]
        while waiting:
            errors: dict[str, PropertyError] = {}
            for name, model in waiting.items():
                self._passing = NOT_YET
                outcome = model_property.process_model(model, schemas=schemas, config=config)
                self._passing = None
                if isinstance(outcome, PropertyError):
                    errors[name] = outcome
                else:
                    schemas = outcome
            if errors and len(errors) == len(waiting):
                blockers = {name: _waits_for(error, schemas) for name, error in errors.items()}
                name = _in_circle(list(waiting), blockers.__getitem__)
                schemas = self._relax(waiting[name], schemas, config)
                del errors[name]
            waiting = {name: waiting[name] for name in errors}
        for model, original in copies:
            for name in FIELDS:
                setattr(model, name, getattr(original, name))
        return evolve(schemas, models_to_process=[])

    def _relax(self, model: ModelProperty, schemas: Schemas, config: Config) -> Schemas:
        """Take a model without what keeps it from being had."""
        where = place_of(model.data) or str(model.class_info.name)
        if refused := _refused_members(model.data, schemas):
            self._lose_members(where, refused)
            model.data = model.data.model_copy(
                update={"allOf": [one for one in model.data.allOf if one not in refused]}
            )
        outcome = model_property.process_model(model, schemas=schemas, config=config)
        if isinstance(outcome, PropertyError):
            self._lose(where, outcome)
            model.data = oai.Schema(description=model.data.description)
            outcome = model_property.process_model(model, schemas=schemas, config=config)
        return cast(Schemas, outcome)

    def _process_properties(self, *, class_name: ClassName, config: Config, **rest: Any) -> Any:
        """As the original; fields whose names are one in Python are numbered."""
        around, self._model = self._model, class_name
        found = _process_properties(class_name=class_name, config=config, **rest)
        self._model = around
        taken: set[str] = set()
        for fields in () if isinstance(found, PropertyError) else (found.required_props, found.optional_props):
            for index, prop in enumerate(fields):
                if str(prop.python_name) in taken:
                    fields[index] = evolve(prop)  # a schema that this one adds to may have the same object
                _number(fields[index], taken, config)
        return found

    def _resolve_naming_conflict(self, first: Property, second: Property, config: Config) -> None:
        """As the original, which refuses names that it cannot tell apart; `_process_properties` numbers them."""
        _resolve_naming_conflict(first, second, config)

    def _merge_properties(self, first: Property, second: Property) -> Any:
        """As the original; a property that two schemas of an `allOf` describe as different things is any value."""
        merged = _merge_properties(first, second)
        if isinstance(merged, PropertyError):
            self._lose(f"{self._model}, {_text(first.name)}", merged)
            return _anything(first.name, first.required or second.required, first.python_name, first)
        return merged


def _copied(endpoint: Endpoint) -> Endpoint:
    """As deep as the parser changes an endpoint; the original copies all schemas behind it, for minutes."""
    responses = Responses(patterns=list(endpoint.responses.patterns), default=endpoint.responses.default)
    fields: dict[str, Any] = {
        name: copy.copy(value) for name, value in vars(endpoint).items() if isinstance(value, (list, set))
    }
    return replace(endpoint, responses=responses, **fields)


def _told_apart(endpoint: Endpoint, *, config: Config, **rest: Any) -> Endpoint | ParseError:
    """As the original; parameters whose names are still one in Python are numbered."""
    outcome = _check_parameters(endpoint, config=config, **rest)
    if isinstance(outcome, ParseError):
        taken: set[str] = set()
        for _, parameter in endpoint.iter_all_parameters():
            _number(parameter, taken, config)
        return endpoint
    return outcome


def _number(prop: Property, taken: set[str], config: Config) -> None:
    """Number the Python name of a field or parameter where another has it; `taken` gets it."""
    name = free(str(prop.python_name), taken.__contains__)
    taken.add(name)
    if name != prop.python_name:
        prop.set_python_name(UntrustedString(name), config=config, skip_snake_case=True)


_READERS = (properties, openapi, bodies, responses)
_property_from_data = properties.property_from_data
_create_schemas = properties._create_schemas
_process_properties = model_property._process_properties
_resolve_naming_conflict = model_property._resolve_naming_conflict
_check_parameters = openapi.Endpoint._check_parameters_for_conflicts
_merge_properties = merge_properties.merge_properties


def _in_circle(names: list[str], waits_for: Callable[[str], str]) -> str:
    """The name that others wait for: the first that waits for none of `names`, or twice came along."""
    name, seen = names[0], set()
    while name not in seen:
        seen.add(name)
        following = waits_for(name)
        if following not in names:
            break
        name = following
    return name


def _member(reference: oai.Reference, schemas: Schemas) -> Property | None:
    return schemas.classes_by_reference.get(cast(ReferencePath, parse_reference_path(reference.ref)))


def _waits_for(error: PropertyError, schemas: Schemas) -> str:
    """The class that has to come before, if an error says so."""
    there = _member(error.data, schemas) if isinstance(error.data, oai.Reference) else None
    return str(there.class_info.name) if isinstance(there, ModelProperty) else ""


def _refused_members(data: oai.Schema, schemas: Schemas) -> list[oai.Reference]:
    """What an `allOf` refers to and is no object with fields, or none whose fields are known yet."""
    members = {index: _member(one, schemas) for index, one in enumerate(data.allOf) if isinstance(one, oai.Reference)}
    return [
        cast(oai.Reference, data.allOf[index])
        for index, member in members.items()
        if not isinstance(member, ModelProperty) or member.required_properties is None
    ]


def _anything(name: Any, required: bool, python_name: PythonIdentifier, described: Any) -> AnyProperty:
    description = getattr(described, "description", None)
    return AnyProperty.build(name, required, None, python_name, description, None)


def _text(value: Any) -> str:
    return value.get_untrusted_value() if isinstance(value, (UntrustedString, Ref)) else str(value)
