"""The law pages: text as published, reading, rules; the side panel."""

from __future__ import annotations

import html

import pytest
from django.utils.html import strip_tags

from comity.node.pages import law
from comity.treaties import load


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
