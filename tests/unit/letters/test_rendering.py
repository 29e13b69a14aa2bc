"""The readable form says what the signed data say, in each language, and nothing in a letter is obeyed."""

from __future__ import annotations

from copy import deepcopy
from hashlib import sha256
from typing import Any

import pytest
import typst
from tests import samples

from comity.letters import document
from comity.letters.document import Document, Table, typeset, visible
from comity.letters.labels import Language
from comity.letters.rendering import Correspondent, Names, compose, render_letter
from comity.letters.report import render_report
from comity.letters.schema import LetterNotUnderstoodError, read_value

LANGUAGES = [language.value for language in Language]
NAMES = Names(
    {"kz-247": Correspondent("Point of contact of KZ", "KZ"), "tm-247": Correspondent("Contact of TM", "TM")},
    {"uncc": {"en": "Convention against Cybercrime", "kk": "Киберқылмысқа қарсы конвенция"}},
)


def composed(value: dict[str, Any], language: str = "en") -> Document:
    return compose(read_value(value), Language(language), NAMES)


def texts(value: Any) -> list[str]:
    """Every text in a JSON value or a document."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for part in parts for text in texts(part)]


def section(found: Document, heading: str) -> Table:
    (block,) = next(section.blocks for section in found.sections if section.heading == heading)
    assert isinstance(block, Table)
    return block


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(samples.EVERY_KIND))
def test_every_kind_becomes_the_same_archival_pdf_each_time(kind: str, language: str) -> None:
    letter = read_value(samples.EVERY_KIND[kind]())
    pdf = render_letter(letter, language, NAMES)
    assert pdf.startswith(b"%PDF-1.")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert pdf == render_letter(letter, language, NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_of_a_bundle_becomes_the_same_archival_pdf_each_time(language: str) -> None:
    pdf = render_report(samples.report(), language)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert pdf == render_report(samples.report(), language)


def test_report_data_of_another_shape_are_not_understood() -> None:
    with pytest.raises(LetterNotUnderstoodError):
        render_report(samples.report() | {"surprise": 1}, "en")


def test_a_language_without_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="xx"):
        render_letter(read_value(samples.request()), "xx", NAMES)


def test_an_english_request_shows_its_parts() -> None:
    found = composed(samples.request())
    assert found.title == "Letter of request for mutual legal assistance"
    assert found.subtitle == "Preservation of data\nConvention against Cybercrime"
    assert found.marks == ["Urgent", "Confidential", "Do not notify the user"]
    assert found.parties[1] == ("To", "Contact of TM", "Turkmenistan · tm-247")
    assert ("Our reference", "KZ-2026-000001") in found.summary.rows
    assert ("Your reference", "not yet assigned") in found.summary.rows
    assert section(found, "Items").rows[1][1:] == [
        "E-mail address: intruder@mail.example\nPreservation of data. Mailbox and access log of the account.",
        "subscriber data",
        "not limited",
        "preservation",
    ]
    assert section(found, "Limits on use").rows == [["Confidential", "UNCC art. 40(20)"]]
    assert [row[:2] for row in section(found, "Persons responsible").rows] == [
        ["Drafted by", "Officer A of KZ"],
        ["Signed by", "Officer B of KZ"],
    ]


def test_citations_dates_and_states_are_read_out_in_kazakh_and_russian() -> None:
    kazakh, russian = composed(samples.request(), "kk"), composed(samples.request(), "ru")
    assert section(kazakh, "Пайдалануға қойылған шектеулер").rows == [["Құпия", "UNCC 40-бап, 20-тармақ"]]
    assert section(russian, "Ограничения на использование").rows == [
        ["Конфиденциально", "UNCC ст. 40, п. 20"]
    ]
    assert ("Күні", "2026 ж. 22 қараша, 03:12:00 UTC") in kazakh.summary.rows
    assert ("Дата", "22 ноября 2026 г., 03:12:00 UTC") in russian.summary.rows
    assert kazakh.parties[0][2] == "Қазақстан · kz-247"
    assert kazakh.subtitle.endswith("\nКиберқылмысқа қарсы конвенция")


def test_an_answer_turns_the_references_round() -> None:
    rows = composed(samples.result()).summary.rows
    assert ("Our reference", "TM-2026-000001") in rows
    assert ("Your reference", "KZ-2026-000001") in rows
    assert ("In answer to letter", samples.REQUEST_ID) in rows


@pytest.mark.parametrize("kind", ["preservation_done", "refusal", "request", "result"])
def test_no_text_of_the_body_is_left_out(kind: str) -> None:
    """Every sentence and address a person wrote stands in the form."""
    value = samples.EVERY_KIND[kind]()
    shown = "\n".join(texts(document.asdict(composed(value))))
    written = [text for text in texts(value["body"]) if " " in text or "@" in text]
    assert written
    assert [text for text in written if text not in shown] == []


def test_a_signatory_sees_every_fact_that_is_signed_as_data() -> None:
    value = samples.request()
    value["body"]["facts"] = {
        "requesting_state": "KZ",
        "offences": [{"id": "uncc:art_7", "max_penalty_years": 5, "predicate": None}],
        "urgent": False,
        "agreements": {},
    }
    assert list(section(composed(value), "Facts as data, for legal analysis").rows) == [
        ("requesting_state", "KZ"),
        ("offences.1.id", "uncc:art_7"),
        ("offences.1.max_penalty_years", "5"),
        ("offences.1.predicate", "null"),
        ("urgent", "false"),
        ("agreements", "{}"),
    ]


def test_the_form_names_the_digest_of_the_signed_data() -> None:
    letter = read_value(samples.request())
    assert sha256(letter.as_bytes()).hexdigest() in compose(letter, Language.ENGLISH, NAMES).footer
    assert letter.id in compose(letter, Language.ENGLISH, NAMES).footer


COMMAND = '#panic("obeyed") ] $x$ \\u{41} = heading\n- list // comment `raw`'


def test_commands_of_the_typesetter_in_a_letter_are_only_text() -> None:
    value = deepcopy(samples.result())
    value["body"]["authenticity"] = COMMAND
    value["body"]["items"][0]["note"] = COMMAND
    value["people"][0]["name"] = value["people"][0]["post"] = COMMAND.replace("\n", " ")
    value["limits"][0]["text"] = COMMAND
    names = Names({"tm-247": Correspondent(COMMAND, COMMAND)})
    assert render_letter(read_value(value), "en", names).startswith(b"%PDF")


def test_the_same_command_as_source_would_have_been_obeyed() -> None:
    with pytest.raises(typst.TypstError, match="obeyed"):
        typst.compile(b'#panic("obeyed")')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice[U+202E]fdp.exe"),
        ("a\u200bb", "a[U+200B]b"),
        ("中", "[U+4E2D]"),
        ("😀", "[U+1F600]"),
        ("\u2066x\u2069", "[U+2066]x[U+2069]"),
        ("Ұлы Әбілқайыр — № 5, “ия”, ё", "Ұлы Әбілқайыр — № 5, “ия”, ё"),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_signs_that_hide_or_cannot_be_set_are_shown_by_number(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_every_sign_that_counts_as_shown_can_be_set_in_every_style() -> None:
    """PDF/A refuses a sign the font lacks, so one page with all of them shows that none is."""
    every = "".join(chr(code) for first, last in document._SHOWN for code in range(first, last + 1))
    page = Document(
        language=Language.ENGLISH,
        title=every,
        subtitle=every,
        written_at="2026-11-22T03:12:00Z",
        footer=every,
        sections=[document.Section(every, [document.Paragraphs(every)])],
    )
    assert typeset(page).startswith(b"%PDF")


def test_a_sign_outside_could_not_have_been_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "visible", lambda text: text)
    value = samples.request()
    value["body"]["contents"]["facts"] = "中"
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        render_letter(read_value(value), "en", NAMES)
