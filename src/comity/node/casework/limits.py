"""Limits on the use of what is given: those of a result, and conditions once they are accepted."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from comity.node.casework.models import Case, Limit


def lay_down(case: Case, limits: list[dict[str, Any]], letter: uuid.UUID, now: datetime) -> None:
    """Keep limits with the case, on both sides, from the letter on that made them bind."""
    Limit.objects.bulk_create(
        Limit(
            case=case, limit=each["id"], cite=each["cite"], text=each["text"] or "", letter=letter, since=now
        )
        for each in limits
    )
