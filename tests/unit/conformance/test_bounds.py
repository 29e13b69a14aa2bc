"""The tester's own memory and time are bounded, whatever the node under test brings."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from tests.unit.conformance.test_conformance import free_port

from comity import canonical
from comity.conformance import arriving, listener, tester
from comity.conformance.arriving import Arriving
from comity.conformance.asked import Asked
from comity.conformance.calls import MOST_TOLD, Request
from comity.conformance.peer import said
from comity.conformance.wire import Line
from comity.proofs.notes import sign_line

NOW = datetime.now(UTC).replace(microsecond=0)


def envelope(size=10, **changes):
    return {
        "schema": "comity-envelope/1",
        "letter": str(uuid4()),
        "sha256": "0" * 64,
        "bytes": size,
        "from": "xb-247",
        "to": "xa-tester",
        "generation": 1,
        "written_at": canonical.instant_text(NOW),
        "expires_at": canonical.instant_text(NOW + timedelta(days=1)),
    } | changes


def request(document, read, method="PUT", size=10):
    headers = {name.lower(): value for name, value in said(document).items()}
    return Request(method, f"/letters/{document['letter']}", headers, size, read)


@pytest.fixture
def letters():
    keys = SimpleNamespace(log=SimpleNamespace(name="xa-tester"))
    tester = SimpleNamespace(card=SimpleNamespace(peer_url="https://127.0.0.1:1"), keys=keys)
    return Arriving(SimpleNamespace(tester=tester, attest=lambda *_: b"note"))


def test_the_letter_that_is_never_taken_may_come_after_the_others(letters):
    letters._refusing = True
    came = [arriving.Came(envelope(size)) for size in (10, 10, 10, arriving.LARGE, 10)]
    for each in came[:-1]:
        letters._turns(each)
        each.told = True
    assert not letters.wait(0.1), "one more small letter is asked for"
    letters.came["last"] = came[-1]
    letters._turns(came[-1])
    assert letters.wait(0.1)
    assert letters.refused() is not None


def test_who_is_slow_to_bring_a_letter_keeps_no_step_waiting(letters):
    begun, go = threading.Event(), threading.Event()

    def slow(most):
        begun.set()
        go.wait(20)
        return b""

    thread = threading.Thread(target=letters.answer, args=(request(envelope(), slow),), daemon=True)
    thread.start()
    assert begun.wait(20)
    waiting = threading.Thread(target=letters.wait, args=(0.1,), daemon=True)
    waiting.start()
    waiting.join(10)
    ended = not waiting.is_alive()
    go.set()
    thread.join(20)
    assert ended


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_letter_larger_than_memory_is_not_read(letters, method):
    def read(most):
        pytest.fail("it was read")

    huge = envelope(arriving._MOST + 1)
    for _ in range(2):
        assert letters.answer(request(huge, read, method, huge["bytes"])).status == 429
    assert letters.came == {}


def test_no_more_is_read_of_a_letter_than_its_envelope_says_and_one_byte(letters):
    asked = []

    def read(most):
        asked.append(most)
        return b"x" * most

    for size in (10, arriving.LARGE):
        document = envelope(size)
        for _ in range(4):
            letters.answer(request(document, read, size=2**60))
    assert 0 < max(asked) <= arriving.LARGE + 1


def test_letters_and_envelopes_without_end_are_not_kept(letters):
    for _ in range(40):
        letters.answer(request(envelope(), lambda most: b""))
    assert len(letters.came) == arriving._MOST_LETTERS
    known = next(iter(letters.came))
    for number in range(1, 40):
        letters.answer(request(envelope(letter=known, generation=number), lambda most: b""))
        letters.answer(Request("PUT", "/letters/x", {"comity-envelope": "?"}, 0, lambda most: b""))
    assert len(letters.came[known].said) <= MOST_TOLD
    assert len(letters.broken) <= MOST_TOLD


# ---- drills that come again


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """A node and a tester."""
    folder, made = tmp_path_factory.mktemp("bounds"), []
    for id in ("xb-247", "xa-tester"):
        url = "https://127.0.0.1:1"
        tester.create(folder / id, id=id, state=id[:2].upper(), name=id, url=url, now=NOW)
        made.append(tester.load(folder / id))
    return made


def drill(node, own, **changes):
    about = {"schema": "comity-drill/1", "drill": str(uuid4()), "from": node.id, "to": own.id}
    times = {"sent_at": NOW, "answer_by": NOW + timedelta(hours=1)}
    about |= {name: canonical.instant_text(at) for name, at in times.items()}
    return sign_line("comity-drill/1", about | changes, node.keys.log)


def heard(asked, note):
    return asked.answer(Request("POST", "/drills", {}, len(note), lambda most: note[:most]))


def test_a_drill_that_comes_again_is_answered_with_the_bytes_of_the_first_word(sides, monkeypatch):
    node, own = sides
    asked, note = Asked(own, node.card), drill(node, own)
    first = heard(asked, note)
    written = [NOW + timedelta(hours=2)]
    monkeypatch.setattr("comity.conformance.asked.datetime", SimpleNamespace(now=lambda _: written[0]))
    assert asked.word(str(uuid4()), note, "reached") != first.body, "a new word would be another one"
    assert heard(asked, note) == first
    again = drill(node, own)
    assert heard(asked, again).body == heard(asked, again).body != first.body


def test_another_drill_under_a_known_number_is_refused_by_the_tester(sides):
    node, own = sides
    asked, number = Asked(own, node.card), str(uuid4())
    assert heard(asked, drill(node, own, drill=number)).status == 200
    later = canonical.instant_text(NOW + timedelta(hours=2))
    refused = heard(asked, drill(node, own, drill=number, answer_by=later))
    assert (refused.status, b"drill_conflict" in refused.body) == (409, True)


def test_drills_without_end_are_not_kept(sides):
    node, own = sides
    asked, notes = Asked(own, node.card), [drill(node, own) for _ in range(MOST_TOLD + 4)]
    assert [heard(asked, each).status for each in notes] == [200] * MOST_TOLD + [429] * 4
    assert heard(asked, notes[0]).status == 200, "what is known is answered still"


# ---- who drips


@contextmanager
def line_to_tester(sides, patience):
    """The way of the node to the tester's endpoint."""
    node, own = sides
    place = ("127.0.0.1", free_port())
    with listener.listening(own, node.card, place):
        yield Line.to(place, node, own.card, patience)


def dripped(connection, pause=0.05, most=200):
    """Bring a byte after the other; seconds until the other side hung up, None when it did not."""
    began = time.monotonic()
    for _ in range(most):
        try:
            connection.sock.sendall(b"x")
        except OSError:
            return time.monotonic() - began
        time.sleep(pause)
    return None


def begun_drip(line, stack, where):
    connection = stack.enter_context(line.begun("POST", "/keys", {}, 10_000))
    if where == "head":
        connection = http.client.HTTPSConnection(line.host, line.port, timeout=10, context=line.context)
        stack.callback(connection.close)
        connection.connect()
        connection.sock.sendall(b"POST /keys HTTP/1.1\r\nX: ")
    return connection


@pytest.mark.parametrize("where", ["head", "body"])
def test_who_drips_is_hung_up_on_and_holds_no_connection(sides, monkeypatch, where):
    monkeypatch.setattr(listener, "PATIENCE", 0.5)
    with line_to_tester(sides, 10) as line, ExitStack() as stack:
        assert dripped(begun_drip(line, stack, where)) is not None


def test_connections_that_were_dripped_into_are_free_again(sides, monkeypatch):
    monkeypatch.setattr(listener, "PATIENCE", 0.5)
    monkeypatch.setattr(listener, "_AT_ONCE", 2)
    with line_to_tester(sides, 10) as line, ExitStack() as stack:
        held = [begun_drip(line, stack, "body") for _ in range(2)]
        threads = [threading.Thread(target=dripped, args=(each,), daemon=True) for each in held]
        for thread in threads:
            thread.start()
        with pytest.raises((OSError, http.client.HTTPException)):
            line.ask("POST", "/keys", body=b"x")
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                assert line.ask("POST", "/keys", body=b"x").status == 204
                break
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        else:
            pytest.fail("the drips hold the tester's connections")
        for thread in threads:
            thread.join(20)


def test_who_brings_enough_is_heard_for_longer_than_the_patience(sides, monkeypatch):
    monkeypatch.setattr(listener, "PATIENCE", 0.5)
    monkeypatch.setattr(listener, "LOWEST_RATE", 200)
    with line_to_tester(sides, 10) as line, line.begun("POST", "/keys", {}, 2000) as connection:
        for _ in range(20):
            connection.sock.sendall(b"x" * 100)
            time.sleep(0.05)
        assert connection.getresponse().status == 204
