"""What a signing tool appended to a PDF: one signature that shows nothing, over every byte, and nothing else.

Run as a process of its own (``python -m comity.sealing.pdf_update BASE_BYTES``, the signed PDF on standard
input), so that a file made to eat memory or time takes none of its caller's. Writes one line of JSON: what
was found, or what is wrong with it. Whether the signature is right is for the caller (``signed_pdf``).
"""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Iterable
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    FieldComparisonContext,
    FieldComparisonSpec,
    FormUpdate,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from comity.sealing.signed_pdf import MEMORY, SECONDS, Wrong

_PROFILE = "/ETSI.CAdES.detached"
_FORM_KEYS = frozenset({"/Fields", "/SigFlags", "/DA", "/DR", "/Type"})
_FIELD_KEYS = frozenset(
    {"/Type", "/Subtype", "/FT", "/T", "/TU", "/V", "/F", "/Ff", "/Rect", "/P", "/AP", "/MK", "/DA", "/Lock"}
)
"""What a signature's field may hold: no action (``/A``, ``/AA``), no child that is shown elsewhere."""


class NotAcceptedError(Exception):
    """The update is something else than one signature."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong)
        self.wrong = wrong


class _FormAdded(FormUpdatingRule):
    """A form where there was none: it holds the signature's field alone."""

    def apply(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        form = new.root["/AcroForm"]
        if "/AcroForm" in old.root or not set(form) <= _FORM_KEYS:
            raise NotAcceptedError(Wrong.CHANGED)
        fields = form["/Fields"]
        if len(fields) != 1:
            raise NotAcceptedError(Wrong.CHANGED)
        for holder, key in ((new.root, "/AcroForm"), (form, "/Fields"), (form, "/DR")):
            value = holder.raw_get(key) if key in holder else None
            if isinstance(value, generic.IndirectObject):
                yield ModificationLevel.LTA_UPDATES, FormUpdate(value.reference, field_name=None)
        if "/DR" in form:
            for ref in new.collect_dependencies(form.raw_get("/DR"), since_revision=1):
                yield ModificationLevel.LTA_UPDATES, FormUpdate(ref, field_name=None)
        field = fields.raw_get(0).reference
        spec = FieldComparisonSpec("/Sig", None, field, None)
        context = FieldComparisonContext({str(field.get_object()["/T"]): spec}, old=old, new=new)
        for rule in self.field_rules:
            yield from rule.apply(context)


_CATALOG_KEYS = frozenset({"/AcroForm", "/Extensions", "/Metadata", "/Version"})
_PERMITTED = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(ignored_keys=_CATALOG_KEYS),  # type: ignore[no-untyped-call]
        DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),  # type: ignore[no-untyped-call]
    ],
    form_rule=_FormAdded([SigFieldCreationRule(), SigFieldModificationRule()]),  # type: ignore[no-untyped-call]
    ignore_orphaned_objects=False,
)


def find(data: bytes, base: int) -> dict[str, Any]:
    """The one signature that follows the first ``base`` bytes: its CMS and where it interrupts the file.

    Raises NotAcceptedError; whatever else is raised means that it is no PDF that can be read.
    """
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    shown = PdfFileReader(io.BytesIO(data[:base]), strict=True)
    if reader.encrypted or shown.encrypted:
        raise NotAcceptedError(Wrong.UNREADABLE)
    _check_one_update(reader, shown)
    signatures = reader.embedded_signatures
    if len(signatures) != 1:
        raise NotAcceptedError(Wrong.SIGNATURES)
    _check_field(signatures[0])
    _check_changes(reader)
    if signatures[0].sig_object.get("/SubFilter") != _PROFILE:
        raise NotAcceptedError(Wrong.PROFILE)
    start, end = _covered(signatures[0], data, base)
    return {"cms": base64.b64encode(_der(signatures[0])).decode(), "start": start, "end": end}


def _check_one_update(reader: PdfFileReader, shown: PdfFileReader) -> None:
    """One revision more than the one that was shown, and that one's own cross-references before it."""
    if reader.xrefs.get_startxref_for_revision(0) != shown.xrefs.get_startxref_for_revision(0):
        raise NotAcceptedError(Wrong.REVISIONS)
    if reader.xrefs.total_revisions == 1:
        raise NotAcceptedError(Wrong.SIGNATURES)
    if reader.xrefs.total_revisions != 2:
        raise NotAcceptedError(Wrong.REVISIONS)


def _check_field(signature: EmbeddedPdfSignature) -> None:
    field = signature.sig_field
    left, bottom, right, top = (float(each) for each in field.get("/Rect", [0, 0, 0, 0]))
    if (right - left) * (top - bottom):
        raise NotAcceptedError(Wrong.VISIBLE)
    if not set(field) <= _FIELD_KEYS:
        raise NotAcceptedError(Wrong.CHANGED)


def _check_changes(reader: PdfFileReader) -> None:
    """Nothing that the first revision shows may differ; a signature's own objects fill a form."""
    found = _PERMITTED.review_file(reader, 0)
    if isinstance(found, SuspiciousModification) or found.modification_level > ModificationLevel.FORM_FILLING:
        raise NotAcceptedError(Wrong.CHANGED)


def _covered(signature: EmbeddedPdfSignature, data: bytes, base: int) -> tuple[int, int]:
    """Where the signature's own value stands: everything before and behind it is signed."""
    first, start, end, rest = (int(each) for each in signature.byte_range)
    if first != 0 or end + rest != len(data) or not base <= start < end:
        raise NotAcceptedError(Wrong.UNCOVERED)
    gap = data[start:end]
    if gap[:1] + gap[-1:] != b"<>" or bytes.fromhex(gap[1:-1].decode("ascii")) != signature.pkcs7_content:
        raise NotAcceptedError(Wrong.UNCOVERED)
    return start, end


def _der(signature: EmbeddedPdfSignature) -> bytes:
    """The signature's value without the zeros that fill its place."""
    content = bytes(signature.pkcs7_content)
    value = content[: _length(content)]
    if content[len(value) :].strip(b"\0"):
        raise NotAcceptedError(Wrong.UNCOVERED)
    return value


def _length(der: bytes) -> int:
    """Bytes of the DER value at the beginning, with its head (X.690, 8.1.3)."""
    if der[1] < 0x80:
        return 2 + der[1]
    size = der[1] & 0x7F
    return 2 + size + int.from_bytes(der[2 : 2 + size])


def _limit() -> None:
    """Let this process take no more than its share; where a system has no limits, the caller's clock is."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def main() -> None:
    """Read, judge, write one line."""
    _limit()
    try:
        found = find(sys.stdin.buffer.read(), int(sys.argv[1]))
    except NotAcceptedError as error:
        found = {"wrong": error.wrong}
    except (MemoryError, RecursionError, PdfDecodeLimitError):
        found = {"wrong": Wrong.UNBOUNDED}
    except Exception:  # the library raises much for what is no PDF
        found = {"wrong": Wrong.UNREADABLE}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
