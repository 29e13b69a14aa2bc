"""Notices of designation, change and confirmation, and the list that is circulated every year.

Which provision asks for a notice is law data: rules of kind ``record`` that name the authority's role. A
notice is frozen when it is made; it travels as the treaty says, by note or diplomatic channel, and with the
signed entry.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from comity import canonical
from comity.directory.signing import AHEAD, LIST_LIFE
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.clocks.durations import after
from comity.node.directory import designating, finding, known
from comity.node.directory.models import Authority, Listing, Notice, NoticeKind, Standing
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop
from comity.treaties import Rule, load

_CIRCULATORS = ("depositary", "secretariat")
_OWN_CONFIRMED = (NoticeKind.CONFIRMATION, NoticeKind.DESIGNATION, NoticeKind.CHANGE)


class NoticeForeignError(ComityError):
    """A State gives notice of its own authorities alone."""

    code = "notice_foreign"
    message = gettext_noop("{authority} is no authority of this State.")
    next_step = gettext_noop("Give notice of an authority of your own State.")


class NothingToCirculateError(ComityError):
    """No authority has the role that the list is of."""

    code = "nothing_to_circulate"
    message = gettext_noop("No authority of the directory has this role.")
    next_step = gettext_noop("Choose another role, or update the directory first.")


def asked_by(roles: list[str], designated: set[tuple[str, str]]) -> list[Rule]:
    """The rules that ask for a notice, or for a register, of authorities of these roles.

    ``designated``: instrument and role of each designation; empty asks for every instrument.
    """
    library = load()
    return [
        rule
        for name in library.by_priority
        for rule in library.rules(name)
        if rule.kind == "record" and rule.to in roles and (not designated or (name, rule.to) in designated)
    ]


def make_notice(by: Official, authority: Authority, kind: str, *, remarks: str, now: datetime) -> Notice:
    """Freeze a notice of an own authority: designation, change, or that its entry is still right.

    Clauses: DIRECTORY-20, DIRECTORY-21.
    """
    authorise(by, "make_notice")
    if authority.state != known.own().state or "provider" in authority.roles:
        raise NoticeForeignError(authority=authority.id)
    designations = designating.of(authority.id)
    designated = {(each.instrument, each.role) for each in designations}
    content = {
        "authorities": [_described(authority, now.date())],
        "cites": [str(rule.citation) for rule in asked_by(authority.roles, designated)],
    }
    return _freeze(by, kind, content, remarks, now)


def circulate(by: Official, role: str, *, remarks: str, now: datetime) -> Notice:
    """Freeze the list of every authority of a role, as it is circulated to the States (DIRECTORY-21)."""
    authorise(by, "make_notice")
    found = [row for row in finding.authorities(finding.Wanted(role=role), now) if row.withdrawn_at is None]
    if not found:
        raise NothingToCirculateError
    content = {
        "authorities": [_described(row, now.date()) for row in found],
        "cites": [str(rule.citation) for rule in asked_by([role], set())],
        "role": role,
    }
    return _freeze(by, NoticeKind.CIRCULATION, content, remarks, now)


def own_authorities() -> QuerySet[Authority]:
    """The authorities of this State of which notice can be given."""
    return Authority.objects.filter(state=known.own().state).order_by("-own", "id")


def due(now: datetime) -> list[tuple[Authority, datetime]]:
    """Own authorities whose entry must be confirmed soon or is late, each with the day its year ends.

    One that nobody published and of which no notice was given owes nothing.
    Clause DIRECTORY-22.
    """
    said = Notice.objects.filter(kind__in=_OWN_CONFIRMED).values("authority").annotate(at=Max("made_at"))
    last = {row["authority"]: row["at"] for row in said}
    published = Listing.objects.filter(standing=Standing.CURRENT, state=known.own().state)
    for listing in published:
        last[listing.authority] = max(last.get(listing.authority, listing.confirmed_at), listing.confirmed_at)
    found = [(row, last[row.id] + LIST_LIFE) for row in own_authorities() if row.id in last]
    return [(row, until) for row, until in found if until - AHEAD <= now]


def circulation_due(now: datetime) -> list[tuple[str, datetime]]:
    """The roles whose list is to be circulated again, each with the day; none where others circulate lists.

    How often is law data: ``duration`` of the rule of kind ``record`` that names the role. A list that was
    never circulated is due now.
    """
    if not set(_CIRCULATORS) & set(known.own().roles):
        return []
    last: dict[str, datetime] = {}
    for notice in Notice.objects.filter(kind=NoticeKind.CIRCULATION).order_by("made_at"):
        last[json.loads(notice.document)["role"]] = notice.made_at
    library = load()
    rules = [rule for name in library.by_priority for rule in library.rules(name)]
    every = {rule.to: rule.duration for rule in rules if rule.kind == "record" and rule.to and rule.duration}
    due = [(role, after(last[role], often) if role in last else now) for role, often in every.items()]
    return [(role, until) for role, until in due if until - AHEAD <= now]


def _described(row: Authority, day: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "region": row.region,
        "names": row.names,
        "roles": row.roles,
        "designations": [
            {
                "instrument": each.instrument,
                "role": each.role,
                "valid_from": each.valid_from.isoformat(),
                "valid_until": each.valid_until.isoformat() if each.valid_until else None,
            }
            for each in designating.of(row.id)
            if each.valid_until is None or each.valid_until >= day
        ],
        "contacts": row.contacts,
        "contact": row.contact,
        "hours": row.hours,
        "time_zone": row.time_zone,
        "languages": row.languages,
    }


def _freeze(by: Official, kind: str, content: dict[str, Any], remarks: str, now: datetime) -> Notice:
    own = known.own()
    document = {
        "schema": "comity-directory-notice/1",
        "kind": str(kind),
        "from": {"id": own.id, "state": own.state, "names": own.names},
        "signatory": {"name": by.full_name, "post": by.post},
        "made_at": canonical.instant_text(now),
        "remarks": remarks,
        **content,
    }
    data = canonical.write(document).decode()
    of = content["authorities"][0]["id"] if kind != NoticeKind.CIRCULATION else own.id
    with transaction.atomic():
        noted = {
            "what": "directory_notice",
            "kind": str(kind),
            "authority": of,
            "by": by.pk,
            "notice": document,
        }
        entry = entries.append("directory_notice", of, noted, now=now)
        return Notice.objects.create(
            authority_id=of, kind=kind, document=data, made_at=now, made_by=by, ledger=entry
        )
