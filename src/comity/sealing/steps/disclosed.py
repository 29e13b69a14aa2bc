"""Steps 3 to 5 of a disclosed package: single files under the seal of the root of the whole package."""

from __future__ import annotations

from comity.sealing import disclosure, manifest, signature, xml
from comity.sealing.case import Case
from comity.sealing.container import MANIFEST_XML, Document, entries_xml
from comity.sealing.disclosure import ROOT, Disclosure
from comity.sealing.hashing import sha256_of
from comity.sealing.names import DISCLOSED
from comity.sealing.refusals import (
    EntryMissingError,
    FileChangedError,
    FormNotDeterminedError,
    ManifestMismatchError,
)
from comity.sealing.report import Sentence, VerifiedFile
from comity.sealing.steps import form
from comity.terms import gettext_noop

KIND = "disclosure"
_OTHER = "application/octet-stream"


# 3 manifest
def read_disclosure(case: Case) -> Sentence:
    """Every shown file's proof leads to the root; the seal is over the statement of the root alone."""
    if ROOT not in case.package.names:
        raise EntryMissingError(name=ROOT)
    proofs = case.package.read(DISCLOSED, manifest.LIMIT)
    case.disclosure = found = disclosure.parse(case.package.read(ROOT, manifest.LIMIT), proofs)
    case.report.kind, case.report.by = KIND, found.statement.by
    form.check_entries(case.package.names, [*(file.name for file in found.files), ROOT, DISCLOSED])
    if [reference.name for reference in case.signed.references] != [ROOT]:
        raise ManifestMismatchError(name=signature.FILE)
    if case.package.read(MANIFEST_XML, xml.LIMIT) != listed_xml(found.files):
        raise FormNotDeterminedError(part=MANIFEST_XML)
    for file in found.files:
        if file.bytes != case.package.size(file.name):
            raise ManifestMismatchError(name=file.name)
    text = gettext_noop("{count} of {total} files of a package of “{by}” are shown, each with its proof.")
    return Sentence(text, count=len(found.files), total=found.statement.files, by=found.statement.by)


def listed_xml(files: tuple[disclosure.DisclosedFile, ...]) -> bytes:
    """``META-INF/manifest.xml`` of a disclosed package; what the files' media types were is not told."""
    json = "application/json"
    return entries_xml([*((file.name, _OTHER) for file in files), (ROOT, json), (DISCLOSED, json)])


# 4 files
def hash_disclosed(case: Case, found: Disclosure) -> None:
    """Read every shown file once and compare it with its proof."""
    for file in found.files:
        if sha256_of(case.package.stream(file.name)) != file.sha256:
            raise FileChangedError(name=file.name)
        case.report.files.append(VerifiedFile(file.name, None, file.sha256, file.bytes))


# 5 signature
def check_form(case: Case, found: Disclosure) -> None:
    """The signature file is the one that statement and parts determine."""
    statement = Document(ROOT, "application/json", found.statement.as_bytes())
    form.check_signature_file(case, [statement.reference()], found.statement.instant)
