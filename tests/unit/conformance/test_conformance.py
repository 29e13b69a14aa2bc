"""The suite passes a node that keeps the rules, and finds each rule that one does not keep."""

from __future__ import annotations

import http.client
import socket
from dataclasses import replace
from datetime import UTC, datetime
from http.client import BadStatusLine, IncompleteRead

import pytest
from tests.unit.conformance.model import Model, Server

from comity.conformance import (
    bounding,
    bringing,
    calls,
    connecting,
    drilling,
    envelopes,
    filling,
    handing,
    material,
    opening,
    parting,
    posting,
    sending,
    steps,
    suite,
    tester,
    waiting,
    witnessing,
)
from comity.conformance.trial import Stated


def present():
    """The suite reads the real clock, and a long run begins long after it was collected."""
    return datetime.now(UTC).replace(microsecond=0)


"""The present: OpenSSL judges the certificates of a connection by the machine's clock."""
BROKEN = {
    connecting: {
        "tls_1_3": {"tls_older"},
        "certificates": {
            "certificate_missing",
            "certificate_unknown",
            "certificate_of_same_ca",
            "session_not_resumed",
        },
        "pins": {"certificate_of_same_ca"},
        "no_tickets": {"session_not_resumed"},
        "not_served": {"address_unknown"},
        "problem_form": {"address_unknown"},
    },
    envelopes: {
        "base64": {"envelope_not_base64"},
        "canonical": {"envelope_not_canonical"},
        "closed": {"envelope_key_unknown"},
        "complete": {"envelope_key_missing"},
        "version": {"envelope_version_unknown"},
        "values": {
            "envelope_values_malformed",
            "envelope_version_unknown",
            "envelope_of_another_address",
        },
        "address": {"envelope_of_another_address"},
        "unknown_sender": {"refused_unknown_sender", "refused_in_order"},
        "wrong_recipient": {"refused_wrong_recipient", "refused_in_order", "refused_again"},
        "expired": {"refused_expired"},
        "written_in_future": {"refused_written_in_future"},
        "life_too_long": {"refused_life_too_long"},
        "size_exceeded": {"refused_size_exceeded"},
        "order": {"refused_in_order"},
        "stored_refusal": {"refused_again"},
    },
    handing: {
        "repeats": {"repeated"},
        "replayed": {"replayed"},
        "whole": {"cut_off", "slices", "slice_elsewhere", "resumed", "slices_differ"},
        "digest": {"container_differs", "slices_differ"},
        "small_whole": {"slice_of_small"},
        "offset": {"slice_elsewhere"},
        "range": {"slice_elsewhere"},
        "kept": {"slices", "slice_elsewhere", "resumed", "slices_differ"},
        "receipt_container": {"accepted", "repeated", "replayed", "slices", "resumed"},
        "receipt_proof": {"accepted", "repeated", "replayed", "slices", "resumed"},
        "receipt_signed": {"accepted", "repeated", "replayed", "slices", "resumed"},
    },
    posting: {
        "receipt_verified": {"receipt_malformed", "receipt_unsigned", "receipt_altered"},
        "receipt_known": {"receipt_foreign"},
        "notice_form": {"key_malformed"},
        "notice_signed": {"key_unsigned"},
        "notice_checked": {"key_unacceptable"},
        "key_order": {"key_outdated"},
    },
    opening: {
        "understood": {"kind_unknown", "part_unknown"},
        "recipient_inside": {"recipient_inside"},
        "compared": {"generation_inside", "id_inside"},
        "generations": {"generation_stale"},
        "letter": {"no_letter"},
        "sealed": {"version_unknown", "sealed_by_stranger", "bytes_behind", "end_missing", "byte_changed"},
        "decrypted": {"encrypted_to_another", "payload_changed", "head_changed"},
    },
    bringing: {
        "retry_after": {"receipt_not_before"},
        "no_redirects": {"receipt_not_redirected"},
        "same_receipt": {
            "receipt_after_failure",
            "receipt_unanswered",
            "receipt_not_before",
            "receipt_not_redirected",
        },
        "pins_server": {"stranger_not_called"},
    },
    sending: {
        "retry_after": {"letter_not_before"},
        "pauses": {"letter_after_failure", "letter_unanswered"},
        "no_redirects": {"letter_not_redirected"},
        "same_envelope": {"letter_unchanged"},
        "receipt_key": {"letters_come", "receipt_of_stranger"},
        "receipt_text": {"letters_come", "receipt_changed"},
        "resumes": {"letter_resumed"},
        "sealed_letters": {"letter_opens"},
        "stops": {"letter_once"},
        "letter_address": {"letters_come"},
        "receipt_own": {"receipt_kept", "receipt_conflicts"},
        "receipt_conflict": {"receipt_conflicts"},
    },
    drilling: {
        "drill_signed": {"drill_unsigned"},
        "drill_form": {"drill_malformed"},
        "drill_for_it": {"drill_foreign"},
        "drill_word": {"drill_reached"},
        "drill_repeats": {"drill_reached", "drill_conflicts"},
        "drill_number": {"drill_conflicts"},
        "drill_pace": {"drill_too_soon"},
        "drill_known": {"drill_answer_unknown"},
        "figures": {"drills_told"},
        "own_drill": {
            "drill_comes",
            "drill_answer_refused",
            "drill_answer_recorded",
            "drill_answer_differs",
        },
        "answer_checked": {"drill_answer_refused"},
        "seconds": {"drill_answer_recorded"},
        "record_repeats": {"drill_answer_recorded"},
        "one_answer": {"drill_answer_differs"},
    },
    bounding: {"retry_told": {"requests_bounded"}, "lanes": {"others_answered"}},
    witnessing: {
        "tiles": {"head_shown"},
        "witness_form": {"witness_malformed"},
        "witness_origin": {"witness_origin_unknown"},
        "witness_signature": {"witness_unsigned"},
        "witness_size": {"witness_elsewhere", "witness_unproved", "witness_cosigns"},
        "witness_proof": {"witness_unproved"},
        "witness_cosigns": {"witness_cosigns"},
        "witness_memory": {"witness_cosigns"},
    },
    parting: {
        "entries_proved": {"entries_shown"},
        "entries_of_peer": {"entries_of_another"},
        "own_letters": {"letter_of_another", "slices_of_another"},
        "own_parts": {"slices_of_another"},
        "ids_of_all": {"id_of_another"},
        "own_address": {"receipt_to_its_sender"},
        "receipt_by_its_peer": {"receipt_by_another"},
        "drill_own_answer": {"drill_answered_by_another"},
    },
    waiting: {
        "silence": {"delivery_unheard", "delivery_heard"},
        "silence_of_relay": {"relay_unheard"},
        "late_receipt": {"relay_unheard"},
        "silence_time": {"relay_unheard", "delivery_unheard", "delivery_heard", "retrieval_unheard"},
        "silence_despite": {"delivery_heard"},
        "silence_opened": {"retrieval_unheard"},
    },
    filling: {
        "bytes_quota": {"bytes_bounded"},
        "unopened_quota": {"unopened_bounded"},
        "letters_quota": {"letters_bounded"},
        "quota_told": {"bytes_bounded", "unopened_bounded", "letters_bounded"},
        "quota_named": {"bytes_bounded", "unopened_bounded", "letters_bounded"},
        "allowances_apart": {"others_taken"},
    },
}
"""By room of steps: a rule that the model does not keep, and the steps that find it."""
NEVER_COMES = ("own_address", "silence", "silence_opened", "silence_of_relay", "unopened_quota")
"""Without these rules something is waited for that never comes."""


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
    """The model comes again after hundredths of a second, and is put off for less than a second."""
    monkeypatch.setattr(calls, "WAIT", 0.3)
    monkeypatch.setattr(sending, "PAUSE", 0.05)
    monkeypatch.setattr(waiting, "PAUSE", 0.1)
    monkeypatch.setattr(waiting, "GRACE", 0.0)


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
    return {name: each.found for name, each in found.items() if each.verdict != steps.PASSED}


def test_a_node_that_keeps_the_rules_passes_every_step(sides):
    later = replace(STATED, delivery_hours=12 / 3600, retrieval_hours=12 / 3600)
    found = examined(sides, letters=20, stated=later)
    assert not_passed(found) == {}
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
