"""Takes single files out of a verified package into a new one that proves them alone (clause 14).

Receives a verified case and the names of files; returns what is shown; signs nothing and needs no key: the
seal is the one that the package's authority gave to the root. Of the other files nothing goes along but
salted hashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from isal import isal_zlib

from comity.sealing import disclosure, names, signature, writing, xml, zipform
from comity.sealing.case import Case
from comity.sealing.container import MANIFEST_XML, Out
from comity.sealing.disclosure import ROOT, ROOT_SIGNATURE, DisclosedFile
from comity.sealing.flow import Writable
from comity.sealing.manifest import LIMIT
from comity.sealing.names import DISCLOSED
from comity.sealing.reading import MEDIA_TYPE
from comity.sealing.refusals import ContentDamagedError
from comity.sealing.steps.disclosed import listed_xml
from comity.terms import ComityError, gettext_noop


class NotDisclosableError(ComityError):
    """A package whose root has no seal of its own."""

    code = "not_disclosable"
    message = gettext_noop(
        "Single files of this package cannot be shown alone: its root has no seal of its own."
    )
    next_step = gettext_noop("Show the whole package, or ask its authority to seal the files again.")


class FileNotInPackageError(ComityError):
    """A file to be shown is not in the package."""

    code = "file_not_in_package"
    message = gettext_noop("The package holds no file “{name}”.")
    next_step = gettext_noop("Take the name as “comity verify --json” gives it.")


def disclose(
    path: Path, case: Case, chosen: Sequence[str], *, recipients: Sequence[str] = ()
) -> list[DisclosedFile]:
    """Write at ``path`` a container with the chosen files, their proofs and the seal of the root.

    Of a container that was sealed again, the first one counts. The caller has judged the case's report.
    """
    case = case.innermost
    listed = case.manifest
    if listed is None or ROOT_SIGNATURE not in case.package.names:
        raise NotDisclosableError
    shown = disclosure.prove(listed, chosen)
    for name in sorted(set(chosen) - {file.name for file in shown}):
        raise FileNotInPackageError(name=name)
    writing.written(path, lambda out: _write(out, case, shown), recipients)
    return shown


def _write(out: Writable, case: Case, shown: list[DisclosedFile]) -> None:
    writer = Out(out)
    writer.add(names.MIMETYPE, MEDIA_TYPE)
    for file in shown:
        _copy(case, file, writer)
    writer.add(ROOT, case.package.read(ROOT, LIMIT))
    writer.add(DISCLOSED, disclosure.write(shown))
    writer.add(MANIFEST_XML, listed_xml(tuple(shown)))
    writer.add(signature.FILE, case.package.read(ROOT_SIGNATURE, xml.LIMIT))
    writer.write(zipform.determined(writer.entries, writer.bytes))


def _copy(case: Case, file: DisclosedFile, writer: Out) -> None:
    expected = case.package.crc32(file.name)
    writer.begin(file.name, file.bytes, expected)
    crc32 = 0
    for piece in case.package.stream(file.name):
        crc32 = isal_zlib.crc32(piece, crc32)
        writer.write(piece)
    if crc32 != expected:
        raise ContentDamagedError(name=file.name)
