"""Oral requests and their written confirmation: which provision admits the form, what awaits confirmation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import entitlement, opinions
from comity.node.casework.models import Case, OralRequest, Side
from comity.node.pages.wording import Asked, Word
from comity.terms import ComityError, Outcome, gettext_noop

FORMS = ("oral_then_written", "technical_then_written")
"""The forms of a request that is made first and put in writing after."""
ORAL = "oral"
"""The fact that the two sides agreed to such a form (``agreements.oral``)."""
CONFIRM = "confirm_in_writing"
REQUEST_ORALLY = "request_orally"


class AgreementUnstatedError(ComityError):
    """The provision admits the form only where the other side agrees to it."""

    code = "oral_agreement_unstated"
    message = gettext_noop("The form is possible where both sides agree to it: {rule}.")
    next_step = gettext_noop(
        "Write who of the other side agreed to it and how, or make the request in writing."
    )


class FormNotAdmittedError(ComityError):
    """No provision on record lets a request under these facts be made first and written after."""

    code = "oral_form_not_admitted"
    message = gettext_noop("No provision on record lets this request be made orally first.")
    next_step = gettext_noop("Make it in writing; read in the opinion which forms the treaty has.")


class MadeAheadError(ComityError):
    """The oral request is said to have been made at a time that is yet to come."""

    code = "oral_request_ahead"
    message = gettext_noop("The oral request cannot have been made later than now.")
    next_step = gettext_noop("Correct the day and the time.")


class ConfirmationAwaitedError(ComityError):
    """The request was made orally and the writing that the provision asks for has not come."""

    code = "confirmation_awaited"
    message = gettext_noop("Nothing goes to the other side before its written confirmation: {rule}.")
    next_step = gettext_noop("Wait for the letter that confirms the request, then tie it to this case.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an official states of an oral request: when, by which means, with whom, what, why so."""

    made_at: datetime
    means: str
    person_name: str
    person_post: str
    number: str = ""
    called_back: bool = False
    asked: str
    urgency: str
    agreed: str = ""
    items: list[dict[str, Any]]


def stated(facts: dict[str, Any], agreed: str) -> dict[str, Any]:
    """The facts of a request with what the official states of its oral form."""
    known = {**facts, "urgent": True}
    return {**known, "agreements": {**facts.get("agreements", {}), ORAL: True}} if agreed else known


def admitted(facts: dict[str, Any], agreed: str, now: datetime) -> tuple[opinions.Opinion, dict[str, Any]]:
    """The opinion on the facts so stated, and its rule on the form.

    Raises FormNotAdmittedError, or AgreementUnstatedError where the form hangs on the agreement of the other
    side, nobody says that it agreed and the facts do not know it.
    """
    opinion = opinions.form(stated(facts, agreed), now)
    found = [each for form in FORMS if (each := opinions.form_asked(opinion, form)) is not None]
    rule = min(found, key=lambda each: not opinions.applies(each), default=None)
    if rule is None or rule["outcome"] == Outcome.DOES_NOT_APPLY:
        raise FormNotAdmittedError
    if f"agreements.{ORAL}" in rule.get("missing", ()):
        raise AgreementUnstatedError(rule=Asked(Word(rule["id"], "form"), rule["cite"]))
    return opinion, rule


def possible(case: Case) -> bool:
    """Whether the case's opinion holds a form that comes before the writing, one yet unknown included."""
    return any(opinions.form_asked(case.opinion or {}, form) for form in FORMS)


def awaiting(case: Case) -> OralRequest | None:
    """The oral request of the case that nothing in writing confirms yet, if there is one."""
    return case.oral_requests.filter(letter=None, ended_at=None).first()


def demand_confirmed(case: Case) -> None:
    """Raise ConfirmationAwaitedError on the side that was asked, while the confirmation has not come.

    The requesting side owes it: the provision asks for it, and without it the other side has no number by
    which a letter of ours would find its case.
    """
    waits = awaiting(case) if case.side == Side.REQUESTED else None
    if waits is not None:
        cite = opinions.duty_on(case.opinion or {}, REQUEST_ORALLY, CONFIRM, Side.REQUESTING)
        raise ConfirmationAwaitedError(rule=Asked(Word(CONFIRM, "duty"), cite or waits.cite))


def particulars(noted: OralRequest) -> dict[str, Any]:
    """An oral request of ours as the letter that confirms it tells it."""
    speakers = {
        "asked_by": {"name": noted.by.full_name, "post": noted.by.post},
        "asked_of": {"name": noted.person_name, "post": noted.person_post},
    }
    optional = {"number": noted.number, "agreed": noted.agreed}
    return {
        "made_at": canonical.instant_text(noted.made_at),
        "means": noted.means,
        **speakers,
        "asked": noted.asked,
        "urgency": noted.urgency,
        "cite": noted.cite,
        **{key: value for key, value in optional.items() if value},
    }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A minute that a letter may confirm, and how far they agree: what an official compares."""

    noted: OralRequest
    same_time: bool
    common: list[str]
    only_said: list[str]
    only_written: list[str]
    measures: tuple[str, str] | None

    @property
    def differs(self) -> bool:
        """Whether what was said and what is written are not the same."""
        return bool(self.only_said or self.only_written or self.measures) or not self.same_time


def candidates(official: Official, case: Case, body: dict[str, Any]) -> list[Candidate]:
    """The minutes of the same authority that wait for confirmation, the likeliest first.

    Likeliest is the one with the most identifiers in common with the letter, then the nearest in time.
    """
    open_to = entitlement.visible(official).filter(side=Side.REQUESTED, peer=case.peer).exclude(pk=case.pk)
    found = [compared(noted, body) for noted in _unconfirmed(open_to)]
    return sorted(found, key=lambda each: (-len(each.common), _apart(each.noted, body), each.noted.pk))


def are_noted(case: Case) -> bool:
    """Whether any minute of the same authority waits for confirmation, whoever may see it."""
    return _unconfirmed(Case.objects.filter(side=Side.REQUESTED, peer=case.peer).exclude(pk=case.pk)).exists()


def compared(noted: OralRequest, body: dict[str, Any]) -> Candidate:
    """What was said beside what the letter writes."""
    said, written = identifiers(noted.items), identifiers(body["items"])
    measures = (str(noted.case.facts.get("measure", "")), str(body["measure"]))
    return Candidate(
        noted,
        same_time=_apart(noted, body) == 0,
        common=[_shown(each) for each in said if each in written],
        only_said=[_shown(each) for each in said if each not in written],
        only_written=[_shown(each) for each in written if each not in said],
        measures=measures if measures[0] != measures[1] else None,
    )


def identifiers(items: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """What identifies each item, by kind and value."""
    return [(each["identifier"]["type"], each["identifier"]["value"]) for each in items]


def _unconfirmed(cases: QuerySet[Case]) -> QuerySet[OralRequest]:
    found = OralRequest.objects.filter(case__in=cases, letter=None, ended_at=None)
    return found.select_related("case", "by")


def _apart(noted: OralRequest, body: dict[str, Any]) -> float:
    """Whole minutes between the time that was noted here and the one that the letter tells."""
    told = canonical.read_instant(body["oral"]["made_at"])
    return abs((told - noted.made_at).total_seconds()) // 60


def _shown(identifier: tuple[str, str]) -> str:
    return identifier[1]
