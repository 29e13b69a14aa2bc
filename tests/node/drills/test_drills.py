"""Drills between xa-247, the node under test, and xb-247, whom the test plays: asked, answered, counted."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta

import pytest
from tests.node.exchange.test_transport import _Connection

from comity import canonical
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.directory import known
from comity.node.drills import answering, arranging, asking, figures
from comity.node.drills.models import Arrangement, Drill, State
from comity.node.exchange import allowances, calling, drilling, peer_client, peer_server
from comity.node.jobs.models import Job
from comity.node.ledger import keys as ledger_keys
from comity.node.ledger.models import Entry
from comity.proofs import drills, notes
from comity.proofs.drills import Answer, DeskStanding, Record
from comity.sealing import keys as sealing_keys
from comity.terms import ComityError

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Desk:
    """xb-247's desk: what it would sign, and how its node answers our calls."""

    def __init__(self, folder, clock):
        self.log, self.clock, self.folder = sealing_keys.load(folder).log, clock, folder
        self.away, self.refuses, self.heard = False, "", []

    def drill(self, **changes):
        said = {
            "drill": str(uuid.uuid4()),
            "source": "xb-247",
            "target": "xa-247",
            "sent_at": canonical.instant_text(self.clock.now),
            "answer_by": canonical.instant_text(self.clock.now + HOUR),
        }
        return drills.sign(drills.Drill.model_validate(said | changes), self.log)

    def word(self, row, what, signer=None, **changes):
        said = {
            "drill": str(row.pk),
            "drill_sha256": drills.digest(row.note.encode()),
            "authority": "xb-247",
            "what": what,
            "at": canonical.instant_text(self.clock.now),
        }
        return drills.sign(Answer.model_validate(said | changes), signer or self.log)

    def hand_drill(self, peer, note):
        if self.away:
            raise calling.PeerUnreachableError(peer=peer.id, detail="away")
        if self.refuses:
            raise peer_client.DrillRefusedByPeerError(peer=peer.id, reason=self.refuses)
        return self.word(Drill.objects.get(note=note.decode()), "reached")

    def hand_drill_answer(self, peer, note):
        if self.away:
            raise calling.PeerUnreachableError(peer=peer.id, detail="away")
        self.heard.append(note)
        answer = drills.read(note, ledger_keys.signer().verifier, Answer)
        record = {
            "drill": answer.drill,
            "answer_sha256": drills.digest(note),
            "authority": "xb-247",
            "received_at": canonical.instant_text(self.clock.now),
            "seconds": 90,
        }
        return drills.sign(Record.model_validate(record), self.log)

    def post(self, note, path="/drills", method="POST", folder=None):
        """Our peers' endpoint answers a request of xb-247."""
        said = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "wsgi.input": io.BytesIO(note),
            "gunicorn.socket": _Connection(folder or self.folder),
        }
        body = b"".join(
            peer_server.application(environ, lambda status, headers: said.extend((status, headers)))
        )
        return int(said[0][:3]), body, dict(said[1])


@pytest.fixture
def desk(keys, clock, monkeypatch):
    made = Desk(keys.peer, clock)
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    monkeypatch.setattr(peer_server, "close_old_connections", lambda: None)
    monkeypatch.setattr(drilling, "_asked_on", {"day": ""})
    monkeypatch.setattr(peer_client, "drill_standing", lambda peer: b"")
    for name in ("hand_drill", "hand_drill_answer"):
        monkeypatch.setattr(peer_client, name, getattr(made, name))
    allowances.forget()
    yield made
    allowances.forget()


@pytest.fixture
def xb(desk):
    return known.find("xb-247")


@pytest.fixture
def chief(official):
    return official("signatory")


@pytest.fixture
def duty(official):
    return official("duty_officer")


def kinds():
    return [each for each in Entry.objects.order_by("id").values_list("kind", flat=True) if "drill" in each]


def ended(clock, xb, ours, seconds, state=State.ANSWERED, days=1):
    """A drill of the past, as rows tell it."""
    at = clock.now - timedelta(days=days)
    answered = at + timedelta(seconds=seconds) if seconds is not None else None
    return Drill.objects.create(
        id=uuid.uuid4(), peer=xb, ours=ours, state=state, sent_at=at, arrived_at=at, answer_by=at + HOUR,
        answered_at=answered, seconds=seconds, note="n",
    )  # fmt: skip


def test_we_ask_their_node_is_reached_a_person_answers_and_both_have_the_others_signature(
    desk, xb, duty, clock, run_jobs
):
    drill = asking.ask_drill(duty, xb, now=clock.now)
    with pytest.raises(asking.DrillUnderWayError):
        asking.ask_drill(duty, xb, now=clock.now)
    run_jobs()
    drill.refresh_from_db()
    assert (drill.state, drill.arrived_at) == (State.REACHED, clock.now)
    clock.advance(minutes=2)
    answer = desk.word(drill, "answered")
    status, body, _ = desk.post(answer, "/drills/answers")
    record = drills.read(body, ledger_keys.signer().verifier, Record)
    assert (status, record.seconds, record.answer_sha256) == (200, 120, drills.digest(answer))
    clock.advance(minutes=9)
    assert desk.post(answer, "/drills/answers")[1] == body, "the same answer, the same stored record"
    status, body, _ = desk.post(desk.word(drill, "answered"), "/drills/answers")
    assert (status, b"drill_answer_unacceptable" in body) == (400, True), "another answer changes nothing"
    drill.refresh_from_db()
    assert (drill.state, drill.seconds, drill.answer.encode(), drill.in_time) == (
        State.ANSWERED,
        120,
        answer,
        True,
    )
    assert kinds() == ["drill_sent", "drill_reached", "drill_answered"]


@pytest.mark.parametrize(
    "changes",
    [
        {"what": "reached"},
        {"authority": "xc-247"},
        {"drill_sha256": "0" * 64},
        {"at": "2027-06-12T02:00:00Z"},
        {"at": "2027-06-12T04:00:00Z"},
    ],
)
def test_an_answer_that_cannot_be_is_refused_whole(desk, xb, duty, clock, changes):
    drill = asking.ask_drill(duty, xb, now=clock.now)
    status, body, _ = desk.post(desk.word(drill, **({"what": "answered"} | changes)), "/drills/answers")
    assert (status, b"drill_answer_unacceptable" in body) == (400, True)
    drill.refresh_from_db()
    assert drill.state == State.WAITING


def test_an_answer_by_anothers_key_or_about_a_drill_of_nobody_is_refused(desk, xb, duty, clock):
    drill = asking.ask_drill(duty, xb, now=clock.now)
    forged = desk.word(drill, "answered", signer=notes.Signer.generate(desk.log.name))
    assert b"note_unsigned" in desk.post(forged, "/drills/answers")[1]
    status, body, _ = desk.post(desk.word(drill, "answered", drill=str(uuid.uuid4())), "/drills/answers")
    assert (status, b"drill_unknown" in body) == (404, True)
    drill.refresh_from_db()
    assert drill.state == State.WAITING


def test_a_desk_that_is_away_is_tried_until_its_time_is_over_and_raises_an_alarm(
    desk, xb, duty, clock, run_jobs
):
    desk.away = True
    drill = asking.ask_drill(duty, xb, now=clock.now)
    run_jobs()
    clock.advance(minutes=14)
    run_jobs()
    drill.refresh_from_db()
    assert (drill.state, figures.alarms()) == (State.WAITING, [])
    clock.advance(minutes=2)
    run_jobs()
    drilling.ask_due(clock.now)
    assert [(each.pk, each.state) for each in figures.alarms()] == [(drill.pk, State.UNREACHED)]
    assert kinds() == ["drill_sent", "drill_unreached"]
    desk.away = False
    asking.ask_drill(duty, xb, now=clock.now)
    run_jobs()
    clock.advance(hours=1, minutes=1)
    drilling.ask_due(clock.now)
    silent = figures.alarms()
    assert [each.state for each in silent] == [State.SILENT]
    asking.hear_answer(desk.word(silent[0], "answered"), xb, clock.now)
    assert figures.alarms() == [], "late is better than never"
    assert figures.of_peer(xb, clock.now) == drills.Figure(
        drills=2, reached=1, answered=0, median=3660, p90=3660
    )


def test_a_desk_that_declines_drills_counts_for_nothing(desk, xb, duty, clock, run_jobs):
    desk.refuses = "drill_not_accepted"
    drill = asking.ask_drill(duty, xb, now=clock.now)
    run_jobs()
    drill.refresh_from_db()
    assert (drill.state, drill.code) == (State.DECLINED, "drill_not_accepted")
    assert (figures.of_peer(xb, clock.now).drills, figures.alarms()) == (0, [])
    with pytest.raises(asking.DrillAnswerUnacceptableError):  # it would choose the drills that count
        asking.hear_answer(desk.word(drill, "answered"), xb, clock.now)
    assert figures.of_peer(xb, clock.now).drills == 0


def test_a_drill_that_this_node_did_not_try_says_nothing_of_the_peer(desk, xb, duty, clock, run_jobs):
    drill = asking.ask_drill(duty, xb, now=clock.now)
    clock.advance(minutes=20)
    drilling.ask_due(clock.now)
    drill.refresh_from_db()
    assert drill.state == State.WAITING, "the worker was busy or down"
    desk.away = True
    run_jobs()
    drilling.ask_due(clock.now)
    drill.refresh_from_db()
    assert drill.state == State.UNREACHED


def test_nothing_is_taken_without_consent_and_no_more_than_consented(desk, xb, chief, duty, clock):
    status, body, _ = desk.post(desk.drill())
    assert (status, b"drill_not_accepted" in body, Drill.objects.count()) == (403, True, 0)
    with pytest.raises(NotAuthorisedError):
        arranging.arrange(duty, xb, takes_every=7, asks_every=None, now=clock.now)
    arranging.arrange(chief, xb, takes_every=7, asks_every=None, now=clock.now)
    first = desk.drill()
    status, reached, _ = desk.post(first)
    said = drills.read(reached, ledger_keys.signer().verifier, Answer)
    assert (status, said.what, said.drill_sha256) == (200, "reached", drills.digest(first))
    clock.advance(hours=2)
    assert desk.post(first)[1] == reached, (
        "the same drill, the same stored answer, even when its time is over"
    )
    status, body, headers = desk.post(desk.drill())
    assert (status, b"drill_too_soon" in body, Drill.objects.count()) == (429, True, 1)
    assert int(headers["Retry-After"]) > 6 * 86_400
    clock.advance(days=7)
    assert desk.post(desk.drill())[0] == 200
    arranging.arrange(chief, xb, takes_every=None, asks_every=None, now=clock.now)
    clock.advance(days=7)
    assert desk.post(desk.drill())[0] == 403, "consent ends"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": "xc-247"}, "drill_foreign"),
        ({"target": "xc-247"}, "drill_foreign"),
        ({"sent_at": "2027-06-12T03:30:00Z"}, "drill_foreign"),
        ({"sent_at": "2027-06-12T01:00:00Z", "answer_by": "2027-06-12T02:00:00Z"}, "drill_foreign"),
        ({"back": 40, "left": 10}, "drill_foreign"),
    ],
)
def test_a_drill_of_another_to_another_or_at_another_time_is_refused(desk, xb, chief, clock, changes, code):
    arranging.arrange(chief, xb, takes_every=1, asks_every=None, now=clock.now)
    if "back" in changes:  # nobody could answer in time, and the desk's own figure would say so
        sent, until = clock.now - timedelta(minutes=40), clock.now + timedelta(minutes=10)
        changes = {"sent_at": canonical.instant_text(sent), "answer_by": canonical.instant_text(until)}
    status, body, _ = desk.post(desk.drill(**changes))
    assert (status, code.encode() in body, Drill.objects.count()) == (400, True, 0)


def test_a_forged_drill_a_number_used_twice_and_an_endless_one_are_refused(desk, xb, chief, keys, clock):
    arranging.arrange(chief, xb, takes_every=1, asks_every=None, now=clock.now)
    own, desk.log = desk.log, notes.Signer.generate(desk.log.name)
    assert b"note_unsigned" in desk.post(desk.drill())[1]
    desk.log = own
    number = str(uuid.uuid4())
    assert desk.post(desk.drill(drill=number))[0] == 200
    other = desk.drill(drill=number, answer_by=canonical.instant_text(clock.now + 2 * HOUR))
    assert desk.post(other)[0] == 409
    assert desk.post(b"x" * 20_000)[0] == 404
    assert b"drill_malformed" in desk.post(desk.word(Drill.objects.get(), "answered"))[1]
    assert desk.post(desk.drill(), folder=keys.own)[0] == 403, "known by no card as a peer"


def test_a_peer_that_drills_every_second_uses_up_its_own_allowance(desk, xb, clock, monkeypatch):
    from comity.node import config

    made = config.Exchange(letters_an_hour=3)
    monkeypatch.setattr(config.NodeConfig, "exchange", property(lambda self: made))
    assert [desk.post(desk.drill())[0] for _ in range(5)] == [403, 403, 403, 429, 429]
    assert desk.post(b"", method="GET")[0] == 429, "what is signed for a peer costs too"


def test_the_duty_officer_answers_with_one_press_and_the_answer_is_recorded_by_both(
    desk, xb, chief, duty, clock, run_jobs
):
    arranging.arrange(chief, xb, takes_every=1, asks_every=None, now=clock.now)
    desk.post(desk.drill())
    drill = Drill.objects.get()
    with pytest.raises(NotAuthorisedError):
        answering.answer_drill(chief, drill, now=clock.now)
    clock.advance(seconds=90)
    answering.answer_drill(duty, drill, now=clock.now)
    with pytest.raises(answering.DrillAnsweredError):
        answering.answer_drill(duty, drill, now=clock.now)
    desk.away = True
    run_jobs()
    clock.advance(hours=2)
    desk.away = False
    run_jobs()
    drill.refresh_from_db()
    assert (drill.state, drill.seconds, drill.in_time) == (State.ANSWERED, 90, True)
    assert desk.heard == [drill.answer.encode()]
    assert drills.read(drill.record.encode(), desk.log.verifier, Record).seconds == 90
    assert kinds() == ["drills_arranged", "drill_received", "drill_answered_here", "drill_recorded"]
    other = Record(
        drill=str(drill.pk),
        answer_sha256="0" * 64,
        authority="xb-247",
        received_at=canonical.instant_text(clock.now),
        seconds=5,
    )
    with pytest.raises(answering.DrillForeignError):
        answering.note_record(drill, drills.sign(other, desk.log), clock.now)


def test_the_schedule_asks_once_in_so_many_days(desk, xb, chief, clock, run_jobs):
    arranging.arrange(chief, xb, takes_every=None, asks_every=7, now=clock.now)
    for _ in range(15):
        drilling.ask_due(clock.now)
        run_jobs()
        clock.advance(days=1)
    assert Drill.objects.filter(ours=True, by=None).count() == 3
    arranging.arrange(chief, xb, takes_every=None, asks_every=None, now=clock.now)
    assert Arrangement.objects.get().next_at is None
    assert Job.objects.filter(kind=drilling.LEARN).count() == 15, (
        "once a day each peer is asked what it tells"
    )


def test_figures_count_silence_and_forget_what_is_older_than_90_days(desk, xb, clock):
    for seconds in (10, 20, 30, 40, 50, 60, 70, 80):
        ended(clock, xb, True, seconds)
    ended(clock, xb, True, None, State.SILENT)
    ended(clock, xb, True, None, State.UNREACHED)
    ended(clock, xb, True, 1, days=91)
    ended(clock, xb, True, None, State.WAITING)
    found = figures.of_peer(xb, clock.now)
    assert found == drills.Figure(drills=10, reached=9, answered=8, median=50, p90=None)
    assert figures.of_peers(clock.now) == {"xb-247": found}
    assert figures.own(clock.now).drills == 0


def test_a_peer_is_told_what_concerns_it_and_the_desks_own_figure_signed(desk, xb, chief, clock):
    arranging.arrange(chief, xb, takes_every=7, asks_every=None, now=clock.now)
    ended(clock, xb, True, 30)
    ended(clock, xb, False, 60)
    status, note, _ = desk.post(b"", method="GET")
    told = drills.read(note, ledger_keys.signer().verifier, DeskStanding)
    assert (status, told.target, told.accepts.every_days) == (200, "xb-247", 7)
    assert (told.own.median, told.of_you.median) == (60, 30)
    theirs = told.model_copy(update={"authority": "xb-247", "target": "xa-247"})
    arranging.learn(drills.sign(theirs, desk.log), xb, clock.now)
    assert arranging.told_by(arranging.of(xb)) == theirs
    for foreign in (told, theirs.model_copy(update={"target": "xc-247"})):
        with pytest.raises(arranging.StandingForeignError):
            arranging.learn(drills.sign(foreign, desk.log), xb, clock.now)
    with pytest.raises(ComityError):
        arranging.learn(drills.sign(theirs, ledger_keys.signer()), xb, clock.now)


def test_a_drill_leaves_between_five_minutes_and_a_day_to_answer(desk, clock):
    for hours in (0.05, 24.1):
        with pytest.raises(ValueError, match="time to answer"):
            desk.drill(answer_by=canonical.instant_text(clock.now + timedelta(hours=hours)))
