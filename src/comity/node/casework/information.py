"""Information without request: what the law says of sending it, and which restrictions may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.node.casework import opinions, preparing
from comity.node.casework.models import Case, CaseKind, Preparation, Side
from comity.node.casework.standing import NotNowError

ACT = "send_information"
MEASURE = "share_information"
KEPT = "confidential"
"""The limit by which a receiver keeps what its sender asked for: confidentiality or restrictions on use."""
RESTRICTIONS = ("confidential", "stated_purpose_only", "no_onward_transfer", "personal_data_conditions")
"""What a sender may ask for."""


def restriction(opinion: opinions.Opinion, limit: str) -> str:
    """The provision by which a restriction binds the receiver: one of its own kind, else that on keeping
    whatever restrictions the sender asked for. Raises RuleMissingError without either.
    """
    binding = [
        each for each in opinion.get("limits", []) if each["of"] in ("receiving", "requesting", "both")
    ]
    for kind in (limit, KEPT):
        for each in binding:
            if each["id"] == kind and each.get("outcome") != "does_not_apply":
                return str(each["cite"])
    raise opinions.RuleMissingError(rule=limit)


def limits(opinion: opinions.Opinion, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """The restrictions asked for, by kind with their words, each with the provision by which it binds."""
    return [
        {"id": limit, "cite": restriction(opinion, limit), "text": words or None}
        for limit, words in asked.items()
    ]


def is_unsent(case: Case) -> bool:
    """Whether this is information of ours that has not left."""
    return (case.kind, case.side, case.sent_generation) == (CaseKind.INFORMATION, Side.REQUESTING, 0)


def demand_unsent(case: Case) -> None:
    """Raise NotNowError for a case that is no information of ours, or whose information has left."""
    if not is_unsent(case):
        raise NotNowError(case=case.reference, standing=case.preparation or Preparation.SENT)


def demand_unprepared(case: Case) -> None:
    """The same, and raise NotNowError while what was prepared waits for its signature."""
    demand_unsent(case)
    if preparing.waiting(case).exists():
        raise NotNowError(case=case.reference, standing=Preparation.IN_REVIEW)
