"""An authority's card: its public data in one canonical JSON text."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import Field, ValidationError

from comity import canonical
from comity.letters.bodies import LanguageCode
from comity.proofs.checkpoints import key_name
from comity.proofs.notes import Verifier
from comity.shapes import AuthorityId, Instant, Line, Shape, first_problem
from comity.terms import ComityError, gettext_noop

CERTIFICATES = ("ca", "seal", "tsa", "ocsp", "tls")
MAX_BYTES = 64 * 1024


class CardUnreadableError(ComityError):
    """A text is no authority's card."""

    code = "card_unreadable"
    message = gettext_noop("The card cannot be used: {detail}.")
    next_step = gettext_noop("Ask the authority for a new card: comity node directory card DIR")


class Certificates(Shape):
    """PEM texts. All but ``ca`` are issued by ``ca``."""

    ca: str
    seal: str
    tsa: str
    ocsp: str
    tls: str


class Card(Shape):
    """What an authority says of itself (DIRECTORY-23)."""

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


def read_card(data: bytes) -> Card:
    """Read a card strictly: shape, certificates issued by its own CA, keys, an https address."""
    return card_of(canonical.read_canonical(data, max_bytes=MAX_BYTES))


def card_of(value: Any) -> Card:
    """The card that a JSON value is; raises CardUnreadableError."""
    try:
        card = Card.model_validate(value)
    except ValidationError as error:
        where, why = first_problem(error)
        raise CardUnreadableError(detail=f"{where}: {why}") from None
    demand_whole(card)
    return card


def demand_whole(card: Card) -> None:
    """Raise CardUnreadableError where address, ledger key or certificates do not fit each other."""
    address = urlsplit(card.peer_url)
    if address.scheme != "https" or not address.hostname or address.username or address.query:
        raise CardUnreadableError(detail="its address is not an https address")
    if Verifier.parse(card.log_key).name != key_name(card.id):
        raise CardUnreadableError(detail="its ledger key has another authority's name")
    ca = _certificate(card.certificates.ca, "ca")
    for name in CERTIFICATES:
        certificate = _certificate(getattr(card.certificates, name), name)
        try:
            certificate.verify_directly_issued_by(ca)
        except (ValueError, TypeError, InvalidSignature):
            raise CardUnreadableError(detail=f"its {name} certificate is not issued by its CA") from None


def tls_fingerprint(pem: str) -> str:
    """SHA-256 of a PEM certificate's DER bytes, lower-case hex."""
    return sha256(_certificate(pem, "tls").public_bytes(Encoding.DER)).hexdigest()


def grouped(digest: str) -> str:
    """A hex digest upper case in groups of four: what two people read to each other."""
    upper = digest.upper()
    return " ".join(upper[at : at + 4] for at in range(0, len(upper), 4))


def _certificate(pem: str, name: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise CardUnreadableError(detail=f"its {name} certificate cannot be read") from None
