"""The findings of the rules that govern a request, list by list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from comity.reasoning.case import last_day
from comity.reasoning.knowledge import NO, YES, Answer, all_of, any_of
from comity.reasoning.matter import Matter
from comity.reasoning.opinion import Finding
from comity.reasoning.rules import Cases, conditions, following, for_any_offence, giving_way
from comity.terms import Outcome
from comity.treaties import Library, Reach, Rule

LIST_OF = {
    "scope": "scope",
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
    "record": "records",
    "status": "status",
}
# In these lists “does not apply” is an answer an official asks for; elsewhere it would only be noise.
_SHOWN_WHEN_NOT = frozenset({"channels", "grounds"})
# In these kinds a finding tells more than the rule itself (what a State accepts, until when a clock runs), or
# decides on others (a barred ground).
_OF_THE_CASE = frozenset({"language", "clock", "ground", "no_ground"})
# Keys that the contract promises though a rule may have no word for them.
_ALWAYS: Mapping[str, frozenset[str]] = {"duty": frozenset({"on", "before", "of", "id"})}
# Among a rule's languages: the requested State's own, which the instrument's data name.
OWN = "own"
Details = dict[str, Any]


class Gathering:
    """Takes one instrument's rules after another; knows which list each finding belongs to."""

    def __init__(self, matter: Matter) -> None:
        self._matter = matter
        self._facts = matter.facts
        self._lists: dict[str, list[Finding]] = {}
        self._grounds: list[tuple[Rule, Answer]] = []
        self._bars: list[tuple[Rule, Answer]] = []
        self._addressees: list[tuple[bool, Finding]] = []

    def add(self, reach: Reach, displaced: Answer) -> None:
        """Add one instrument's rules; ``displaced`` says whether its own paragraphs give way."""
        library, measure = self._matter.library, self._facts.measure
        seen = self._matter.seen(reach.instrument)
        yielding = giving_way(library, reach.instrument, measure) if displaced != NO else frozenset()
        plan = _plan(library, reach.instrument, measure, self._matter.language)
        rules = [(rule, plain, ~displaced if rule in yielding else YES) for rule, plain in plan]
        bars = [(rule, stands) for rule, _, stands in rules if rule.kind == "no_ground" and stands != NO]
        for rule, plain, standing in rules:
            if standing == NO:
                continue
            if plain is not None and standing is YES:
                self._lists.setdefault(LIST_OF[rule.kind], []).append(plain)
            elif rule.kind == "ground":
                self._ground(rule, standing, bars, seen, reach)
            else:
                answer = for_any_offence(rule, seen)
                self._judge(rule, answer if standing is YES else all_of([standing, answer]), reach)

    def _judge(self, rule: Rule, answer: Answer, reach: Reach) -> None:
        """Note a rule that hangs on the case."""
        if rule.kind == "no_ground":
            self._bars.append((rule, answer))
        elif rule.kind == "channel" and rule.to is not None:
            self._address(rule, answer, reach)
        self._place(rule, answer, reach)

    @property
    def addressee(self) -> Finding | None:
        """To whom the request goes: named by the measure's own provision, else by a general one."""
        return min(self._addressees, key=lambda one: one[0])[1] if self._addressees else None

    def lists(self) -> dict[str, tuple[Finding, ...]]:
        """Everything gathered, with what it means for the grounds that were suspected."""
        suspected = [found for name in self._facts.suspected_grounds for found in self._suspected(name)]
        return {name: tuple(found) for name, found in self._lists.items()} | {
            "suspected_grounds": tuple(suspected)
        }

    def _finding(self, rule: Rule, answer: Answer, details: Mapping[str, Any]) -> Finding:
        return Finding(str(rule.citation), answer, rule.reading[self._matter.language], details)

    def _address(self, rule: Rule, answer: Answer, reach: Reach) -> None:
        if answer.outcome is Outcome.APPLIES:
            own = rule.place in reach.measures[self._facts.measure].basis
            self._addressees.append((not own, self._finding(rule, answer, {"role": rule.to})))

    def _place(self, rule: Rule, answer: Answer, reach: Reach) -> None:
        """Put the finding into its list; a channel that only names the addressee is not listed twice."""
        name = LIST_OF[rule.kind]
        if answer.outcome is Outcome.DOES_NOT_APPLY and name not in _SHOWN_WHEN_NOT:
            return
        listed = self._lists.setdefault(name, [])
        if rule.kind == "language" and rule.languages and answer.outcome is Outcome.APPLIES:
            # What the treaty or a declaration itself names goes before the question what was declared.
            listed[:] = [other for other in listed if other.details["accepted"] is not None]
        if rule.kind == "channel" and rule.to and any(other.details["id"] == rule.id for other in listed):
            return
        listed.append(self._finding(rule, answer, self._details(rule, reach)))

    def _ground(
        self, rule: Rule, standing: Answer, bars: list[tuple[Rule, Answer]], seen: Cases, reach: Reach
    ) -> None:
        """A ground of refusal is gone where a forbidden ground bars it for every offence."""
        barring = [(bar, stands) for bar, stands in bars if rule.id and bar.bars == rule.id]
        free, answers = [], []
        for case in seen:
            barred = any_of(
                all_of([stands, conditions(bar.when, bar.unless, case)]) for bar, stands in barring
            )
            free.append(~barred)
            answers.append(all_of([~barred, conditions(rule.when, rule.unless, case)]))
        if any_of(free) == NO:
            return
        answer = all_of([standing, any_of(answers)])
        self._grounds.append((rule, answer))
        self._place(rule, answer, reach)

    def _suspected(self, name: str) -> Iterable[Finding]:
        """A suspected ground is forbidden, or permitted as far as its rule goes; else nothing is cited."""
        for bar, answer in self._bars:
            if bar.bars == name and answer != NO:
                yield self._finding(bar, ~answer, {"id": name})
        for ground, answer in self._grounds:
            if ground.id == name:
                yield self._finding(ground, answer, {"id": name})

    def _details(self, rule: Rule, reach: Reach) -> Mapping[str, Any]:
        """The keys that the contract gives this kind of finding, in its order."""
        if rule.kind == "language":
            return {"of": self._facts.requested_state, "accepted": self._accepted(rule, reach)}
        if rule.kind == "clock":
            counted = {"working_days": True} if rule.working_days else {}
            told = {"id": rule.id, "duration": rule.duration, "from": rule.start, "of": rule.of}
            return told | counted | self._running(rule)
        return _shape(rule)

    def _running(self, rule: Rule) -> Details:
        """Until when a clock runs whose start the facts name, and whether it has run out on the day."""
        ends = last_day(self._facts, rule)
        return {} if ends is None else {"until": ends.isoformat(), "ran_out": self._matter.day > ends}

    def _accepted(self, rule: Rule, reach: Reach) -> list[str] | None:
        """The languages that the treaty itself names, else those that the requested State declared."""
        requested = self._facts.requested_state
        if rule.languages:
            named = (reach.languages.get(requested) if one == OWN else one for one in rule.languages)
            return [language for language in named if language]
        declared = self._facts.declaration.get(requested)
        return list(declared.languages) if declared and declared.languages else None


@lru_cache(maxsize=2048)
def _plan(
    library: Library, instrument: str, measure: str, language: str
) -> tuple[tuple[Rule, Finding | None], ...]:
    """The rules that follow, each with its finding where nothing of it hangs on the case."""
    return tuple((rule, _plain(rule, language)) for rule in following(library, instrument, measure))


def _plain(rule: Rule, language: str) -> Finding | None:
    hangs = (
        rule.when or rule.unless or rule.to or rule.kind in _OF_THE_CASE or rule.place.eid.startswith("decl_")
    )
    return None if hangs else Finding(str(rule.citation), YES, rule.reading[language], _shape(rule))


@lru_cache(maxsize=8192)
def _shape(rule: Rule) -> Mapping[str, Any]:
    """The details that hang on the rule alone; shared by all findings on it."""
    found = _SHAPES.get(rule.kind, _named)(rule)
    kept = _ALWAYS.get(rule.kind, frozenset())
    return MappingProxyType({key: one for key, one in found.items() if one is not None or key in kept})


def _named(rule: Rule) -> Details:
    return {"id": rule.id}


_SHAPES: Mapping[str, Callable[[Rule], Details]] = {
    "content": lambda rule: {"field": rule.id, "need": rule.need},
    "ground": lambda rule: {"id": rule.id, "on": rule.on, "force": rule.force},
    "no_ground": lambda rule: {"id": rule.bars},
    "duty": lambda rule: {
        "on": rule.on,
        "before": rule.before,
        "of": rule.of,
        "id": rule.id,
        "force": rule.force,
    },
    "limit": lambda rule: {"id": rule.id, "of": rule.of},
    "right": lambda rule: {"id": rule.id, "of": rule.of},
    "power": lambda rule: {"of": rule.of, "on": rule.on},
    "record": lambda rule: {"of": rule.of, "role": rule.to},
}
