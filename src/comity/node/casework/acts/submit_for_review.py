"""Submit a complete draft for review, or return it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.letters.schema import LetterNotUnderstoodError, read_value
from comity.node.accounts.models import Official
from comity.node.casework import drafts, events, identities, languages, oral, versions, writing
from comity.node.casework.models import Case, Preparation, Side
from comity.node.casework.standing import begin, demand_preparation
from comity.node.ledger import entries
from comity.node.pages.wording import Place
from comity.terms import ComityError, gettext_noop


class DraftUnfitError(ComityError):
    """A letter cannot hold what the draft says, so nobody could sign it."""

    code = "draft_unfit"
    message = gettext_noop("The letter cannot hold what stands at: {place}.")
    next_step = gettext_noop("Shorten it or type it anew there, then hand the draft on again.")


@transaction.atomic
def submit_for_review(official: Official, case: Case, *, now: datetime) -> Case:
    """Hand the draft to whoever signs.

    Raises DraftIncompleteError, which names what the treaty requires and it lacks, and DraftUnfitError for
    what the form of a letter cannot hold: whoever signs gets only what can be signed.
    """
    case = begin(official, "submit_for_review", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    drafts.demand_complete(case)
    languages.demand_translated(case)
    _demand_fit(official, case, now)
    case.preparation, case.changed_at = Preparation.IN_REVIEW, now
    case.approver, case.approved_at = None, None
    case.save(update_fields=["preparation", "approver", "approved_at", "changed_at"])
    _remember("draft_submitted", official, case, now)
    return case


@transaction.atomic
def return_draft(official: Official, case: Case, reason: str, *, now: datetime) -> Case:
    """Give the draft back to its drafter with a reason."""
    case = begin(official, "return_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.IN_REVIEW})
    identities.demand_absent(case, reason)
    case.preparation, case.changed_at = Preparation.DRAFT, now
    case.approver, case.approved_at = None, None
    case.save(update_fields=["preparation", "approver", "approved_at", "changed_at"])
    _remember("draft_returned", official, case, now, reason=reason)
    return case


def _remember(what: str, official: Official, case: Case, now: datetime, **params: Any) -> None:
    """Ledger and timeline: which draft was handed on or back, by its digest; a reason stays with the case."""
    content = {
        "what": what,
        "case": case.reference,
        "draft": versions.fingerprint(drafts.of(case)),
        "by": official.pk,
    }
    entry = entries.append(what, case.reference, content, now=now)
    events.note(case, what, now=now, by=official, entry=entry, **params)


def _demand_fit(official: Official, case: Case, now: datetime) -> None:
    """Build the letter as signing would and read it as its receiver will."""
    people = [writing.person("drafter", official, now)]
    try:
        kind, body = oral.to_write(case, drafts.of(case))
        read_value(writing.compose(case, kind, body, people, now=now))
    except LetterNotUnderstoodError as error:
        raise DraftUnfitError(place=Place(error.params["where"])) from None
