"""National certificates as this node believes them: the anchors in its folder, and what it finds by them.

``DIR/national-trust/`` holds the certificates (PEM) of the authorities that issue officials' tokens, of this
State and of others, as the administrator got them on a way that is to be trusted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from comity.node import config
from comity.sealing import national
from comity.sealing.national import (
    NationalExpiredError,
    NationalSignature,
    NationalUntrustedError,
    NationalUsageError,
)
from comity.sealing.signed_pdf import SignedPdf
from comity.terms import ComityError, Verdict, gettext_noop

FOLDER = "national-trust"


class NationalAnchorsMissingError(ComityError):
    """This node knows no authority that issues national certificates."""

    code = "national_anchors_missing"
    message = gettext_noop("This node knows no authority for national certificates.")
    next_step = gettext_noop("Ask the administrator to put their certificates (PEM) into national-trust/.")


def check(signature: bytes, signed: bytes, at: datetime) -> NationalSignature:
    """A signature that this node believes, over these bytes; else the error that says what is wrong."""
    roots = _roots()
    if not roots:
        raise NationalAnchorsMissingError
    return national.check_trusted(signature, signed, roots, at)


def judge(signature: bytes, signed: bytes, at: datetime, *, name: str) -> dict[str, Any]:
    """What this node finds of a signature over these bytes: verdict, code, whose it is, and whether the
    certificate names the signatory of the letter (``name``).

    An issuer that is not known here leaves it undecided; a certificate that had ended, or is for something
    else, does not. A name that is written otherwise changes no verdict: people judge it.
    """
    found = national.check_signed(signature, signed)
    verdict, code = Verdict.PASSED, None
    try:
        check(signature, signed, at)
    except (NationalUntrustedError, NationalAnchorsMissingError) as error:
        verdict, code = Verdict.INDETERMINATE, error.code
    except (NationalExpiredError, NationalUsageError) as error:
        verdict, code = Verdict.FAILED, error.code
    return {
        "verdict": verdict.value,
        "code": code,
        "subject": found.subject,
        "name": found.name,
        "name_agrees": national.names_agree(found.name, name),
        "issuer": found.issuer,
        "serial": found.serial,
    }


def judge_pdf(found: SignedPdf, at: datetime, *, name: str) -> dict[str, Any]:
    """The same of a signature inside a readable form, and which form it is."""
    return judge(found.signature, found.covered, at, name=name) | {"form": found.name}


def _roots() -> list[Any]:
    folder = config.current().folder / FOLDER
    return national.anchors([path.read_bytes() for path in sorted(folder.glob("*.pem"))])
