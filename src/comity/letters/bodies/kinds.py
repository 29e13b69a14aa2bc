"""The kinds of letter: which side writes each, in what form, what it answers, what it makes of an item.

The one table on which validation, both sides' acts and both sides' reading rest (LETTER-4).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from comity.letters.bodies import dialogue as said
from comity.letters.bodies import emergency, meetings, uses
from comity.letters.bodies import execution as done
from comity.letters.bodies import preservation as kept
from comity.letters.bodies.custody import CustodyUpdateBody
from comity.letters.bodies.directory import DirectoryUpdateBody
from comity.letters.bodies.information import InformationBody
from comity.letters.bodies.oral import OralConfirmationBody
from comity.letters.bodies.shared import Actual, Desired
from comity.shapes import Shape


class Writer(StrEnum):
    """The side of a request that writes a kind of letter, or the authority of which it tells."""

    REQUESTING = "requesting"
    REQUESTED = "requested"
    EITHER = "either"  # the body says which, in ``by``
    AUTHORITY = "authority"  # of no request: the letter is about the authority itself


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of letter.

    ``answers`` are the kinds of which it answers at least one letter (none: it may stand alone). ``actual``
    and ``desired`` are the status that the letter alone gives to the items it names.
    """

    body: type[Shape]
    writer: Writer
    answers: frozenset[str] = frozenset()
    actual: Actual | None = None
    desired: Desired | None = None


REQUESTS = ("request", "oral_confirmation")
"""The kinds that ask: a request, and the one that confirms in writing what was asked orally."""


def _requested(body: type[Shape], *answers: str, actual: Actual | None = None) -> Kind:
    return Kind(body, Writer.REQUESTED, frozenset(answers or REQUESTS), actual)


def _requesting(body: type[Shape], *answers: str, desired: Desired | None = None) -> Kind:
    return Kind(body, Writer.REQUESTING, frozenset(answers), desired=desired)


KINDS: dict[str, Kind] = {
    "request": _requesting(done.RequestBody),
    "oral_confirmation": _requesting(OralConfirmationBody),
    "registration": _requested(done.RegistrationBody),
    "preservation_done": _requested(done.PreservationDoneBody),
    "result": _requested(done.ResultBody),
    "refusal": _requested(done.RefusalBody),
    "supplement_asked": _requested(said.SupplementAskedBody, actual=Actual.DEFICIENT),
    "supplement": _requesting(said.SupplementBody, "supplement_asked", "registration"),
    "status_asked": _requesting(said.StatusAskedBody),
    "status": _requested(said.StatusBody, *REQUESTS, "status_asked", "withdrawal", "supplement"),
    "withdrawal": _requesting(said.WithdrawalBody, desired=Desired.WITHDRAWN),
    "consultation": Kind(said.ConsultationBody, Writer.EITHER),
    "consultation_reply": Kind(
        said.ConsultationReplyBody,
        Writer.EITHER,
        frozenset({"consultation", "costs", "confidentiality_impossible"}),
    ),
    "postponement": _requested(said.PostponementBody, actual=Actual.POSTPONED),
    "conditions_offered": _requested(said.ConditionsOfferedBody),
    "conditions_accepted": _requesting(said.ConditionsAcceptedBody, "conditions_offered"),
    "conditions_declined": _requesting(said.ConditionsDeclinedBody, "conditions_offered"),
    "obstacle": _requested(said.ObstacleBody),
    "forwarded": _requested(said.ForwardedBody, actual=Actual.FORWARDED),
    "confidentiality_impossible": _requested(said.ConfidentialityImpossibleBody),
    "costs": _requested(said.CostsBody),
    "safe_conduct": _requesting(said.SafeConductBody),
    "information": _requesting(InformationBody),
    "extension_asked": _requesting(
        kept.ExtensionAskedBody, "preservation_done", "preservation_expiring", "extension_granted"
    ),
    "extension_granted": _requested(kept.ExtensionGrantedBody, "extension_asked"),
    "extension_declined": _requested(kept.ExtensionDeclinedBody, "extension_asked"),
    "preservation_expiring": _requested(kept.PreservationExpiringBody),
    "preservation_unhelpful": _requested(kept.PreservationUnhelpfulBody),
    "preservation_decision": _requesting(kept.PreservationDecisionBody, "preservation_unhelpful"),
    "path_disclosure": _requested(kept.PathDisclosureBody),
    "use_permission_asked": _requesting(uses.UsePermissionAskedBody),
    "use_permission_granted": _requested(uses.UsePermissionGrantedBody, "use_permission_asked"),
    "use_permission_declined": _requested(uses.UsePermissionDeclinedBody, "use_permission_asked"),
    "onward_permission_asked": _requesting(uses.OnwardPermissionAskedBody),
    "onward_permission_granted": _requested(uses.OnwardPermissionGrantedBody, "onward_permission_asked"),
    "onward_permission_declined": _requested(uses.OnwardPermissionDeclinedBody, "onward_permission_asked"),
    "exculpatory_notice": _requesting(uses.ExculpatoryNoticeBody),
    "custody_update": _requesting(CustodyUpdateBody),
    "presence_asked": _requesting(meetings.PresenceAskedBody),
    "presence_granted": _requested(meetings.PresenceGrantedBody, *REQUESTS, "presence_asked"),
    "presence_declined": _requested(meetings.PresenceDeclinedBody, "presence_asked"),
    "emergency_validated": _requesting(emergency.EmergencyValidatedBody),
    "emergency_revoked": _requesting(emergency.EmergencyRevokedBody),
    "hearing_proposed": Kind(meetings.HearingProposedBody, Writer.EITHER),
    "hearing_agreed": Kind(meetings.HearingAgreedBody, Writer.EITHER, frozenset({"hearing_proposed"})),
    "directory_update": Kind(DirectoryUpdateBody, Writer.AUTHORITY),
}


def writer_of(kind: str, body: Shape) -> Writer:
    """The side that writes a letter: as its body says where it may say so, else by its kind."""
    return Writer(getattr(body, "by", None) or KINDS[kind].writer)
