"""Where the files come from that go along with a letter: the exhibits room registers how it opens one."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from comity.letters.schema import Attachment
from comity.terms import ComityError, gettext_noop

Opener = Callable[[str], tuple[str, str, int, str, Callable[[], IO[bytes]]]]
"""From an exhibit's id to its name, media type, bytes, SHA-256 (hex) and a function that opens it."""

_openers: list[Opener] = []


class AttachmentChangedError(ComityError):
    """An exhibit is not what the frozen letter says it is."""

    code = "attachment_changed"
    message = gettext_noop("The exhibit “{name}” is not what the letter says of it; nothing was sealed.")
    next_step = gettext_noop("Run comity node check and look at the exhibit's custody.")


def opener(function: Opener) -> None:
    """Register how an exhibit is opened."""
    _openers[:] = [function]


def open_attachment(attachment: Attachment) -> Callable[[], IO[bytes]]:
    """How to open the exhibit behind an attachment, if it is what the letter says."""
    if not _openers or attachment.exhibit is None:
        raise AttachmentChangedError(name=attachment.name)
    _, _, size, sha256, opening = _openers[0](attachment.exhibit)
    if (size, sha256) != (attachment.bytes, attachment.sha256):
        raise AttachmentChangedError(name=attachment.name)
    return opening
