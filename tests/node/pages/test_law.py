"""The law pages: text as published, reading, rules; the side panel."""

from __future__ import annotations

import html

import pytest
from django.utils import translation
from django.utils.html import strip_tags

from comity.node.pages import law
from comity.treaties import load
from comity.treaties.flaws import flaws
from comity.treaties.glossary import glossary


@pytest.fixture
def reader(client, official):
    client.force_login(official("drafter", language="en"))
    return client


def test_a_provision_is_shown_as_published_with_the_place_it_has(reader):
    shown = reader.get("/law/uncc:art_42__para_8").content.decode()
    assert "UNCC 42(8)" in shown
    assert load().provision("uncc:art_42__para_8").text in html.unescape(strip_tags(shown))


def test_the_side_panel_holds_the_provision_and_no_frame(reader):
    shown = reader.get("/law/uncc:art_42__para_8/panel").content.decode()
    assert "UNCC 42(8)" in shown
    assert "<html" not in shown


@pytest.mark.parametrize(
    "address", ["uncc:art_999", "nothing:art_1", "no citation", "uncc:art_42__para_8__x"]
)
def test_a_citation_that_leads_nowhere_is_not_found(reader, address):
    assert reader.get(f"/law/{address}").status_code == 404
    assert reader.get(f"/law/{address}/panel").status_code == 404


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_a_flaw_of_the_published_text_is_told_in_the_reader_s_language(client, official, language):
    client.force_login(official("drafter", language=language))
    (flaw,) = load().provision("uncac:art_43__para_2").flaws
    shown = client.get("/law/uncac:art_43__para_2", headers={"Accept-Language": language})
    assert flaws(load())[flaw][language] in html.unescape(shown.content.decode())


def test_each_instrument_lists_its_articles(reader):
    for instrument in load().instruments.values():
        shown = reader.get(f"/law/{instrument.id}/").content.decode()
        articles = [eid for eid in instrument.provisions if "__" not in eid]
        assert articles
        assert all(f"{instrument.id}:{eid}" in shown for eid in articles)


def test_an_unknown_instrument_is_not_found(reader):
    assert reader.get("/law/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("citation", "label"),
    [
        ("uncc:art_40__para_21__point_b", "UNCC 40(21)(b)"),
        ("kz-tm:art_10__para_1", "KZ-TM 10(1)"),
        ("no citation", "no citation"),
    ],
)
def test_a_citation_is_written_as_people_write_it(citation, label):
    assert law.short_label(citation) == label


def test_a_stored_finding_is_read_in_the_reader_s_language_and_keeps_words_that_are_no_longer_there():
    from django.utils import translation

    rule = next(rule for rule in load().rules("uncc") if set(rule.reading) >= {"en", "kk"})
    finding = {"cite": str(rule.place), "text": rule.reading["en"]}
    with translation.override("kk"):
        assert law.finding_text(finding) == rule.reading["kk"]
        assert law.finding_text({**finding, "text": "An older reading"}) == "An older reading"
        assert law.finding_text({"cite": "uncc:art_999", "text": "Gone"}) == "Gone"


def test_an_article_shows_text_reading_references_topics_and_neighbours(reader):
    shown = reader.get("/law/uncc:art_42").content.decode()
    rule = next(rule for rule in load().rules("uncc") if rule.place.eid == "art_42__para_8")
    assert rule.reading["en"] in html.unescape(shown)
    assert 'href="/law/uncc:art_40__para_21__point_b"' in shown  # in the words of paragraph 6
    assert 'href="/law/topics/preservation/"' in shown
    assert 'rel="prev" href="/law/uncc:art_41"' in shown
    assert 'rel="next" href="/law/uncc:art_43"' in shown
    assert 'id="art_42__para_3__point_b"' in shown


def test_what_refers_to_an_article_is_told_on_its_page_and_its_own_words_are_not(reader):
    shown = reader.get("/law/uncac:art_31").content.decode().partition("What refers to it")[2]
    assert "UNCAC 55(1)" in shown
    assert "UNCAC 31(" not in shown


def test_a_provision_that_nothing_names_says_so(reader):
    assert "No other article names it." in reader.get("/law/kz-tm:art_5").content.decode()


def test_closing_words_stand_after_what_they_close(reader):
    library = load()
    closing = next(
        one for one in library.instrument("uncc").provisions.values() if one.closing and one.children
    )
    shown = html.unescape(strip_tags(reader.get(f"/law/{closing.citation}").content.decode()))
    last = library.provision(closing.children[-1])
    assert shown.index(last.text) < shown.index(closing.closing)


def test_the_first_and_the_last_article_have_one_neighbour(reader):
    first = reader.get("/law/uncc:art_1").content.decode()
    last = reader.get("/law/uncc:art_68").content.decode()
    assert ('rel="prev"' in first, 'rel="next"' in first) == (False, True)
    assert ('rel="prev"' in last, 'rel="next"' in last) == (True, False)


def test_a_citation_leads_straight_there_and_one_of_several_places_asks_which(reader):
    assert reader.get("/law/search", {"q": "uncc 40(21)(b)"}).headers["Location"] == (
        "/law/uncc:art_40__para_21__point_b"
    )
    several = reader.get("/law/search", {"q": "40-бап"}).content.decode()
    assert 'href="/law/uncc:art_40"' in several
    assert 'href="/law/uncac:art_40"' in several
    one = reader.get("/law/search", {"q": "40-бап", "instrument": "uncac"})
    assert one.headers["Location"] == "/law/uncac:art_40"


def test_found_words_are_marked_and_what_was_typed_is_never_markup(reader):
    shown = reader.get("/law/search", {"q": "өтінішті"}).content.decode()
    assert "<mark>" in shown
    assert 'value="өтінішті"' in shown
    assert "No provision has all these words." not in shown
    hostile = reader.get("/law/search", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in hostile


@pytest.mark.parametrize(
    "asked", [{}, {"q": ""}, {"q": "x" * 10_000}, {"q": "a", "start": "-1"}, {"q": "a", "start": "9" * 30}]
)
def test_a_search_for_nothing_or_anything_is_a_page(reader, asked):
    assert reader.get("/law/search", asked).status_code == 200


def test_further_matches_are_a_page_away_without_javascript(reader):
    shown = reader.get("/law/search", {"q": "мемлекет"}).content.decode()
    assert "Further matches" in shown
    following = reader.get("/law/search", {"q": "мемлекет", "start": "20"}).content.decode()
    assert "Better matches" in following
    assert following != shown


def test_a_topic_is_compared_in_a_column_for_each_treaty(reader):
    shown = reader.get("/law/topics/confidentiality/").content.decode()
    order = [shown.index(f"{label}</a>") for label in ("UNCC 40(20)", "UNCAC 46(20)", "KZ-TM 7(1)")]
    assert order == sorted(order)
    assert reader.get("/law/topics/nothing/").status_code == 404
    assert 'href="/law/topics/confidentiality/"' in reader.get("/law/topics/").content.decode()


def test_where_a_provision_acts_is_said_by_the_act_s_name(reader, monkeypatch):
    from comity.node.pages.law import passages
    from comity.treaties.coverage import Place

    place = load().provision("uncc:art_40__para_25").citation
    home = Place(place, "workflow", ("comity.node.casework.acts.refuse_execution.refuse_execution",))
    (acting,) = passages._at(home, home.at[0])
    assert acting.label == "Refuse execution"
    owed = Place(place, "none", (), None)
    assert list(passages._acting(load().provision(place), {place: owed})) == []


def test_every_act_and_room_has_a_name():
    from pathlib import Path

    from comity.node.casework import acts
    from comity.node.pages.labels import places

    written = {path.stem for path in Path(acts.__file__).parent.glob("*.py")} - {"__init__"}
    assert written <= set(places.ACTS)
    assert set(load().words("rooms")) == set(places.ROOMS)
    assert set(load().words("forces")) >= set(places.FORCES)
    kinds = {eid.partition("_")[0] for one in load().instruments.values() for eid in one.provisions}
    assert kinds - {"art"} <= set(places.PARTS)
    assert places.software("comity.node.persons.acts.agree_transfer.agree_transfer") == "Agree transfer"


def test_the_glossary_lists_every_term_and_finds_by_the_beginning_of_words(reader):
    shown = reader.get("/law/glossary").content.decode()
    assert shown.count('<tr id="') == len(glossary(load()))
    assert 'href="/law/glossary"' in reader.get("/law/").content.decode()
    found = reader.get("/law/glossary?q=ұстап бер").content.decode()
    assert 'id="extradition"' in found
    assert 'id="bank_secrecy"' not in found
    assert "No term has these words" in reader.get("/law/glossary?q=қырмызыгүл").content.decode()
    hostile = reader.get("/law/glossary?q=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in hostile


@pytest.mark.parametrize(
    ("language", "label"),
    [("en", "UNCAC bill, para. 2"), ("kk", "UNCAC заң жобасы, 2-тармақ"), ("ru", "UNCAC законопроект, п. 2")],
)
def test_a_place_outside_the_articles_is_named_in_the_readers_language(language, label):
    with translation.override(language):
        assert law.short_label("uncac:bill__para_2") == label
        assert law.short_label("uncc:art_40__para_21__point_b") == "UNCC 40(21)(b)"
