"""The words for the identifiers of the vocabulary, in the reader's language.

Identifiers are stable and never shown; a label is looked up by list and identifier. What a list does not
know is shown as the identifier itself, so that a new word is visible and never hidden.
"""

from __future__ import annotations

from babel import Locale

from comity.node.pages import times
from comity.node.pages.labels import law, places, records
from comity.node.pages.labels.law import DATA_KINDS, MEASURES, STATUSES, Label
from comity.node.pages.labels.places import software
from comity.node.pages.labels.records import IDENTIFIERS

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
    "role": records.ROLES,
    "authority_role": records.AUTHORITY_ROLES,
    "call_back_means": records.CALL_BACK_MEANS,
    "call_back_result": records.CALL_BACK_RESULTS,
    "contact_purpose": records.CONTACT_PURPOSES,
    "directory_problem": records.DIRECTORY_PROBLEMS,
    "directory_part": records.DIRECTORY_PARTS,
    "organisation_kind": records.ORGANISATION_KINDS,
    "account_field": records.ACCOUNT_FIELDS,
    "happening": records.HAPPENINGS,
    "way": records.WAYS,
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
    "letter": records.LETTERS,
    "turn": records.TURNS,
    "prepared": places.ACTS | records.TURNS,
    "turn_purpose": records.TURN_PURPOSES,
    "consultation": records.CONSULTATIONS,
    "concern": records.CONCERNS,
    "decision": records.DECISIONS,
    "purpose": records.PURPOSES,
    "marking": records.MARKINGS,
    "defence": records.DEFENCE,
    "whose": records.WHOSE,
    "participant": records.PARTICIPANTS,
    "receipt": records.RECEIPTS,
    "stage": records.STAGES,
    "fork": records.FORKS,
    "custody": records.CUSTODY,
    "damage": records.DAMAGES,
    "disposal": records.DISPOSALS,
    "acquisition": records.ACQUISITION,
    "copy": records.COPIES,
    "upload": records.UPLOADS,
    "limit": law.LIMITS,
    "duty": law.DUTIES,
    "barred_ground": law.GROUNDS,
    "outcome": law.OUTCOMES,
    "drill": records.DRILLS,
    "drill_note": records.DRILL_NOTES,
    "drill_code": records.DRILL_CODES,
    "verdict": records.VERDICTS,
    "side": records.SIDES,
    "party": law.PARTIES,
    "need": law.NEEDS,
    "rank": records.RANKS,
    "step_up": records.STEP_UPS,
    "order": records.ORDERS,
    "order_does": records.ORDERS_DO,
    "origin": records.ORIGINS,
    "left_out": records.LEFT_OUT,
    "condition": records.CONDITIONS,
    "translator": records.TRANSLATORS,
    "identifier": records.IDENTIFIERS,
    "service_way": records.SERVICE_WAYS,
    "hearing_outcome": records.HEARING_OUTCOMES,
    "oath": records.OATHS,
    "attempt": records.ATTEMPTS,
    "appearance_role": records.APPEARANCE_ROLES,
    "appearance_answer": records.APPEARANCE_ANSWERS,
    "safe_conduct": records.SAFE_CONDUCTS,
    "course": records.COURSES,
    "spoken_means": records.SPOKEN_MEANS,
    "entry": records.ENTRIES,
    "rule": law.RULES,
    "treaty_status": records.TREATY_STATUSES,
    "room": places.ROOMS,
    "home": places.HOMES,
    "force": places.FORCES,
    "part": places.PARTS,
    "validation": records.VALIDATIONS,
    "emergency": records.EMERGENCIES,
    "warning": records.WARNINGS,
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
    if id in records.TEXTS:
        return str(records.TEXTS[id])
    kind, _, number = id.rpartition("_")
    if kind in records.NUMBERED and number.isdigit():
        return str(records.NUMBERED[kind]) % {"n": int(number)}
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
