"""Which letters an official sees whose proof ends within a year."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from comity.node.accounts.models import Official
from comity.node.casework.entitlement import sees_every_case, visible
from comity.node.exchange.models import Letter
from comity.node.exhibits import renewals
from comity.node.exhibits.proof_rows import LetterProof

PAGE = 50


def due(official: Official | AnonymousUser, now: datetime) -> list[LetterProof]:
    """The first to end, at most ``PAGE``; further ones follow when these are sealed again."""
    found: QuerySet[LetterProof] = renewals.due(now)
    if not sees_every_case(official):
        found = found.filter(letter__case_reference__in=visible(official).values("reference"))
    return list(found[:PAGE])


def letter(official: Official | AnonymousUser, pk: UUID) -> Letter | None:
    """A letter of a case that the official may see."""
    found = Letter.objects.filter(pk=pk)
    if not sees_every_case(official):
        found = found.filter(case_reference__in=visible(official).values("reference"))
    return found.first()
