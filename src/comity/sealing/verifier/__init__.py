"""The verifier of one file: a page that checks a package in a browser, from a disk, without any network.

It is put together of the parts beside this file when it is asked for; nothing in it is from elsewhere.
"""

from __future__ import annotations

import json
from importlib.resources import files

SCRIPTS = ("digests.js", "reading.js", "seal.js", "page.js")


def page() -> bytes:
    """The page as one file, with its texts and scripts inside."""
    texts = json.dumps(json.loads(_part("texts.json")), ensure_ascii=False, indent=1, sort_keys=True)
    parts = [_part(name).replace('"use strict";\n', "", 1) for name in SCRIPTS]
    script = "\n".join([f"const TEXTS = {texts};", *parts])
    return _part("page.html").replace("/*SCRIPT*/", f'"use strict";\n{script}').encode()


def _part(name: str) -> str:
    return files("comity.sealing.verifier").joinpath(name).read_text("utf-8")
