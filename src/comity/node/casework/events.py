"""The timeline: a closed list of sentences, and how a line is added."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from comity.node.accounts.models import Official
from comity.node.casework.models import Case, Event
from comity.node.ledger.models import Entry
from comity.terms import gettext_noop

SENTENCES: dict[str, str] = {
    "case_opened": gettext_noop("Case opened"),
    "draft_submitted": gettext_noop("Draft submitted for review"),
    "draft_returned": gettext_noop("Draft returned: {reason}"),
    "draft_restored": gettext_noop("Draft taken back to version {number}"),
    "draft_from_template": gettext_noop("Texts of the template “{name}” taken into the draft"),
    "draft_imported": gettext_noop("Edited texts taken into the draft from a document"),
    "follow_up_drafted": gettext_noop("Further request begun"),
    "request_signed": gettext_noop("Request signed by a second person and sealed, generation {generation}"),
    "request_received": gettext_noop("Request received and verified, generation {generation}"),
    "request_registered": gettext_noop("Request registered as {reference}"),
    "registration_received": gettext_noop("The other side registered the request as {reference}"),
    "preservation_ordered": gettext_noop("Order {number} to preserve issued to {provider}"),
    "production_ordered": gettext_noop("Order {number} to produce issued to {provider}"),
    "provider_answered": gettext_noop("{provider} answered order {number}: {state}"),
    "preservation_reported": gettext_noop("Preservation reported, until {until}"),
    "preservation_received": gettext_noop("The other side reports the data preserved, until {until}"),
    "exhibit_taken_in": gettext_noop("Exhibit {number} taken in"),
    "result_prepared": gettext_noop("Result prepared for release"),
    "result_released": gettext_noop("Result released by a second person"),
    "result_received": gettext_noop("Result received and verified"),
    "exhibits_received": gettext_noop("Exhibits of the result taken in: {count}"),
    "execution_refused": gettext_noop("Execution of item {item} refused under {ground}"),
    "refusal_received": gettext_noop("The other side refused item {item} under {ground}"),
    "letter_opened": gettext_noop("Letter opened"),
    "bundle_asked": gettext_noop("Court bundle ordered"),
    "clock_ran_out": gettext_noop("Time limit ran out: {clock}"),
}


def note(
    case: Case,
    kind: str,
    *,
    now: datetime,
    by: Official | None = None,
    letter: uuid.UUID | None = None,
    entry: Entry | None = None,
    **params: Any,
) -> Event:
    """Add a line; ``params`` fill its sentence. A kind outside the list is a programming error."""
    if kind not in SENTENCES:
        raise KeyError(kind)
    return Event.objects.create(
        case=case, at=now, kind=kind, params=params, by=by, letter=letter, entry=entry
    )


def clock_ran_out(case_reference: str, clock: str, entry: Entry, now: datetime) -> None:
    """Note that a clock of a case ran out."""
    for case in Case.objects.filter(reference=case_reference):
        note(case, "clock_ran_out", now=now, entry=entry, clock=clock)
