"""Every provision of the texts has a home or a room that owes it one, and every pointer leads somewhere."""

from __future__ import annotations

import copy
import importlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.db.models import Model

from comity.cli import main
from comity.treaties import load
from comity.treaties.coverage import KINDS, Coverage, coverage

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = load(ROOT / "law")
FOUND = [coverage(LIBRARY, instrument) for instrument in LIBRARY.instruments]
QUESTIONS = {
    f"{instrument.id}:question:{question.id}"
    for instrument in LIBRARY.instruments.values()
    for article in instrument.articles
    for question in article.questions
}


def is_ruled(pointer: str) -> bool:
    """Whether a rule has this citation or stands on the provision that it names."""
    return LIBRARY.cite_exists(pointer) and bool(LIBRARY.rules_on(pointer))


def resolves(pointer: str, kind: str) -> bool:
    """Whether a home's pointer leads to a rule, a question, a model or a function that exists."""
    if ":" in pointer:
        return pointer in QUESTIONS if kind == "tracker" else is_ruled(pointer)
    module, _, name = pointer.rpartition(".")
    found = getattr(importlib.import_module(module), name, None)
    return isinstance(found, type) and issubclass(found, Model) if kind == "register" else callable(found)


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.instrument)
def test_no_provision_is_without_a_home_or_a_room_that_owes_it(found: Coverage) -> None:
    assert [str(place.citation) for place in found.homeless] == []


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.instrument)
def test_every_pointer_leads_somewhere(found: Coverage) -> None:
    lost = [
        (str(place.citation), pointer)
        for place in found.places
        for pointer in place.at
        if not resolves(pointer, place.kind)
    ]
    assert lost == []
    assert all(place.at for place in found.places if place.kind != "none")


@pytest.mark.parametrize(
    ("pointer", "kind"),
    [
        ("uncc:art_40__para_99", "rule"),
        ("uncc:question:no_such_question", "tracker"),
        ("comity.node.casework.acts.refuse_execution.no_such_act", "workflow"),
        ("comity.node.casework.acts.refuse_execution.refuse_execution", "register"),
    ],
)
def test_a_pointer_to_nothing_is_noticed(pointer: str, kind: str) -> None:
    assert not resolves(pointer, kind)


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.instrument)
def test_every_article_paragraph_point_and_note_is_counted_once(found: Coverage) -> None:
    counted = [place.citation.eid for place in found.places]
    provisions = LIBRARY.instrument(found.instrument).provisions
    assert counted == [eid for eid in provisions if "recital" not in eid]
    assert len(counted) == len(set(counted))
    assert {place.kind for place in found.places} <= set(KINDS)


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.instrument)
def test_what_waits_is_owed_by_a_room_that_is_not_built(found: Coverage) -> None:
    """A provision whose act exists must be moved to its home."""
    assert set(found.by_room()) <= set(LIBRARY.words("rooms"))
    waiting = [place for room in found.by_room().values() for place in room]
    assert all(place.awaited and place.awaited.what.strip() for place in waiting)


def test_a_provision_whose_entries_are_taken_away_is_homeless() -> None:
    """Negative control: without its file an article has no home."""
    spoiled = copy.copy(LIBRARY)
    instrument = spoiled.instruments["uncc"]
    kept = tuple(article for article in instrument.articles if article.citation.eid != "art_11")
    spoiled.instruments = {**spoiled.instruments, "uncc": replace(instrument, articles=kept)}
    homeless = {place.citation.eid for place in coverage(spoiled, "uncc").homeless}
    assert {"art_11", "art_11__para_1", "art_11__para_1__point_a__item_i"} <= homeless


def test_the_command_gives_the_shape_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "coverage", "--json"]) == 0
    shape = json.loads(capsys.readouterr().out)
    assert set(shape) == set(LIBRARY.instruments)
    for one in shape.values():
        assert sum(one["by_kind"].values()) == one["provisions"]
        assert len(one["none"]) == one["by_kind"]["none"]
        assert sorted(one["none"]) == sorted(cite for cites in one["awaited"].values() for cite in cites)
