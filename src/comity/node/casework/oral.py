"""Oral requests and their written confirmation: which provision admits the form, what awaits confirmation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import entitlement, events, opinions, running
from comity.node.casework.models import Case, OralRequest, Side
from comity.node.clocks.models import Clock, ClockState
from comity.node.directory import standing
from comity.node.exchange.models import Letter
from comity.node.ledger import entries
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
    message = gettext_noop("No letter leaves this case before the written confirmation came: {rule}.")
    next_step = gettext_noop("Wait for the letter that confirms the request, then tie it to this case.")


class WritingFirstError(ComityError):
    """The provision asks for the writing before anything is done on what was asked orally."""

    code = "writing_first"
    message = gettext_noop("Nothing is ordered before the written confirmation came: {rule}.")
    next_step = gettext_noop("Wait for the letter that confirms the request, then tie it to this case.")


class NotedOrallyError(ComityError):
    """The letter confirms an oral request, minutes of its sender wait, and nobody compared them."""

    code = "oral_request_noted"
    message = gettext_noop("An oral request of this authority was noted down and waits for confirmation.")
    next_step = gettext_noop("Tie the letter to it, or say that none of those noted is meant.")


class ItemsUnnamedError(ComityError):
    """The minute does not say what was asked about."""

    code = "oral_items_unnamed"
    message = gettext_noop("An oral request is about something: an account, an address, a person.")
    next_step = gettext_noop("Name at least one.")


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
    items: list[dict[str, Any]] = field(default_factory=list)


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


def demand_made(said: Said, now: datetime) -> None:
    """Raise MadeAheadError for a time that is yet to come."""
    if said.made_at > now:
        raise MadeAheadError


def note(
    official: Official,
    case: Case,
    said: Said,
    rule: dict[str, Any],
    items: list[dict[str, Any]],
    now: datetime,
) -> OralRequest:
    """Keep what was said, under the rule that admits the form, with its lines in ledger and timeline.

    ``items`` are a draft's; what identifies them is kept.
    """
    noted = OralRequest.objects.create(
        case=case,
        made_at=said.made_at.replace(microsecond=0),
        means=said.means,
        person_name=said.person_name,
        person_post=said.person_post,
        number=said.number,
        called_back=said.called_back,
        asked=said.asked,
        urgency=said.urgency,
        agreed=said.agreed,
        items=[{"identifier": item["identifier"]} for item in items],
        form=rule["id"],
        cite=rule["cite"],
        by=official,
        at=now,
    )
    what = "oral_request_made" if case.side == Side.REQUESTING else "oral_request_noted"
    content = {
        "what": what,
        "case": case.reference,
        "made_at": canonical.instant_text(noted.made_at),
        "means": noted.means,
        "by": official.pk,
    }
    entry = entries.append(what, case.reference, content, now=now)
    events.note(case, what, now=now, by=official, entry=entry)
    return noted


def to_write(case: Case, draft: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The kind and the body of the letter that a draft becomes: what was asked orally is confirmed by it."""
    noted = awaiting(case)
    if noted is None:
        return "request", draft
    return "oral_confirmation", {**draft, "oral": particulars(noted)}


def confirm(case: Case, letter: Letter, now: datetime) -> None:
    """The letter of ours that was just signed confirms the oral request of its case, if one waits."""
    noted = awaiting(case)
    if noted is not None:
        noted.letter, noted.confirmed_at = letter.pk, now
        noted.save(update_fields=["letter", "confirmed_at"])
        running.on_confirmation(case, now)


def to_compare(case: Case, letter: Letter | None) -> bool:
    """Whether the letter confirms an oral request, is tied to no minute, and minutes of its sender wait."""
    if letter is None or letter.kind != "oral_confirmation":
        return False
    return not case.oral_requests.filter(letter=letter.pk).exists() and are_noted(case)


def demand_compared(case: Case, letter: Letter, *, none_fits: bool) -> None:
    """Raise NotedOrallyError for a letter that nobody has compared with the minutes that wait."""
    if not none_fits and to_compare(case, letter):
        raise NotedOrallyError


def possible(case: Case) -> bool:
    """Whether the case's opinion holds a form that comes before the writing, one yet unknown included."""
    return any(opinions.form_asked(case.opinion or {}, form) for form in FORMS)


def awaiting(case: Case) -> OralRequest | None:
    """The oral request of the case that nothing in writing confirms yet, if there is one."""
    return case.oral_requests.filter(letter=None, ended_at=None).first()


def waits_for_writing(case: Case) -> OralRequest | None:
    """On the side that was asked: what was asked orally in the case and is not in writing, or never came."""
    return case.oral_requests.filter(letter=None).first() if case.side == Side.REQUESTED else None


def demand_confirmed(case: Case) -> None:
    """Raise ConfirmationAwaitedError on the side that was asked, while the confirmation has not come.

    The requesting side owes it: the provision asks for it, and without it the other side has no number by
    which a letter of ours would find its case. One that was given up is never confirmed.
    """
    waits = waits_for_writing(case)
    if waits is not None:
        cite = opinions.duty_on(case.opinion or {}, REQUEST_ORALLY, CONFIRM, Side.REQUESTING)
        raise ConfirmationAwaitedError(rule=Asked(Word(CONFIRM, "duty"), cite or waits.cite))


def demand_orderable(case: Case) -> None:
    """Raise WritingFirstError where a provision asks for the writing before execution, and it has not come.

    Where the confirmation only follows, as an official reads there, nothing stands in the way.
    """
    if waits_for_writing(case) is None:
        return
    duties = (case.opinion or {}).get("duties", [])
    first = (each for each in duties if each.get("on") == REQUEST_ORALLY and each.get("id") == CONFIRM)
    for duty in first:
        if duty.get("before") and duty.get("outcome") != Outcome.DOES_NOT_APPLY:
            raise WritingFirstError(rule=Asked(Word(CONFIRM, "duty"), duty["cite"]))


@dataclass(frozen=True, slots=True)
class Chase:
    """Where the confirmation stays: its clocks, whether one is past, and whom to ask for it."""

    clocks: list[Clock]
    late: bool
    contacts: list[dict[str, str]]


def chase(case: Case, now: datetime) -> Chase:
    """How the confirmation of what was asked orally in a case is chased."""
    found = list(_awaiting_clocks().filter(case_reference=case.reference).order_by("starts_at", "id"))
    late = any(_is_late(each, now) for each in found)
    return Chase(found, late, standing.confirmation_contacts(case.peer))


def chased(seen: QuerySet[Case], now: datetime, most: int) -> list[tuple[OralRequest, bool]]:
    """What was asked orally and still waits for its writing, the oldest first; whether it is late."""
    waiting = OralRequest.objects.filter(entitlement.about(seen), letter=None, ended_at=None)
    rows = list(waiting.select_related("case", "case__peer").order_by("made_at", "id")[:most])
    clocks = _awaiting_clocks().filter(case_reference__in=[each.case.reference for each in rows])
    late = {each.case_reference for each in clocks if _is_late(each, now)}
    return [(each, each.case.reference in late) for each in rows]


def _awaiting_clocks() -> QuerySet[Clock]:
    return Clock.objects.filter(kind=running.CONFIRMATION, state__in=(ClockState.RUNNING, ClockState.RAN_OUT))


def _is_late(clock: Clock, now: datetime) -> bool:
    """Past its end; of one that is owed forthwith, past the time that is usual here."""
    end = clock.due_at or clock.remind_at
    return end is not None and end <= now


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
    return [identifier(each) for each in items]


def identifier(item: dict[str, Any]) -> tuple[str, str]:
    """What identifies one item, by kind and value."""
    return item["identifier"]["type"], item["identifier"]["value"]


def _unconfirmed(cases: QuerySet[Case]) -> QuerySet[OralRequest]:
    found = OralRequest.objects.filter(case__in=cases, letter=None, ended_at=None)
    return found.select_related("case", "by")


def _apart(noted: OralRequest, body: dict[str, Any]) -> float:
    """Whole minutes between the time that was noted here and the one that the letter tells."""
    told = canonical.read_instant(body["oral"]["made_at"])
    return abs((told - noted.made_at).total_seconds()) // 60


def _shown(named: tuple[str, str]) -> str:
    return named[1]
