"""Put on record what became of a hearing by video: held, broken off or not held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events, hearing_times, identities, meetings
from comity.node.casework.dialogue.hearing import ExhibitUnknownError
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.heard import HearingRecord
from comity.node.casework.models import Case
from comity.node.casework.standing import NotYetHappenedError
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

HELD, BROKEN_OFF, NOT_HELD = "held", "broken_off", "not_held"


class NoSuchHearingError(ComityError):
    """No hearing was agreed to by that letter."""

    code = "no_such_hearing"
    message = gettext_noop("Case {case} has no agreed hearing of that letter.")
    next_step = gettext_noop("Choose a hearing that both sides agreed to.")


class RecordContradictoryError(ComityError):
    """The record says what does not fit its outcome."""

    code = "record_contradictory"
    message = gettext_noop("The record of the hearing contradicts itself.")
    next_step = gettext_noop(
        "Where it took place give both times and who took part; of any other outcome give the reason."
    )


class NotAParticipantError(ComityError):
    """Somebody is recorded as present who is not among the participants agreed on."""

    code = "not_a_participant"
    message = gettext_noop("“{post}” is not among the participants that were agreed on.")
    next_step = gettext_noop("Choose from the participants agreed on; say in the note who else was there.")


@transaction.atomic
def record_hearing(
    official: Official,
    case: Case,
    letter: UUID,
    *,
    outcome: str,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
    attended: Sequence[Mapping[str, str]] = (),
    language: str = "",
    interpreter: str = "",
    oath: str = "",
    note: str = "",
    exhibit: UUID | None = None,
    now: datetime,
) -> HearingRecord:
    """Record a hearing that the two sides agreed to by ``letter``; a further record corrects the one before.

    Raises NoSuchHearingError, NotYetHappenedError before its moment, RecordContradictoryError where times,
    participants or the reason do not fit the outcome, NotAParticipantError, ExhibitUnknownError.
    """
    authorise(official, "record_hearing")
    case = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, case)
    meeting = meetings.agreed(case, str(letter))
    if meeting is None or not meeting.is_hearing:
        raise NoSuchHearingError(case=case.reference)
    if now < meeting.begins:
        raise NotYetHappenedError
    took_place = outcome in (HELD, BROKEN_OFF)
    _demand_fitting(took_place, outcome, began_at, ended_at, attended, note)
    if took_place and not (began_at < ended_at <= now):  # type: ignore[operator]  # both are there
        raise NotYetHappenedError
    for each in attended:
        if dict(each) not in meeting.body["participants"]:
            raise NotAParticipantError(post=each["post"])
    if exhibit and not Exhibit.objects.filter(pk=exhibit, case_reference=case.reference).exists():
        raise ExhibitUnknownError(case=case.reference, exhibit=str(exhibit))
    identities.demand_absent(case, [interpreter, note])
    made = HearingRecord.objects.create(
        case=case,
        letter=meeting.letter.pk,
        outcome=outcome,
        began_at=began_at,
        ended_at=ended_at,
        attended=[dict(each) for each in attended],
        language=language,
        interpreter=interpreter,
        oath=oath,
        note=note,
        exhibit=exhibit,
        by=official,
        at=now,
    )
    hearing_times.recorded(case, meeting, now)
    content = {
        "what": "hearing_recorded",
        "case": case.reference,
        "letter": str(made.letter),
        "outcome": outcome,
        "by": official.pk,
    }
    entry = entries.append("hearing_recorded", case.reference, content, now=now)
    letter = made.letter
    events.note(case, "hearing_recorded", now=now, by=official, letter=letter, entry=entry, hearing=outcome)
    return made


def _demand_fitting(
    took_place: bool,
    outcome: str,
    began_at: datetime | None,
    ended_at: datetime | None,
    attended: Sequence[Mapping[str, str]],
    note: str,
) -> None:
    """A hearing that took place has its times and its people; one broken off or not held has the reason."""
    if took_place != bool(began_at and ended_at and attended) or bool(began_at) != bool(ended_at):
        raise RecordContradictoryError
    if outcome != HELD and not note.strip():
        raise RecordContradictoryError
