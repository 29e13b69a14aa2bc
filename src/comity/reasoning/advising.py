"""Facts in, opinion out: which basis, which procedure, and what the governing rules say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from comity.reasoning.basis import basis_of, own_offence
from comity.reasoning.errors import DateMissingError
from comity.reasoning.facts import Facts
from comity.reasoning.knowledge import NO, Answer, all_of, any_of
from comity.reasoning.opinion import Basis, Finding, Opinion
from comity.reasoning.rules import cases, conditions, for_any_offence, governing
from comity.terms import Outcome
from comity.treaties import Library, Reach, Rule

_LIST_OF = {
    "channel": "channels",
    "language": "languages",
    "content": "contents",
    "clock": "clocks",
    "ground": "grounds",
    "no_ground": "barred_grounds",
    "duty": "duties",
    "form": "forms",
    "limit": "limits",
    "right": "rights",
    "power": "powers",
}
# In these lists “does not apply” is an answer an official asks for; elsewhere it would only be noise.
_SHOWN_WHEN_NOT = frozenset({"channels", "grounds"})


def advise(facts: Facts, library: Library, as_of: date | None = None, language: str = "en") -> Opinion:
    """Give an opinion as of a day (``as_of`` goes before the facts' own); DateMissingError without one."""
    day = as_of or facts.as_of
    if day is None:
        raise DateMissingError()
    bases = tuple(basis_of(facts, library, library.reach[i], day, language) for i in sorted(library.reach))
    recommended = _recommended(facts, library, bases)
    if recommended is None:
        return Opinion(day, bases, None, None, None, {})
    return opinion_under(recommended, facts, library, bases, day, language)


def opinion_under(
    instrument: str, facts: Facts, library: Library, bases: tuple[Basis, ...], as_of: date, language: str
) -> Opinion:
    """What follows when the request rests on this instrument."""
    reach = library.reach[instrument]
    others = [
        basis
        for basis in bases
        if basis.instrument != instrument and library.reach[basis.instrument].mutual_assistance_treaty
    ]
    displaced = _displaced(facts, reach, others)
    findings = _Findings(facts, library, language)
    findings.add(reach, displaced)
    procedure: str | None = instrument
    if displaced.outcome is Outcome.APPLIES:
        procedure = next(basis.instrument for basis in others if basis.outcome is Outcome.APPLIES)
        findings.add(library.reach[procedure], NO)
    elif displaced.outcome is Outcome.UNDETERMINED:
        procedure = None
    return Opinion(as_of, bases, instrument, procedure, findings.addressee, findings.lists())


def _recommended(facts: Facts, library: Library, bases: tuple[Basis, ...]) -> str | None:
    """Among the instruments that apply: one whose catalogue names the offence, then the order of the data."""

    def place(instrument: str) -> tuple[bool, int]:
        reach = library.reach[instrument]
        return own_offence(facts, reach).outcome is not Outcome.APPLIES, reach.priority

    applying = [basis.instrument for basis in bases if basis.outcome is Outcome.APPLIES]
    return min(applying, key=place, default=None)


def _displaced(facts: Facts, reach: Reach, others: Iterable[Basis]) -> Answer:
    """Whether another treaty's provisions take the place of the instrument's own paragraphs."""
    if reach.precedence is None:
        return NO
    kept = any_of(conditions(reach.precedence.unless, (), case) for case in cases(facts, reach))
    return all_of([any_of(basis.answer for basis in others), ~kept])


class _Findings:
    """Gathers the findings of the governing rules, list by list."""

    def __init__(self, facts: Facts, library: Library, language: str) -> None:
        self._facts = facts
        self._library = library
        self._language = language
        self._lists: dict[str, list[Finding]] = {}
        self._grounds: list[tuple[Rule, Answer]] = []
        self._bars: list[tuple[Rule, Answer]] = []
        self.addressee: Finding | None = None

    def add(self, reach: Reach, displaced: Answer) -> None:
        """Add one instrument's rules; ``displaced`` says whether its own paragraphs give way."""
        rules = list(governing(self._library, reach, self._facts.measure))
        bars = [rule for rule in rules if rule.kind == "no_ground"]
        for rule in rules:
            gives_way = reach.precedence is not None and reach.precedence.displaces(rule.place.eid)
            stands = [~displaced] if gives_way else []
            if rule.kind == "ground":
                self._ground(rule, bars, reach, stands)
            elif rule.kind in _LIST_OF:
                self._place(rule, all_of([*stands, for_any_offence(rule, self._facts, reach)]))

    def lists(self) -> dict[str, tuple[Finding, ...]]:
        """Everything gathered, with what it means for the grounds that were suspected."""
        suspected = [found for name in self._facts.suspected_grounds for found in self._suspected(name)]
        return {name: tuple(found) for name, found in self._lists.items()} | {
            "suspected_grounds": tuple(suspected)
        }

    def _place(self, rule: Rule, answer: Answer) -> None:
        text = rule.reading[self._language]
        finding = Finding(str(rule.citation), answer, text, self._details(rule))
        if rule.to is not None and self.addressee is None and answer.outcome is Outcome.APPLIES:
            self.addressee = Finding(str(rule.citation), answer, text, {"role": rule.to})
        if rule.kind == "no_ground":
            self._bars.append((rule, answer))
        name = _LIST_OF[rule.kind]
        if rule.to is not None and any(other.details["id"] == rule.id for other in self._lists.get(name, ())):
            return
        if answer.outcome is not Outcome.DOES_NOT_APPLY or name in _SHOWN_WHEN_NOT:
            self._lists.setdefault(name, []).append(finding)

    def _ground(self, rule: Rule, bars: list[Rule], reach: Reach, stands: list[Answer]) -> None:
        """A ground of refusal is gone where a forbidden ground bars it for every offence."""
        barring = [bar for bar in bars if rule.id and bar.bars == rule.id]
        free, answers = [], []
        for case in cases(self._facts, reach):
            barred = any_of(conditions(bar.when, bar.unless, case) for bar in barring)
            free.append(~barred)
            answers.append(all_of([~barred, conditions(rule.when, rule.unless, case)]))
        if any_of(free).outcome is Outcome.DOES_NOT_APPLY:
            return
        answer = all_of([*stands, any_of(answers)])
        self._grounds.append((rule, answer))
        self._place(rule, answer)

    def _suspected(self, name: str) -> Iterable[Finding]:
        """A suspected ground is forbidden, or permitted as far as its rule goes; else nothing is cited."""
        for bar, answer in self._bars:
            if bar.bars == name and answer.outcome is not Outcome.DOES_NOT_APPLY:
                yield Finding(str(bar.citation), ~answer, bar.reading[self._language], {"id": name})
        for ground, answer in self._grounds:
            if ground.id == name:
                yield Finding(str(ground.citation), answer, ground.reading[self._language], {"id": name})

    def _details(self, rule: Rule) -> dict[str, Any]:
        shape: dict[str, dict[str, Any]] = {
            "content": {"field": rule.id, "need": rule.need},
            "clock": {"id": rule.id, "duration": rule.duration, "from": rule.start},
            "ground": {"id": rule.id, "force": rule.force},
            "no_ground": {"id": rule.bars},
            "duty": {"on": rule.on, "before": rule.before, "of": rule.of, "id": rule.id, "force": rule.force},
            "limit": {"id": rule.id, "of": rule.of},
            "language": {"of": self._facts.requested_state, "accepted": self._accepted()},
        }
        details = shape.get(rule.kind, {"id": rule.id})
        return {key: value for key, value in details.items() if value is not None or key in _NULLABLE}

    def _accepted(self) -> list[str] | None:
        declared = self._facts.declaration.get(self._facts.requested_state)
        return list(declared.languages) if declared and declared.languages else None


_NULLABLE = frozenset({"accepted", "duration"})
