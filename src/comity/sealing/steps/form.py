"""What kinds of package share in steps 3 and 5: which entries there are, and the signature file's form."""

from __future__ import annotations

from datetime import datetime

from comity.sealing import algorithms, certificates, signature, xml
from comity.sealing.case import Case
from comity.sealing.container import MANIFEST_XML
from comity.sealing.names import MIMETYPE
from comity.sealing.refusals import EntryMissingError, EntryUnsignedError, FormNotDeterminedError


def check_entries(there: list[str], between: list[str]) -> None:
    """The entries are exactly these between the media type and the two lists, in this order (clause 2.1)."""
    own = [MIMETYPE, *between, MANIFEST_XML, signature.FILE]
    check_same_names(set(own), set(there))
    if own != there:
        raise FormNotDeterminedError(part="The order of the entries")


def check_same_names(signed: set[str], there: set[str]) -> None:
    """Nothing is there that is not signed, and nothing signed is missing."""
    for name in sorted(there - signed):
        raise EntryUnsignedError(name=name)
    for name in sorted(signed - there):
        raise EntryMissingError(name=name)


def check_signature_file(case: Case, covered: list[signature.Reference], signed_at: datetime) -> None:
    """Clause 4.2: the parts determine every byte of the signature file."""
    signed = case.signed
    key = certificates.load(signed.certificate, "seal").public_key()
    if signed.token is None or len(signed.certificates) != 1 or len(signed.answers) != 1:
        raise FormNotDeterminedError(part=signature.FILE)
    parts = signature.Parts(
        signed_at=signed_at,
        algorithm=signed.algorithm,
        certificate=signed.certificate,
        value=algorithms.to_xml(algorithms.lower(algorithms.from_xml(signed.value, key), key), key),
        token=signed.token,
        issuer=signed.certificates[0],
        answer=signed.answers[0],
    )
    if case.package.read(signature.FILE, xml.LIMIT) != signature.render(covered, parts):
        raise FormNotDeterminedError(part=signature.FILE)
