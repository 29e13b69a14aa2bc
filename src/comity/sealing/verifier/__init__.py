"""The verifier of one file: a page that checks a package in a browser, from a disk, without any network.

It is put together of the parts beside this file when it is asked for; nothing in it is from elsewhere
(docs/sealing.md, clause 16).
"""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from typing import Any

SCRIPTS = ("digests.js", "reading.js", "seal.js", "stamp.js", "page.js")

_ALGORITHMS = {"sha-256", "ecdsa-sha-256"}


def page() -> bytes:
    """The page as one file, with its texts and scripts inside."""
    texts = json.dumps(json.loads(_part("texts.json")), ensure_ascii=False, indent=1, sort_keys=True)
    parts = [_part(name).replace('"use strict";\n', "", 1) for name in SCRIPTS]
    until = min(accepted["until"] for accepted in _used())
    script = "\n".join([f"const TEXTS = {texts};", f'const ALGORITHMS_UNTIL = "{until}";', *parts])
    return _part("page.html").replace("/*SCRIPT*/", f'"use strict";\n{script}').encode()


def _used() -> list[Any]:
    """The rows of the list of algorithms (clause 8) that the page judges by."""
    listed = tomllib.loads(files("comity.sealing").joinpath("algorithms.toml").read_text("utf-8"))
    return [
        row for rows in (listed["digest"], listed["signature"]) for row in rows if row["id"] in _ALGORITHMS
    ]


def _part(name: str) -> str:
    return files("comity.sealing.verifier").joinpath(name).read_text("utf-8")
