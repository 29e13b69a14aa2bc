"""Look up whom this node knows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from comity.directory import updates
from comity.node.databases import rows
from comity.node.directory.models import Authority
from comity.terms import ComityError, gettext_noop


class AuthorityUnknownError(ComityError):
    """The directory holds no such authority."""

    code = "authority_unknown"
    message = gettext_noop("The directory does not know “{authority}”.")
    next_step = gettext_noop("Add the authority's card: comity node directory add DIR CARD")


def own() -> Authority:
    """The authority this node belongs to."""
    found = rows.find(Authority, own=True)
    if found is None:
        raise AuthorityUnknownError(authority="own")
    return found


def find(authority: str) -> Authority:
    """The authority with this id; AuthorityUnknownError when there is none."""
    found = rows.find(Authority, id=authority)
    if found is None:
        raise AuthorityUnknownError(authority=authority)
    return found


def hold(peer: Authority) -> None:
    """One act about a peer after the other, until the caller's transaction ends.

    The row's key stays free: letters to the peer are entered meanwhile, by acts that this one may wait for.
    On SQLite the transaction itself keeps the others out.
    """
    if connection.features.has_select_for_update:
        Authority.objects.select_for_update(no_key=True).get(pk=peer.pk)


def named(ids: Collection[str]) -> list[Authority]:
    """The authorities with these ids, in their order."""
    return list(Authority.objects.filter(id__in=ids).order_by("id")) if ids else []


def by_fingerprint(fingerprint: str, now: datetime) -> Authority | None:
    """The confirmed peer that is admitted now by the TLS certificate of this SHA-256 (lower-case hex)."""
    if not fingerprint:
        return None
    found = _peer(tls_fingerprint=fingerprint) or _peer(tls_next_fingerprint=fingerprint)
    if found is None or fingerprint not in {updates.fingerprint(one) for one in admitted(found, now)}:
        return None
    return found


def admitted(peer: Authority, now: datetime) -> tuple[str, ...]:
    """The certificates (PEM) by which a peer is admitted now: the present one, and the one that follows it.

    The present one ends when the peer said so, and each when it ends by itself. Clause WIRE-2.
    """
    present = peer.tls_certificate if peer.tls_ends_at is None or now < peer.tls_ends_at else ""
    both = (present, peer.tls_next_certificate)
    return tuple(pem for pem in both if pem and now < updates.ends_at(pem))


def _peer(**shown: Any) -> Authority | None:
    """The one of ``peers`` that has this, asked with every request."""
    found = rows.those(Authority, own=False, withdrawn_at=None, **shown)
    return next((row for row in found if row.confirmed_at is not None and row.tls_certificate), None)


def peers() -> QuerySet[Authority]:
    """The authorities of other States that were confirmed, by voice or by a keeper, and not withdrawn."""
    known = Authority.objects.filter(own=False, confirmed_at__isnull=False, withdrawn_at=None)
    return known.exclude(tls_certificate="")
