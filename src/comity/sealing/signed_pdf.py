"""The signatory's own signature by a national token inside the readable form: PAdES (``signatory.pdf``).

Receives the signed PDF and the readable forms of the letter; returns which of them was signed, and the
signature with the bytes that it covers, so that ``national`` judges it as it judges a detached one. The PDF
itself is read by a process of its own (``pdf_update``), within limits of memory and time; only that loads
pyHanko (LETTER-10).
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from comity.sealing.refusals import PackageRefusedError
from comity.terms import gettext_noop

SIGNED_PDF = "signatory.pdf"
MEDIA_TYPE = "application/pdf"
LIMIT = 32 << 20
"""Bytes of a signed PDF."""
UPDATE_LIMIT = 1 << 20
"""Bytes that a signing tool may append."""
MEMORY, SECONDS = 768 << 20, 20
"""Address space and processor time that reading one PDF may take."""


class Wrong(StrEnum):
    """What can be wrong with it; each is the last part of a code of ``signed_pdf``."""

    UNREADABLE = "unreadable"
    UNBOUNDED = "unbounded"
    REVISIONS = "revisions"
    SIGNATURES = "signatures"
    UNCOVERED = "uncovered"
    VISIBLE = "visible"
    CHANGED = "changed"
    PROFILE = "profile"


class SignedPdfTooLargeError(PackageRefusedError):
    """More bytes than a letter and a signature have."""

    code = "signed_pdf_too_large"
    message = gettext_noop("The signed PDF is larger than a letter with one signature can be.")


class SignedPdfOfAnotherError(PackageRefusedError):
    """It does not begin with exactly the bytes of a readable form of this letter."""

    code = "signed_pdf_of_another"
    message = gettext_noop("The signed PDF is not this letter's PDF with a signature added to it.")
    next_step = gettext_noop("Sign the PDF as it was downloaded; the tool must append, not write it anew.")


class SignedPdfUnreadableError(PackageRefusedError):
    """No PDF that can be read: broken, encrypted."""

    code = "signed_pdf_unreadable"
    message = gettext_noop("The signed PDF cannot be read: it is broken or encrypted.")


class SignedPdfUnboundedError(PackageRefusedError):
    """Reading it takes more memory or time than a letter can need."""

    code = "signed_pdf_unbounded"
    message = gettext_noop("The signed PDF takes more memory or time to read than a letter can need.")


class SignedPdfRevisionsError(PackageRefusedError):
    """Not exactly one update behind what was shown."""

    code = "signed_pdf_revisions"
    message = gettext_noop("The signed PDF was changed more than once since it was shown.")


class SignedPdfSignaturesError(PackageRefusedError):
    """No signature, or more than one."""

    code = "signed_pdf_signatures"
    message = gettext_noop("The signed PDF does not hold exactly one signature.")


class SignedPdfUncoveredError(PackageRefusedError):
    """Bytes that the signature does not cover."""

    code = "signed_pdf_uncovered"
    message = gettext_noop("The signature does not cover the whole of the signed PDF.")


class SignedPdfVisibleError(PackageRefusedError):
    """A signature that is drawn on a page could cover what the page says."""

    code = "signed_pdf_visible"
    message = gettext_noop("The signature is drawn on a page of the signed PDF.")
    next_step = gettext_noop("Sign again with an invisible signature: nothing may be laid over the letter.")


class SignedPdfChangedError(PackageRefusedError):
    """More was added than a signature."""

    code = "signed_pdf_changed"
    message = gettext_noop("More than a signature was added to the signed PDF.")


class SignedPdfProfileError(PackageRefusedError):
    """A signature of another profile than PAdES."""

    code = "signed_pdf_profile"
    message = gettext_noop("The signature in the PDF is not PAdES (ETSI.CAdES.detached).")
    next_step = gettext_noop("Choose PAdES, or CAdES, in the settings of the signing tool and sign again.")


_REFUSALS: dict[Wrong, type[PackageRefusedError]] = {
    Wrong.UNREADABLE: SignedPdfUnreadableError,
    Wrong.UNBOUNDED: SignedPdfUnboundedError,
    Wrong.REVISIONS: SignedPdfRevisionsError,
    Wrong.SIGNATURES: SignedPdfSignaturesError,
    Wrong.UNCOVERED: SignedPdfUncoveredError,
    Wrong.VISIBLE: SignedPdfVisibleError,
    Wrong.CHANGED: SignedPdfChangedError,
    Wrong.PROFILE: SignedPdfProfileError,
}


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """Which readable form was signed, the signature (CMS, DER), and the bytes that it covers."""

    name: str
    base: int
    """Bytes of the readable form, with which the signed PDF begins."""
    signature: bytes
    covered: bytes


def read_signed_pdf(data: bytes, readable: Mapping[str, bytes]) -> SignedPdf:
    """Find the signature in a PDF that is a readable form (by name) and one signature; refuse any other."""
    if len(data) > LIMIT:
        raise SignedPdfTooLargeError
    names = [name for name, pdf in readable.items() if pdf and data.startswith(pdf)]
    if len(names) != 1:
        raise SignedPdfOfAnotherError
    base = len(readable[names[0]])
    if len(data) - base > UPDATE_LIMIT:
        raise SignedPdfTooLargeError
    if len(data) == base:
        raise SignedPdfSignaturesError
    found = _read_aside(data, base)
    start, end = int(str(found["start"])), int(str(found["end"]))
    signature = base64.b64decode(str(found["cms"]), validate=True)
    return SignedPdf(names[0], base, signature, data[:start] + data[end:])


def _read_aside(data: bytes, base: int) -> dict[str, object]:
    """What the reading process found; it knows nothing but the file, and ends with its limits."""
    try:
        done = subprocess.run(  # noqa: S603 -- this interpreter, one number
            [sys.executable, "-P", "-m", "comity.sealing.pdf_update", str(base)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            | {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
            timeout=3 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SignedPdfUnboundedError from None
    if done.returncode != 0:  # stopped at a limit
        raise SignedPdfUnboundedError
    found: dict[str, object] = json.loads(done.stdout)
    if "wrong" in found:
        raise _REFUSALS[Wrong(str(found["wrong"]))]
    return found
