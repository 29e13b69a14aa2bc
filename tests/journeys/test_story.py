"""The main job, as the README's first command does it: two nodes, one request, one piece of evidence."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from tests.journeys.bookkeeping import faults
from tests.journeys.playing import Play

pytestmark = [pytest.mark.story, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """A story played from nothing."""
    play = Play(tmp_path_factory.mktemp("story"))
    status = play.follow()
    assert status == 0, play.text
    return play


def test_the_story_holds_from_nothing_to_the_verified_court_bundle(played: Play) -> None:
    for sentence in (
        "the check names what is missing: relation to offence (UNCC art. 42(3)(c))",
        "the drafter cannot sign: four eyes",
        "clock of 60 days runs until",
        "preserved until the decision (UNCC art. 42(8))",
        "3 exhibits verified and taken in, custody whole over both States",
        "a use in other proceedings is barred without permission",
        "the use is recorded under the permission",
        "information sent that nobody asked for",
        "asked by telephone, which the other side agreed to (UNCC art. 40(13))",
        "the confirmation was due at once, and is met",
        "to others it says: “The package is encrypted to another authority, or to a key destroyed here.”",
        "taken in and opened; the same disk again changes nothing",
        "its receipts go home by the same courier",
        "court bundle: 12 steps passed",
        "ledger of kz-247: verified",
        "ledger of tm-247: verified",
        "The story holds",
    ):
        assert sentence in played.text
    assert played.text.count("changed: found in step") == 12
    assert faults(played.folder) == []


def test_running_it_again_repeats_nothing(played: Play) -> None:
    again = Play(played.folder)
    assert again.follow() == 0, again.text
    assert "Making two nodes" not in again.text
    assert faults(played.folder) == []


@pytest.mark.parametrize("step", [9, pytest.param(22, marks=pytest.mark.long)])
def test_a_demonstration_that_was_killed_goes_on_where_it_stood(tmp_path: Path, step: int) -> None:
    first = Play(tmp_path)

    def kill(number: int) -> None:
        if number == step:
            threading.Thread(target=first.kill).start()

    assert first.follow(kill) != 0
    second = Play(tmp_path)
    assert second.follow() == 0, second.text
    assert faults(tmp_path) == []


@pytest.mark.long
def test_a_ledger_that_somebody_wrote_in_ends_the_story_with_an_error(played: Play, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(played.folder, folder)
    db = sqlite3.connect(folder / "tm" / "node.sqlite3")
    with db:
        db.execute("""UPDATE ledger_entry SET content = '{"what": "nothing"}' WHERE "index" = 2""")
    db.close()
    again = Play(folder)
    assert again.follow() == 1
    assert "“the ledger of tm verifies” failed" in again.text


LOSE_A_LETTER = "UPDATE exchange_letter SET kind = 'lost' WHERE direction = 'in' AND kind = 'registration'"
GAP = 'UPDATE ledger_entry SET "index" = 1000 WHERE "index" = 3'


@pytest.mark.parametrize(
    ("side", "harm"),
    [
        ("kz", LOSE_A_LETTER),
        ("kz", "DELETE FROM exchange_receipt WHERE kind = 'DELIVERY'"),
        ("tm", "UPDATE exhibits_exhibit SET sha256 = 'x'"),
        ("tm", "UPDATE exhibits_custodyrecord SET record = replace(record, '\"n\": 2', '\"n\": 7')"),
        ("tm", GAP),
        ("tm", "UPDATE jobs_job SET state = 'given_up'"),
        ("kz", "UPDATE casework_event SET kind = 'result_received' WHERE kind = 'registration_received'"),
        ("tm", "UPDATE orders_order SET state = 'issued'"),
    ],
)
def test_the_book_keeping_finds_what_is_lost_or_doubled(
    played: Play, tmp_path: Path, side: str, harm: str
) -> None:
    for name in ("kz", "tm"):
        (tmp_path / name).mkdir()
        shutil.copy(played.folder / name / "node.sqlite3", tmp_path / name)
    shutil.copytree(played.folder / "provider", tmp_path / "provider")
    assert faults(tmp_path) == []
    db = sqlite3.connect(tmp_path / side / "node.sqlite3")
    with db:
        assert db.execute(harm).rowcount > 0
    db.close()
    assert faults(tmp_path) != []
