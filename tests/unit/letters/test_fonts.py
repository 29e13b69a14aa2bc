from __future__ import annotations

import re
from hashlib import sha256
from importlib import resources


def test_the_vendored_fonts_are_the_ones_their_origin_names() -> None:
    folder = resources.files("comity.letters") / "fonts"
    named = dict(re.findall(r"^([0-9a-f]{64})  (\S+)$", (folder / "ORIGIN").read_text("utf-8"), re.MULTILINE))
    found = {
        file.name: sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name.endswith(".ttf")
    }
    assert {name: digest for digest, name in named.items()} == found
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text("utf-8")
