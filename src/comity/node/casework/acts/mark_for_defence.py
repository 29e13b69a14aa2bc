"""Decide what the defence is shown of an exhibit; withholding takes a second official."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import NothingThereError, authorise, second_person
from comity.node.accounts.models import Official
from comity.node.casework import events, identities
from comity.node.casework.defence import DefenceDecision, DefenceMark, WithholdingGround
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.marked import MarkingKind, MarkingState
from comity.node.casework.models import Case
from comity.node.exhibits import closing
from comity.node.exhibits.lineage import ancestry
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

_BY_MARKING = {
    WithholdingGround.PRIVILEGED: (MarkingKind.PRIVILEGED, MarkingState.WITHHELD),
    WithholdingGround.STATE_SECRET: (MarkingKind.CLASSIFIED, MarkingState.STANDS),
}
"""Grounds that rest on a marking, as it must stand: privilege was decided by a filter reviewer."""


class GroundUnsupportedError(ComityError):
    """The ground rests on a marking that the exhibit does not carry, or that is not decided."""

    code = "ground_unsupported"
    message = gettext_noop("No marking of exhibit {number} supports this ground for withholding it.")
    next_step = gettext_noop("Mark the exhibit first; on privilege a filter reviewer decides before.")


class WithholdingSaysNothingError(ComityError):
    """What is withheld has a ground and a reason, what is disclosed has neither."""

    code = "withholding_unexplained"
    message = gettext_noop("A withholding has a ground and a reason; a disclosure has none.")
    next_step = gettext_noop("Give both, or neither.")


class SecretDisclosedError(ComityError):
    """The exhibit is marked as a State secret."""

    code = "secret_not_disclosed"
    message = gettext_noop("Exhibit {number} is marked as a State secret: it is not disclosed as it stands.")
    next_step = gettext_noop("Withhold it, or have the marking lifted if it is wrong or has ended.")


@transaction.atomic
def mark_for_defence(
    official: Official,
    case: Case,
    exhibit: str,
    *,
    decision: str,
    ground: str = "",
    reason: str = "",
    exculpatory: bool,
    now: datetime,
) -> DefenceMark:
    """Decide on an exhibit of the case (by its id). A disclosure counts at once, a withholding once agreed.

    Raises ExhibitClosedError for what a filter reviewer has not decided on or keeps closed,
    SecretDisclosedError, GroundUnsupportedError and WithholdingSaysNothingError.
    """
    case = _begin(official, case, "mark_for_defence")
    found = Exhibit.objects.filter(case_reference=case.reference, pk=exhibit).first()
    if found is None:
        raise NothingThereError(name=exhibit)
    identities.demand_absent(case, reason)
    withheld = decision == DefenceDecision.WITHHELD
    if withheld != bool(ground and reason.strip()) or (not withheld and (ground or reason)):
        raise WithholdingSaysNothingError
    _demand_filtered(found, withheld=withheld)
    if withheld:
        _demand_supported(case, found, ground)
    elif _marked(case, found, MarkingKind.CLASSIFIED, MarkingState.STANDS):
        raise SecretDisclosedError(number=found.number)
    made = DefenceMark.objects.create(
        case=case,
        exhibit=found.pk,
        decision=DefenceDecision(decision),
        ground=WithholdingGround(ground) if withheld else "",
        reason=reason,
        exculpatory=exculpatory,
        by=official,
        at=now,
    )
    _remember("withholding_proposed" if withheld else "disclosure_marked", official, made, found, now)
    return made


@transaction.atomic
def decide_withholding(
    official: Official, case: Case, mark: int, *, agreed: bool, remark: str = "", now: datetime
) -> DefenceMark:
    """Agree to a withholding, or decline it; FourEyesError for whoever proposed it."""
    case = _begin(official, case, "decide_withholding")
    found = case.defence_marks.filter(pk=mark, decision=DefenceDecision.WITHHELD, agreed=None).first()
    if found is None:
        raise NothingThereError(name=str(mark))
    second_person(found.by, official)
    identities.demand_absent(case, remark)
    exhibit = Exhibit.objects.get(pk=found.exhibit)
    if agreed:
        _demand_supported(case, exhibit, found.ground)
    found.agreed, found.remark, found.decided_by, found.decided_at = agreed, remark, official, now
    found.save()
    _remember("withholding_agreed" if agreed else "withholding_declined", official, found, exhibit, now)
    return found


def _begin(official: Official, case: Case, act: str) -> Case:
    authorise(official, act)
    locked = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, locked)
    return locked


def _demand_filtered(exhibit: Exhibit, *, withheld: bool) -> None:
    """Nothing is decided before the filter reviewer has; what the reviewer keeps closed is not disclosed."""
    closure = closing.closed([exhibit.pk]).get(exhibit.pk)
    if closure is not None and (closure.waiting or not withheld):
        raise closing.ExhibitClosedError(number=exhibit.number)


def _demand_supported(case: Case, exhibit: Exhibit, ground: str) -> None:
    if ground in _BY_MARKING and not _marked(case, exhibit, *_BY_MARKING[WithholdingGround(ground)]):
        raise GroundUnsupportedError(number=exhibit.number)


def _marked(case: Case, exhibit: Exhibit, kind: MarkingKind, state: MarkingState) -> bool:
    return case.markings.filter(
        exhibit__in=ancestry([exhibit.pk])[exhibit.pk], kind=kind, state=state
    ).exists()


def _remember(what: str, official: Official, mark: DefenceMark, exhibit: Exhibit, now: datetime) -> None:
    content = {
        "what": what,
        "case": mark.case.reference,
        "mark": mark.pk,
        "exhibit": str(exhibit.pk),
        "ground": str(mark.ground) or None,
        "exculpatory": mark.exculpatory,
        "by": official.pk,
    }
    entry = entries.append(what, mark.case.reference, content, now=now)
    events.note(mark.case, what, now=now, by=official, entry=entry, number=exhibit.number)
