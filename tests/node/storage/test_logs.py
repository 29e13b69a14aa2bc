from __future__ import annotations

import json
import logging

from comity.node.logs import JsonLines


def line(exc_info=None, text="letter %s", *arguments):
    record = logging.LogRecord("comity.node.x", logging.WARNING, "x.py", 1, text, arguments, exc_info)
    return json.loads(JsonLines().format(record))


def test_a_message_is_one_line_of_json():
    found = line(None, "letter %s: %s", "1a", "two\nlines")
    assert found.pop("at").endswith("Z")
    assert found == {"level": "warning", "from": "comity.node.x", "text": "letter 1a: two\nlines"}
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "two\nlines", (), None)
    assert JsonLines().format(record).count("\n") == 0


def test_an_exception_is_told_without_its_text():
    try:
        int("canary: what the letter says")
    except ValueError as error:
        found = line((type(error), error, error.__traceback__), "a job failed")
    assert found["error"] == "ValueError"
    assert "test_an_exception_is_told_without_its_text" in found["places"]
    assert "canary" not in json.dumps(found)
