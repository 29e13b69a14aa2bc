"""From the FACTS object of the contract to ``Facts``: strict, every refusal names the field's path."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from comity.reasoning import errors
from comity.reasoning.facts import (
    PURPOSES,
    Declaration,
    Facts,
    Offence,
    Person,
    Property,
    StatedStatus,
    StatedTreaty,
)
from comity.reasoning.values import (
    Convert,
    Fields,
    cited,
    day,
    language_codes,
    suspected,
    text,
    truth,
    truths,
    word,
    words,
    years,
)
from comity.terms import Citation
from comity.treaties import Library
from comity.treaties.toml import nearest
from comity.treaties.vocabulary import likely_state

_OFFENCES_AT_MOST = 1000


def read(obj: object, library: Library) -> Facts:
    """Read a FACTS object (already parsed JSON); raise a FactsUnreadableError for anything else."""
    return _Reader(library).facts(obj)


class _Reader:
    """Knows the closed lists of the library while it reads."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def facts(self, obj: object) -> Facts:
        fields = Fields(obj, "")
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
            agreements=fields.optional("agreements", self.truths("agreements")) or {},
            circumstances=fields.optional("circumstances", self.truths("circumstances")) or {},
            events=fields.optional("events", self.events) or {},
            status=fields.optional("status", self.status) or {},
            person=fields.optional("person", self.person) or Person(),
            property_sought=fields.optional("property", self.property_sought) or Property(),
            suspected_grounds=fields.optional("suspected_grounds", suspected) or (),
            assessment=fields.optional("assessment", self.assessment) or {},
            declaration=fields.optional("declaration", self.declaration) or {},
        )
        fields.done()
        return facts

    def truths(self, name: str) -> Convert[Mapping[str, bool]]:
        """Named booleans, the names from a closed list."""
        return lambda value, path: truths(value, path, self._library.words(name))

    def events(self, value: Any, path: str) -> Mapping[str, date]:
        """Days on which clocks started, keyed by the word of the start."""
        starts = self._library.words("clock_starts")
        rest = Fields(value, path).rest()
        return {word(key, at, starts): day(one, at) for key, one, at in rest if one is not None}

    def state(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not self._library.is_state(value):
            raise errors.StateUnknownError(path=path, value=value, example=likely_state(str(value)))
        return value

    def measure(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in self._library.words("measures"):
            choices = nearest(str(value), self._library.words("measures"))
            raise errors.MeasureUnknownError(path=path, value=value, choices=choices)
        return value

    def data_kinds(self, value: Any, path: str) -> tuple[str, ...]:
        return words(value, path, tuple(self._library.words("data_kinds")))

    def offences(self, value: Any, path: str) -> tuple[Offence, ...]:
        if not isinstance(value, list):
            raise errors.FactWrongTypeError(path=path, expected="list")
        if not value:
            raise errors.FactRequiredError(path=f"{path}[0]")
        if len(value) > _OFFENCES_AT_MOST:
            raise errors.FactsTooManyError(path=path, count=len(value), most=_OFFENCES_AT_MOST)
        return tuple(self.offence(one, f"{path}[{number}]") for number, one in enumerate(value))

    def offence(self, obj: object, path: str) -> Offence:
        fields = Fields(obj, path)
        offence = Offence(
            path=path,
            id=fields.nullable("id", lambda v, p: self.catalogued(v, p, "id")),
            kind=fields.optional("kind", lambda v, p: self.catalogued(v, p, "kind")),
            predicate=fields.nullable("predicate", lambda v, p: self.catalogued(v, p, "id")),
            description=fields.optional("description", text),
            max_penalty_years=fields.optional("max_penalty_years", years),
            by_ict=fields.optional("by_ict", truth),
            criminal_in=fields.optional("criminal_in", self.criminal_in) or {},
            elements=fields.optional("elements", self.truths("elements")) or {},
        )
        fields.done()
        return offence

    def criminal_in(self, value: Any, path: str) -> Mapping[str, bool]:
        rest = Fields(value, path).rest()
        return {self.state(key, at): truth(answer, at) for key, answer, at in rest if answer is not None}

    def catalogued(self, value: Any, path: str, named_by: str) -> Citation:
        """An offence of a catalogue of the sort that this field names (``id`` or ``kind``)."""
        citation = cited(value, path)
        catalogues = [reach for reach in self._library.reach.values() if reach.named_by == named_by]
        named = citation is not None and any(reach.offence(citation) for reach in catalogues)
        if citation is None or not named or not self._library.cite_exists(citation):
            known = [str(one.citation) for reach in catalogues for one in reach.offences.values()]
            raise errors.OffenceUnknownError(path=path, value=value, choices=nearest(value, known))
        return citation

    def status(self, value: Any, path: str) -> Mapping[str, StatedTreaty]:
        return {self.treaty(key, at): self.stated(one, at) for key, one, at in Fields(value, path).rest()}

    def treaty(self, value: str, path: str) -> str:
        if value not in self._library.reach:
            choices = ", ".join(sorted(self._library.reach))
            raise errors.InstrumentUnknownError(path=path, value=value, choices=choices)
        return value

    def stated(self, obj: object, path: str) -> StatedTreaty:
        fields = Fields(obj, path)
        since = fields.nullable("in_force_since", day)
        states = {self.state(key, at): self.one_status(one, at) for key, one, at in fields.rest()}
        return StatedTreaty(since, states)

    def one_status(self, obj: object, path: str) -> StatedStatus:
        fields = Fields(obj, path)
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
        fields = Fields(obj, path)
        person = Person(
            fields.optional("national_of", self.state),
            fields.optional("purpose", lambda v, p: word(v, p, PURPOSES)),
        )
        fields.done()
        return person

    def property_sought(self, obj: object, path: str) -> Property:
        fields = Fields(obj, path)
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
        if citation is None or not self._library.cite_exists(citation):
            above = self._library.nearest(citation) if citation else next(iter(self._library.instruments))
            raise errors.CitationUnknownError(path=path, value=value, nearest=above)
        return citation

    def assessment(self, value: Any, path: str) -> Mapping[str, Mapping[str, bool]]:
        """What only a State itself can judge, keyed by State."""
        rest = Fields(value, path).rest()
        return {self.state(key, at): self.truths("assessments")(one, at) for key, one, at in rest}

    def declaration(self, value: Any, path: str) -> Mapping[str, Declaration]:
        """What a State has declared to the depositary, keyed by State."""
        return {self.state(key, at): self.declared(one, at) for key, one, at in Fields(value, path).rest()}

    def declared(self, obj: object, path: str) -> Declaration:
        fields = Fields(obj, path)
        languages = fields.optional("languages", language_codes)
        said = {name: fields.optional(name, truth) for name in self._library.words("declarations")}
        fields.done()
        return Declaration(languages, {name: answer for name, answer in said.items() if answer is not None})
