"""Write the published JSON Schema of letters from the code that reads them (a test compares the two)."""

from __future__ import annotations

import json
from pathlib import Path

from comity.letters.schema import json_schema

TARGET = Path(__file__).resolve().parent.parent / "docs" / "spec" / "letter.schema.json"


def schema_text() -> str:
    """The schema as it is committed: sorted, indented, one line feed at the end."""
    return json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(schema_text(), encoding="utf-8")
