"""Look up whom this node knows."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from comity.node.directory.models import Authority
from comity.terms import ComityError, gettext_noop


class AuthorityUnknownError(ComityError):
    """The directory holds no such authority."""

    code = "authority_unknown"
    message = gettext_noop("The directory does not know “{authority}”.")
    next_step = gettext_noop("Add the authority's card: comity node directory add DIR CARD")


def own() -> Authority:
    """The authority this node belongs to."""
    found = Authority.objects.filter(own=True).first()
    if found is None:
        raise AuthorityUnknownError(authority="own")
    return found


def find(authority: str) -> Authority:
    """The authority with this id; AuthorityUnknownError when there is none."""
    found = Authority.objects.filter(id=authority).first()
    if found is None:
        raise AuthorityUnknownError(authority=authority)
    return found


def named(ids: Collection[str]) -> list[Authority]:
    """The authorities with these ids, in their order."""
    return list(Authority.objects.filter(id__in=ids).order_by("id")) if ids else []


def by_fingerprint(fingerprint: str) -> Authority | None:
    """The confirmed peer whose TLS certificate has this SHA-256 (lower-case hex), if any."""
    return peers().filter(tls_fingerprint=fingerprint).first() if fingerprint else None


def peers() -> QuerySet[Authority]:
    """The authorities of other States that were confirmed, by voice or by a keeper, and not withdrawn."""
    known = Authority.objects.filter(own=False, confirmed_at__isnull=False, withdrawn_at=None)
    return known.exclude(tls_certificate="")
