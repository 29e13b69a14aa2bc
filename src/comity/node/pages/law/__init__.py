"""The law as pages show it: names and citations in words, and the pages on which it is read and found."""

from comity.node.pages.law.words import (
    finding_text,
    in_language,
    instrument_name,
    instrument_short,
    short_label,
    subject_text,
)

__all__ = [
    "finding_text",
    "in_language",
    "instrument_name",
    "instrument_short",
    "short_label",
    "subject_text",
]
