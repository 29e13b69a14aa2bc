"""``python -m comity.demonstration.driver FOLDER``: do officials' acts inside one node's settings.

Reads one JSON object a line (``{"deed", "arguments"}``) and answers each with one: ``{"done", "proved",
"told"}`` or ``{"error"}``. The acts are those that the pages call; there is no
other way into the node here.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comity.terms import ComityError


def main(folder: Path) -> None:
    """Serve requests from standard input until it closes."""
    from comity.node import start

    start.prepare(folder)
    from comity.demonstration.deeds import DEEDS

    for line in sys.stdin:
        asked = json.loads(line)
        answer = _do(DEEDS[asked["deed"]], asked["arguments"])
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _do(deed: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    from django.db import close_old_connections

    close_old_connections()
    try:
        told = deed(datetime.now(UTC), **arguments)
    except ComityError as error:
        return {"error": error.as_dict()}
    return {"done": told.done, "proved": told.proved, "told": told.told}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
