"""Writes sealed packages: one ASiC-E container in determined form, streamed (docs/sealing.md, clauses 2-4).

Receives files that can be opened, a signer and the time; writes to a stream in order and never goes back;
returns what was written. Memory does not grow with the files.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import IO, Any

from isal import isal_zlib
from lxml import etree

from comity.sealing import disclosure, manifest, names, revocation, signature, timestamp, xml, zipform
from comity.sealing.flow import Writable
from comity.sealing.keys import Authority
from comity.sealing.manifest import Kind, Manifest, ManifestFile
from comity.sealing.reading import MANIFEST, MEDIA_TYPE, PIECE
from comity.sealing.refusals import NameUnsafeError
from comity.terms import ComityError, gettext_noop

MANIFEST_XML = "META-INF/manifest.xml"
FILES = 1000
"""The most files of one container (clause 2.6)."""


class SourceChangedError(ComityError):
    """A file gave other bytes the second time it was read."""

    code = "source_changed"
    message = gettext_noop("“{name}” changed while it was being sealed.")
    next_step = gettext_noop("Seal a copy that nobody writes to.")


class TooManyFilesError(ComityError):
    """More files than one container holds."""

    code = "too_many_files"
    message = gettext_noop("{count} files are more than the {limit} that one package holds.")
    next_step = gettext_noop("Seal them in several packages, or pack them into one archive file first.")


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file to be sealed. Who knows size, SHA-256 (hex) and CRC-32 saves a reading of the content."""

    name: str
    media_type: str
    open: Callable[[], IO[bytes]]
    bytes: int | None = None
    sha256: str | None = None
    crc32: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A small document of the package itself."""

    name: str
    media_type: str
    data: bytes

    def reference(self) -> signature.Reference:
        """How a signature covers it."""
        return signature.Reference(self.name, self.media_type, hashlib.sha256(self.data).digest())


@dataclass(frozen=True, slots=True)
class SealedPackage:
    """The container that was written: SHA-256 (hex) and size of the whole, and its manifest."""

    sha256: str
    bytes: int
    manifest: Manifest


class Out:
    """Counts and hashes what is written, and keeps the central directory's lines."""

    def __init__(self, stream: Writable) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()
        self.bytes = 0
        self.entries: list[zipform.Entry] = []

    def write(self, data: bytes) -> None:
        """Write the next bytes of the container."""
        self._stream.write(data)
        self.sha256.update(data)
        self.bytes += len(data)

    def begin(self, name: str, size: int, crc32: int) -> None:
        """Write an entry's header; its content follows with ``write``."""
        entry = zipform.Entry(name, size, crc32, self.bytes)
        self.entries.append(entry)
        self.write(zipform.local_header(entry))

    def add(self, name: str, data: bytes) -> None:
        """Write a whole entry."""
        self.begin(name, len(data), isal_zlib.crc32(data))
        self.write(data)


def write_container(
    out: Writable,
    files: Iterable[PackageFile],
    *,
    kind: Kind,
    about: dict[str, Any],
    signer: Authority,
    now: datetime,
    stamp: Callable[[bytes], bytes] | None = None,
    answer: bytes | None = None,
    disclosable: bool = False,
) -> SealedPackage:
    """Seal the files in their order; of a disclosable package single files can be shown and proved alone.

    ``stamp`` gives a time-stamp token over bytes (default: the authority's own service, at ``now``);
    ``answer`` is an OCSP response about the seal (default: the own responder's, good then).
    Raise a ComityError for an unsafe or repeated name, too many files, or a file that changes meanwhile.
    """
    chosen = _checked(list(files))
    writer = Out(out)
    writer.add(names.MIMETYPE, MEDIA_TYPE)
    lines = [_copy(file, writer) for file in chosen]
    listed = manifest.compose(lines, kind=kind, about=about, by=signer.id, created_at=now)
    listed_bytes = listed.as_bytes()
    sealed = partial(
        signature.sign,
        signer=signer.seal,
        issuer=signer.ca,
        signed_at=now,
        stamp=stamp or (lambda data: timestamp.issue(data, signer.time_service, now)),
        answer=answer or revocation.issue(signer.seal.certificate, signer.ca, signer.revocation_service, now),
    )
    beside = _root(listed, sealed) if disclosable else []
    for document in [*beside, Document(MANIFEST, "application/json", listed_bytes)]:
        writer.add(document.name, document.data)
    writer.add(MANIFEST_XML, manifest_xml(lines, beside))
    writer.add(signature.FILE, sealed(references(lines, listed_bytes, beside)))
    writer.write(zipform.determined(writer.entries, writer.bytes))
    return SealedPackage(writer.sha256.hexdigest(), writer.bytes, listed)


def _root(listed: Manifest, sealed: Callable[[Sequence[signature.Reference]], bytes]) -> Sequence[Document]:
    """The statement of the root with a seal of its own (clause 14.1)."""
    statement = Document(disclosure.ROOT, "application/json", disclosure.state(listed).as_bytes())
    return [statement, Document(disclosure.ROOT_SIGNATURE, "text/xml", sealed([statement.reference()]))]


def references(
    files: Iterable[ManifestFile], manifest_bytes: bytes, beside: Iterable[Document] = ()
) -> list[signature.Reference]:
    """What the signature covers: every file, the documents beside the manifest, then the manifest."""
    listed = [signature.Reference(file.name, file.media_type, bytes.fromhex(file.sha256)) for file in files]
    documents = [*beside, Document(MANIFEST, "application/json", manifest_bytes)]
    return [*listed, *(document.reference() for document in documents)]


def manifest_xml(files: Iterable[ManifestFile], beside: Iterable[Document] = ()) -> bytes:
    """``META-INF/manifest.xml`` (OpenDocument 1.2, part 3) in determined form."""
    documents = [(document.name, document.media_type) for document in beside]
    return entries_xml(
        [*((file.name, file.media_type) for file in files), *documents, (MANIFEST, "application/json")]
    )


def entries_xml(entries: Iterable[tuple[str, str]]) -> bytes:
    """The determined form over names and media types."""
    root = etree.Element(xml.tag("manifest:manifest"), nsmap={"manifest": xml.MANIFEST})
    root.set(xml.tag("manifest:version"), "1.2")
    for name, media_type in [("/", MEDIA_TYPE.decode()), *entries]:
        entry = etree.SubElement(root, xml.tag("manifest:file-entry"))
        entry.set(xml.tag("manifest:full-path"), name)
        entry.set(xml.tag("manifest:media-type"), media_type)
    return xml.canonical(root)


def _checked(files: list[PackageFile]) -> list[PackageFile]:
    if len(files) > FILES:
        raise TooManyFilesError(count=len(files), limit=FILES)
    for file in files:
        names.check(file.name)
        if names.is_reserved(file.name):
            raise NameUnsafeError(name=file.name)
    names.check_together(file.name for file in files)
    return files


def _copy(file: PackageFile, writer: Out) -> ManifestFile:
    """Write one file's entry; its header needs size and CRC-32 first, so an unknown file is read twice."""
    line = _measured(file)
    crc32 = int(line.crc32, 16)
    writer.begin(file.name, line.bytes, crc32)
    before = writer.bytes
    copied = 0
    for piece in _pieces(file):
        copied = isal_zlib.crc32(piece, copied)
        writer.write(piece)
    if (copied, writer.bytes - before) != (crc32, line.bytes):
        raise SourceChangedError(name=file.name)
    return line


def _measured(file: PackageFile) -> ManifestFile:
    if file.bytes is not None and file.sha256 is not None and file.crc32 is not None:
        return manifest.describe(file.name, file.media_type, file.bytes, file.sha256, file.crc32)
    digest = hashlib.sha256()
    size = crc32 = 0
    for piece in _pieces(file):
        digest.update(piece)
        crc32 = isal_zlib.crc32(piece, crc32)
        size += len(piece)
    return manifest.describe(file.name, file.media_type, size, digest.hexdigest(), crc32)


def _pieces(file: PackageFile) -> Iterator[bytes]:
    with closing(file.open()) as source:
        while piece := source.read(PIECE):
            yield piece


def in_memory(name: str, media_type: str, data: bytes) -> PackageFile:
    """A file whose bytes are already in memory."""
    return PackageFile(name, media_type, lambda: io.BytesIO(data))
