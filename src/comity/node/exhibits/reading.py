"""Reading an exhibit's original: decrypted while it is read, never written plain to a disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from comity.node.exhibits import content
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.names import internal_name
from comity.terms import ComityError, gettext_noop

Attachment = tuple[str, str, int, str, Callable[[], BinaryIO]]


class ExhibitDestroyedError(ComityError):
    """The exhibit's key is gone, and with it the content."""

    code = "exhibit_destroyed"
    message = gettext_noop("Exhibit {number} was destroyed; only its record remains.")
    next_step = gettext_noop("See its custody for who destroyed it, when and under which provision.")


def open_exhibit(exhibit: Exhibit) -> BinaryIO:
    """The original as a stream. Who may read it and the custody record are the caller's (an act's) part."""
    if exhibit.wrapped_key is None:
        raise ExhibitDestroyedError(number=exhibit.number)
    names = list(exhibit.segments.values_list("ciphertext_sha256", flat=True))
    return content.read(bytes(exhibit.wrapped_key), names)


def attachment(exhibit_id: str) -> Attachment:
    """What a letter needs of an exhibit: internal name, media type, size, hash, and how to open it."""
    exhibit = Exhibit.objects.get(pk=exhibit_id)
    name = internal_name(exhibit.raw_name, exhibit.number)
    return name, exhibit.media_type, exhibit.bytes, exhibit.sha256, partial(open_exhibit, exhibit)
