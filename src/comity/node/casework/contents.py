"""The contents of a draft as its form asks for them: each field with its need, its provision, an example."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.node.casework import drafts, languages, opinions
from comity.node.casework.models import Case
from comity.node.pages import labels, law
from comity.reasoning import Problem
from comity.terms import Citation
from comity.treaties.drafting import guide

EXAMPLES: dict[str, str | Promise] = {
    "requesting_authority": _(
        "24/7 point of contact of the requesting State, on behalf of the investigating body."
    ),
    "conducting_authority": _("The investigation department that conducts the proceedings, with its number."),
    "subject_and_nature": _("Pre-trial investigation of illegal access to the servers of a bank."),
    "facts": _(
        "On 3 June an unknown person entered the bank’s servers and sent mail from the account below."
    ),
    "offences_and_penalties": _("Illegal access; the text of the article; up to five years of imprisonment."),
    "items_and_accounts": _("The mailbox and the login records of the account in item 1."),
    "time_period": _("From 1 to 10 June: the days before and after the access."),
    "purpose": _("Evidence in the proceedings named above, and no other use."),
    "necessity": _("Login records are overwritten after thirty days."),
    "proportionality": _("One account and ten days; nothing of other customers."),
    "intention_to_request": _(
        "A request for access to the preserved data will follow within the time of preservation."
    ),
    "custodian_or_location": _(
        "The provider named in item 1, which keeps its servers in the requested State."
    ),
    "relation_to_offence": _("The mail that led to the access was sent from this account."),
    "data_sought": _("Login records, subscriber information, the content of the mailbox."),
    "assistance_sought": _("Production of the preserved data with a statement on their authenticity."),
    "identification": _("The account named in item 1; its holder is not known."),
    "period_justification": _("The access was prepared during these days."),
    "confidentiality": _("Please keep the request confidential until the suspect is questioned."),
    "time_limit": _("Within thirty days, because the suspect is in custody."),
    "procedure_wished": _("With a hash of each file, computed when it is taken."),
    "requested_authority": _("The central authority of the requested State, for the competent court."),
    "persons": _("Full name, date of birth and citizenship of the person, as far as they are known."),
    "ground": _("The decision of the investigating body of 4 June, with its number."),
    "no_user_notice": _("Please do not notify the user: the account would be emptied."),
    "property_description": _("The balance of the bank account named in item 1."),
    "property_location": _("The bank named in item 1, at its head office in the requested State."),
    "property_value": _("About 40,000 US dollars on 1 June, by the statement of the bank."),
    "facts_for_order": _("The facts from which a court can conclude that the money comes from the offence."),
    "order_copy": _("A certified copy of the order of 5 June is attached."),
    "execution_extent": _("The whole amount named in the order, with interest."),
    "third_party_notice": _(
        "The bank and the spouse of the accused were notified on 6 June and can be heard."
    ),
    "finality": _("The decision is final and can be executed since 20 June."),
    "decision_copy": _("A certified copy of the judgment is attached."),
    "rule_of_law_text": _("The text of the article, with the day since which it is in force."),
    "signature_of_head": _("Signed by the head of the body or a deputy."),
    "useful_information": _("The account was also used under another name; the address is given in item 2."),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the contents."""

    id: str
    need: str
    cites: tuple[str, ...]
    reading: str
    example: str
    text: str
    missing: bool
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the required fields of one paragraph are there."""

    cite: str
    there: int
    required: int


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that the check found, in words: ``place`` is the field it is about."""

    place: str
    words: str
    cite: str
    is_error: bool
    screen: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What a draft still lacks: by paragraph, and each problem with its provision."""

    counts: list[Count]
    problems: list[Point]
    complete: bool
    fields: list[Field]


ITEMS, OTHER, WHOLE, TRANSLATION = "items", "other", "whole", "draft_translation"
"""Screens beside the groups: items and conditions, fields that no group has, the whole draft, languages."""
_CONTENTS = "contents."
_STRENGTH = ("required", "where_appropriate", "recommended")


def fields(case: Case) -> list[Field]:
    """The fields that the opinion asks for, the required first; each once, with all its provisions.

    What the check misses beyond the opinion on record (the law data may be newer) is asked for too.
    """
    asked: dict[str, list[dict[str, Any]]] = {}
    for rule in (case.opinion or {}).get("contents", []):
        asked.setdefault(rule["field"], []).append(rule)
    problems = drafts.problems(case)
    for problem in problems:
        if problem.code == "content_missing":
            name = problem.field.removeprefix(_CONTENTS)
            asked.setdefault(name, [{"need": problem.need, "cite": problem.cite}])
    texts = (case.draft or {}).get("contents", {})
    missing = {each.field.removeprefix(_CONTENTS) for each in problems if each.is_required}
    found = [_field(name, rules, texts.get(name, ""), name in missing) for name, rules in asked.items()]
    return sorted(found, key=lambda field: _STRENGTH.index(field.need))


def _field(name: str, rules: list[dict[str, Any]], text: str, missing: bool) -> Field:
    strongest = min(rules, key=lambda rule: _STRENGTH.index(rule["need"]))
    return Field(
        id=name,
        need=strongest["need"],
        cites=tuple(dict.fromkeys(rule["cite"] for rule in rules)),
        reading=_reading(strongest["cite"], name),
        example=str(EXAMPLES.get(name, "")),
        text=text,
        missing=missing,
        prompts=tuple(law.in_language(one.text) for one in guide(opinions.library()).prompts.get(name, ())),
    )


def _reading(cite: str, name: str) -> str:
    """Our sentence on the provision that asks for the field."""
    rules = opinions.library().rules_on(Citation.parse(cite))
    return next((law.in_language(rule.reading) for rule in rules if rule.id == name), "")


def progress(case: Case) -> Progress:
    """Count what is there and name what is missing."""
    listed, problems = fields(case), drafts.problems(case)
    required: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for field in listed:
        if field.need == "required":
            paragraph = _paragraph(field.cites[0])
            required[paragraph] += 1
            there[paragraph] += not field.missing
    counts = [Count(cite, there[cite], total) for cite, total in required.items()]
    screens = {field: group.id for group in guide(opinions.library()).groups for field in group.fields}
    points = [_point(problem, screens) for problem in problems]
    points += [
        Point("language", str(lack), lack.cite, lack.is_error, TRANSLATION)
        for lack in languages.lacking(case)
    ]
    return Progress(counts, points, not any(point.is_error for point in points), listed)


def _point(problem: Problem, screens: dict[str, str]) -> Point:
    place = problem.field.removeprefix(_CONTENTS)
    named = labels.label(place, "field")
    words = gettext(problem.SENTENCES[problem.code]).replace("{field}", named)
    return Point(place, words, problem.cite, problem.is_required, screens.get(place, _other_screen(problem)))


def _other_screen(problem: Problem) -> str:
    if problem.field.startswith(_CONTENTS):
        return OTHER
    return ITEMS if problem.field.startswith(ITEMS) else WHOLE


def _paragraph(cite: str) -> str:
    """The paragraph in which a point stands: the list of contents is counted as a whole."""
    return cite.rpartition("__point_")[0] or cite
