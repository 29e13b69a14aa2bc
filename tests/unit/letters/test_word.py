"""The texts of a draft as a Word document and back: nothing lost, nothing dangerous, nothing silent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from docx import Document

from comity.letters import word_reading
from comity.letters.word import EditedField, write_texts
from comity.letters.word_reading import (
    WordActiveError,
    WordChangesTrackedError,
    WordTooLargeError,
    WordUnreadableError,
    read_texts,
)

NOW = datetime(2027, 6, 12, 3, 12, tzinfo=UTC)
FACTS = "On 3 June <somebody> entered & left.\n\n\tӘжімов пен Қанат — «екі» адам."
ASKED = ("facts", "necessity")
DOCUMENT, RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"
TYPES = "[Content_Types].xml"


def made(language: str = "en") -> bytes:
    fields = [EditedField("facts", ["uncc:art_42__para_3__point_b"], FACTS), EditedField("necessity", [], "")]
    return write_texts("KZ-2027-000001", fields, language, now=NOW)


def changed(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            content = old.read(entry)
            new.writestr(entry, change(content.decode()).encode() if entry == name else content)
    return out.getvalue()


def added(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return out.getvalue()


def before_end(xml: str) -> Callable[[str], str]:
    return lambda text: text.replace("<w:sectPr", xml + "<w:sectPr", 1)


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_what_was_written_comes_back_in_every_language(language: str) -> None:
    back = read_texts(made(language), ASKED)
    assert back.texts == {"facts": FACTS, "necessity": ""}
    assert (back.unrecognised, back.lost) == ((), ())


def test_another_library_reads_headings_and_texts() -> None:
    document = Document(io.BytesIO(made("ru")))
    assert "Краткое изложение фактов" in [each.text for each in document.paragraphs]
    assert "somebody" in document.element.xml


def test_what_stands_outside_the_fields_is_reported_and_not_taken() -> None:
    back = read_texts(changed(made(), DOCUMENT, before_end(paragraph("A stray thought"))), ASKED)
    assert back.texts["facts"] == FACTS
    assert back.unrecognised == ("A stray thought",)


def test_a_control_that_the_draft_does_not_ask_for_is_reported() -> None:
    back = read_texts(made(), ["necessity"])
    assert list(back.texts) == ["necessity"]
    assert back.unrecognised[0].startswith("On 3 June")


def test_a_second_control_of_the_same_field_is_reported() -> None:
    again = (
        f'<w:sdt><w:sdtPr><w:tag w:val="comity:facts"/></w:sdtPr>'
        f"<w:sdtContent>{paragraph('Other facts')}</w:sdtContent></w:sdt>"
    )
    back = read_texts(changed(made(), DOCUMENT, before_end(again)), ASKED)
    assert back.texts["facts"] == FACTS
    assert back.unrecognised == ("Other facts",)


def test_a_field_whose_control_was_lost_is_found_by_its_heading() -> None:
    def without_control(text: str) -> str:
        start, end = text.index("<w:sdt>"), text.index("</w:sdt>") + len("</w:sdt>")
        return text[:start] + paragraph("New facts") + paragraph("and more") + text[end:]

    back = read_texts(changed(made(), DOCUMENT, without_control), ASKED)
    assert back.texts == {"facts": "\nNew facts\nand more", "necessity": ""}


def test_a_field_that_the_document_lacks_is_absent_and_not_empty() -> None:
    only = write_texts("X", [EditedField("facts", [], "x")], "en", now=NOW)
    assert read_texts(only, ASKED).texts == {"facts": "x"}


def test_tables_and_pictures_are_told() -> None:
    table = "<w:tbl><w:tr><w:tc>" + paragraph("In a table") + "</w:tc></w:tr></w:tbl>"
    picture = "<w:p><w:r><w:drawing/></w:r></w:p>"
    back = read_texts(changed(made(), DOCUMENT, before_end(table + picture)), ASKED)
    assert set(back.lost) == {"table", "picture"}
    assert back.unrecognised == ("In a table",)


@pytest.mark.parametrize("change", ["ins", "del", "moveFrom", "moveTo"])
def test_a_tracked_change_is_refused(change: str) -> None:
    tracked = f'<w:p><w:{change} w:id="9" w:author="x"><w:r><w:t>x</w:t></w:r></w:{change}></w:p>'
    with pytest.raises(WordChangesTrackedError):
        read_texts(changed(made(), DOCUMENT, before_end(tracked)), ASKED)


@pytest.mark.parametrize(
    "name", ["word/vbaProject.bin", "word/activeX/activeX1.xml", "word/embeddings/oleObject1.bin"]
)
def test_a_program_or_an_embedded_object_is_refused(name: str) -> None:
    with pytest.raises(WordActiveError):
        read_texts(added(made(), name, b"x"), ASKED)


def test_a_macro_document_is_refused_by_its_declared_type() -> None:
    macro = changed(
        made(),
        TYPES,
        lambda text: text.replace(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
    )
    with pytest.raises(WordActiveError):
        read_texts(macro, ASKED)


def test_a_relationship_that_leads_outside_is_refused() -> None:
    outside = (
        '<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'attachedTemplate" Target="http://evil.example/t.dotm" TargetMode="External"/></Relationships>'
    )
    with pytest.raises(WordActiveError, match="evil"):
        read_texts(changed(made(), RELATIONS, lambda text: text.replace("</Relationships>", outside)), ASKED)
    inside = outside.replace("External", "Internal").replace("http://evil.example/t.dotm", "styles.xml")
    read_texts(changed(made(), RELATIONS, lambda text: text.replace("</Relationships>", inside)), ASKED)


def test_a_document_type_is_refused() -> None:
    entity = '<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document'
    with pytest.raises(WordUnreadableError):
        read_texts(changed(made(), DOCUMENT, lambda text: text.replace("<w:document", entity, 1)), ASKED)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"\x00" * 40, made()[:-200], made()[:5000]])
def test_what_is_no_word_document_is_refused(data: bytes) -> None:
    with pytest.raises(WordUnreadableError):
        read_texts(data, ASKED)


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/x.xml", "WORD/DOCUMENT.XML", "a\\b.xml"])
def test_names_that_lead_out_or_stand_twice_are_refused(name: str) -> None:
    with pytest.raises(WordUnreadableError):
        read_texts(added(made(), name, b"<x/>"), ASKED)


def test_size_count_and_unpacked_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WordTooLargeError):
        read_texts(b"x" * (word_reading.LARGEST + 1), ASKED)
    with pytest.raises(WordTooLargeError):  # two kilobytes that unpack to nine megabytes
        read_texts(added(made(), "word/bomb.xml", b"0" * (word_reading.LARGEST_PART + 1)), ASKED)
    monkeypatch.setattr(word_reading, "MOST_PARTS", 3)
    with pytest.raises(WordTooLargeError):
        read_texts(made(), ASKED)


def test_a_part_that_says_it_is_smaller_than_it_is_is_refused() -> None:
    data = added(made(), "word/bomb.xml", b"0" * 100_000)
    lie = (100_000).to_bytes(4, "little")
    assert data.count(lie) >= 2
    with pytest.raises(WordUnreadableError):
        read_texts(data.replace(lie, (10).to_bytes(4, "little")), ASKED)
