"""Every kind of letter, with all that it may hold, is complete in three languages.

No id and no English is left where the form itself speaks, and no word is wider than its column.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import pytest
from tests import samples
from tests.unit.letters.test_labels import TABLES

from comity.letters.bodies import BODIES, digest, texts_of
from comity.letters.document import Document, Table, typeset
from comity.letters.labels import Labels, Language
from comity.letters.rendering import Correspondent, Names, compose
from comity.letters.schema import _MODELS, read_value

HERE, THERE = "Бірінші орган", "Екінші орган"
NAMES = Names(
    {"kz-247": Correspondent(HERE, "KZ"), "tm-247": Correspondent(THERE, "TM")},
    {"uncc": dict.fromkeys(Language, "Конвенция")},
)
WORDS = "Сөздер"
"""What people wrote, in Cyrillic, so that any Latin word in a Kazakh or Russian form is the form's own."""
MOMENT = "2026-11-22T03:12:00Z"
IDS = {
    "measure": "preserve_data",
    "instrument": "uncc",
    "type": "email",
    "field": "facts",
    "from": "kz-247",
    "to": "tm-247",
    "source": "kz-247",
    "target": "tm-247",
    "authority": "kz-247",
    "language": "kk",
    "clock.id": "preservation_minimum",
}
"""An id of the list that a key takes its ids from; a new key whose ids have labels belongs here."""
OTHERS = "confidential"
KEYS = {"contents": "facts"}
LATIN = re.compile(r"[A-Za-z][A-Za-z_]{2,}")
ALLOWED = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|(?:[0-9A-F]{4} ){15}[0-9A-F]{4}"
    r"|[A-Z]{2}-[0-9]{4}-[0-9]{6}|(?:kz|tm)-247|letter\.json|\S+\.[a-z]{2,4}\b"
    r"|\b(?:UNCC|UNCAC|UTC|SHA|Unicode|PDF|IP|ASiC|Comity|RFC|JSON|ISO|CAdES|PAdES|WebAuthn|USD)\b"
)
"""What is the same in every language: numbers, hashes, addresses, names of norms and files."""


def filled(schema: dict[str, Any], shapes: dict[str, Any], key: str = "") -> Any:
    """A value with everything that a JSON Schema admits, one of each; facts as data are left empty."""
    if "$ref" in schema:
        return filled(shapes[schema["$ref"].rpartition("/")[2]], shapes, key)
    for choice in ("anyOf", "allOf", "oneOf"):
        if choice in schema and "properties" not in schema:
            return filled(next(each for each in schema[choice] if each.get("type") != "null"), shapes, key)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object" if "properties" in schema:
            within = key.rpartition(".")[2]
            return {
                name: filled(each, shapes, f"{within}.{name}") for name, each in schema["properties"].items()
            }
        case "object" if "patternProperties" in schema:
            (each,) = schema["patternProperties"].values()
            return {KEYS.get(key.rpartition(".")[2], OTHERS): filled(each, shapes, key)}
        case "object":
            return {}
        case "array" if schema.get("maxItems") == 0:
            return []
        case "array":
            return [filled(schema["items"], shapes, key)]
        case "boolean":
            return True
        case "integer":
            return max(1, int(schema.get("minimum", 1)))
    return text(schema, key)


def text(schema: dict[str, Any], key: str) -> str:
    pattern = str(schema.get("pattern", ""))
    last = key.rpartition(".")[2]
    if last == "name" and schema.get("maxLength") == 500:
        return "exhibits/1.log"
    for sign, value in (
        (":[a-z]+", "uncc:art_42__para_8"),
        ("T[0-9]{2}", MOMENT),
        ("{64}", "cd" * 32),
        ("^[A-Z][A-Za-z0-9_+-]*(/", "Asia/Almaty"),
        ("-4[0-9a-f]{3}-", samples.REQUEST_ID),
        ("[0-9]{6}", samples.REFERENCE),
        ("/[a-z0-9.+-]", "text/plain"),
        ("[A-Z]{2}$", "TM"),
        ("[a-z]{2,3}$", "kk"),
        ("^[a-z]", IDS.get(key) or IDS.get(last, OTHERS)),
    ):
        if sign in pattern:
            return value
    return WORDS


@cache
def whole(kind: str) -> Any:
    """A letter of a kind with everything that it may hold, each of its texts translated."""
    schema = _MODELS[kind].model_json_schema(by_alias=True)
    value = filled(schema, schema.get("$defs", {}))
    for made in value["body"].get("translations", ()):
        said = texts_of(value["body"], value["limits"])
        made["texts"] = {
            id: {"text": f"Аударма {number:03}", "original": digest(each)}
            for number, (id, each) in enumerate(said.items())
        }
    return read_value(value | {"from": "kz-247", "to": "tm-247"})


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)
    elif hasattr(value, "__slots__") and not isinstance(value, type):
        for name in value.__slots__:
            if name not in ("kind", "language", "written_at"):
                yield from texts(getattr(value, name))


def foreign(document: Document) -> list[str]:
    """Latin words of a document that are not the same in every language."""
    return [said for said in texts(document) if LATIN.search(ALLOWED.sub(" ", said))]


@pytest.mark.parametrize("language", [Language.KAZAKH, Language.RUSSIAN])
@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_whole_letter_leaves_no_id_and_no_english(kind: str, language: Language) -> None:
    assert foreign(compose(whole(kind), language, NAMES)) == []


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_the_english_form_shows_no_bare_id(kind: str) -> None:
    said = " ".join(texts(compose(whole(kind), Language.ENGLISH, NAMES)))
    assert re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", ALLOWED.sub(" ", said)) == []


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_all_that_people_wrote_is_in_the_form(kind: str) -> None:
    """As often as the letter holds it, at least."""
    letter = whole(kind)
    written = letter.as_bytes().decode().count(WORDS)
    assert " ".join(texts(compose(letter, Language.KAZAKH, NAMES))).count(WORDS) >= written


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_translated_text_is_in_the_form(kind: str) -> None:
    letter = whole(kind)
    said = " ".join(texts(compose(letter, Language.KAZAKH, NAMES)))
    for made in getattr(letter.body, "translations", ()):
        assert all(each.text in said for each in made.texts.values())


def test_an_english_word_in_a_kazakh_form_is_found() -> None:
    document = compose(whole("refusal"), Language.ENGLISH, NAMES)
    assert foreign(document)


class Face:
    """Widths of a TrueType font's letters, in parts of the size: what the tables cmap and hmtx say."""

    def __init__(self, name: str) -> None:
        data = (resources.files("comity.letters") / "fonts" / name).read_bytes()
        count = struct.unpack_from(">H", data, 4)[0]
        records = (struct.unpack_from(">4s4xII", data, 12 + 16 * n) for n in range(count))
        tables = {tag.decode(): data[offset : offset + size] for tag, offset, size in records}
        self.units = struct.unpack_from(">H", tables["head"], 18)[0]
        metrics = struct.unpack_from(">H", tables["hhea"], 34)[0]
        self.widths = [struct.unpack_from(">H", tables["hmtx"], 4 * n)[0] for n in range(metrics)]
        self.glyphs = dict(self._glyphs(tables["cmap"]))

    def _glyphs(self, cmap: bytes) -> Iterator[tuple[int, int]]:
        """The characters of the subtable of format 4, with their glyphs."""
        count = struct.unpack_from(">H", cmap, 2)[0]
        places = {struct.unpack_from(">I", cmap, 8 + 8 * n)[0] for n in range(count)}
        at = next(place for place in places if struct.unpack_from(">H", cmap, place)[0] == 4)
        segments = struct.unpack_from(">H", cmap, at + 6)[0] // 2
        ends, starts, deltas, ranges = (
            at + 14,
            at + 16 + 2 * segments,
            at + 16 + 4 * segments,
            at + 16 + 6 * segments,
        )
        for n in range(segments):
            end, start = (struct.unpack_from(">H", cmap, where + 2 * n)[0] for where in (ends, starts))
            delta, skip = (struct.unpack_from(">H", cmap, where + 2 * n)[0] for where in (deltas, ranges))
            for code in range(start, min(end, 0xFFFE) + 1):
                if skip == 0:
                    yield code, (code + delta) % 65536
                else:
                    place = ranges + 2 * n + skip + 2 * (code - start)
                    yield code, struct.unpack_from(">H", cmap, place)[0]

    def millimetres(self, word: str, points: float) -> float:
        units = sum(self.widths[min(self.glyphs.get(ord(one), 0), len(self.widths) - 1)] for one in word)
        return units / self.units * points * 0.3528


@cache
def face(name: str) -> Face:
    return Face(f"NotoSerif-{name}.ttf")


LINE = 210.0 - 2 * 22.0
INSET = 2 * 1.6
SIZE = 8.5
"""Measures of the template: the line and a cell's inset in millimetres, a table's letters in points."""


def too_wide(document: Document) -> list[str]:
    """Words of tables that are wider than their column; longer ones than 40 letters break by themselves."""
    found = []
    for block in (block for section in document.sections for block in section.blocks):
        if not isinstance(block, Table):
            continue
        room = [LINE * share / sum(block.widths) - INSET for share in block.widths]
        for row, weight in [(block.columns, "Bold"), *((row, "Regular") for row in block.rows)]:
            for n, cell in enumerate(row):
                for word in re.findall(r"[^\s-]+-?", cell):
                    breaks = len(word) > (24 if word.isascii() else 40) or n in block.mono
                    if not breaks and face(weight).millimetres(word, SIZE) > room[n]:
                        found.append(word)
    return found


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", sorted(BODIES))
def test_no_word_is_wider_than_its_column(kind: str, language: Language) -> None:
    assert too_wide(compose(whole(kind), language, NAMES)) == []


NARROWEST = {
    "status": 3 / 14,
    "limit": 7 / 11,
    "field": 1 / 2,
    "act": 4 / 20,
    "part": 3 / 16,
    "data_kind": 4 / 20,
    "desired": 4 / 20,
    "translator": 4 / 19,
}
"""The share of the line of the narrowest column in which a section's labels stand."""


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(("section", "share"), sorted(NARROWEST.items()))
def test_no_label_is_wider_than_its_narrowest_column(section: str, share: float, language: Language) -> None:
    labels = Labels(language)
    words = {word for id in TABLES[section] for word in re.findall(r"[^\s-]+-?", labels(section, id))}
    room = LINE * share - INSET
    assert {word for word in words if face("Regular").millimetres(word, SIZE) > room} == set()


def test_a_word_that_is_too_wide_is_found() -> None:
    document = compose(whole("registration"), Language.KAZAKH, NAMES)
    wide = Table(["А", "Б"], (1, 9), [["сәйкестендірілмегендіктен", "б"]])
    block = type(document.sections[0])("x", [wide])
    assert too_wide(Document(**{**_fields(document), "sections": [block]})) == ["сәйкестендірілмегендіктен"]


def _fields(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in document.__slots__}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_whole_letter_is_archival(kind: str, language: Language) -> None:
    pdf = typeset(compose(whole(kind), language, NAMES))
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
