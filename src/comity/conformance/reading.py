"""A letter of the node's, opened by the tester as whoever it is for opens it."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from cryptography import x509

from comity.conformance.peer import demand
from comity.conformance.tester import Tester
from comity.directory.cards import CERTIFICATES, Card
from comity.letters.schema import MAX_BYTES, Letter, parse
from comity.proofs.notes import Verifier
from comity.sealing import encryption
from comity.sealing.keys import Description
from comity.sealing.trust import Trust, TrustedAuthority
from comity.sealing.verification import examined
from comity.terms import Verdict


def opened(container: bytes, tester: Tester, node: Card) -> Letter:
    """The letter in a container that was encrypted to the tester and sealed by the node, as of the present: a
    run may be long, and officials write in its course.

    Raises RuleBrokenError, and the errors of ``encryption.decrypt`` and ``parse``.
    """
    plain = io.BytesIO()
    encryption.decrypt(io.BytesIO(container), plain, [tester.keys.identity])
    plain.seek(0)
    with examined(plain, trust=_anchors(node), identities=None, as_of=datetime.now(UTC)) as case:
        codes = ", ".join(map(str, case.report.codes))
        demand("a seal that holds", case.report.verdict is Verdict.PASSED, codes or case.report.verdict)
        demand("a letter", case.report.kind == "letter", str(case.report.kind))
        return parse(case.package.read("letter.json", MAX_BYTES))


def _anchors(card: Card) -> Trust:
    """What the seals of a card's authority are judged by."""
    said = {f"{name}.crt": getattr(card.certificates, name).encode() for name in CERTIFICATES}
    certificates = {name: x509.load_pem_x509_certificate(pem) for name, pem in said.items()}
    described = Description(
        id=card.id, name=card.names.get("en", card.id), state=card.state, created_at=card.created_at
    )
    log = Verifier.parse(card.log_key)
    anchors = TrustedAuthority(described, certificates["ca.crt"], certificates, log, card.recipient)
    return Trust({card.id: anchors})
