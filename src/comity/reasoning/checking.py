"""What is missing or inconsistent in a drafted request, each point with the provision that asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from comity.reasoning.advising import advise, opinion_under
from comity.reasoning.errors import (
    FactRequiredError,
    FactWordUnknownError,
    FactWrongTypeError,
    MeasureUnknownError,
)
from comity.reasoning.facts import Facts
from comity.reasoning.matter import Matter
from comity.reasoning.opinion import Basis, Finding, Opinion
from comity.reasoning.reading import read
from comity.reasoning.values import day
from comity.terms import Outcome, gettext_noop
from comity.treaties import Library
from comity.treaties.toml import nearest

KIND = "request"
REQUIRED = "required"
# Which provision asks for the items themselves: the first of these that the treaty lists.
_OF_ITEMS = ("data_sought", "assistance_sought", "property_description")
# Fields of the draft that say the same as a flag of the request.
_FLAGS = {"confidentiality": "confidential", "no_user_notice": "no_user_notice"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One point: a stable code, where it is, how much it is needed, and the provision that asks for it.

    ``need`` is a word of ``law/vocabulary/needs``; only ``required`` stops a request.
    ``reading`` is what the provision says; the sentence of the code may hold ``{field}``.
    """

    code: str
    field: str
    need: str
    cite: str
    reading: str

    SENTENCES: ClassVar[Mapping[str, str]] = {
        "basis_not_available": gettext_noop("The treaty is no basis for this measure."),
        "basis_undetermined": gettext_noop("Whether the treaty is a basis cannot be decided yet."),
        "cited_basis_not_of_measure": gettext_noop("“{field}” cites what is no basis for this measure."),
        "content_missing": gettext_noop("“{field}” is missing."),
        "content_unknown": gettext_noop("“{field}” is no content that a request has."),
        "instrument_unknown": gettext_noop("The treaty is not known."),
        "item_data_kind_barred": gettext_noop("“{field}” asks for data that this measure cannot bring."),
        "item_data_kind_differs": gettext_noop("“{field}” asks for data of a kind that the facts lack."),
        "item_measure_differs": gettext_noop("“{field}” is another measure than the request's."),
        "item_period_reversed": gettext_noop("“{field}” ends before it begins."),
        "items_missing": gettext_noop("The request lists no item."),
        "items_misnumbered": gettext_noop("The items are not numbered 1, 2, 3 …"),
        "measure_differs_from_facts": gettext_noop("The measure is not the one of the facts."),
    }

    @property
    def text(self) -> str:
        """The sentence for people, in English; translations replace the template by its code."""
        return self.SENTENCES[self.code].replace("{field}", self.field)

    @property
    def is_required(self) -> bool:
        """Whether the law asks for it always, not only where it is appropriate or advised."""
        return self.need == REQUIRED

    def as_dict(self) -> dict[str, str]:
        """The shape that ``--json`` gives."""
        return {
            "code": self.code,
            "field": self.field,
            "need": self.need,
            "cite": self.cite,
            "text": self.text,
            "reading": self.reading,
        }


def check(
    request: object, library: Library, as_of: date | None = None, language: str = "en"
) -> tuple[Problem, ...]:
    """Check a whole letter of request or its body; what must be there first, then what is advised.

    The day is ``as_of``, else that of the facts, else that on which the letter was written.
    Raises a FactsUnreadableError where it is no request or its facts cannot be read.
    """
    letter = _object(request, "request")
    if letter.get("kind", KIND) != KIND:
        raise FactWordUnknownError(path="kind", value=letter["kind"], choices=KIND)
    body = _object(letter["body"], "body") if "body" in letter else letter
    facts = read(_required(body, "facts"), library)
    written = letter.get("written_at")
    if as_of is None and facts.as_of is None and isinstance(written, str):
        as_of = day(written[:10], "written_at")
    opinion = advise(facts, library, as_of, language)
    problems = list(_Draft(body, facts, library, opinion, language).problems())
    return tuple(sorted(problems, key=lambda problem: not problem.is_required))


class _Draft:
    """A drafted request beside the opinion on its facts."""

    def __init__(
        self, body: dict[str, Any], facts: Facts, library: Library, opinion: Opinion, language: str
    ) -> None:
        self._body = body
        self._facts = facts
        self._library = library
        self._language = language
        self._opinion = opinion
        self._instrument = _required(body, "instrument")
        self._measure = _required(body, "measure")
        if self._measure not in library.words("measures"):
            choices = nearest(str(self._measure), library.words("measures"))
            raise MeasureUnknownError(path="measure", value=self._measure, choices=choices)

    def problems(self) -> Iterator[Problem]:
        known = [basis for basis in self._opinion.bases if basis.instrument == self._instrument]
        if not known:
            first = self._opinion.bases[0].findings[0]
            yield self._problem("instrument_unknown", "instrument", first)
            return
        basis = known[0]
        yield from self._about_basis(basis)
        matter = Matter(self._facts, self._library, self._opinion.as_of, self._language)
        under = opinion_under(self._instrument, matter, self._opinion.bases)
        contents = under.lists.get("contents", ())
        yield from self._about_contents(contents, basis)
        asking = _asking_for_items(contents) or basis.findings[-1]
        yield from self._about_items(asking)

    def _about_basis(self, basis: Basis) -> Iterator[Problem]:
        if self._measure != self._facts.measure:
            yield self._problem("measure_differs_from_facts", "measure", basis.findings[-1])
        for outcome, code, need in (
            (Outcome.DOES_NOT_APPLY, "basis_not_available", REQUIRED),
            (Outcome.UNDETERMINED, "basis_undetermined", "recommended"),
        ):
            if basis.answer.outcome is outcome:
                finding = next(one for one in basis.findings if one.outcome is outcome)
                yield self._problem(code, "instrument", finding, need)
        column = self._library.reach[self._instrument].measures.get(self._measure)
        for number, cited in enumerate(_list(self._body.get("basis", []), "basis")):
            instrument, _, eid = str(cited).partition(":")
            if column is None or instrument != self._instrument or not column.governs(eid):
                yield self._problem("cited_basis_not_of_measure", f"basis[{number}]", basis.findings[-1])

    def _about_contents(self, contents: tuple[Finding, ...], basis: Basis) -> Iterator[Problem]:
        given = _object(self._body.get("contents", {}), "contents")
        for finding in contents:
            name = finding.details["field"]
            if not self._is_given(given, name):
                need = finding.details["need"] if finding.outcome is Outcome.APPLIES else "recommended"
                yield self._problem("content_missing", f"contents.{name}", finding, need)
        for name in sorted(set(given) - set(self._library.words("contents"))):
            yield self._problem("content_unknown", f"contents.{name}", basis.findings[-1])

    def _is_given(self, given: dict[str, Any], name: str) -> bool:
        text = given.get(name)
        if isinstance(text, str) and text.strip():
            return True
        return name in _FLAGS and self._body.get(_FLAGS[name]) is True

    def _about_items(self, asking: Finding) -> Iterator[Problem]:
        items = _list(self._body.get("items", []), "items")
        if not items:
            yield self._problem("items_missing", "items", asking)
            return
        numbers = [_object(item, f"items[{place}]").get("number") for place, item in enumerate(items)]
        if numbers != list(range(1, len(items) + 1)):
            yield self._problem("items_misnumbered", "items", asking)
        for place, item in enumerate(items):
            yield from self._about_item(item, f"items[{place}]", asking)

    def _about_item(self, item: dict[str, Any], path: str, asking: Finding) -> Iterator[Problem]:
        if item.get("measure") != self._measure:
            yield self._problem("item_measure_differs", f"{path}.measure", asking)
        asked = set(map(str, _list(item.get("data_kinds", []), f"{path}.data_kinds")))
        cell = self._library.reach[self._instrument].measures.get(self._measure)
        for code, allowed in (
            ("item_data_kind_differs", self._facts.data_kinds),
            ("item_data_kind_barred", cell.data_kinds if cell else ()),
        ):
            if allowed and asked - set(allowed):
                yield self._problem(code, f"{path}.data_kinds", asking)
        period = item.get("period")
        if isinstance(period, dict) and str(period.get("from")) > str(period.get("to")):
            yield self._problem("item_period_reversed", f"{path}.period", asking)

    def _problem(self, code: str, field: str, finding: Finding, need: str = REQUIRED) -> Problem:
        return Problem(code, field, need, finding.cite, finding.text)


def _asking_for_items(contents: tuple[Finding, ...]) -> Finding | None:
    for name in _OF_ITEMS:
        for finding in contents:
            if finding.details["field"] == name:
                return finding
    return None


def _object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FactWrongTypeError(path=path, expected="object")
    return value


def _list(value: object, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise FactWrongTypeError(path=path, expected="list")
    return value


def _required(body: dict[str, Any], key: str) -> Any:
    if key not in body:
        raise FactRequiredError(path=key)
    return body[key]
