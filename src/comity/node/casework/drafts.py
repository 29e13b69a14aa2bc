"""The draft of a request: its starting form, what a saved one may hold, what is still missing."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from comity.node.casework import opinions, statuses
from comity.node.casework.averting import AVERT
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.pages.wording import Asked, Series, Spoken, Word
from comity.reasoning import Problem, check
from comity.terms import ComityError, gettext_noop

_LANGUAGE = re.compile(r"[a-z]{2,3}")
INSUFFICIENT = "answer_insufficient"
"""The circumstance that what was received on a request does not suffice."""
FIELDS = frozenset(
    {
        "measure",
        "instrument",
        "basis",
        "urgent",
        "facts",
        "contents",
        "items",
        "confidential",
        "no_user_notice",
    }
)
"""The keys of a request's body."""
OF_LANGUAGE = frozenset({"language", "translations"})
"""Keys that a body has only once the language of the original is said, or a translation begun."""
OF_EMERGENCY = frozenset({"emergency"})
"""The key that a body has where data are asked for to avert an emergency."""
PARTICULARS = {"serve_documents": "service", "appear_voluntarily": "appearance"}
"""By measure the key under which an item says how to serve a document, or where a person is to come."""
DECIDED_BY_FACTS = frozenset({"measure", "instrument", "basis", "facts"})
"""Those that follow from the facts and the opinion and are not edited in a draft."""


class NoBasisError(ComityError):
    """No instrument on record carries the request."""

    code = "no_basis"
    message = gettext_noop("No treaty on record is found to apply to this request.")
    next_step = gettext_noop("Read the findings; complete the facts they name, or choose another measure.")


class DraftUnreadableError(ComityError):
    """What was saved is not the form of a draft."""

    code = "draft_unreadable"
    message = gettext_noop("The draft cannot be saved: {reason}")
    next_step = gettext_noop("Reload the page and enter it again.")


class DraftIncompleteError(ComityError):
    """The law requires something that the draft does not say."""

    code = "draft_incomplete"
    message = gettext_noop("The draft lacks what the treaty requires: {missing}.")
    next_step = gettext_noop("Fill in the named fields, then submit the draft again.")


class EmergencyUnsaidError(ComityError):
    """Data are asked for to avert an emergency, and the draft does not say which."""

    code = "emergency_unsaid"
    message = gettext_noop("The draft does not say what makes it an emergency, and who validates it.")
    next_step = gettext_noop("Fill in the page “The emergency” beside the draft.")


class LanguageTakenError(ComityError):
    """The original is said to be in a language into which the draft is translated."""

    code = "language_taken"
    message = gettext_noop(
        "The draft has a translation into {language}: its original is in another language."
    )
    next_step = gettext_noop("Remove that translation first, or choose the other language.")


def begin(facts: dict[str, Any], opinion: opinions.Opinion) -> dict[str, Any]:
    """An empty draft on an opinion; raise NoBasisError when no instrument is recommended."""
    instrument = opinion["recommended"]
    if instrument is None:
        raise NoBasisError
    return {
        "measure": facts["measure"],
        "instrument": instrument,
        "basis": basis(opinion),
        "urgent": bool(facts.get("urgent", False)) or facts["measure"] == AVERT,
        "facts": {key: value for key, value in facts.items() if key != "status"},
        "contents": {},
        "items": [],
        "confidential": False,
        "no_user_notice": False,
    }


def basis(opinion: opinions.Opinion) -> list[str]:
    """The provisions of the recommended instrument that provide for the measure."""
    findings = next(each for each in opinion["bases"] if each["instrument"] == opinion["recommended"])
    return [each["cite"] for each in findings["findings"] if "measure" in each]


def basis_of(case: Case) -> list[str]:
    """The provisions that provide for a case's measure, none where its opinion has found none."""
    return basis(case.opinion) if case.opinion and case.opinion["recommended"] else []


def merge(draft: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The draft with an editor's changes; what follows from the facts stays as it is."""
    unknown = changes.keys() - FIELDS - OF_LANGUAGE - OF_EMERGENCY
    if unknown:
        raise DraftUnreadableError(reason=", ".join(sorted(unknown)))
    kept = {key: value for key, value in changes.items() if key not in DECIDED_BY_FACTS}
    merged = {**draft, **kept}
    merged["urgent"] = merged["urgent"] or draft["measure"] == AVERT
    merged["contents"] = {field: text for field, text in merged["contents"].items() if text.strip()}
    merged["items"] = [_item(draft["measure"], n, item) for n, item in enumerate(merged["items"], start=1)]
    return _in_languages(merged)


def _in_languages(draft: dict[str, Any]) -> dict[str, Any]:
    """The draft with the language of its original checked; what is not said has no key."""
    said = draft.get("language")
    if said and not _LANGUAGE.fullmatch(str(said)):
        raise DraftUnreadableError(reason=str(said)[:20])
    if said in {each["language"] for each in draft.get("translations", [])}:
        raise LanguageTakenError(language=Spoken(str(said)))
    return {key: value for key, value in draft.items() if key not in OF_LANGUAGE | OF_EMERGENCY or value}


def of(case: Case) -> dict[str, Any]:
    """The request in preparation; raise NotNowError where the case holds none (a result is none)."""
    draft: dict[str, Any] = case.draft or {}
    if not draft.keys() >= FIELDS:
        raise NotNowError(case=case.reference, standing=case.preparation or case.actual)
    return draft


def problems(case: Case) -> tuple[Problem, ...]:
    """What the law still misses in the draft, each with its citation, required fields first."""
    return check(opinions.as_known_here(of(case)), opinions.library())


def demand_complete(case: Case) -> None:
    """Raise DraftIncompleteError, naming each required field with its provision, unless none is missing.

    EmergencyUnsaidError where data are asked for in an emergency of which nothing is said.
    """
    draft = of(case)
    if draft["measure"] == AVERT and not draft.get("emergency"):
        raise EmergencyUnsaidError
    required = [each for each in problems(case) if each.is_required]
    if required:
        raise DraftIncompleteError(
            missing=Series(
                Asked(Word(each.field.removeprefix("contents."), "field"), each.cite) for each in required
            )
        )


def _item(measure: str, number: int, item: dict[str, Any]) -> dict[str, Any]:
    """An item in the letter's form: number, measure and desired status follow from place and draft."""
    given = {"data_kinds": [], "period": None, "description": "", **item}
    of_persons = PARTICULARS.get(measure, "")
    return {
        "number": number,
        "measure": measure,
        "identifier": given["identifier"],
        "data_kinds": given["data_kinds"],
        "period": given["period"],
        "desired": statuses.desired_by(measure),
        "description": given["description"],
        **({of_persons: given[of_persons]} if given.get(of_persons) else {}),
    }


def follow_up_facts(case: Case, measure: str, now: datetime) -> dict[str, Any]:
    """The case's facts for a further request by another measure."""
    told = {
        name: value for name, value in case.facts.get("circumstances", {}).items() if name != INSUFFICIENT
    }
    found = {**case.facts, "measure": measure, "as_of": now.date().isoformat()}
    return {**found, "circumstances": told} if "circumstances" in found else found


def facts_for_more(case: Case, now: datetime) -> dict[str, Any]:
    """The case's facts for a further request by the same measure: what was received is insufficient."""
    told = {**case.facts.get("circumstances", {}), INSUFFICIENT: True}
    return {**case.facts, "circumstances": told, "as_of": now.date().isoformat()}


def heading(body: dict[str, Any]) -> str:
    """One line for lists, from what the request itself says; its measure when it says nothing."""
    sources = (body["contents"].get("subject_and_nature", ""), body["items"][0]["description"])
    text = next((each.strip() for each in sources if each.strip()), str(body["measure"]))
    return text.splitlines()[0][:200]
