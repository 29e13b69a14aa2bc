"""Takes single files out of a verified package into a new one that proves them alone (clause 14).

Receives a verified case and the names of files; returns what is shown; signs nothing and needs no key: the
seal is the one that the package's authority gave to the root. Of the other files nothing goes along but
salted hashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from comity.sealing import disclosure, names, signature, writing, xml
from comity.sealing.case import Case
from comity.sealing.container import MANIFEST_XML, Out
from comity.sealing.disclosure import ROOT, ROOT_SIGNATURE, DisclosedFile
from comity.sealing.flow import Flow
from comity.sealing.hashing import Beside
from comity.sealing.manifest import LIMIT
from comity.sealing.names import DISCLOSED
from comity.sealing.reading import MEDIA_TYPE
from comity.sealing.refusals import FileChangedError
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
    writing.written(path, lambda flow: _write(flow, case, shown), recipients)
    return shown


def _write(flow: Flow, case: Case, shown: list[DisclosedFile]) -> None:
    writer = Out(flow)
    writer.add(names.MIMETYPE, MEDIA_TYPE)
    with Beside() as beside:
        copied = [
            (file, writer.copy(file.name, case.package.section(file.name), file.bytes, beside))
            for file in shown
        ]
    for file, content in copied:
        if content.sha256 != file.sha256:
            raise FileChangedError(name=file.name)
    writer.add(ROOT, case.package.read(ROOT, LIMIT))
    writer.add(DISCLOSED, disclosure.write(shown))
    writer.add(MANIFEST_XML, listed_xml(tuple(shown)))
    writer.add(signature.FILE, case.package.read(ROOT_SIGNATURE, xml.LIMIT))
    writer.finish()
