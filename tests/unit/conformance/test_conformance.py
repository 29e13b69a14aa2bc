"""The suite passes a node that keeps the rules, and finds each rule that one does not keep."""

from __future__ import annotations

import http.client
import re
import socket
from dataclasses import replace
from datetime import UTC, datetime
from http.client import BadStatusLine, IncompleteRead

import pytest
from tests.unit.conformance import model_server
from tests.unit.conformance.broken import BROKEN, NEVER_COMES
from tests.unit.conformance.model import Model
from tests.unit.conformance.model_server import Server

from comity.conformance import (
    bounding,
    bringing,
    calls,
    drilling,
    dripping,
    filling,
    material,
    opening,
    parting,
    peer,
    pressing,
    sending,
    steps,
    suite,
    tester,
    waiting,
    witnessing,
)
from comity.conformance.trial import Stated


def present():
    """The suite and OpenSSL read the real clock, and a long run begins long after it was collected."""
    return datetime.now(UTC).replace(microsecond=0)


letters_come = sending.GROUP.steps[0]
MIB = 1024 * 1024
STATED = Stated(
    letters_an_hour=300,
    bytes_a_day=64 * MIB,
    bytes_unopened=8 * MIB,
    relay_hours=2 / 3600,
    delivery_hours=4 / 3600,
    retrieval_hours=4 / 3600,
)
"""What the model is set to."""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """The folders of a model node and of the tester."""
    folder = tmp_path_factory.mktemp("conformance")
    for name, id in (("node", "xb-247"), ("tester", "xa-tester")):
        url = f"https://127.0.0.1:{free_port()}"
        second = f"https://127.0.0.1:{free_port()}"
        about = {"id": id, "state": id[:2].upper(), "name": name, "url": url, "second_url": second}
        tester.create(folder / name, **about, now=present())
    return folder / "node", folder / "tester"


@pytest.fixture(autouse=True)
def short_pdfs(monkeypatch):
    """A few bytes instead of the readable forms, which cost a second."""
    monkeypatch.setattr(material, "render_letter", lambda *_: b"%PDF-1.7")


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    """The model comes again after hundredths of a second, and is put off for less than a second, as is the
    tester by a model that names longer.
    """
    monkeypatch.setattr(peer, "LONGEST_WAIT", 0.5)
    monkeypatch.setattr(calls, "WAIT", 0.3)
    monkeypatch.setattr(sending, "PAUSE", 0.05)
    monkeypatch.setattr(waiting, "PAUSE", 0.1)
    monkeypatch.setattr(waiting, "GRACE", 0.0)
    monkeypatch.setattr(pressing, "SHARE", 0.0)


@pytest.fixture(autouse=True)
def quick_callers(monkeypatch):
    """Callers are silent, and drip, for fractions of a second."""
    for name, seconds in (("PATIENCE", 0.8), ("SILENT", 0.6), ("LONGEST", 1.6), ("PAUSE", 0.02)):
        monkeypatch.setattr(dripping, name, seconds)


def pressed(monkeypatch):
    """Small letters are put off until an urgent one waits: for a second."""
    for name, value in (("SHARE", 0.5), ("ROUND", 1.0), ("APART", 0.4), ("HOLD", 0.3)):
        monkeypatch.setattr(pressing, name, value)


def examined(sides, *without, of=suite.STEPS, patience=20.0, letters=0, stated=None):
    """What the suite finds of the model, by step."""
    node, own = sides
    now = present()
    model = Model(node, own, now, frozenset(without), stated)
    with Server(model, letters=bool(letters)) as server:
        url = f"https://127.0.0.1:{server.server_address[1]}"
        options = {"patience": patience, "letters": letters, "stated": stated}
        with suite.trial(url, own, model.card, now=now, **options) as trial:
            return {each.step.id: each for each in suite.examine(trial, lambda _: None, of)}


def not_passed(found):
    """What passed and what is a node's to choose left out."""
    those = (steps.PASSED, steps.NOTED)
    return {name: each.found for name, each in found.items() if each.verdict not in those}


def test_a_node_that_keeps_the_rules_passes_every_step(sides, monkeypatch):
    pressed(monkeypatch)
    later = replace(STATED, relay_hours=12 / 3600, delivery_hours=12 / 3600, retrieval_hours=12 / 3600)
    found = examined(sides, letters=20, stated=later)
    assert not_passed(found) == {}
    noted = {name for name, each in found.items() if each.verdict == steps.NOTED}
    assert noted == {"silence_ended"}
    assert [each.n for each in found.values()] == list(range(1, len(suite.STEPS) + 1))
    assert not_passed(examined(sides, of=witnessing.GROUP.steps)) == {}, "the tester goes on with its ledger"


@pytest.mark.parametrize(
    ("room", "rule"),
    [(room, rule) for room, rules in BROKEN.items() for rule in rules],
    ids=lambda each: each if isinstance(each, str) else each.__name__.rpartition(".")[2],
)
def test_a_rule_that_a_node_does_not_keep_is_found_by_its_steps(sides, room, rule, monkeypatch):
    expected, chosen = BROKEN[room][rule], room.GROUP.steps
    if room is opening:  # every letter is sealed anew: beside those that fail, two that pass
        few = {*expected, "delivered", "no_letter"}
        monkeypatch.setattr(
            opening, "CASES", {name: opening.CASES[name] for name in few & set(opening.CASES)}
        )
        chosen = [step for step in chosen if step.id in few]
    if room in (parting, waiting):
        chosen = [letters_come, *chosen]
    if rule == "urgent_first":
        pressed(monkeypatch)
    elif room is sending:
        chosen = [step for step in chosen if step.id != "urgent_first"]
    of_sender = room in (sending, drilling, parting, waiting)
    waited = 0 if not of_sender else 4 if "letters_come" in expected else 20
    if rule == "pauses":  # it comes at once: no machine is so busy that this looks like a second
        monkeypatch.setattr(sending, "PAUSE", 1.0)
    patience = 1.0 if rule in NEVER_COMES else 20.0
    stated = STATED if room is not filling else replace(STATED, letters_an_hour=40)
    found = examined(sides, rule, of=chosen, letters=waited, patience=patience, stated=stated)
    assert set(not_passed(found)) == expected, not_passed(found)
    assert len(found) > len(expected), "some step passed"
    assert steps.verdict(found.values()) == steps.FAILED


def test_every_step_is_failed_by_some_broken_node():
    found = {step for rules in BROKEN.values() for those in rules.values() for step in those}
    positive = {"tls_spoken", "envelope_missing", "offer_wanted", "key_told", "delivered"}
    assert {step.id for step in suite.STEPS} - found == positive


def test_receipts_that_never_come_are_missed(sides, monkeypatch):
    first = [step for step in opening.GROUP.steps if step.id == "delivered"]
    monkeypatch.setattr(opening, "CASES", {"delivered": opening.CASES["delivered"]})
    found = examined(sides, "receipts_brought", of=first, patience=0.3)
    assert "no receipt in time" in not_passed(found)["delivered"]


@pytest.mark.parametrize(
    ("patience", "said"),
    [(0.8, r"hung up on after (0\.[89]|1\.\d) seconds"), (20.0, r"not hung up on within 1\.6 seconds")],
)
def test_whether_a_silent_caller_is_hung_up_on_is_told_and_not_judged(sides, monkeypatch, patience, said):
    monkeypatch.setattr(model_server, "PATIENCE", patience)
    found = examined(sides, of=dripping.GROUP.steps)
    assert not_passed(found) == {}
    assert found["silence_ended"].verdict == steps.NOTED
    assert re.fullmatch(said, found["silence_ended"].found)
    assert steps.verdict(found.values()) == steps.PASSED


def test_no_letter_is_said_to_come_first_where_none_is_urgent(sides):
    found = examined(sides, of=sending.GROUP.steps, letters=20)
    unseen = {name: each.code for name, each in found.items() if each.verdict == steps.SKIPPED}
    assert (unseen, not_passed(found).keys()) == ({"urgent_first": "none_urgent"}, {"urgent_first"})


def test_what_is_not_taken_and_never_comes_again_is_missed(sides):
    found = examined(sides, "comes_again", of=bringing.GROUP.steps, patience=0.3)
    assert {each.verdict for each in found.values()} == {steps.FAILED}


@pytest.mark.parametrize("error", [BadStatusLine("?"), IncompleteRead(b""), TimeoutError(), ValueError()])
def test_an_answer_that_is_none_fails_its_step_and_ends_none_of_the_others(error):
    def breaks(trial):
        raise error

    found = steps.carried_out([steps.Step("breaks", (), "", breaks)] * 2, None)
    assert [(each.verdict, each.code) for each in found] == [(steps.FAILED, "no_answer")] * 2


def test_letters_that_never_come_are_missed_where_they_are_waited_for(sides):
    model = {"of": sending.GROUP.steps, "letters": 0.2}
    found = examined(sides, "letters", **model)
    assert {each.verdict for each in found.values()} == {steps.FAILED}
    assert {each.verdict for each in examined(sides, of=sending.GROUP.steps).values()} == {steps.SKIPPED}


def test_a_letter_that_comes_again_after_a_pause_is_found(sides, monkeypatch):
    monkeypatch.setattr(sending, "PAUSE", 0.4)
    of = [step for step in sending.GROUP.steps if step.id in ("letters_come", "letter_once")]
    assert set(not_passed(examined(sides, "stops_later", of=of, letters=5))) == {"letter_once"}


def test_an_answer_that_is_no_http_fails_its_step_and_ends_no_run(monkeypatch):
    def run(error):
        def step(_):
            raise error

        return steps.Step("step", (), "Something", step)

    errors = (http.client.BadStatusLine("x"), http.client.IncompleteRead(b""), RecursionError())
    found = list(steps.carried_out([run(each) for each in errors], None))
    assert [each.code for each in found] == ["no_answer"] * 3


def test_a_bound_that_nobody_stated_is_not_seen(sides):
    rooms = [*waiting.GROUP.steps, *filling.GROUP.steps]
    found = examined(sides, of=rooms, letters=20)
    assert {(each.verdict, each.code) for each in found.values()} == {(steps.SKIPPED, "not_stated")}
    (part,) = (each for each in found.values() if each.step.id == "delivery_unheard")
    assert steps.verdict([part]) == steps.PASSED, "nothing is said against it"


def test_a_receipt_that_the_tester_brings_too_late_says_nothing_against_the_node(sides):
    late = replace(STATED, delivery_hours=1e-6)
    found = examined(sides, of=[letters_come, *waiting.GROUP.steps], letters=20, stated=late)
    assert (found["delivery_heard"].verdict, found["delivery_heard"].code) == (steps.SKIPPED, "too_late")


def test_what_takes_a_second_peer_is_not_seen_where_the_node_knows_one(sides):
    rooms = [*parting.GROUP.steps, *bounding.GROUP.steps]
    found = examined(sides, "second", of=[letters_come, *rooms], letters=20)
    unseen = {name for name, each in found.items() if each.code == "second_unknown"}
    assert unseen == {step.id for step in rooms} - {"entries_shown", "requests_bounded"}
    assert {found[name].verdict for name in unseen} == {steps.SKIPPED}


def test_what_a_node_does_not_offer_is_skipped(sides, monkeypatch):
    found = examined(sides, "witness", of=witnessing.GROUP.steps)
    assert {each.verdict for each in found.values()} == {steps.SKIPPED}
    assert steps.verdict(found.values()) == steps.PASSED
    monkeypatch.setattr(bounding, "MOMENT", 0.5)
    found = examined(sides, "bounds", of=bounding.GROUP.steps)
    assert {name: each.verdict for name, each in found.items()} == {
        "requests_bounded": steps.SKIPPED,
        "others_answered": steps.PASSED,
    }
    found = examined(sides, "entries", of=[parting.GROUP.steps[0]])
    assert {each.code for each in found.values()} == {"not_offered"}
    found = examined(sides, "consent", of=drilling.GROUP.steps)
    assert {each.verdict for each in found.values()} == {steps.SKIPPED, steps.PASSED}
