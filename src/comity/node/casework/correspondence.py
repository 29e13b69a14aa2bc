"""The letters of a case, as casework asks for them."""

from __future__ import annotations

from comity.node.casework.models import Case
from comity.node.exchange.models import Direction, Letter


def last_received(case: Case, *kinds: str) -> Letter | None:
    """The newest letter from the other side of one of the kinds."""
    received = Letter.objects.filter(case_reference=case.reference, direction=Direction.IN, kind__in=kinds)
    return received.order_by("-generation").first()


def answering(case: Case, *kinds: str) -> list[str]:
    """The ids that a letter names as those it answers."""
    letter = last_received(case, *kinds)
    return [str(letter.id)] if letter else []
