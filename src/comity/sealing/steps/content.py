"""Steps 1 to 5: what the package holds, and that the seal covers all of it and nothing else."""

from __future__ import annotations

import hashlib
import io

from comity.sealing import algorithms, certificates, disclosure, encryption, manifest, packing, xades, xml
from comity.sealing.case import Case, IdentityNeededError, PackageOfNewerVersionError
from comity.sealing.container import MANIFEST_XML, Document, manifest_xml, references
from comity.sealing.hashing import update_all
from comity.sealing.longterm import signature_file
from comity.sealing.manifest import Manifest
from comity.sealing.names import DISCLOSED, MIMETYPE
from comity.sealing.packing import PACK
from comity.sealing.reading import MANIFEST, Package
from comity.sealing.refusals import (
    EntryMissingError,
    FileChangedError,
    FormNotDeterminedError,
    ManifestMismatchError,
    ManifestUnreadableError,
    SignatureBrokenError,
)
from comity.sealing.report import Sentence, VerifiedFile
from comity.sealing.steps import disclosed, form, packed
from comity.shapes import is_newer
from comity.terms import gettext_noop

SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


# 1 encryption
def open_encryption(case: Case) -> Sentence:
    """Open an encrypted package where it lies: its size is proved now, each byte when a step reads it."""
    opening = case.source.read(len(encryption.INTRO))
    case.source.seek(0)
    if not encryption.is_encrypted(opening):
        case.stream = case.source
        return Sentence(gettext_noop("The package is not encrypted."))
    if not case.identities:
        raise IdentityNeededError
    case.stream = case.keep_open(io.BufferedReader(encryption.opened(case.source, case.identities)))
    return Sentence(gettext_noop("The package is encrypted to this identity and complete."))


# 2 container
def open_container(case: Case) -> Sentence:
    """Read every header strictly; a container with a Comity manifest must have the determined form."""
    case.package = Package(case.stream)
    case.report.own_form = case.package.is_own_form
    count = len(case.package.names)
    if case.package.is_own_form:
        return Sentence(
            gettext_noop("The container has Comity's determined form, with {count} entries."), count=count
        )
    return Sentence(
        gettext_noop("The container of another maker is well-formed, with {count} entries."), count=count
    )


# 3 manifest
def read_manifest(case: Case) -> Sentence:
    """What the package says that it holds: its manifest, or the references of a foreign signature."""
    names = case.package.names
    case.signed = xades.read(case.package.read(signature_file(names), xml.LIMIT), signature_file(names))
    if not case.package.is_own_form:
        _check_foreign_manifest(case)
        count = len(case.signed.references)
        return Sentence(
            gettext_noop("The signature names {count} files; there is no manifest of Comity."), count=count
        )
    if DISCLOSED in names:
        return disclosed.read_disclosure(case)
    listed = _listed(case.package.read(MANIFEST, manifest.LIMIT))
    case.manifest = listed
    case.report.kind, case.report.by, case.report.about = listed.kind, listed.by, listed.about
    beside = _beside(case)
    own = [*(file.name for file in listed.files), *(each.name for each in beside), MANIFEST]
    form.check_entries(names, own)
    if listed.packed is not None:
        case.packed = packed.read_index(case, listed.packed)
    if beside and beside[0].data != disclosure.state(listed).as_bytes():
        raise ManifestMismatchError(name=disclosure.ROOT)
    if case.package.read(MANIFEST_XML, xml.LIMIT) != manifest_xml(listed.files, beside):
        raise FormNotDeterminedError(part=MANIFEST_XML)
    for file in listed.files:
        if (file.bytes, int(file.crc32, 16)) != (case.package.size(file.name), case.package.crc32(file.name)):
            raise ManifestMismatchError(name=file.name)
    return Sentence(
        gettext_noop("The manifest of “{by}” lists {count} files, each with its leaf under the root."),
        by=listed.by,
        count=listed.sealed.files,
    )


def _listed(data: bytes) -> Manifest:
    """The manifest; one of a later form is not unreadable, it is not for this release to judge."""
    try:
        return manifest.parse(data)
    except ManifestUnreadableError:
        said = manifest.version_of(data)
        if is_newer(said, manifest.SCHEMA):
            raise PackageOfNewerVersionError(schema=said, known=manifest.SCHEMA) from None
        raise


def _beside(case: Case) -> list[Document]:
    """The statement of the root with its own seal, in a package of which single files can be shown."""
    if disclosure.ROOT not in case.package.names:
        return []
    if disclosure.ROOT_SIGNATURE not in case.package.names:
        raise EntryMissingError(name=disclosure.ROOT_SIGNATURE)
    return [
        Document(disclosure.ROOT, "application/json", case.package.read(disclosure.ROOT, manifest.LIMIT)),
        Document(
            disclosure.ROOT_SIGNATURE, "text/xml", case.package.read(disclosure.ROOT_SIGNATURE, xml.LIMIT)
        ),
    ]


def _check_foreign_manifest(case: Case) -> None:
    """The entry set, the signed set and the set of META-INF/manifest.xml must be one (clause 9.2)."""
    names = set(case.package.names)
    own = {MIMETYPE, MANIFEST_XML, signature_file(case.package.names)}
    signed = [reference.name for reference in case.signed.references]
    if len(set(signed)) != len(signed):
        raise ManifestMismatchError(name="signature")
    form.check_same_names(set(signed), names - own)
    if MANIFEST_XML in names:
        root = xml.parse(case.package.read(MANIFEST_XML, xml.LIMIT), MANIFEST_XML)
        listed = [entry.get(xml.tag("manifest:full-path")) for entry in root]
        if sorted(map(str, listed)) != sorted(["/", *signed]):
            raise ManifestMismatchError(name=MANIFEST_XML)


# 4 files
def hash_files(case: Case) -> Sentence:
    """Read every signed file once; compare with the manifest, keep the digests for the signature."""
    if case.disclosure is not None:
        disclosed.hash_disclosed(case, case.disclosure)
    described = {} if case.manifest is None else {file.name: file for file in case.manifest.files}
    for reference in case.signed.references:
        if reference.name not in case.package.names:
            raise EntryMissingError(name=reference.name)
        sha256 = _hash(case, reference)
        file = described.get(reference.name)
        if file is not None and file.sha256 != sha256:
            raise FileChangedError(name=reference.name)
        media_type = file.media_type if file else None
        size = case.package.size(reference.name)
        if case.packed is None and (not case.is_own_form or file is not None):
            case.report.files.append(VerifiedFile(reference.name, media_type, sha256, size))
    if case.packed is not None:
        case.report.files.extend(
            VerifiedFile(f.name, f.media_type, f.sha256, f.bytes) for f in case.packed.files
        )
    total = sum(file.bytes for file in case.report.files)
    return Sentence(
        gettext_noop("{count} files with {total} bytes were read; none is damaged."),
        count=len(case.report.files),
        total=total,
    )


def _hash(case: Case, reference: xades.SignedReference) -> str:
    digest = algorithms.digest(reference.digest, purpose="seal", at=case.signed.signed_at)
    sha256 = hashlib.sha256()
    other = sha256 if digest.xml == SHA256 else digest.new()
    pieces = case.package.stream(reference.name)
    if case.packed is not None and reference.name == PACK:
        files = packing.Checking(case.packed.files)
        update_all(pieces, files, *{sha256, other})
        files.end()
    else:
        update_all(pieces, *{sha256, other})
    case.digests[reference.name, digest.xml] = other.digest()
    return sha256.hexdigest()


# 5 signature
def check_signature(case: Case) -> Sentence:
    """The digests under the seal are those of the files, and the seal is the certificate's."""
    signed = case.signed
    for reference in signed.references:
        if case.digests[reference.name, reference.digest] != reference.value:
            raise FileChangedError(name=reference.name)
    key = certificates.load(signed.certificate, "seal").public_key()
    algorithms.check_key(key, purpose="seal", at=signed.signed_at)
    algorithm = algorithms.signature(signed.algorithm, purpose="seal", at=signed.signed_at)
    if not algorithm.holds(key, algorithms.from_xml(signed.value, key), signed.message):
        raise SignatureBrokenError
    if case.manifest is not None:
        listed = case.manifest
        covered = references(listed.files, listed.as_bytes(), _beside(case))
        form.check_signature_file(case, covered, listed.instant)
    elif case.disclosure is not None:
        disclosed.check_form(case, case.disclosure)
    return Sentence(gettext_noop("The seal ({algorithm}) covers every file."), algorithm=algorithm.id)
