"""Words of a report under its own key, which the node's storage key opens; with that key they are gone."""

from __future__ import annotations

import io

from comity import canonical
from comity.node.exhibits import content
from comity.node.reports.models import Report
from comity.sealing import encryption
from comity.terms import ComityError, gettext_noop


class ReportErasedError(ComityError):
    """The report's key was destroyed."""

    code = "report_erased"
    message = gettext_noop("What this report said has been erased.")
    next_step = gettext_noop("Its record stays: when it came, and what was done with it.")


def seal(wrapped_key: bytes, words: object) -> bytes:
    """JSON values, encrypted under a report's key."""
    out = io.BytesIO()
    recipient = encryption.recipient_of(content.unwrapped(bytes(wrapped_key)))
    encryption.encrypt(io.BytesIO(canonical.write(words)), out, [recipient])
    return out.getvalue()


def unseal(report: Report, kept: bytes | memoryview[int] | None) -> object:
    """What ``seal`` was given; raise ReportErasedError where the key or the words are gone."""
    if report.wrapped_key is None or kept is None:
        raise ReportErasedError
    out = io.BytesIO()
    encryption.decrypt(io.BytesIO(bytes(kept)), out, [content.unwrapped(bytes(report.wrapped_key))])
    return canonical.read(out.getvalue())
