"""What is kept of a letter's container whose exhibits were destroyed: enough to prove that it was sealed.

Receives the container before it goes; returns one canonical document of its letter, manifest and signature;
keeps no byte of an attachment. What is kept verifies by itself (docs/sealing.md, clause 18).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import IO, Literal, cast

from pydantic import Field, ValidationError

from comity import canonical
from comity.sealing import manifest, signature, xades, xml
from comity.sealing.case import Case
from comity.sealing.manifest import Kind
from comity.sealing.reading import MANIFEST, Package
from comity.sealing.refusals import EntryMissingError, EntryUnsignedError, ManifestUnreadableError
from comity.sealing.report import Report, Sentence
from comity.sealing.steps import content, validity
from comity.sealing.steps.letter import LETTER, LIMIT
from comity.sealing.trust import Trust
from comity.sealing.verification import carry_out
from comity.shapes import Base64, Shape, decode_base64, encode_base64
from comity.terms import gettext_noop

SCHEMA = "comity-remains/1"
MOST = 64 << 20
"""Bytes of such a document: letter, manifest and signature at their largest, in base64."""


class Remains(Shape):
    """The document: the three entries of the container, as they were."""

    format: Literal["comity-remains/1"] = Field(alias="schema", default="comity-remains/1")
    letter: Base64
    manifest: Base64
    signature: Base64


def keep(container: IO[bytes]) -> bytes:
    """The document about a letter's container; raise a PackageRefusedError when it has not Comity's form."""
    package = Package(container)
    entries = {
        "letter": (LETTER, LIMIT),
        "manifest": (MANIFEST, manifest.LIMIT),
        "signature": (signature.FILE, xml.LIMIT),
    }
    kept = {name: encode_base64(package.read(entry, limit)) for name, (entry, limit) in entries.items()}
    return canonical.write({"schema": SCHEMA} | kept)


def is_remains(opening: bytes) -> bool:
    """Whether a file that begins with these bytes is such a document."""
    return opening.startswith(b'{"letter":"')


def verify(data: bytes, *, trust: Trust | None, as_of: datetime) -> Report:
    """Verify what was kept: the steps of a package that need no attachment, under their numbers."""
    case = Case(BytesIO(), trust, None, as_of, Report(as_of))
    steps: tuple[tuple[int, str, Callable[[Case], Sentence]], ...] = (
        (3, "manifest", lambda case: _read(case, data)),
        (5, "signature", content.check_signature),
        (6, "time", validity.check_time),
        (7, "certificate", validity.check_certificate),
        (8, "revocation", validity.check_revocation),
    )
    carry_out(case, steps)
    return case.report


class _Kept:
    """What stands in the place of the package for the step that renders the signature again."""

    names = (MANIFEST, signature.FILE)

    def __init__(self, seal: bytes) -> None:
        self._seal = seal

    def read(self, name: str, limit: int) -> bytes:
        if name != signature.FILE:
            raise EntryMissingError(name=name)
        return self._seal


# 3 manifest
def _read(case: Case, data: bytes) -> Sentence:
    """The manifest lists the letter; every digest under the seal is one that it lists, or its own."""
    letter, listed_bytes, seal = _parts(data)
    listed = manifest.parse(listed_bytes)
    digests = {file.name: bytes.fromhex(file.sha256) for file in listed.files}
    if listed.kind is not Kind.LETTER or digests.get(LETTER) != sha256(letter).digest():
        raise ManifestUnreadableError
    digests[MANIFEST] = sha256(listed_bytes).digest()
    case.package = cast(Package, _Kept(seal))
    case.manifest, case.signed = listed, xades.read(seal, signature.FILE)
    case.report.kind, case.report.by, case.report.about = listed.kind, listed.by, listed.about
    for reference in case.signed.references:
        if reference.name not in digests:
            raise EntryUnsignedError(name=reference.name)
        case.digests[reference.name, reference.digest] = digests[reference.name]
    return Sentence(
        gettext_noop(
            "This is what remains of a letter of “{by}” with {count} files: what it said and that it was"
            " sealed. The attachments were erased and are not proved."
        ),
        by=listed.by,
        count=len(listed.files),
    )


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    try:
        found = Remains.model_validate(canonical.read_canonical(data, max_bytes=MOST))
    except (ValidationError, canonical.JsonUnreadableError):
        raise ManifestUnreadableError from None
    return decode_base64(found.letter), decode_base64(found.manifest), decode_base64(found.signature)
