"""The directory as trust anchors: what ``comity verify`` gets from a folder, the node gets from its rows."""

from __future__ import annotations

from functools import lru_cache

from cryptography import x509

from comity.node.databases import rows
from comity.node.directory.cards import CERTIFICATES
from comity.node.directory.models import Authority
from comity.proofs.notes import Verifier
from comity.sealing.keys import Description
from comity.sealing.trust import Trust, TrustedAuthority


def trust() -> Trust:
    """The own authority and every confirmed peer; a row that nobody confirmed anchors nothing."""
    anchoring = (row for row in rows.those(Authority) if row.ca_certificate)
    known = [row for row in anchoring if row.own or row.confirmed_at is not None]
    return Trust({row.id: _anchors(row) for row in known})


def verifier(authority: Authority) -> Verifier:
    """The key under which the authority signs receipts and checkpoints."""
    return _verifier(authority.log_key)


def _anchors(row: Authority) -> TrustedAuthority:
    certificates = {f"{name}.crt": _certificate(getattr(row, f"{name}_certificate")) for name in CERTIFICATES}
    description = Description(id=row.id, name=row.name("en"), state=row.state, created_at=row.created_at)
    return TrustedAuthority(
        description=description,
        ca=certificates["ca.crt"],
        certificates=certificates,
        log=verifier(row),
        recipient=row.recipient,
    )


@lru_cache(maxsize=1024)
def _verifier(text: str) -> Verifier:
    """Read once for each text, as certificates are."""
    return Verifier.parse(text)


@lru_cache(maxsize=1024)
def _certificate(pem: str) -> x509.Certificate:
    """Read once for each text: what a row of the directory says now decides which text that is."""
    return x509.load_pem_x509_certificate(pem.encode())
