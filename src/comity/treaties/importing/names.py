"""Names of States as depositaries write them, to codes: CLDR's and ``law/names.toml``, never a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from babel import Locale

from comity.treaties.toml import read_toml
from comity.treaties.vocabulary import is_state

# Numbers of footnotes stick to the name: “Algeria4”, “Bhutan 1”, “China 2, 3”.
_FOOTNOTES = re.compile(r"\s*\d+(?:\s*,\s*\d+)*\s*$")


class NameBook:
    """Codes by name; a name that it does not hold has no code."""

    def __init__(self, root: Path) -> None:
        names: dict[str, str] = {
            _plain(name): code
            for code, name in Locale("en").territories.items()
            if is_state(code) and not code.startswith("X")
        }
        path = root / "names.toml"
        if path.exists():
            table = read_toml(path)
            table.only("names")
            listed = table.table("names")
            for name in sorted(listed.keys()) if listed else ():
                code = listed.need(name, str) if listed else ""
                if not is_state(code):
                    table.refuse(f"gives “{name}” the code “{code}”, which is no State's")
                names[_plain(name)] = code
        self._names: Mapping[str, str] = names

    def code(self, name: str) -> str | None:
        """The code of a name, footnote numbers aside; a code of a State stands for itself."""
        bare = without_footnotes(name)
        return bare if is_state(bare) else self._names.get(_plain(bare))


def without_footnotes(name: str) -> str:
    """A participant's name without the numbers of the depositary's footnotes."""
    return _FOOTNOTES.sub("", name).strip()


def _plain(name: str) -> str:
    """One form of a name: case, apostrophes, “&” and “St.” do not tell States apart."""
    text = unicodedata.normalize("NFKC", name).casefold().replace("’", "'").replace("&", "and")
    return " ".join(re.sub(r"\bst\. ?", "saint ", text).split())
