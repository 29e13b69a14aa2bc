"""How evidence was acquired, as practice after ISO/IEC 27037 records it: who, what, when, where, how.

Receives what an official enters or a program sends; returns the plain values that the exhibit's row and the
ledger keep. Everything is optional: what is not known is left out, never made up.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from comity.shapes import Shape

_Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Acquisition(Shape):
    """Who acquired it from what device, when, where and how, with which tool, and which photo shows it.

    ``write_blocker`` names the write-blocker used (or says that none was); ``photo`` is the number of the
    exhibit that shows the device as it was found.
    """

    acquired_by: _Line = ""
    device: _Line = ""
    acquired_at: _Line = ""
    place: _Line = ""
    method: _Line = ""
    tool: _Line = ""
    tool_version: _Line = ""
    write_blocker: _Line = ""
    photo: _Line = ""

    @classmethod
    def in_order(cls, kept: dict[str, str]) -> list[tuple[str, str]]:
        """What a row keeps, in the order of the form: a database may forget the order of keys."""
        return [(name, kept[name]) for name in cls.model_fields if name in kept]

    def stated(self) -> dict[str, str]:
        """What was said, without what was not."""
        return {name: value for name, value in self.as_json().items() if value}
