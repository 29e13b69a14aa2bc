"""Print the lists of the opinion on a case's facts in the form that the case's [lists] has.

`python tools/case_lists.py CASE.toml` helps to write a case; read every line against the law.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from comity.reasoning.expectations import entry, opinion_on
from comity.reasoning.opinion import LISTS
from comity.treaties import load


def main(path: Path) -> None:
    """The lists of one case on standard output."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    opinion = opinion_on(case, load())
    bases = ", ".join(f'{one["instrument"]} = "{one["outcome"]}"' for one in opinion["bases"])
    print(f"# recommended {opinion['recommended']}, procedure {opinion['procedure']}; bases = {{ {bases} }}")
    print("[lists]")
    for name in LISTS:
        if opinion[name]:
            print(f"{name} = [")
            for finding in opinion[name]:
                print(f'  "{entry(finding)}",  # {finding["text"]}')
            print("]")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
