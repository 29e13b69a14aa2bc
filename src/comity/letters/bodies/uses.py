"""The bodies of what the two sides say about the use of what one of them received."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from comity.letters.bodies.dialogue import Condition, Said, SaidOfInformationToo
from comity.letters.bodies.shared import is_absent
from comity.shapes import CitationText, Instant, Line, Prose, Remark, Uuid


class OtherUse(Said):
    """A use beyond the limits: what for, of which exhibits (none named: all of the items), barred by what."""

    use: Prose
    exhibits: list[Uuid] = Field(max_length=10_000)
    provisions: list[CitationText] = Field(min_length=1, max_length=50)


class UsePermissionAskedBody(OtherUse):
    """The side that holds the material asks to use it for another purpose than the one stated.

    ``proceedings`` names the other proceedings, each on its own; a permission is of those alone.
    """

    purpose: Literal["other_proceedings", "organisation_inside"]
    proceedings: list[Line] = Field(default=[], max_length=50, exclude_if=is_absent)


class UsePermissionGrantedBody(UsePermissionAskedBody):
    """The other use is permitted as it was asked, on these conditions, until that time.

    Of the proceedings that were asked for it may name fewer, and then permits no others.
    """

    conditions: list[Condition] = Field(max_length=50)
    until: Instant | None


class UsePermissionDeclinedBody(Said):
    """The other use is not permitted; the words give the reasons."""


class OnwardUse(OtherUse):
    """Passing on: to whom. ``by`` in its letters says who writes, where it is about what a request says."""

    purpose: Literal["third_state", "international_organisation"]
    recipient: Line


class OnwardPermissionAskedBody(OnwardUse):
    """The side that holds the material tells that it intends to pass it on, and asks to be allowed to.

    What a request itself says the requested side holds (``by``).
    """

    by: Literal["requested"] | None = Field(default=None, exclude_if=is_absent)


class OnwardPermissionGrantedBody(OnwardUse):
    """Passing on is authorised, in writing, exactly as it was asked, on these conditions."""

    by: Literal["requesting"] | None = Field(default=None, exclude_if=is_absent)
    conditions: list[Condition] = Field(max_length=50)
    until: Instant | None


class OnwardPermissionDeclinedBody(Said):
    """Passing on is not authorised; the words give the reasons."""

    by: Literal["requesting"] | None = Field(default=None, exclude_if=is_absent)


class ExculpatoryNoticeBody(SaidOfInformationToo):
    """Notice of the disclosure of what exculpates an accused person.

    Before it (``disclosed_at`` is null), or without delay after it, with the reason why prior notice was
    impossible. Of information without request, which names no items, its receiver gives notice: the side that
    is otherwise the requested one (``by``).
    """

    by: Literal["requested"] | None = Field(default=None, exclude_if=is_absent)
    exhibits: list[Uuid] = Field(max_length=10_000)
    provisions: list[CitationText] = Field(max_length=50)
    disclosed_at: Instant | None
    reason: Remark
