"""The directory as it is looked through: by State, role and instrument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from comity.node.directory import designating
from comity.node.directory.models import Authority, Designation, Listing
from comity.node.pages import labels


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an authority must be to be shown; an empty value asks for nothing."""

    state: str = ""
    role: str = ""
    instrument: str = ""


def authorities(wanted: Wanted, now: datetime) -> list[Authority]:
    """The authorities that fit: this one first, then those of other States, then providers of this State."""
    found = Authority.objects.select_related("listing__keeper")
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.instrument:
        under = designating.today(now).filter(instrument=wanted.instrument)
        if wanted.role:
            under = under.filter(role=wanted.role)
        found = found.filter(id__in=under.values("listing__authority"))
    rows = [row for row in found if not wanted.role or wanted.role in row.roles]
    return sorted(rows, key=_place)


def choices() -> dict[str, list[str]]:
    """What can be chosen in the filters: only what is there."""
    rows = Authority.objects.values_list("state", "roles")
    return {
        "states": sorted({state for state, _ in rows}),
        "roles": sorted({role for _, roles in rows for role in roles}),
        "instruments": sorted(set(Designation.objects.values_list("instrument", flat=True))),
    }


def role_choices() -> list[tuple[str, str]]:
    """The roles that some authority has, in the reader's words."""
    return [(role, str(labels.label(role, "authority_role"))) for role in choices()["roles"]]


def history(authority: str) -> list[Listing]:
    """Every entry of an authority that any keeper published, the latest first."""
    return list(Listing.objects.filter(authority=authority).select_related("keeper", "decided_by"))


def _place(authority: Authority) -> tuple[bool, bool, str, str]:
    return (not authority.own, "provider" in authority.roles, authority.state, authority.id)
