"""Write every hostile package into a folder: ``python -m tests.hostile.make_packages DIR``.

Each class is a function: what is wrong with the package, and the code under which it must be refused.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.hostile import containers, contents, faults, packs, parts, remains, signatures
from tests.hostile.classes import CLASSES

__all__ = ["CLASSES", "containers", "contents", "faults", "packs", "parts", "remains", "signatures"]


def main(folder: Path) -> None:
    """Write every class and the codes that are expected."""
    folder.mkdir(parents=True)
    for each in CLASSES:
        (folder / f"{each.name}.asice").write_bytes(each.make())
    expected = {each.name: each.code for each in CLASSES}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True))
    sys.stdout.write(f"{len(CLASSES)} hostile packages in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
