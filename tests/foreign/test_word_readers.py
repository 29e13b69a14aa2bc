"""Other programs open the texts of a draft as a Word document; its package keeps the rules of ECMA-376."""

from __future__ import annotations

import io
import json
import posixpath
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree

import mammoth  # type: ignore[import-untyped]
import pytest

from comity.letters.word import EditedField, write_texts

pytestmark = pytest.mark.foreign

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
LINES = ["On 3 June <somebody> entered & left.", "\tӘжімов пен Қанат — «екі» адам."]
PROPERTIES = ["rPr", "alias", "tag", "id", "lock"]
"""The order in which the schema (ISO/IEC 29500-1, CT_SdtPr) takes the properties of a content control."""


@pytest.fixture(scope="module", params=["en", "kk", "ru"])
def document(request: pytest.FixtureRequest) -> bytes:
    fields = [
        EditedField("facts", ["uncc:art_42__para_3__point_b"], "\n".join(LINES)),
        EditedField("necessity", [], "It can be deleted at any moment."),
    ]
    now = datetime(2027, 6, 12, 3, 12, tzinfo=UTC)
    return write_texts("KZ-2027-000001", fields, request.param, now=now)


def words(node: object) -> Iterator[str]:
    """What a pandoc tree says, word by word."""
    if isinstance(node, dict):
        if node.get("t") == "Str":
            yield str(node["c"])
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from words(each)


def test_pandoc_reads_headings_and_texts(document: bytes) -> None:
    pandoc = shutil.which("pandoc")
    if pandoc is None:
        pytest.skip("pandoc is not installed")
    read = subprocess.run(
        [pandoc, "--from=docx", "--to=json"], input=document, capture_output=True, check=True, timeout=60
    )
    tree = json.loads(read.stdout)
    said = list(words(tree["blocks"]))
    for line in (*LINES, "It can be deleted at any moment."):
        wanted = line.split()
        assert any(said[at : at + len(wanted)] == wanted for at in range(len(said)))
    assert sum(block["t"] == "Header" for block in tree["blocks"]) >= 2
    assert not read.stderr


def test_mammoth_reads_headings_and_texts(document: bytes) -> None:
    read = mammoth.extract_raw_text(io.BytesIO(document))
    assert not [each for each in read.messages if each.type == "error"]
    assert all(line.strip() in read.value for line in LINES)


def test_every_part_has_its_type_and_every_relationship_its_part(document: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        names = set(package.namelist())
        types = ElementTree.fromstring(package.read("[Content_Types].xml"))
        defaults = {each.get("Extension") for each in types.iter(f"{TYPES}Default")}
        named = {str(each.get("PartName")).lstrip("/") for each in types.iter(f"{TYPES}Override")}
        for name in names - {"[Content_Types].xml"}:
            assert name in named or name.rpartition(".")[2] in defaults
        assert named <= names
        for name in names:
            if not name.endswith(".rels"):
                ElementTree.fromstring(package.read(name)) if name.endswith(".xml") else None
                continue
            folder = posixpath.dirname(posixpath.dirname(name))
            for one in ElementTree.fromstring(package.read(name)).iter(f"{PACKAGE}Relationship"):
                assert one.get("TargetMode") != "External"
                target = str(one.get("Target"))
                where = target if target.startswith("/") else posixpath.join(folder, target)
                assert posixpath.normpath(where).lstrip("/") in names


def test_controls_bookmarks_and_styles_are_as_the_schema_takes_them(document: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        body = ElementTree.fromstring(package.read("word/document.xml"))[0]
        styles = ElementTree.fromstring(package.read("word/styles.xml"))
    assert body[-1].tag == f"{WORD}sectPr"
    controls = list(body.iter(f"{WORD}sdt"))
    assert len(controls) == 2
    for control in controls:
        assert [part.tag for part in control] == [f"{WORD}sdtPr", f"{WORD}sdtContent"]
        order = [PROPERTIES.index(part.tag.removeprefix(WORD)) for part in control[0]]
        assert order == sorted(order)
    for kind in ("id", "bookmarkStart"):
        found = [
            each.get(f"{WORD}val" if kind == "id" else f"{WORD}id") for each in body.iter(f"{WORD}{kind}")
        ]
        assert found
        assert max(Counter(found).values()) == 1
        assert all(str(each).isdecimal() for each in found)
    ends = {each.get(f"{WORD}id") for each in body.iter(f"{WORD}bookmarkEnd")}
    assert ends == {each.get(f"{WORD}id") for each in body.iter(f"{WORD}bookmarkStart")}
    known = {each.get(f"{WORD}styleId") for each in styles.iter(f"{WORD}style")}
    assert {each.get(f"{WORD}val") for each in body.iter(f"{WORD}pStyle")} <= known
