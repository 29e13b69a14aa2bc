"""Cases that the desk passed on within this State: to whom, and how long it took until they were taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comity.node.accounts.models import Official, Organisation, OrganisationKind
from comity.node.casework import entitlement
from comity.node.casework.models import Case
from comity.node.desk.models import Referral


def of_case(case: Case) -> QuerySet[Referral]:
    """The referrals of a case, the earliest first."""
    return Referral.objects.filter(case=case).select_related("organisation", "by", "taken_by")


def not_taken(seen: QuerySet[Case]) -> QuerySet[Referral]:
    """Referrals of these cases that nobody has taken yet, the longest waiting first."""
    waiting = Referral.objects.filter(entitlement.about(seen), taken_at=None)
    return waiting.select_related("case__peer", "organisation", "by").order_by("at", "id")


def for_official(seen: QuerySet[Case], official: Official) -> QuerySet[Referral]:
    """Of these, what the official may take for their body: not what they passed on themselves."""
    bodies = Q(organisation=official.organisation_id) if official.organisation_id else Q(pk__in=[])
    if official.is_of_the_whole_state:
        bodies |= Q(organisation=None) | Q(organisation__kind=OrganisationKind.CENTRAL_AUTHORITY)
    return not_taken(seen).filter(bodies).exclude(by=official)


def is_for(referral: Referral, official: Official) -> bool:
    """Whether an official belongs to the body that a case was passed on to."""
    to = referral.organisation
    if to is None or to.is_central:
        return official.is_of_the_whole_state
    return to.pk == official.organisation_id


def lasted(referral: Referral, now: datetime) -> timedelta:
    """How long it took until the receiving body took it, or has taken so far."""
    return (referral.taken_at or now) - referral.at


def receiver(to: Organisation | None, language: str) -> str:
    """The name of the body in a language."""
    return to.name(language) if to else _("the authority that keeps this node")
