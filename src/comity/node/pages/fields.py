"""Text that officials enter, in the forms that letters and records can hold.

A browser ends a line with CR LF; documents know only LF (shapes.Prose). What a document could not hold is
refused here, at the field, before anybody signs it.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comity.shapes import LINE_LENGTH, PROSE_LENGTH

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_CONTROLS_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WRONG = _("The text holds a character that cannot be shown. Delete it, or type the text anew.")


def prose(text: str) -> str:
    """Text of several lines as documents keep it: lines end with LF, no white space around."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class LineField(forms.CharField):
    """One line: a name, an address, a title (shapes.Line)."""

    def __init__(self, *, max_length: int = LINE_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def validate(self, value: str) -> None:
        """Refuse control characters, line ends among them."""
        super().validate(value)
        if _CONTROLS.search(value):
            raise ValidationError(_WRONG, code="control_character")


class ProseField(forms.CharField):
    """Text of several lines (shapes.Prose)."""

    def __init__(self, *, rows: int = 4, max_length: int = PROSE_LENGTH, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """The text with its lines ended as documents end them."""
        return prose(str(super().to_python(value) or ""))

    def validate(self, value: str) -> None:
        """Refuse control characters other than line ends and tabs."""
        super().validate(value)
        if _CONTROLS_BUT_LINES.search(value):
            raise ValidationError(_WRONG, code="control_character")
