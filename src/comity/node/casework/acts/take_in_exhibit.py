"""Take evidence in by hand: a file that an official brings, in one piece or by an upload that resumes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import identities, taking_in
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, Item
from comity.node.exhibits import intake, uploads
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.models import CopyState, Exhibit, Upload, WorkingCopy
from comity.terms import ComityError, gettext_noop

UNKNOWN = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]{1,80}")


class PhotoUnknownError(ComityError):
    """The photo named is no exhibit of the case."""

    code = "photo_unknown"
    message = gettext_noop("“{number}” is no exhibit of this case.")
    next_step = gettext_noop("Take the photo in first, then give its number.")


class CopyUnknownError(ComityError):
    """The working copy named is none of this case, or is no more."""

    code = "copy_unknown"
    message = gettext_noop("“{number}” is no working copy of this case that is there.")
    next_step = gettext_noop("Choose one of the working copies that are ready.")


class ToolUnnamedError(ComityError):
    """What an examination gave comes with the tool that gave it."""

    code = "tool_unnamed"
    message = gettext_noop("What was made from a working copy names the tool and its version.")
    next_step = gettext_noop("Fill in the tool and its version, then take it in again.")


def take_in_exhibit(
    official: Official,
    case: Case,
    item: Item | None,
    *,
    stream: BinaryIO,
    raw_name: str,
    media_type: str,
    source: str,
    data_kind: str = "",
    acquisition: Acquisition | None = None,
    sha512: bool = False,
    made_from: str = "",
    announced: tuple[int, str] | None = None,
    now: datetime,
) -> Exhibit:
    """Store the stream (hashed while it passes), then make it an exhibit with its first custody records.

    The bulk goes before the transaction, which is therefore inside the exhibits room and short.
    """
    authorise(official, "take_in_exhibit")
    described = _described(official, case, item, raw_name, media_type, source, data_kind, acquisition)
    described = replace(described, sha512=sha512, made_from=_examined(case, made_from, described.acquisition))

    def on_timeline(exhibit: Exhibit) -> None:
        taking_in.on_upload(official, exhibit, now)

    return intake.take_in(official, stream, described, now=now, announced=announced, also=on_timeline)


def begin_upload(
    official: Official,
    case: Case,
    item: Item | None,
    *,
    length: int,
    raw_name: str,
    media_type: str,
    source: str,
    data_kind: str = "",
    acquisition: Acquisition | None = None,
    sha512: bool = False,
    made_from: str = "",
    sha256: str = "",
    now: datetime,
) -> Upload:
    """Begin an upload of ``length`` bytes; when its last chunk has come, it becomes an exhibit.

    ``sha256`` is the hash that was announced, if one was: another content then becomes no exhibit.
    """
    authorise(official, "take_in_exhibit")
    described = _described(official, case, item, raw_name, media_type, source, data_kind, acquisition)
    described = replace(described, sha512=sha512, made_from=_examined(case, made_from, described.acquisition))
    return uploads.begin(official, described, length, announced_sha256=sha256, now=now)


def _described(
    official: Official,
    case: Case,
    item: Item | None,
    raw_name: str,
    media_type: str,
    source: str,
    data_kind: str,
    acquisition: Acquisition | None,
) -> intake.Description:
    demand_entitled(official, case)
    acquired = acquisition or Acquisition()
    for text in (raw_name, source, *acquired.stated().values()):
        identities.demand_absent(case, text)
    photo = acquired.photo
    if photo and not Exhibit.objects.filter(case_reference=case.reference, number=photo).exists():
        raise PhotoUnknownError(number=photo)
    plain = media_type.lower()
    return intake.Description(
        case.reference,
        item.number if item else None,
        raw_name,
        plain if _MEDIA_TYPE.fullmatch(plain) else UNKNOWN,
        source,
        data_kind,
        acquired,
    )


def _examined(case: Case, number: str, acquired: Acquisition) -> str:
    """The working copy that gave it; whoever reads the result must be able to repeat the examination."""
    if not number:
        return ""
    ready = WorkingCopy.objects.filter(exhibit__case_reference=case.reference, state=CopyState.READY)
    if not ready.filter(number=number).exists():
        raise CopyUnknownError(number=number)
    if not (acquired.tool and acquired.tool_version):
        raise ToolUnnamedError
    return number
