"""One peer gets so much; the others get theirs all the same."""

from __future__ import annotations

import io
import json

import pytest
from tests.node.exchange.conftest import Peer, letter
from tests.node.exchange.test_transport import _Connection

from comity.delivery.envelope import write_envelope
from comity.node import config
from comity.node.directory import known
from comity.node.exchange import allowances, calling, incoming, outgoing, peer_client, peer_server
from comity.node.exchange.models import Letter, Rejection, Stage
from comity.node.jobs import outbox, running
from comity.node.jobs.models import Job
from comity.shapes import encode_base64

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def full_again():
    allowances.forget()
    yield
    allowances.forget()


@pytest.fixture
def limited(monkeypatch):
    def limit(**limits):
        made = config.Exchange(**limits)
        monkeypatch.setattr(config.NodeConfig, "exchange", property(lambda self: made))

    return limit


@pytest.fixture
def bring(peer: Peer, clock):
    """Bring a new container of so many bytes; the answer, or what it is refused with."""

    def one(size=100, **changes):
        body = b"x" * size
        envelope = peer.envelope(letter("xb-247", "xa-247", clock.now), body, **changes)
        return incoming.accept(io.BytesIO(body), envelope, known.find("xb-247"), clock.now)

    return one


def test_so_many_letters_an_hour(limited, bring, clock):
    limited(letters_an_hour=3)
    for _ in range(3):
        bring()
    with pytest.raises(allowances.PeerLettersQuotaError) as refused:
        bring()
    assert refused.value.params["retry_after"] == 1200
    clock.advance(seconds=1200)
    bring()
    with pytest.raises(allowances.PeerLettersQuotaError):
        bring()


def test_a_refused_letter_counts_once(limited, bring, clock, peer):
    limited(letters_an_hour=2)
    bring(to="xc-247")
    bring(to="xc-247")
    with pytest.raises(allowances.PeerLettersQuotaError):
        bring(to="xc-247")
    assert Rejection.objects.count() == 2
    same = Rejection.objects.first()
    row = peer.envelope(letter("xb-247", "xa-247", clock.now), b"x", to="xc-247", letter=str(same.letter))
    row = row.model_copy(update={"sha256": same.sha256})
    answer = incoming.answer_offer(row, known.find("xb-247"), clock.now)
    assert answer == same.note.encode(), "what was answered is answered again"


def test_so_many_bytes_a_day_whatever_becomes_of_them(limited, bring, clock, peer):
    limited(bytes_a_day=1000)
    envelope = peer.envelope(letter("xb-247", "xa-247", clock.now), b"x" * 600)
    with pytest.raises(incoming.ContainerDiffersError):
        incoming.accept(io.BytesIO(b"y" * 600), envelope, known.find("xb-247"), clock.now)
    with pytest.raises(allowances.PeerBytesQuotaError):
        bring(600)
    bring(400)
    clock.advance(days=1)
    bring(600)


def test_a_letter_larger_than_a_days_bytes_comes_when_the_allowance_is_full(limited, bring, clock):
    limited(bytes_a_day=1000)
    bring(3000)
    clock.advance(days=2)
    with pytest.raises(allowances.PeerBytesQuotaError):
        bring(3000)
    clock.advance(days=1)
    bring(3000)


def test_so_many_bytes_unopened(limited, bring):
    limited(bytes_unopened=1000)
    bring(600)
    with pytest.raises(allowances.PeerUnopenedQuotaError):
        bring(600)
    Letter.objects.update(stage=Stage.DELIVERED)
    bring(600)


def test_one_peers_use_takes_nothing_from_another(limited, bring, clock):
    limited(letters_an_hour=1)
    bring()
    other = known.find("xb-247")
    other.id = "xc-247"
    allowances.demand(other, clock.now)


def test_the_answer_says_when_to_come_again(limited, bring, peer, clock, keys, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    monkeypatch.setattr(peer_server, "close_old_connections", lambda: None)
    limited(letters_an_hour=1)
    bring()
    envelope = peer.envelope(letter("xb-247", "xa-247", clock.now), b"x")
    said = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/letters/{envelope.letter}",
        "HTTP_COMITY_ENVELOPE": encode_base64(write_envelope(envelope)),
        "wsgi.input": io.BytesIO(),
        "gunicorn.socket": _Connection(keys.peer),
    }
    body = b"".join(peer_server.application(environ, lambda status, headers: said.append((status, headers))))
    assert said[0][0] == "429 Too Many Requests"
    assert ("Retry-After", "3600") in said[0][1]
    assert json.loads(body)["code"] == "peer_letters_quota"


def test_a_peer_that_is_busy_is_left_alone_as_long_as_it_says(frozen, wire, clock, run_jobs, monkeypatch):
    def busy(*_):
        raise calling.PeerBusyError(peer="xb-247", detail="its quota", retry_after=500)

    with monkeypatch.context() as patch:
        patch.setattr(peer_client, "hand_over", busy)
        run_jobs()
    clock.advance(seconds=499)
    run_jobs()
    assert wire.handed == []
    clock.advance(seconds=1)
    run_jobs()
    assert len(wire.handed) == 1


@pytest.mark.parametrize("header", ["Retry-After", calling.OFFSET])
def test_a_peer_that_says_a_number_without_end_is_tried_again(keys, clock, peer, monkeypatch, header):
    """Else its silence would never be attested: the letter's job would be given up."""
    status = 429 if header == "Retry-After" else 202
    said = calling.Answer(status, {header: "9" * 5000}, b"")
    monkeypatch.setattr(calling, "ask", lambda *_, **__: said)
    envelope = peer.envelope(letter("xa-247", "xb-247", clock.now), b"x")
    with pytest.raises(calling.PeerUnreachableError):
        peer_client.offer(known.find("xb-247"), envelope)


def test_a_peer_that_hangs_holds_up_no_other_and_what_is_urgent_goes_first(db, clock):
    """Each peer has a lane of its own; of one lane never two at once, the most urgent first."""
    went = []

    def call(payload, now):
        went.append(payload["to"])
        if payload["to"] == "xb-247":  # it hangs: meanwhile the other threads look for work
            while running.run_one(clock.now, "worker", aside=True):
                pass

    outbox.handler("test.call", call)
    for n, (to, priority) in enumerate([("xb-247", 100), ("xb-247", 100), ("xc-247", 100), ("xd-247", 10)]):
        way = outgoing.lane(to)
        outbox.ask("test.call", f"call:{n}", {"to": to}, now=clock.now, priority=priority, lane=way)
    assert running.run_one(clock.now, "worker", aside=True)
    assert went == ["xd-247"]
    assert running.run_one(clock.now, "worker", aside=True)
    assert went == ["xd-247", "xb-247", "xc-247"], "one call of xb-247 at a time"


def test_letters_and_receipts_go_in_the_lane_of_their_peer(frozen, wire, clock, run_jobs):
    while running.run_one(clock.now, "worker", aside=False):
        pass
    assert wire.handed == []
    job = Job.objects.get(key=f"exchange.deliver:{frozen.id}")
    assert (job.lane, job.priority) == ("peer:xb-247", outgoing.ORDINARY)
    run_jobs()
    assert len(wire.handed) == 1
