"""The words for the identifiers of the vocabulary, in the reader's language.

Identifiers are stable and never shown; a label is looked up by list and identifier. What a list does not
know is shown as the identifier itself, so that a new word is visible and never hidden.
"""

from __future__ import annotations

from babel import Locale

from comity.node.pages import times
from comity.node.pages.labels import (
    accounts,
    attendance,
    directory,
    emergencies,
    entries,
    exhibits,
    law,
    letters,
    orders,
    places,
)
from comity.node.pages.labels.law import DATA_KINDS, MEASURES, STATUSES, Label
from comity.node.pages.labels.orders import IDENTIFIERS
from comity.node.pages.labels.places import software

__all__ = [
    "DATA_KINDS",
    "IDENTIFIERS",
    "LISTS",
    "MEASURES",
    "STATUSES",
    "TONES",
    "is_language",
    "label",
    "language_choices",
    "language_name",
    "software",
    "state_name",
    "text_name",
    "tone",
]

LISTS: dict[str, dict[str, Label]] = {
    "measure": law.MEASURES,
    "status": law.STATUSES,
    "role": accounts.ROLES,
    "authority_role": directory.AUTHORITY_ROLES,
    "call_back_means": directory.CALL_BACK_MEANS,
    "call_back_result": directory.CALL_BACK_RESULTS,
    "contact_purpose": directory.CONTACT_PURPOSES,
    "directory_problem": directory.DIRECTORY_PROBLEMS,
    "directory_part": directory.DIRECTORY_PARTS,
    "organisation_kind": accounts.ORGANISATION_KINDS,
    "account_field": accounts.ACCOUNT_FIELDS,
    "happening": accounts.HAPPENINGS,
    "way": accounts.WAYS,
    "channel": law.CHANNELS,
    "form": law.FORMS,
    "reason": law.REASONS,
    "covers": law.COVERS,
    "establish": law.ESTABLISH,
    "option": law.OPTIONS,
    "field": law.FIELDS,
    "data_kind": law.DATA_KINDS,
    "clock": law.CLOCKS,
    "until": law.UNTIL,
    "letter": letters.LETTERS,
    "turn": letters.TURNS,
    "prepared": places.ACTS | letters.TURNS,
    "turn_purpose": letters.TURN_PURPOSES,
    "consultation": letters.CONSULTATIONS,
    "concern": letters.CONCERNS,
    "decision": letters.DECISIONS,
    "purpose": letters.PURPOSES,
    "marking": letters.MARKINGS,
    "defence": letters.DEFENCE,
    "whose": letters.WHOSE,
    "participant": letters.PARTICIPANTS,
    "receipt": letters.RECEIPTS,
    "stage": letters.STAGES,
    "fork": letters.FORKS,
    "custody": exhibits.CUSTODY,
    "damage": exhibits.DAMAGES,
    "disposal": exhibits.DISPOSALS,
    "acquisition": exhibits.ACQUISITION,
    "copy": exhibits.COPIES,
    "upload": exhibits.UPLOADS,
    "limit": law.LIMITS,
    "duty": law.DUTIES,
    "barred_ground": law.GROUNDS,
    "outcome": law.OUTCOMES,
    "drill": directory.DRILLS,
    "drill_note": directory.DRILL_NOTES,
    "drill_code": directory.DRILL_CODES,
    "verdict": letters.VERDICTS,
    "side": letters.SIDES,
    "party": law.PARTIES,
    "need": law.NEEDS,
    "rank": accounts.RANKS,
    "step_up": accounts.STEP_UPS,
    "order": orders.ORDERS,
    "order_does": orders.ORDERS_DO,
    "origin": orders.ORIGINS,
    "left_out": letters.LEFT_OUT,
    "condition": letters.CONDITIONS,
    "translator": letters.TRANSLATORS,
    "identifier": orders.IDENTIFIERS,
    "service_way": attendance.SERVICE_WAYS,
    "hearing_outcome": attendance.HEARING_OUTCOMES,
    "oath": attendance.OATHS,
    "attempt": attendance.ATTEMPTS,
    "appearance_role": attendance.APPEARANCE_ROLES,
    "appearance_answer": attendance.APPEARANCE_ANSWERS,
    "safe_conduct": attendance.SAFE_CONDUCTS,
    "course": letters.COURSES,
    "spoken_means": letters.SPOKEN_MEANS,
    "entry": entries.ENTRIES,
    "rule": law.RULES,
    "treaty_status": law.TREATY_STATUSES,
    "room": places.ROOMS,
    "home": places.HOMES,
    "force": places.FORCES,
    "part": places.PARTS,
    "validation": emergencies.VALIDATIONS,
    "emergency": emergencies.EMERGENCIES,
    "warning": emergencies.WARNINGS,
    "found": places.FOUND,
}

TONES: dict[str, str] = {
    "answered": "good",
    "reached": "soon",
    "unreached": "late",
    "silent": "late",
    "needed": "good",
    "leaving": "soon",
    "undecided": "late",
    "hindered": "soon",
    "preserved": "good",
    "executed": "good",
    "partly_executed": "good",
    "registered": "good",
    "in_execution": "good",
    "refused": "late",
    "impossible": "late",
    "expired": "late",
    "deficient": "soon",
    "postponed": "soon",
    "awaiting_approval": "soon",
    "in_review": "soon",
    "passed": "good",
    "indeterminate": "soon",
    "failed": "late",
    "applies": "good",
    "undetermined": "soon",
}


def label(identifier: str, of: str) -> str:
    """The words for an identifier of the list ``of``; the identifier itself where there are none."""
    return str(LISTS[of].get(identifier, identifier))


def text_name(id: str) -> str:
    """What a text of a letter is called: the field, or what is numbered (``item_1``) and says it."""
    if id in letters.TEXTS:
        return str(letters.TEXTS[id])
    kind, _, number = id.rpartition("_")
    if kind in letters.NUMBERED and number.isdigit():
        return str(letters.NUMBERED[kind]) % {"n": int(number)}
    return label(id, "field")


def tone(identifier: str) -> str:
    """The colour that goes with a status or a verdict (never its only sign)."""
    return TONES.get(identifier, "ended")


def language_name(code: str) -> str:
    """A language's name in the reader's language; the code where CLDR has none."""
    return str(Locale.parse(times.language()).languages.get(code, code)) if code else ""


def is_language(code: str) -> bool:
    """Whether CLDR names a language by this ISO 639 code."""
    return len(code) in (2, 3) and code in Locale.parse("en").languages


def language_choices() -> list[tuple[str, str]]:
    """The languages of ISO 639-1 by code, in the order of the reader's alphabet."""
    named = Locale.parse(times.language()).languages
    return sorted(
        ((code, str(name)) for code, name in named.items() if len(code) == 2),
        key=lambda one: one[1].casefold(),
    )


def state_name(code: str) -> str:
    """A State's name in the reader's language; invented States (XA, XB, …) show their code."""
    if code.startswith("X") and code != "XK":  # ISO 3166-1 leaves XA to XZ to users
        return code
    return str(Locale.parse(times.language()).territories.get(code, code))
