"""Lines of a terminal."""

from __future__ import annotations

import textwrap

WIDTH = 100


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
