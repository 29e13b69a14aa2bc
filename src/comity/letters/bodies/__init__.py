"""The bodies of letters: what each kind says. A body knows its form, not its meaning (see validation)."""

from __future__ import annotations

from comity.letters.bodies.attendance import (
    AppearanceAnswer,
    AppearanceAsked,
    CertificateOfService,
    ServiceAsked,
    ServiceAttempt,
)
from comity.letters.bodies.custody import CustodyUpdateBody
from comity.letters.bodies.dialogue import (
    Condition,
    ConditionsAcceptedBody,
    ConditionsDeclinedBody,
    ConditionsOfferedBody,
    ConfidentialityImpossibleBody,
    ConsultationBody,
    ConsultationReplyBody,
    CostsBody,
    ForwardedBody,
    ObstacleBody,
    PersonHere,
    PostponementBody,
    SafeConductBody,
    Said,
    StatusAskedBody,
    StatusBody,
    SupplementAskedBody,
    SupplementBody,
    WithdrawalBody,
)
from comity.letters.bodies.directory import DirectoryUpdateBody, NextCertificate, Reached
from comity.letters.bodies.emergency import (
    Emergency,
    EmergencyRevokedBody,
    EmergencyValidatedBody,
    Validation,
)
from comity.letters.bodies.execution import (
    PreservationDoneBody,
    RefusalBody,
    RegistrationBody,
    RequestBody,
    RequestItem,
    ResultBody,
    ResultItem,
)
from comity.letters.bodies.information import InformationBody
from comity.letters.bodies.kinds import KINDS, REQUESTS, Kind, Writer, writer_of
from comity.letters.bodies.meetings import (
    Hearing,
    HearingAgreedBody,
    HearingProposedBody,
    PresenceAskedBody,
    PresenceDeclinedBody,
    PresenceGrantedBody,
)
from comity.letters.bodies.oral import MEANS, Means, OralConfirmationBody, OralParticulars
from comity.letters.bodies.preservation import (
    ExtensionAskedBody,
    ExtensionDeclinedBody,
    ExtensionGrantedBody,
    PathDisclosureBody,
    PathProvider,
    PreservationDecisionBody,
    PreservationExpiringBody,
    PreservationUnhelpfulBody,
)
from comity.letters.bodies.shared import (
    Actual,
    DataKind,
    Deficiency,
    Desired,
    Ground,
    Identifier,
    Reference,
    Speaker,
)
from comity.letters.bodies.translation import LanguageCode, Translatable, Translation, digest, texts_of
from comity.letters.bodies.uses import (
    ExculpatoryNoticeBody,
    OnwardPermissionAskedBody,
    OnwardPermissionDeclinedBody,
    OnwardPermissionGrantedBody,
    OtherUse,
    UsePermissionAskedBody,
    UsePermissionDeclinedBody,
    UsePermissionGrantedBody,
)
from comity.shapes import Shape

__all__ = [
    "BODIES",
    "KINDS",
    "MEANS",
    "REQUESTS",
    "Actual",
    "AppearanceAnswer",
    "AppearanceAsked",
    "Body",
    "CertificateOfService",
    "Condition",
    "ConditionsAcceptedBody",
    "ConditionsDeclinedBody",
    "ConditionsOfferedBody",
    "ConfidentialityImpossibleBody",
    "ConsultationBody",
    "ConsultationReplyBody",
    "CostsBody",
    "CustodyUpdateBody",
    "DataKind",
    "Deficiency",
    "Desired",
    "DirectoryUpdateBody",
    "Emergency",
    "EmergencyRevokedBody",
    "EmergencyValidatedBody",
    "ExculpatoryNoticeBody",
    "ExtensionAskedBody",
    "ExtensionDeclinedBody",
    "ExtensionGrantedBody",
    "ForwardedBody",
    "Ground",
    "Hearing",
    "HearingAgreedBody",
    "HearingProposedBody",
    "Identifier",
    "InformationBody",
    "Kind",
    "LanguageCode",
    "Means",
    "NextCertificate",
    "ObstacleBody",
    "OnwardPermissionAskedBody",
    "OnwardPermissionDeclinedBody",
    "OnwardPermissionGrantedBody",
    "OralConfirmationBody",
    "OralParticulars",
    "OtherUse",
    "PathDisclosureBody",
    "PathProvider",
    "PersonHere",
    "PostponementBody",
    "PresenceAskedBody",
    "PresenceDeclinedBody",
    "PresenceGrantedBody",
    "PreservationDecisionBody",
    "PreservationDoneBody",
    "PreservationExpiringBody",
    "PreservationUnhelpfulBody",
    "Reached",
    "Reference",
    "RefusalBody",
    "RegistrationBody",
    "RequestBody",
    "RequestItem",
    "ResultBody",
    "ResultItem",
    "SafeConductBody",
    "Said",
    "ServiceAsked",
    "ServiceAttempt",
    "Speaker",
    "StatusAskedBody",
    "StatusBody",
    "SupplementAskedBody",
    "SupplementBody",
    "Translatable",
    "Translation",
    "UsePermissionAskedBody",
    "UsePermissionDeclinedBody",
    "UsePermissionGrantedBody",
    "Validation",
    "WithdrawalBody",
    "Writer",
    "digest",
    "texts_of",
    "writer_of",
]

Answer = RegistrationBody | PreservationDoneBody | ResultBody | RefusalBody
"""What the requested side says of a request under the reference in its books."""
Body = RequestBody | InformationBody | Answer | Said | StatusBody | PostponementBody

BODIES: dict[str, type[Shape]] = {name: kind.body for name, kind in KINDS.items()}
"""The kinds of letter this node understands. A kind that is not here is refused as not understood."""
