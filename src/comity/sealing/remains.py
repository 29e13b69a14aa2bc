"""What is kept of a letter's container whose exhibits were destroyed: enough to prove that it was sealed.

Receives the container before it goes; returns one canonical document of its letter, manifest and signature;
keeps no byte of an attachment. What is kept verifies by itself (docs/sealing.md, clause 18).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import IO, Literal, cast

from pydantic import Field, ValidationError

from comity import canonical
from comity.sealing import longterm, manifest, signature, timestamp, xades, xml
from comity.sealing.carrying import Run, carry_out
from comity.sealing.case import Case
from comity.sealing.longterm import RENEWALS
from comity.sealing.manifest import Kind
from comity.sealing.reading import MANIFEST, Package
from comity.sealing.refusals import (
    EntryMissingError,
    EntryUnsignedError,
    ManifestUnreadableError,
    RenewalUnreadableError,
    RenewedTooOftenError,
    TimestampMissingError,
)
from comity.sealing.report import Report, Sentence, VerifiedFile
from comity.sealing.steps import content, validity
from comity.sealing.steps.letter import LETTER, LIMIT, check_letter
from comity.sealing.trust import Trust
from comity.shapes import Base64, Shape, decode_base64, encode_base64
from comity.terms import gettext_noop

SCHEMA = "comity-remains/1"
MOST = 64 << 20
"""Bytes of such a document: letter, manifest and signature at their largest, in base64."""
_OPENING = b'{"letter":"'
"""How such a document begins; no container does."""
DOCUMENT, SEALED_AGAIN = "remains.json", "remains.asice"
"""What a renewal holds of remains (clause 18.3): the document, or an older renewal of it."""


class Remains(Shape):
    """The document: the three entries of the container, as they were."""

    format: Literal["comity-remains/1"] = Field(alias="schema")
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


def proof_ends(data: bytes) -> datetime:
    """The moment after which a document alone proves nothing any more; raise a PackageRefusedError."""
    signed = xades.read(_parts(data)[2], signature.FILE)
    if signed.token is None:
        raise TimestampMissingError
    return longterm.ends(signed, timestamp.check(signed.token, signed.stamped))


def is_remains(file: IO[bytes]) -> bool:
    """Whether a file, which is at its beginning and stays there, is such a document by how it begins."""
    opening = file.read(len(_OPENING))
    file.seek(0)
    return opening == _OPENING


def verify(data: bytes, *, trust: Trust | None, as_of: datetime) -> Report:
    """Verify what was kept: the steps of a package that need no attachment, under their numbers."""
    return examine(data, trust=trust, as_of=as_of).report


def examine(data: bytes, *, trust: Trust | None, as_of: datetime, depth: int = 0) -> Case:
    """The same, and what was found; ``depth`` renewals lie around the document."""
    case = Case(BytesIO(), trust, None, as_of, Report(as_of), remains=data, depth=depth)
    steps: tuple[tuple[int, str, Run], ...] = (
        (3, "manifest", partial(_read, data=data)),
        (5, "signature", content.check_signature),
        (6, "time", validity.check_time),
        (7, "certificate", validity.check_certificate),
        (8, "revocation", validity.check_revocation),
        (9, "letter", check_letter),
    )
    carry_out(case, steps)
    return case


def document_in(container: IO[bytes]) -> bytes:
    """The document inside renewals of remains, as it lies there: no seal is verified.

    Raise a PackageRefusedError where none lies there, or too deep.
    """
    for _ in range(RENEWALS):
        package = Package(container)
        if DOCUMENT in package.names:
            return package.read(DOCUMENT, MOST)
        if SEALED_AGAIN not in package.names:
            raise RenewalUnreadableError
        container = package.section(SEALED_AGAIN)
    raise RenewedTooOftenError(limit=RENEWALS)


def letter_of(data: bytes) -> bytes:
    """``letter.json`` in a document; raise ManifestUnreadableError when it has not its form."""
    return _parts(data)[0]


class _Kept:
    """What stands in the place of the package for the steps that read an entry again."""

    names = (LETTER, MANIFEST, signature.FILE)

    def __init__(self, letter: bytes, seal: bytes) -> None:
        self._entries = {LETTER: letter, signature.FILE: seal}

    def read(self, name: str, limit: int) -> bytes:
        if name not in self._entries:
            raise EntryMissingError(name=name)
        return self._entries[name]

    def stream(self, name: str) -> Iterator[memoryview]:
        yield memoryview(self.read(name, LIMIT))


# 3 manifest
def _read(case: Case, *, data: bytes) -> Sentence:
    """The manifest lists the letter; every digest under the seal is one that it lists, or its own."""
    letter, listed_bytes, seal = _parts(data)
    listed = manifest.parse(listed_bytes)
    digests = {file.name: bytes.fromhex(file.sha256) for file in listed.files}
    digest = sha256(letter)
    if listed.kind is not Kind.LETTER or digests.get(LETTER) != digest.digest():
        raise ManifestUnreadableError
    digests[MANIFEST] = sha256(listed_bytes).digest()
    case.package = cast(Package, _Kept(letter, seal))
    case.manifest, case.signed = listed, xades.read(seal, signature.FILE)
    case.report.kind, case.report.by, case.report.about = listed.kind, listed.by, listed.about
    for reference in case.signed.references:
        if reference.name not in digests:
            raise EntryUnsignedError(name=reference.name)
        case.digests[reference.name, reference.digest] = digests[reference.name]
    case.report.files.append(VerifiedFile(LETTER, "application/json", digest.hexdigest(), len(letter)))
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
