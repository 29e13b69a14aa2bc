"""Build the verifier of one file from its parts: ``python tools/verifier.py``; ``--check`` only compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src" / "comity" / "sealing" / "verifier"
SCRIPTS = ("digests.js", "reading.js", "seal.js", "page.js")


def built() -> str:
    """The page with its texts and scripts inside."""
    texts = json.loads((FOLDER / "texts.json").read_text("utf-8"))
    told = json.dumps(texts, ensure_ascii=False, indent=1, sort_keys=True)
    parts = [(FOLDER / name).read_text("utf-8") for name in SCRIPTS]
    script = "\n".join(
        [f"const TEXTS = {told};", *(part.replace('"use strict";\n', "", 1) for part in parts)]
    )
    page = (FOLDER / "page.html").read_text("utf-8")
    return page.replace("/*SCRIPT*/", f'"use strict";\n{script}')


def main() -> int:
    """Write the page, or tell whether it is the one that its parts give."""
    target = FOLDER / "verifier.html"
    if "--check" in sys.argv:
        return 0 if target.read_text("utf-8") == built() else 1
    target.write_text(built(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
