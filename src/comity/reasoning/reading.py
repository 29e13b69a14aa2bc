"""From the FACTS object of the contract to ``Facts``: strict, every refusal names the field's path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from comity.reasoning import errors
from comity.reasoning.facts import (
    AGREEMENTS,
    PURPOSES,
    SUSPECTED_GROUNDS,
    UNKNOWN,
    Declaration,
    Facts,
    Offence,
    Person,
    Property,
    StatedStatus,
    StatedTreaty,
    Unknown,
)
from comity.reasoning.predicates import ASSESSMENTS, DECLARATIONS
from comity.terms import Citation, CitationUnreadableError
from comity.treaties import Library

T = TypeVar("T")
Convert = Callable[[Any, str], T]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_YEARS_AT_MOST = 1000


def parse(data: bytes | str) -> object:
    """Parse JSON, refusing repeated keys and the numbers JSON does not have."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                raise errors.FactKeyRepeatedError(path=key)
            seen[key] = value
        return seen

    def refuse(constant: str) -> Any:
        raise errors.FactWrongTypeError(path=constant, expected="number")

    try:
        return json.loads(data, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise errors.FactsNotJsonError(line=error.lineno, column=error.colno) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise errors.FactsNotJsonError(line=1, column=1) from error


def read(obj: object, library: Library) -> Facts:
    """Read a FACTS object (already parsed JSON); raise a FactsUnreadableError for anything else."""
    return _Reader(library).facts(obj)


class _Fields:
    """One JSON object being read: hands out its fields and refuses what nobody asked for."""

    def __init__(self, obj: object, path: str) -> None:
        if not isinstance(obj, dict):
            raise errors.FactWrongTypeError(path=path or "facts", expected="object")
        self._left: dict[str, Any] = dict(obj)
        self._path = path

    def at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def given(self, key: str) -> bool:
        return key in self._left

    def required(self, key: str, convert: Convert[T]) -> T:
        if key not in self._left:
            raise errors.FactRequiredError(path=self.at(key))
        return convert(self._left.pop(key), self.at(key))

    def optional(self, key: str, convert: Convert[T]) -> T | None:
        """Absent and ``null`` are the same here: unknown."""
        value = self._left.pop(key, None)
        return None if value is None else convert(value, self.at(key))

    def nullable(self, key: str, convert: Convert[T]) -> T | Unknown | None:
        """Absent is unknown; ``null`` is the known absence."""
        if key not in self._left:
            return UNKNOWN
        value = self._left.pop(key)
        return None if value is None else convert(value, self.at(key))

    def rest(self) -> list[tuple[str, Any, str]]:
        """What is left, each with its path (for objects keyed by State or treaty)."""
        items = [(key, value, self.at(key)) for key, value in self._left.items()]
        self._left.clear()
        return items

    def done(self) -> None:
        for key in self._left:
            raise errors.FactKeyUnknownError(path=self.at(key))


class _Reader:
    """Knows the closed lists of the library while it reads."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def facts(self, obj: object) -> Facts:
        fields = _Fields(obj, "")
        requesting = fields.required("requesting_state", self.state)
        requested = fields.required("requested_state", self.state)
        if requesting == requested:
            raise errors.SameStateTwiceError(path="requested_state", value=requested)
        facts = Facts(
            requesting_state=requesting,
            requested_state=requested,
            measure=fields.required("measure", self.measure),
            offences=fields.required("offences", self.offences),
            as_of=fields.optional("as_of", day),
            data_kinds=fields.optional("data_kinds", self.data_kinds),
            electronic_evidence=fields.optional("electronic_evidence", truth),
            urgent=fields.optional("urgent", truth),
            emergency=fields.optional("emergency", truth),
            coercive=fields.optional("coercive", truth),
            agreements=fields.optional("agreements", lambda v, p: truths(v, p, AGREEMENTS)) or {},
            status=fields.optional("status", self.status) or {},
            person=fields.optional("person", self.person) or Person(),
            property_sought=fields.optional("property", self.property_sought) or Property(),
            suspected_grounds=fields.optional(
                "suspected_grounds", lambda v, p: words(v, p, SUSPECTED_GROUNDS)
            )
            or (),
            assessment=fields.optional("assessment", self.assessment) or {},
            declaration=fields.optional("declaration", self.declaration) or {},
        )
        fields.done()
        return facts

    def state(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not self._library.is_state(value):
            raise errors.StateUnknownError(path=path, value=value)
        return value

    def measure(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in self._library.words("measures"):
            raise errors.MeasureUnknownError(path=path, value=value)
        return value

    def data_kinds(self, value: Any, path: str) -> tuple[str, ...]:
        return words(value, path, tuple(self._library.words("data_kinds")))

    def offences(self, value: Any, path: str) -> tuple[Offence, ...]:
        if not isinstance(value, list):
            raise errors.FactWrongTypeError(path=path, expected="list")
        if not value:
            raise errors.FactRequiredError(path=f"{path}[0]")
        return tuple(self.offence(one, f"{path}[{number}]") for number, one in enumerate(value))

    def offence(self, obj: object, path: str) -> Offence:
        fields = _Fields(obj, path)
        offence = Offence(
            path=path,
            id=fields.nullable("id", lambda v, p: self.catalogued(v, p, "id")),
            kind=fields.optional("kind", lambda v, p: self.catalogued(v, p, "kind")),
            predicate=fields.nullable("predicate", lambda v, p: self.catalogued(v, p, "id")),
            description=fields.optional("description", text),
            max_penalty_years=fields.optional("max_penalty_years", years),
            by_ict=fields.optional("by_ict", truth),
            criminal_in=fields.optional("criminal_in", self.criminal_in) or {},
        )
        fields.done()
        return offence

    def criminal_in(self, value: Any, path: str) -> Mapping[str, bool]:
        rest = _Fields(value, path).rest()
        return {self.state(key, at): truth(answer, at) for key, answer, at in rest if answer is not None}

    def catalogued(self, value: Any, path: str, named_by: str) -> Citation:
        """An offence of a catalogue of the sort that this field names (``id`` or ``kind``)."""
        citation = cited(value, path)
        reach = self._library.reach.get(citation.instrument)
        if reach is None or reach.named_by != named_by or reach.offence(citation) is None:
            raise errors.OffenceUnknownError(path=path, value=value)
        return citation

    def status(self, value: Any, path: str) -> Mapping[str, StatedTreaty]:
        return {self.treaty(key, at): self.stated(one, at) for key, one, at in _Fields(value, path).rest()}

    def treaty(self, value: str, path: str) -> str:
        if value not in self._library.reach:
            choices = ", ".join(sorted(self._library.reach))
            raise errors.InstrumentUnknownError(path=path, value=value, choices=choices)
        return value

    def stated(self, obj: object, path: str) -> StatedTreaty:
        fields = _Fields(obj, path)
        since = fields.nullable("in_force_since", day)
        states = {self.state(key, at): self.one_status(one, at) for key, one, at in fields.rest()}
        return StatedTreaty(since, states)

    def one_status(self, obj: object, path: str) -> StatedStatus:
        fields = _Fields(obj, path)
        if fields.given("deposited"):
            stated = StatedStatus(deposited=fields.required("deposited", day))
        else:
            choices = tuple(self._library.words("treaty_statuses"))
            stated = StatedStatus(
                fields.required("status", lambda v, p: word(v, p, choices)), fields.optional("since", day)
            )
        fields.done()
        return stated

    def person(self, obj: object, path: str) -> Person:
        fields = _Fields(obj, path)
        person = Person(
            fields.optional("national_of", self.state),
            fields.optional("purpose", lambda v, p: word(v, p, PURPOSES)),
        )
        fields.done()
        return person

    def property_sought(self, obj: object, path: str) -> Property:
        fields = _Fields(obj, path)
        found = Property(
            proceeds_of=fields.optional("proceeds_of", lambda v, p: self.catalogued(v, p, "id")),
            final_judgment=fields.optional("final_judgment", truth),
            confiscated_under=fields.optional("confiscated_under", self.provision),
            public_funds=fields.optional("public_funds", truth),
        )
        fields.done()
        return found

    def provision(self, value: Any, path: str) -> Citation:
        citation = cited(value, path)
        if not self._library.cite_exists(citation):
            raise errors.CitationUnknownError(path=path, value=value)
        return citation

    def assessment(self, value: Any, path: str) -> Mapping[str, Mapping[str, bool]]:
        """What only a State itself can judge, keyed by State."""
        rest = _Fields(value, path).rest()
        return {self.state(key, at): truths(one, at, tuple(ASSESSMENTS)) for key, one, at in rest}

    def declaration(self, value: Any, path: str) -> Mapping[str, Declaration]:
        """What a State has declared to the depositary, keyed by State."""
        return {self.state(key, at): self.declared(one, at) for key, one, at in _Fields(value, path).rest()}

    def declared(self, obj: object, path: str) -> Declaration:
        fields = _Fields(obj, path)
        languages = fields.optional("languages", language_codes)
        said = {name: fields.optional(name, truth) for name in DECLARATIONS}
        fields.done()
        return Declaration(languages, {name: answer for name, answer in said.items() if answer is not None})


def language_codes(value: Any, path: str) -> tuple[str, ...]:
    """A list of ISO 639 codes of two or three letters."""
    if not isinstance(value, list) or not value:
        raise errors.FactWrongTypeError(path=path, expected="list")
    for number, code in enumerate(value):
        if not _LANGUAGE.fullmatch(text(code, f"{path}[{number}]")):
            raise errors.FactWordUnknownError(path=f"{path}[{number}]", value=code, choices="ISO 639")
    return tuple(value)


def cited(value: Any, path: str) -> Citation:
    """A citation in its form; whether it leads anywhere is another question."""
    try:
        return Citation.parse(text(value, path))
    except CitationUnreadableError as error:
        raise errors.OffenceUnknownError(path=path, value=value) from error


def suspected(value: Any, path: str) -> tuple[str, ...]:
    """Grounds of refusal that the requesting State expects to be raised."""
    return words(value, path, SUSPECTED_GROUNDS)


def truth(value: Any, path: str) -> bool:
    """True or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise errors.FactWrongTypeError(path=path, expected="boolean")
    return value


def truths(value: Any, path: str, names: tuple[str, ...]) -> Mapping[str, bool]:
    """An object of named booleans from a closed list."""
    fields = _Fields(value, path)
    found = {name: fields.optional(name, truth) for name in names}
    fields.done()
    return {name: answer for name, answer in found.items() if answer is not None}


def text(value: Any, path: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise errors.FactWrongTypeError(path=path, expected="string")
    return value


def years(value: Any, path: str) -> float:
    """A number of years, not negative (life imprisonment is written as a large number)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise errors.FactWrongTypeError(path=path, expected="number")
    if not 0 <= value <= _YEARS_AT_MOST:
        raise errors.FactWordUnknownError(path=path, value=value, choices=f"0 … {_YEARS_AT_MOST}")
    return float(value)


def day(value: Any, path: str) -> date:
    """A day of the calendar, YYYY-MM-DD."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise errors.DateImpossibleError(path=path, value=value)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise errors.DateImpossibleError(path=path, value=value) from error


def word(value: Any, path: str, choices: tuple[str, ...]) -> str:
    """One word of a closed list."""
    if not isinstance(value, str) or value not in choices:
        raise errors.FactWordUnknownError(path=path, value=value, choices=", ".join(choices))
    return value


def words(value: Any, path: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    """A list of words of a closed list."""
    if not isinstance(value, list):
        raise errors.FactWrongTypeError(path=path, expected="list")
    return tuple(word(one, f"{path}[{number}]", choices) for number, one in enumerate(value))
