"""An authority's card: its public data in one canonical JSON text, confirmed by voice.

Two nodes exchange cards by any channel; then two people who know each other compare the fingerprint over
the telephone. Only what was compared is imported.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from pydantic import Field, ValidationError

from comity import canonical
from comity.letters.bodies import LanguageCode
from comity.node.directory.models import Authority
from comity.node.ledger import entries
from comity.proofs.checkpoints import key_name
from comity.proofs.notes import Verifier
from comity.shapes import AuthorityId, Instant, Line, Shape, first_problem
from comity.terms import ComityError, gettext_noop

CERTIFICATES = ("ca", "seal", "tsa", "ocsp", "tls")
_MAX_BYTES = 64 * 1024
_OF_RECIPIENT = ("recipient", "recipient_number", "recipient_until", "recipient_withdrawn_at")


class CardUnreadableError(ComityError):
    """A text is no authority's card."""

    code = "card_unreadable"
    message = gettext_noop("The card cannot be used: {detail}.")
    next_step = gettext_noop("Ask the authority for a new card: comity node directory card DIR")


class FingerprintDiffersError(ComityError):
    """The fingerprint that was compared by voice is not the card's."""

    code = "fingerprint_differs"
    message = gettext_noop("The card's fingerprint is not the one that was compared.")
    next_step = gettext_noop("Do not use this card. Call the authority on a known number and compare again.")


class Certificates(Shape):
    """PEM texts. All but ``ca`` are issued by ``ca``."""

    ca: str
    seal: str
    tsa: str
    ocsp: str
    tls: str


class Card(Shape):
    """What an authority says of itself."""

    format: Literal["comity-card/1"] = Field(alias="schema")
    id: AuthorityId
    state: str = Field(pattern=r"^[A-Z]{2}$")
    names: dict[str, Line]
    roles: list[str]
    created_at: Instant
    peer_url: str = Field(max_length=200)
    hours: str = Field(max_length=60)
    time_zone: str = Field(max_length=64)
    languages: list[LanguageCode] = Field(max_length=50)
    contact: str = Field(max_length=200)
    certificates: Certificates
    log_key: str = Field(max_length=200)
    recipient: str = Field(pattern=r"^age1[a-z0-9]+$", max_length=4000)
    recipient_number: int = Field(ge=1, le=10**6, default=1)
    recipient_until: Instant | None = None


def export_card(authority: Authority) -> bytes:
    """The authority's card as canonical JSON."""
    values: dict[str, Any] = {"schema": "comity-card/1"}
    for field in set(Card.model_fields) - {"format", "certificates"}:
        values[field] = getattr(authority, field)
    until = authority.recipient_until
    values["recipient_until"] = canonical.instant_text(until) if until else None
    values["certificates"] = {name: getattr(authority, f"{name}_certificate") for name in CERTIFICATES}
    return canonical.write(values)


def fingerprint(card: bytes) -> str:
    """SHA-256 of the card, upper-case hex in groups of four: what two people read to each other."""
    digest = sha256(card).hexdigest().upper()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def import_card(card: bytes, *, confirmed_by: str, fingerprint: str, now: datetime) -> Authority:
    """Add or update a peer from its card, if ``fingerprint`` (groups or not, any case) is the card's.

    Raises FingerprintDiffersError or CardUnreadableError; nothing is changed then.
    """
    compared = "".join(fingerprint.split()).lower()
    if not hmac.compare_digest(compared.encode(), sha256(card).hexdigest().encode()):
        raise FingerprintDiffersError
    read = read_card(card)
    with transaction.atomic():
        if Authority.objects.filter(id=read.id, own=True).exists():
            raise CardUnreadableError(detail="it is this node's own")
        columns = _columns(read) | {"confirmed_at": now, "confirmed_by": confirmed_by}
        before = Authority.objects.filter(id=read.id, log_key=read.log_key).first()
        if before is not None and not supersedes(before, read.recipient_number, read.recipient):
            columns = {name: value for name, value in columns.items() if name not in _OF_RECIPIENT}
        authority, _ = Authority.objects.update_or_create(id=read.id, defaults=columns)
        content = {"authority": read.id, "card": sha256(card).hexdigest(), "at": canonical.instant_text(now)}
        entries.append("card_imported", read.id, {"what": "card_imported", **content}, now=now)
    return authority


def supersedes(authority: Authority, number: int, recipient: str) -> bool:
    """Whether a transport key is the present one of the authority, or a later one; an older never returns."""
    if number == authority.recipient_number:
        return recipient == authority.recipient
    return number > authority.recipient_number


def read_card(data: bytes) -> Card:
    """Read a card strictly: shape, certificates issued by its own CA, keys, an https address."""
    try:
        card = Card.model_validate(canonical.read_canonical(data, max_bytes=_MAX_BYTES))
    except ValidationError as error:
        where, why = first_problem(error)
        raise CardUnreadableError(detail=f"{where}: {why}") from None
    address = urlsplit(card.peer_url)
    if address.scheme != "https" or not address.hostname or address.username or address.query:
        raise CardUnreadableError(detail="its address is not an https address")
    if Verifier.parse(card.log_key).name != key_name(card.id):
        raise CardUnreadableError(detail="its ledger key has another authority's name")
    _check_certificates(card)
    return card


def tls_fingerprint(pem: str) -> str:
    """SHA-256 of a PEM certificate's DER bytes, lower-case hex."""
    return sha256(_certificate(pem, "tls").public_bytes(Encoding.DER)).hexdigest()


def _check_certificates(card: Card) -> None:
    ca = _certificate(card.certificates.ca, "ca")
    for name in CERTIFICATES:
        certificate = _certificate(getattr(card.certificates, name), name)
        try:
            certificate.verify_directly_issued_by(ca)
        except (ValueError, TypeError, InvalidSignature):
            raise CardUnreadableError(detail=f"its {name} certificate is not issued by its CA") from None


def _certificate(pem: str, name: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise CardUnreadableError(detail=f"its {name} certificate cannot be read") from None


def _columns(card: Card) -> dict[str, Any]:
    columns = card.model_dump(exclude={"format", "id", "certificates"})
    for name in CERTIFICATES:
        columns[f"{name}_certificate"] = getattr(card.certificates, name)
    until = canonical.read_instant(card.recipient_until) if card.recipient_until else None
    columns |= {"recipient_until": until, "recipient_withdrawn_at": None}
    return columns | {"tls_fingerprint": tls_fingerprint(card.certificates.tls)}
