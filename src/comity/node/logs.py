"""One line of JSON for each message, on standard error: when, how grave, where from, what.

An exception is told by its type and the places it passed, never by its text: the text may quote a letter.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """The formatter of a node's messages."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "from": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, passed = record.exc_info
            line["error"] = kind.__name__
            places = reversed(traceback.extract_tb(passed))
            line["places"] = " < ".join(f"{each.name} ({each.filename}:{each.lineno})" for each in places)
        return json.dumps(line, ensure_ascii=False)
