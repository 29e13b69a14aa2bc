"""What a use of received material rests on: its items, its exhibits, what comes before a disclosure."""

from __future__ import annotations

from collections.abc import Collection

from comity.node.casework import duties
from comity.node.casework.dialogue import answers
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, CaseKind, Item, Purpose, Side, Use
from comity.node.casework.standing import NotNowError
from comity.node.exchange.models import Direction, Letter
from comity.node.exhibits.models import Exhibit
from comity.node.pages.wording import Asked, Series, Word
from comity.terms import ComityError, gettext_noop

NOTICE = "notify_exculpatory_use"
DISCLOSURE = "exculpatory_disclosure"


class PermissionNeededError(ComityError):
    """Limits bar the use, and no permission was named."""

    code = "permission_needed"
    message = gettext_noop("This use is barred without permission: {limits}.")
    next_step = gettext_noop("Ask the other side to permit this use, and record it once it is permitted.")


class OnlyOnwardError(ComityError):
    """A use of what a request says is recorded only where it leaves the State."""

    code = "only_onward"
    message = gettext_noop("Of what a request says only its passing on is recorded.")
    next_step = gettext_noop("Name the State or the organisation it goes to, or execute the request.")


class PermissionNotCoveringError(ComityError):
    """The permission is of another use, of other material, not in force, or none of the other side's."""

    code = "permission_not_covering"
    message = gettext_noop("The permission named does not cover this use.")
    next_step = gettext_noop("Keep to what was permitted and until when, or ask for this use as well.")


class ProceedingsUnnamedError(ComityError):
    """A permission is of proceedings that are named, and none of those asked for is."""

    code = "proceedings_unnamed"
    message = gettext_noop("A permission for other proceedings names them.")
    next_step = gettext_noop("Name each of the proceedings; of those asked for at least one is permitted.")


class PermissionNotNeededError(ComityError):
    """No limit stands against the use."""

    code = "permission_not_needed"
    message = gettext_noop("No limit on record bars this use, so there is no permission to ask for.")
    next_step = gettext_noop("Record the use.")


class ConsultationOpenError(ComityError):
    """The other side asked to be consulted before the disclosure, and has no reply yet."""

    code = "consultation_open"
    message = gettext_noop("The other side asked to be consulted before the disclosure.")
    next_step = gettext_noop("Reply to its consultation, then record the disclosure.")


class NoticeUnknownError(ComityError):
    """The letter is no notice of this disclosure."""

    code = "notice_unknown"
    message = gettext_noop("No notice of ours covers this disclosure in case {case}.")
    next_step = gettext_noop(
        "Give notice to the other side first, or say why that is impossible before the disclosure."
    )


class ExhibitNotReceivedError(ComityError):
    """The exhibit is not among what the other side gave in the case."""

    code = "exhibit_not_received"
    message = gettext_noop("Exhibit {number} was not received in case {case}.")
    next_step = gettext_noop("Choose an exhibit that came with a letter of the other side.")


def holder(case: Case) -> Side:
    """The side that received: the answer to a request goes to who asked, information to who did not."""
    return Side.REQUESTED if case.kind == CaseKind.INFORMATION else Side.REQUESTING


def items_of(case: Case, numbers: Collection[int]) -> list[Item]:
    """The items of these numbers, of which something may have been received; NotNowError otherwise.

    Information has none; it may be spoken of once it is registered.
    """
    if case.kind == CaseKind.INFORMATION and case.registered_generation and not numbers:
        return []
    found = list(case.items.filter(number__in=numbers).exclude(actual=""))
    if not found or len(found) != len(set(numbers)):
        raise NotNowError(case=case.reference, standing=case.actual or case.preparation)
    return found


def exhibits_of(case: Case, ids: Collection[str]) -> list[Exhibit]:
    """The exhibits of these ids, each received in the case; ExhibitNotReceivedError otherwise."""
    there = {str(each.pk): each for each in received(case)}
    for each in ids:
        if each not in there:
            raise ExhibitNotReceivedError(number=each, case=case.reference)
    return [there[each] for each in dict.fromkeys(ids)]


def received(case: Case) -> list[Exhibit]:
    """What came from the other side: its origin is that authority."""
    of_peer = Exhibit.objects.filter(case_reference=case.reference, letter__isnull=False)
    return list(of_peer.filter(origin=case.peer_id).order_by("number"))


def bars(found: Collection[object]) -> Series:
    """Limits as a sentence names them, each with its provision."""
    return Series(Asked(Word(each.limit, "limit"), each.cite) for each in found)  # type: ignore[attr-defined]


def notice_owed(case: Case) -> list[duties.Duty]:
    """The duty to give notice of an exculpatory disclosure, by each provision that holds it here."""
    return duties.discharged(case, {NOTICE})


def unannounced(case: Case) -> list[Use]:
    """Disclosures of which the other side still has to be told without delay."""
    sent = [each.pk for each in answers.of_case(case) if each.kind == "exculpatory_notice"]
    late = case.uses.filter(purpose=Purpose.EXCULPATORY_DISCLOSURE).exclude(unannounced="")
    return [each for each in late if each.notice not in sent]  # a notice that failed told nobody


def notices(case: Case) -> list[Letter]:
    """Our notices that came before a disclosure."""
    ours = [each for each in answers.of_case(case) if each.kind == "exculpatory_notice"]
    return [
        each for each in ours if each.direction == Direction.OUT and read_body(each)["disclosed_at"] is None
    ]


def consultation_open(case: Case) -> bool:
    """Whether the other side asked to be consulted on a disclosure and has no reply yet."""
    waiting = answers.unanswered(case, Direction.IN, {"consultation"})
    return any(read_body(each)["about"] == DISCLOSURE for each in waiting)
