"""Lines of a terminal."""

from __future__ import annotations

import json
import textwrap
import unicodedata
from typing import Any

WIDTH = 100
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def visible(text: str) -> str:
    """A text on one line with nothing that moves the cursor, turns the direction or cannot be printed.

    For what a stranger wrote: each such character stands as its number.
    """
    return "".join(f"\\u{ord(sign):04x}" if unicodedata.category(sign) in _UNSEEN else sign for sign in text)


def wrapped(text: str, indent: str = "", further: str | None = None) -> list[str]:
    """The text in lines of a fixed width, its own line breaks kept, no word cut."""
    wrapper = textwrap.TextWrapper(
        width=WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [row for line in text.split("\n") for row in wrapper.wrap(line)]


def print_json(value: Any) -> None:
    """Readable JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
