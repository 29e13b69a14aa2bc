"""Writes sealed packages: one ASiC-E container in determined form, streamed (docs/sealing.md, clauses 2-4).

Receives files that can be opened, a signer and the time; writes into a flow; returns what was written. Every
byte is read once and hashed once. Memory does not grow with the files.
"""

from __future__ import annotations

import hashlib
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import IO, Any

from isal import isal_zlib
from lxml import etree

from comity.sealing import (
    disclosure,
    manifest,
    names,
    packing,
    revocation,
    signature,
    timestamp,
    xml,
    zipform,
)
from comity.sealing.age.payload import filled
from comity.sealing.flow import Flow
from comity.sealing.hashing import SMALL, Beside, Hash
from comity.sealing.keys import Authority
from comity.sealing.manifest import Kind, Manifest, ManifestFile, PackStatement
from comity.sealing.reading import MANIFEST, MEDIA_TYPE
from comity.sealing.refusals import NameUnsafeError
from comity.sealing.sources import FileDiffersError, PackageFile, SourceChangedError, size_of
from comity.terms import ComityError, gettext_noop

MANIFEST_XML = "META-INF/manifest.xml"
FILES = 1000
"""The most files that are entries of their own (clause 2.6); more are packed."""


class TooManyFilesError(ComityError):
    """More files than one container holds."""

    code = "too_many_files"
    message = gettext_noop("{count} files are more than the {limit} that one package holds.")
    next_step = gettext_noop("Seal them in several packages, or pack them into one archive file first.")


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
    """The container that was written: its size, and its manifest."""

    bytes: int
    manifest: Manifest


class Out:
    """Writes the entries of a container, and keeps the central directory's lines."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self.entries: list[zipform.Entry] = []

    def add(self, name: str, data: bytes) -> None:
        """Write a whole entry."""
        entry = zipform.Entry(name, len(data), isal_zlib.crc32(data), self._flow.bytes)
        self.entries.append(entry)
        self._flow.write(zipform.local_header(entry))
        self._flow.write(data)

    def copy(self, name: str, source: IO[bytes] | io.RawIOBase, size: int, beside: Beside) -> _Copied:
        """Write an entry whose content is read once; the CRC-32 before it is filled in behind it.

        Raise SourceChangedError unless the source ends after ``size`` bytes.
        """
        entry = zipform.Entry(name, size, 0, self._flow.bytes)
        header = zipform.local_header(entry)
        self._flow.write(header[: zipform.CRC32.start])
        place = self._flow.reserve(len(zipform.CRC32))
        self._flow.write(header[zipform.CRC32.stop :])
        copied = _Copied(hashlib.sha256())
        left = size
        while left:
            space = self._flow.space()[:left]
            count = filled(source, space)  # of a pack this reads files until the space is full
            if not count:
                raise SourceChangedError(name=name)
            if count <= SMALL and copied.reader is None:
                copied.hashing.update(space[:count])
            else:  # first: it takes longest
                copied.reader = beside.update(copied.hashing, space[:count])
            copied.crc32 = isal_zlib.crc32(space[:count], copied.crc32)
            self._flow.advance(count, copied.reader)
            left -= count
        if source.read(1):
            raise SourceChangedError(name=name)
        self._flow.fill(place, copied.crc32.to_bytes(len(zipform.CRC32), "little"))
        self.entries.append(replace(entry, crc32=copied.crc32))
        return copied

    def finish(self) -> None:
        """Write the central directory and the end records."""
        self._flow.write(zipform.determined(self.entries, self._flow.bytes))


@dataclass(slots=True)
class _Copied:
    """The content of an entry: its SHA-256, complete when the last ``reader`` is done, and its CRC-32."""

    hashing: Hash
    reader: Future[None] | None = None
    crc32: int = 0

    @property
    def sha256(self) -> str:
        """The digest in hex; waits for it."""
        if self.reader is not None:
            self.reader.result()
        return self.hashing.hexdigest()


class Chosen(list[PackageFile]):
    """Files whose names were looked at."""


def choose(files: Iterable[PackageFile]) -> Chosen:
    """All of the files; their names are looked at while the next are found.

    Raise NameUnsafeError, EntryDuplicatedError, NameClashError.
    """
    chosen = Chosen()

    def named() -> Iterator[str]:
        for file in files:
            names.check(file.name)
            if names.is_reserved(file.name):
                raise NameUnsafeError(name=file.name)
            chosen.append(file)
            yield file.name

    names.check_together(named())
    return chosen


def write_container(
    flow: Flow,
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
    chosen = files if isinstance(files, Chosen) else choose(files)
    limit = packing.FILES if kind is Kind.FILES else FILES
    if len(chosen) > limit:
        raise TooManyFilesError(count=len(chosen), limit=limit)
    writer = Out(flow)
    writer.add(names.MIMETYPE, MEDIA_TYPE)
    lines, packed = _packed(chosen, writer) if len(chosen) > FILES else (_copied(chosen, writer), None)
    listed = manifest.compose(lines, kind=kind, about=about, by=signer.id, created_at=now, packed=packed)
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
    writer.finish()
    return SealedPackage(flow.bytes, listed)


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


def _copied(files: Sequence[PackageFile], writer: Out) -> list[ManifestFile]:
    """Write the entries; digests are asked for when all are written, so that none is waited for."""
    copied = []
    with Beside() as beside:
        for file in files:
            with closing(file.open()) as source:
                size = size_of(file, source)
                copied.append((file, size, writer.copy(file.name, source, size, beside)))
    return [_described(file, size, content) for file, size, content in copied]


def _packed(files: list[PackageFile], writer: Out) -> tuple[list[ManifestFile], PackStatement]:
    """Write the files as one pack and its index (clause 17); the list is empty then."""
    waiting = deque((file, file.bytes if file.bytes is not None else _size(file)) for file in files)
    count, total = len(waiting), sum(size for _, size in waiting)
    files.clear()  # each is let go when it is done
    described = packing.Lines()
    with Beside() as beside, packing.pack(waiting, described) as pack:
        content = writer.copy(packing.PACK, pack, total, beside)
    index = described.index
    writer.add(packing.INDEX, index)
    listed = hashlib.sha256(index).hexdigest()
    lines = [
        _line(packing.PACK, total, content.sha256, content.crc32),
        _line(packing.INDEX, len(index), listed, writer.entries[-1].crc32),
    ]
    return lines, PackStatement(files=count, root=described.root)


def _line(name: str, size: int, sha256: str, crc32: int) -> ManifestFile:
    return manifest.describe(name, packing.MEDIA_TYPES[name], size, sha256, crc32)


def _size(file: PackageFile) -> int:
    with closing(file.open()) as source:
        return size_of(file, source)


def _described(file: PackageFile, size: int, content: _Copied) -> ManifestFile:
    if file.sha256 not in {None, content.sha256}:
        raise FileDiffersError(name=file.name)
    return manifest.describe(file.name, file.media_type, size, content.sha256, content.crc32)
