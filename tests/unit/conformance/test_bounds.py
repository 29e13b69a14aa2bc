"""The tester's own memory and time are bounded, whatever the node under test brings."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from comity import canonical
from comity.conformance import arriving
from comity.conformance.arriving import Arriving
from comity.conformance.calls import MOST_TOLD, Request
from comity.conformance.trial import said

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
