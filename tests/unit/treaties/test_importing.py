"""Tables of participants: what is certain is read, and what is not is reported with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from comity.treaties import Act, Library, Source, load
from comity.treaties.errors import StatusFileUnreadableError
from comity.treaties.importing import NameBook, Reading, added, read_plain, read_untc, written
from comity.treaties.importing.names import without_footnotes
from comity.treaties.status import read_status

TABLES = Path(__file__).parent / "tables"
HEADER = 'Participant,Signature,"Approval(AA), Acceptance(A), Accession(a), Succession(d), Ratification"\n'
EXPECTED = [
    ("DZ", "signature", "2003-12-09"),
    ("DZ", "ratification", "2004-08-25"),
    ("AG", "accession", "2006-06-21"),
    ("BB", "signature", "2003-12-10"),
    ("BT", "signature", "2005-09-15"),
    ("BT", "accession", "2023-09-27"),
    ("CI", "signature", "2003-12-10"),
    ("CI", "ratification", "2012-10-25"),
    ("EU", "signature", "2005-09-15"),
    ("EU", "approval", "2008-11-12"),
    ("IR", "signature", "2003-12-09"),
    ("IR", "ratification", "2009-04-20"),
    ("ME", "succession", "2006-10-23"),
    ("TR", "signature", "2003-12-10"),
    ("TR", "ratification", "2006-11-09"),
    ("VN", "signature", "2003-12-10"),
    ("VN", "ratification", "2009-08-19"),
]


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


def untc(library: Library, text: str, instrument: str = "uncac") -> Reading:
    rules = library.instrument(instrument).status.rules
    return read_untc(text, rules, NameBook(library.root), "S1", "D")


def plain(library: Library, text: str, instrument: str = "uncac") -> Reading:
    rules = library.instrument(instrument).status.rules
    return read_plain(text, rules, NameBook(library.root), "S1", "O")


def said(reading: Reading) -> list[tuple[str, str, str]]:
    return [(act.state, act.what, str(act.on)) for act in reading.acts]


@pytest.mark.parametrize("name", ["page.csv", "page.txt", "page.html"])
def test_one_table_in_three_layouts_gives_the_same_acts(library: Library, name: str) -> None:
    reading = untc(library, (TABLES / name).read_text(encoding="utf-8"))
    assert reading.unread == ()
    assert said(reading) == EXPECTED
    assert reading.as_at == (None if name == "page.csv" else date(2024, 4, 20))
    assert {(act.mark, act.source) for act in reading.acts} == {("D", "S1")}


def test_the_grid_of_a_page_goes_before_another_table_of_participants(library: Library) -> None:
    other = "<table><tr><td>Participant</td><td>Received</td></tr><tr><td>China</td><td>x</td></tr></table>"
    page = (TABLES / "page.html").read_text(encoding="utf-8")
    two = page.replace("<div class", other + "<div class")
    assert said(untc(library, two)) == EXPECTED
    with pytest.raises(StatusFileUnreadableError, match="several tables"):
        untc(library, two.replace("tblgrid", "other"))


def test_a_table_pasted_with_tabs_is_read(library: Library) -> None:
    text = (TABLES / "page.csv").read_text(encoding="utf-8").replace('"', "")
    head, *rows = text.splitlines()
    tabbed = ["\t".join(head.split(",", 2)), *(row.replace(",", "\t") for row in rows)]
    assert said(untc(library, "\n".join(tabbed))) == EXPECTED


def test_the_header_of_another_treaty_says_what_its_columns_mean(library: Library) -> None:
    header = 'Participant,Signature,"Acceptance(A), Ratification, Approval(AA), Accession(a)"\n'
    reading = untc(library, header + "Kazakhstan,25 Oct 2025,\nViet Nam,25 Oct 2025,1 Jul 2026 A\n", "uncc")
    assert said(reading) == [
        ("KZ", "signature", "2025-10-25"),
        ("VN", "signature", "2025-10-25"),
        ("VN", "acceptance", "2026-07-01"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Ruritania,9 Dec 2003,", "no State is known by the name “Ruritania”"),
        ("Serbia and Montenegro,11 Dec 2003,", "no State is known"),
        ("Kazakhstan,,18 Jun 2008 x", "the flag (x)"),
        ("Kazakhstan,,18 Jun 2008 A", "it says the same"),
        ("Kazakhstan,30 Feb 2004,", "no day of the calendar"),
        ("Kazakhstan,9 Dez 2003,", "“Dez” is no month"),
        ("Kazakhstan,,[18 Jun 2008 a]", "no day of the form"),
        ("Kazakhstan,,", "a name and up to 2 days"),
        ("Kazakhstan,9 Dec 2003,18 Jun 2008 a,1 Jan 2009", "a name and up to 2 days"),
        ("Kazakhstan,10 Dec 2005,", "when it was not open for it (uncac:art_67__para_1)"),
    ],
)
def test_a_row_that_is_not_certain_is_not_read(library: Library, row: str, reason: str) -> None:
    first = "Kazakhstan,,18 Jun 2008 A\n" if "same" in reason else "Algeria4,9 Dec 2003,25 Aug 2004\n"
    reading = untc(library, HEADER + first + row + "\n")
    (unread,) = reading.unread
    assert unread.line == 3
    assert reason in unread.reason
    assert len(reading.acts) == first.count("20")


def test_a_row_with_one_bad_cell_gives_no_act_at_all(library: Library) -> None:
    assert untc(library, HEADER + "Kazakhstan,9 Dec 2003,18 Jun 2008 x\n").acts == ()


def test_a_form_that_the_treaty_does_not_know_is_not_read(library: Library) -> None:
    header = 'Participant,Signature,"Ratification, Provisional application(n)"\n'
    assert "(n)" in untc(library, header + "Kazakhstan,,18 Jun 2008 n\n").unread[0].reason
    assert "form" in untc(library, HEADER + "Kazakhstan,,18 Jun 2008 d\n", "uncc").unread[0].reason


@pytest.mark.parametrize(
    "days",
    ["   8 Mar 2004", "10 Dec 2003\n10 Dec 2004\n10 Dec 2005", "10 Dec 2003\n23 Apr"],
    ids=["blank_or_not", "three_days", "broken"],
)
def test_a_row_of_text_of_which_the_columns_are_not_clear_is_not_read(library: Library, days: str) -> None:
    head = "Participant\nSignature\nAccession(a), Ratification\nAlgeria\n 9 Dec 2003\n25 Aug 2004\n"
    reading = untc(library, f"{head}Kazakhstan\n{days}\nViet Nam\n10 Dec 2003\n19 Aug 2009\n")
    assert [one.line for one in reading.unread] == [7]
    assert {act.state for act in reading.acts} == {"DZ", "VN"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no table"),
        ("Country,Signature\nKazakhstan,9 Dec 2003\n", "there is no table"),
        ("<html><body><table><tr><td>Country</td></tr></table></body></html>", "there is no table"),
        ('<?xml version="1.0"?><Treaty><Participant/></Treaty>', "XML is not known here"),
        ('Participant,"Signature, Ratification"\nKazakhstan,9 Dec 2003\n', "what a bare day means"),
        ('Participant,"Accession(a), Approval(a)"\nKazakhstan,9 Dec 2003 a\n', "two meanings"),
        ('Participant,Signature\n"Kazakhstan,9 Dec 2003\n' + "x" * 200_000, "field larger"),
    ],
)
def test_a_table_or_header_that_is_not_known_is_refused(library: Library, text: str, reason: str) -> None:
    with pytest.raises(StatusFileUnreadableError, match=reason):
        untc(library, text)


@pytest.mark.parametrize(
    ("name", "bare"),
    [("Algeria4", "Algeria"), ("Bhutan 1", "Bhutan"), ("China 2, 3", "China"), ("Viet Nam", "Viet Nam")],
)
def test_the_numbers_of_footnotes_are_no_part_of_a_name(name: str, bare: str) -> None:
    assert without_footnotes(name) == bare


def test_names_are_found_and_never_guessed(library: Library) -> None:
    book = NameBook(library.root)
    named = {
        "Saint Kitts and Nevis": "KN",
        "ST. LUCIA": "LC",
        "Bosnia and Herzegovina": "BA",
        "Congo": "CG",
        "Democratic Republic of the Congo": "CD",
        "Republic of Korea": "KR",
        "Türkiye": "TR",
        "KZ": "KZ",
        "Korea": None,
        "Kazakstan": None,
        "": None,
    }
    assert {name: book.code(name) for name in named} == named


def test_the_plain_csv_says_one_act_a_row(library: Library) -> None:
    reading = plain(
        library,
        "\ufeffState,Act,Date,Id,To,Of,Note,Mark,Effect\n"
        "Kazakhstan,accession,2008-06-18,,,,,DS,\n"
        "KZ,reservation,2008-06-18,dispute_settlement,,,,,\n"
        "XA,objection,2009-01-01,dispute_settlement,KZ,,,,\n"
        "KZ,withdrawal,2010-01-01,dispute_settlement,,reservation,,,\n"
        "XB,denunciation,2010-01-01,,,,Names a later day.,,2012-01-01\n"
        "XC,absence,2011-01-01,,,,,,\n"
        "XD,signature,,,,,,,\n",
    )
    assert reading.unread == ()
    assert said(reading)[0] == ("KZ", "accession", "2008-06-18")
    assert reading.acts[0].mark == "DS"
    assert reading.acts[1].mark == "O"
    assert reading.acts[3].undoes(reading.acts[1])
    assert reading.acts[4].effect == date(2012, 1, 1)
    assert reading.acts[6].on is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Ruritania,accession,2008-06-18,", "no State is known"),
        (",accession,2008-06-18,", "no State is known"),
        ("KZ,adhesion,2008-06-18,", "“adhesion” is no act"),
        ("KZ,accession,18.06.2008,", "no day of the form YYYY-MM-DD"),
        ("KZ,accession,20080618,", "no day of the form YYYY-MM-DD"),
        ("KZ,accession,2008-06-31,", "no day of the form YYYY-MM-DD"),
        ("KZ,accession,2008-06-18,X", "the mark is none of"),
        ("KZ,accession,2008-06-18", "it has 3 cells"),
        ("KZ,notification,2008-06-18,", "a form that the treaty does not know"),
        ("KZ,absence,,", "an absence without a day"),
        ("KZ,objection,2008-06-18,", "to whose reservation"),
        ("KZ,withdrawal,2008-06-18,", "should say of what"),
        ("KZ,reservation,2008-06-18,", "says nothing"),
    ],
)
def test_a_row_of_the_plain_csv_that_does_not_fit_is_not_read(
    library: Library, row: str, reason: str
) -> None:
    reading = plain(library, f"state,act,date,mark\n{row}\n")
    assert reading.acts == ()
    assert reason in reading.unread[0].reason
    assert reading.unread[0].line == 2


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("state,act", "lacks the column date"),
        ("state,act,date,day", "a column that nobody reads: 'day'"),
        ("state,act,date,act", "names a column twice"),
    ],
)
def test_a_plain_csv_with_another_header_is_refused(library: Library, header: str, reason: str) -> None:
    with pytest.raises(StatusFileUnreadableError, match=reason):
        plain(library, header + "\n")


def test_what_is_held_is_known_new_or_contradicted() -> None:
    def act(state: str, what: str, on: date | None) -> Act:
        return Act(state, what, on, "O", "S1", None)

    held = [
        act("KZ", "accession", date(2008, 6, 18)),
        act("TM", "signature", None),
        act("QA", "signature", date(2005, 12, 1)),
    ]
    sheet = added(
        [
            act("KZ", "accession", date(2008, 6, 18)),
            act("TM", "signature", date(2004, 1, 1)),
            act("QA", "ratification", date(2007, 1, 30)),
            act("QA", "acceptance", date(2007, 1, 30)),
        ],
        held,
    )
    assert [one.state for one in sheet.known] == ["KZ"]
    assert [(one.state, one.what) for one in sheet.new] == [("QA", "ratification")]
    assert [(new.state, new.what) for new, _ in sheet.contradictions] == [
        ("TM", "signature"),
        ("QA", "acceptance"),
    ]


def test_what_is_written_reads_back_the_same(library: Library, tmp_path: Path) -> None:
    source = Source(
        "S1", 'A “title” with "quotes" and \\ and \x7f', "https://example.org/?a=1&b=2", date(2024, 4, 20)
    )
    reading = untc(library, (TABLES / "page.txt").read_text(encoding="utf-8"))
    path = tmp_path / "status.toml"
    path.write_text(written(reading.acts, source, "uncac", complete=True), encoding="utf-8")
    rules = library.instrument("uncac").status.rules
    read = read_status(path, "uncac", rules, library.organisations)
    assert read.acts == reading.acts
    assert read.sources == {"S1": source}
    assert (read.known_until, read.complete_until) == (date(2024, 4, 20), date(2024, 4, 20))
