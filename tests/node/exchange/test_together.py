"""Small letters and receipts in one request: each is answered, kept and opened as if it had come alone."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpcore
import pytest
from tests.node.exchange.conftest import Peer, Wire, letter
from tests.node.exchange.test_incoming import accept, peer_row, read, row, waiting
from tests.node.exchange.test_transport import _Connection

from comity.delivery import several
from comity.delivery.envelope import Envelope
from comity.node import config, durable, jobs, store
from comity.node.databases import DatabaseFullError
from comity.node.directory import known
from comity.node.exchange import (
    allowances,
    calling,
    delivering,
    incoming,
    keeping,
    opening,
    outgoing,
    peer_client,
    peer_server,
    receipts,
    sealing,
    unfinished,
)
from comity.node.exchange.models import Carried, Direction, Letter, Receipt, Shipment, Stage
from comity.node.jobs import outbox, running
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import holding
from comity.node.ledger.models import Checkpoint, Entry
from comity.node.witnesses.models import Head
from comity.proofs.receipts import ReceiptName
from comity.terms import ComityError, gettext_noop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired")]
ACCEPTANCE = "RELAY_REMMD_ACCEPTANCE"
Brought = tuple[Envelope, bytes]


class NotTodayError(ComityError):
    code = "not_today"
    message = gettext_noop("This room takes nothing today.")


@pytest.fixture(autouse=True)
def full_again() -> Iterator[None]:
    allowances.forget()
    yield
    allowances.forget()


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TOGETHER", 60.0)


@pytest.fixture
def written(peer: Peer, clock: Any) -> Callable[..., list[Brought]]:
    """Letters of the peer with their envelopes."""

    def some(count: int, **changes: Any) -> list[Brought]:
        made = []
        for _ in range(count):
            document = letter("xb-247", "xa-247", clock.now)
            container = peer.seal(document, clock.now)
            made.append((peer.envelope(document, container, **changes), container))
        return made

    return some


@pytest.fixture
def work(clock: Any) -> Callable[[], None]:
    """Run what is due, as many together as a worker takes."""

    def some() -> None:
        while any(
            running.run_some(lambda: clock.now, "worker", most=8, aside=aside) for aside in (False, True)
        ):
            pass

    return some


@pytest.fixture
def frozen_letters(keys: Any, clock: Any) -> Callable[..., list[Letter]]:
    def some(count: int, **changes: Any) -> list[Letter]:
        made = []
        for n in range(count):
            about = {"case_reference": f"XA-2027-{n:06}", "peer": known.find("xb-247")} | changes
            made.append(outgoing.freeze(letter("xa-247", "xb-247", clock.now), now=clock.now, **about))
        return made

    return some


def bring(letters: list[Brought], clock: Any) -> list[Any]:
    return incoming.accept_several(letters, peer_row(), clock.now)


def codes(answers: list[Any]) -> list[str]:
    """What each is answered: the receipt's name and reason, or the code of an error."""
    said = []
    for answer in answers:
        if isinstance(answer, ComityError):
            said.append(answer.code)
        else:
            receipt = read(answer)
            said.append(receipt.reason.code if receipt.reason else str(receipt.receipt.value))
    return said


def stages(letters: list[Letter]) -> list[str]:
    return [Letter.objects.get(id=each.id).stage for each in letters]


# --- taken in


def test_letters_that_come_together_are_each_stored_and_receipted_under_one_head(written: Any, clock: Any):
    letters, before = written(3), Checkpoint.objects.count()
    answers = bring(letters, clock)
    found = [read(answer) for answer in answers]
    assert [each.letter for each in found] == [envelope.letter for envelope, _ in letters]
    assert codes(answers) == [ACCEPTANCE] * 3
    assert len({each.checkpoint for each in found}) == 1
    assert Checkpoint.objects.count() == before + 1
    for envelope, container in letters:
        assert incoming.quarantined(envelope.letter, envelope.sha256).read_bytes() == container
        assert Job.objects.get(key=f"{incoming.OPEN}:{envelope.letter}").state == JobState.WAITING
    assert bring(letters, clock) == answers, "a duplicate gets the same bytes"
    assert accept(letters[0][1], letters[0][0], clock) == answers[0]


def test_each_is_answered_as_if_it_had_come_alone(written: Any, clock: Any):
    known_before = written(1)[0]
    first = accept(known_before[1], known_before[0], clock)
    good, expired, differs, short, more = written(5)
    letters = [
        good,
        known_before,
        (expired[0].model_copy(update={"expires_at": "2027-06-12T03:12:00Z"}), expired[1]),
        (differs[0], b"x" * len(differs[1])),
        (more[0], more[1]),
        (short[0], short[1][:-1]),
    ]
    answers = bring(letters, clock)
    assert codes(answers) == [
        ACCEPTANCE,
        ACCEPTANCE,
        "expired",
        "container_differs",
        ACCEPTANCE,
        "cut_off",
    ]
    assert answers[1] == first
    assert len(waiting()) == Letter.objects.count() == 3
    again = bring([differs, short], clock)
    assert codes(again) == [ACCEPTANCE] * 2


def test_the_same_letter_twice_in_one_request_is_one_letter(written: Any, clock: Any):
    one, other = written(2)
    answers = bring([one, other, one], clock)
    assert codes(answers) == [ACCEPTANCE] * 3
    assert answers[0] == answers[2]
    assert (Letter.objects.count(), Entry.objects.filter(kind="receipt").count()) == (2, 2)


def test_who_was_second_with_a_number_takes_none_of_the_others_with_it(written: Any, clock: Any):
    first, beside = written(2)
    raced = []

    def brought() -> Iterator[Brought]:
        yield first
        raced.append(accept(first[1], first[0], clock))  # on another connection
        yield beside

    answers = incoming.accept_several(brought(), peer_row(), clock.now)
    assert codes(answers) == [ACCEPTANCE] * 2
    assert answers[0] == raced[0]
    assert Letter.objects.count() == 2


def test_letters_are_kept_while_the_ledger_signs_nothing_and_receipted_afterwards(written: Any, clock: Any):
    letters, folder = written(2), config.current().folder
    holding.hold(folder, holding.RESTORED, clock.now)
    try:
        assert codes(bring(letters, clock)) == ["ledger_held"] * 2
    finally:
        holding.release(folder)
    assert (Letter.objects.count(), Receipt.objects.count()) == (2, 0)
    assert codes(bring(letters, clock)) == [ACCEPTANCE] * 2
    assert Entry.objects.filter(kind="receipt").count() == 2


def test_a_database_that_is_full_keeps_none_of_them(
    written: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: Any, **__: Any) -> Any:
        raise DatabaseFullError

    letters = written(2)
    with monkeypatch.context() as patch:
        patch.setattr(incoming.receipts, "issue_several", full)
        with pytest.raises(DatabaseFullError):
            bring(letters, clock)
    assert (Letter.objects.count(), Entry.objects.filter(kind="receipt").count()) == (0, 0)
    assert codes(bring(letters, clock)) == [ACCEPTANCE] * 2


def test_a_disk_without_room_for_one_takes_the_others(
    written: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    letters, real = written(3), durable.ensure_room
    full = iter([False, True, False])

    def room(folder: Any, size: int) -> None:
        if next(full):
            raise durable.DiskFullError
        real(folder, size)

    monkeypatch.setattr(durable, "ensure_room", room)
    assert codes(bring(letters, clock)) == [ACCEPTANCE, "disk_full", ACCEPTANCE]


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def limit(**limits: int) -> None:
        made = config.Exchange(**limits)
        monkeypatch.setattr(config.NodeConfig, "exchange", property(lambda self: made))

    return limit


def test_together_a_peer_brings_no_more_letters_than_it_may(written: Any, clock: Any, limited: Any):
    limited(letters_an_hour=3)
    answers = bring(written(5), clock)
    assert codes(answers) == [ACCEPTANCE] * 3 + ["peer_letters_quota"] * 2
    assert answers[4].params["retry_after"] == 1200


def test_together_a_peer_brings_no_more_bytes_than_may_lie_unopened(written: Any, clock: Any, limited: Any):
    letters = written(3)
    limited(bytes_unopened=len(letters[0][1]) + len(letters[1][1]) + 10)
    assert codes(bring(letters, clock)) == [ACCEPTANCE] * 2 + ["peer_unopened_quota"]


def test_together_a_peer_brings_no_more_bytes_than_it_may_in_a_day(written: Any, clock: Any, limited: Any):
    letters = written(3)
    limited(bytes_a_day=len(letters[0][1]) + len(letters[1][1]) + 10)
    assert codes(bring(letters, clock)) == [ACCEPTANCE] * 2 + ["peer_bytes_quota"]


def test_bytes_of_what_is_refused_count_too(written: Any, clock: Any, limited: Any):
    refused, container = written(1, to="xc-247")[0]
    limited(bytes_a_day=len(container) + 10)
    assert codes(bring([(refused, container), *written(1)], clock)) == ["wrong_recipient", "peer_bytes_quota"]


def test_of_many_containers_under_one_number_one_is_kept(written: Any, peer: Peer, clock: Any):
    """No row will ever name the others: they would lie there for ever, and count for nothing."""
    document = letter("xb-247", "xa-247", clock.now)
    made = [peer.seal(document, clock.now) for _ in range(4)]
    brought = [(peer.envelope(document, each), each) for each in made]
    assert codes(bring(brought, clock)) == [ACCEPTANCE] + ["replayed"] * 3
    assert waiting() == [row(document).travelling]


# --- the peers' address


@pytest.fixture
def post(keys: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """What the peers' address answers: status, headers, body."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    monkeypatch.setattr(peer_server, "close_old_connections", lambda: None)

    def one(path: str, body: Any) -> tuple[int, dict[str, str], bytes]:
        said: list[Any] = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "wsgi.input": io.BytesIO(body) if isinstance(body, bytes) else body,
            "gunicorn.socket": _Connection(keys.peer),
        }
        answer = b"".join(peer_server.application(environ, lambda *about: said.append(about)))
        return int(said[0][0][:3]), dict(said[0][1]), answer

    return one


def test_the_peers_address_answers_each_letter(post: Any, written: Any, limited: Any):
    limited(letters_an_hour=2)
    letters = written(3)
    status, headers, body = post("/letters/several", several.write_letters(letters))
    assert (status, headers["Comity-Several"]) == (200, str(several.MOST))
    said = several.read_answers(body, 3)
    assert [each.status for each in said] == [200, 200, 429]
    assert [read(each.body.encode()).letter for each in said[:2]] == [each.letter for each, _ in letters[:2]]
    assert (said[2].retry_after, json.loads(said[2].body)["code"]) == (1800, "peer_letters_quota")


@pytest.mark.parametrize("path", ["/letters/several", "/receipts/several"])
@pytest.mark.parametrize("body", [b"rubbish", b"{}\n", b'{"notes":[]}'])
def test_what_cannot_be_read_is_refused_as_a_whole(post: Any, path: str, body: bytes):
    status, _, answer = post(path, body)
    assert status == 400
    assert json.loads(answer)["code"] in ("several_malformed", "envelope_malformed")
    assert not Letter.objects.exists()


def test_what_came_whole_before_something_unreadable_is_not_acknowledged(post: Any, written: Any):
    letters = written(1)
    assert post("/letters/several", several.write_letters(letters) + b"{}\n")[0] == 400
    assert not Letter.objects.exists()
    assert post("/letters/several", several.write_letters(letters))[0] == 200


def test_bytes_that_cannot_be_read_count_and_those_that_are_put_off_do_not(
    post: Any, written: Any, limited: Any, clock: Any
):
    """What is put off comes again: charged each time, a peer's retries would eat its allowance."""
    letters = written(2)
    whole = several.write_letters(letters)
    limited(bytes_a_day=10 * len(whole), letters_an_hour=1)
    first, second = (len(container) for _, container in letters)
    full = allowances._of(peer_row(), "bytes", 10 * len(whole), 86400, clock.now)
    before = full.left
    assert post("/letters/several", whole + b"{}\n")[0] == 400
    assert before - full.left == first + second
    assert [each.status for each in several.read_answers(post("/letters/several", whole)[2], 2)] == [200, 429]
    assert before - full.left == 2 * first + second


def test_a_peer_over_its_allowance_is_told_before_its_letters_are_read(
    post: Any, written: Any, limited: Any, clock: Any
):
    class Unread(io.BytesIO):
        def readline(self, *_: Any) -> bytes:
            raise AssertionError

        readinto = read = readline

    limited(letters_an_hour=1)
    bring(written(1), clock)
    status, headers, answer = post("/letters/several", Unread())
    assert (status, headers["Retry-After"]) == (429, "3600")
    assert json.loads(answer)["code"] == "peer_letters_quota"


def test_a_backlog_above_the_hours_letters_is_taken_in_as_fast_as_the_hours_allow(
    written: Any, limited: Any, clock: Any
):
    letters = written(24)
    total = sum(len(container) for _, container in letters)
    limited(letters_an_hour=60, bytes_a_day=2 * total)
    allowances.charge(peer_row(), clock.now, letters=60)
    left = list(letters)
    for _ in range(26):
        clock.advance(minutes=1)
        answers = bring(left[:8], clock)
        left = [
            each for each, said in zip(left, answers, strict=False) if not isinstance(said, bytes)
        ] + left[8:]
    assert left == []


def test_a_container_that_comes_late_and_was_opened_meanwhile_is_not_kept(
    written: Any, work: Any, wire: Wire, clock: Any, acted: Any, monkeypatch: pytest.MonkeyPatch
):
    """A slow connection ends when the same letter came on another one, and was opened."""
    envelope, container = written(1)[0]
    real, judged = incoming.answer_offer, []

    def before(*about: Any, **more: Any) -> Any:
        judged.append(about)
        return 0 if len(judged) == 2 else real(*about, **more)

    bring([(envelope, container)], clock)
    work()
    monkeypatch.setattr(incoming, "answer_offer", before)
    judged.append(())
    assert codes([accept(container, envelope, clock)]) == [ACCEPTANCE]
    assert waiting() == []


def test_the_peers_address_answers_each_receipt(
    post: Any, frozen_letters: Any, wire: Wire, work: Any, peer: Peer, clock: Any, acted: Any
):
    letters = frozen_letters(3)
    work()
    good, kept, conflict = (peer.receipt(each, ReceiptName.DELIVERY, clock.now) for each in letters)
    keeping.keep(kept, peer_row(), clock.now)
    keeping.keep(peer.receipt(letters[2], ReceiptName.DELIVERY, clock.now), peer_row(), clock.now)
    foreign = peer.receipt(
        letters[0], ReceiptName.RETRIEVAL, clock.now, letter="6b1f6a0e-4c53-4c58-8e39-0a4b3c7f2d11"
    )
    notes = [good, kept, conflict, foreign, good.replace(b"DELIVERY", b"RETRIEVAL"), b"thanks!"]
    status, _, body = post("/receipts/several", several.write_receipts([each.decode() for each in notes]))
    said = several.read_answers(body, 6)
    assert (status, [each.status for each in said]) == (200, [204, 204, 409, 409, 400, 400])
    assert [json.loads(each.body)["code"] for each in said[2:]] == [
        "receipt_conflict",
        "receipt_foreign",
        "note_signature_wrong",
        "note_malformed",
    ]
    assert stages(letters) == [Stage.DELIVERED] * 3
    assert Entry.objects.filter(kind="receipt_conflict").count() == 1


def test_receipts_that_contradict_count_as_letters(
    post: Any, frozen_letters: Any, wire: Wire, work: Any, peer: Peer, clock: Any, acted: Any, limited: Any
):
    letters = frozen_letters(3)
    work()
    for each in letters:
        keeping.keep(peer.receipt(each, ReceiptName.DELIVERY, clock.now), peer_row(), clock.now)
    limited(letters_an_hour=3)
    other = [peer.receipt(each, ReceiptName.DELIVERY, clock.now).decode() for each in letters]
    assert post("/receipts/several", several.write_receipts(other))[0] == 200
    assert post("/receipts/several", several.write_receipts(other))[0] == 429


# --- sent


def test_letters_to_one_peer_go_in_one_request(frozen_letters: Any, wire: Wire, work: Any):
    letters = frozen_letters(5)
    work()
    assert (wire.requests, len(wire.handed)) == (1, 5)
    assert stages(letters) == [Stage.RELAYED] * 5
    assert set(Letter.objects.values_list("attempts", "tried_code")) == {(1, "")}
    assert Receipt.objects.count() == 5
    assert Head.objects.filter(authority="xb-247").count() == 5, "every head is remembered"


def test_to_a_peer_that_takes_no_more_each_goes_alone(frozen_letters: Any, wire: Wire, work: Any):
    wire.at_once = 1
    letters = frozen_letters(3)
    work()
    assert (wire.requests, stages(letters)) == (3, [Stage.RELAYED] * 3)


def test_no_more_go_together_than_the_peer_takes(frozen_letters: Any, wire: Wire, work: Any):
    wire.at_once = 2
    letters = frozen_letters(4)
    work()
    assert (wire.requests, stages(letters)) == (3, [Stage.RELAYED] * 4)


def test_a_letter_of_a_case_waits_for_the_one_before_it(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, peer: Peer, acted: Any
):
    first, _ = frozen_letters(2)
    second = letter("xa-247", "xb-247", clock.now, generation=2)
    outgoing.freeze(second, peer=known.find("xb-247"), case_reference=first.case_reference, now=clock.now)
    work()
    assert [each.generation for each in wire.offered] == [1, 1]
    keeping.keep(peer.receipt(first, ReceiptName.DELIVERY, clock.now), peer_row(), clock.now)
    clock.advance(seconds=3)
    work()
    assert [each.generation for each in wire.offered] == [1, 1, 2]


def test_letters_that_the_peer_did_not_take_together_go_alone(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    """So that a letter at which the peer's node stumbles holds up no other."""

    def stumbles(peer: Any, brought: Any) -> list[Any]:
        raise calling.PeerUnreachableError(peer=peer.id, detail="status 500")

    letters = frozen_letters(3)
    with monkeypatch.context() as patch:
        patch.setattr(peer_client, "hand_over_several", stumbles)
        work()
    tried = set(Letter.objects.values_list("stage", "attempts", "tried_code"))
    assert tried == {(Stage.SEALED, 1, "peer_unreachable")}
    clock.advance(seconds=1)
    work()
    assert (wire.requests, stages(letters)) == (3, [Stage.RELAYED] * 3)


@pytest.mark.parametrize(
    "kept_back",
    [
        calling.PeerAwayError(peer="xb-247", detail="ConnectError"),
        calling.PeerBusyError(peer="xb-247", detail="its quota", retry_after=1),
    ],
)
def test_letters_that_did_not_reach_the_peer_go_together_when_it_is_there(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, monkeypatch: Any, kept_back: ComityError
):
    """After a day without a line there may be hundreds of them."""

    def away(*_: Any) -> Any:
        raise kept_back

    letters = frozen_letters(16)
    with monkeypatch.context() as patch:
        patch.setattr(wire, "_reach", away)
        for _ in range(3):
            work()
            clock.advance(minutes=1)
    assert {each.attempts for each in Letter.objects.all()} == {3}
    work()
    assert (wire.requests, stages(letters)) == (2, [Stage.RELAYED] * 16)


def test_a_line_that_is_not_there_is_told_apart(answered: Any):
    class Away:
        def stream(self, *_: Any, **__: Any) -> Any:
            raise httpcore.ConnectError

    with pytest.raises(calling.PeerAwayError):
        peer_client.hand_receipt(answered(Away()), "note")


def test_the_first_in_line_goes_though_what_goes_together_takes_long(
    frozen_letters: Any, wire: Wire, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    """A large letter, or one whose silence is due, is not overtaken again and again."""
    large = frozen_letters(1)[0]
    run = partial(running.run_some, lambda: clock.now, "worker", most=8)
    while run(aside=False):
        pass
    Letter.objects.filter(id=large.id).update(bytes=several.LETTER_BYTES)
    for _ in range(2):
        clock.advance(seconds=1)
        frozen_letters(2)
        while run(aside=False):
            pass
        with monkeypatch.context() as slow:
            slow.setattr(jobs, "TOGETHER", 0.0)
            run(aside=True)
    assert stages([large]) == [Stage.RELAYED]


def test_a_peer_that_answers_is_not_put_to_rest_for_one_that_it_put_off(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivering, "_LONG", 0.0)
    letters, real, urgent = frozen_letters(3), wire.hand_over_several, []

    def one_fails(peer: Any, brought: Any) -> list[Any]:
        answers = real(peer, brought)
        urgent.extend(frozen_letters(1, urgent=True, case_reference=""))
        running.run_some(lambda: clock.now, "another", most=8, aside=False)
        return [*answers[:2], calling.PeerUnreachableError(peer=peer.id, detail="status 503")]

    monkeypatch.setattr(peer_client, "hand_over_several", one_fails)
    work()
    assert stages(letters) == [Stage.RELAYED, Stage.RELAYED, Stage.SEALED]
    assert stages(urgent) == [Stage.RELAYED]


def test_a_letter_that_the_peer_puts_off_waits_as_long_as_it_says_and_alone(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    letters, real = frozen_letters(3), wire.hand_over_several

    def one_is_too_many(peer: Any, brought: Any) -> list[Any]:
        answers: list[Any] = real(peer, brought)
        return [*answers[:2], calling.PeerBusyError(peer=peer.id, detail="its quota", retry_after=500)]

    with monkeypatch.context() as patch:
        patch.setattr(peer_client, "hand_over_several", one_is_too_many)
        work()
    assert stages(letters) == [Stage.RELAYED, Stage.RELAYED, Stage.SEALED]
    clock.advance(seconds=499)
    work()
    assert stages(letters)[2] == Stage.SEALED
    clock.advance(seconds=1)
    work()
    assert stages(letters) == [Stage.RELAYED] * 3


def test_an_answer_that_is_another_letters_receipt_is_none(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    letters, real = frozen_letters(3), wire.hand_over_several

    def exchanged(peer: Any, brought: Any) -> list[Any]:
        one, other, third = real(peer, brought)
        return [other, one, third]

    with monkeypatch.context() as patch:
        patch.setattr(peer_client, "hand_over_several", exchanged)
        work()
    tried = {str(id): code for id, code in Letter.objects.values_list("id", "tried_code")}
    assert [tried[str(each.id)] for each in letters] == ["receipt_foreign", "receipt_foreign", ""]


def test_a_rejected_letter_fails_and_takes_no_other_with_it(
    frozen_letters: Any, wire: Wire, work: Any, peer: Peer, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    letters, real = frozen_letters(2), wire.hand_over_several

    def rejected(to: Any, brought: Any) -> list[Any]:
        answers = real(to, brought)
        return [answers[0], peer.receipt(letters[1], ReceiptName.RELAY_REMMD_REJECTION, clock.now)]

    monkeypatch.setattr(peer_client, "hand_over_several", rejected)
    work()
    assert stages(letters) == [Stage.RELAYED, Stage.FAILED]


def test_large_letters_and_those_that_a_courier_has_go_alone(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, official: Any, monkeypatch: pytest.MonkeyPatch
):
    letters, sent = frozen_letters(4), []
    while running.run_some(lambda: clock.now, "worker", most=8, aside=False):
        pass
    about = {"peer": peer_row(), "direction": Direction.OUT, "at": clock.now, "by": official("administrator")}
    shipment = Shipment.objects.create(id=uuid.uuid4(), listed=b"{}", **about)
    Carried.objects.create(shipment=shipment, what="letter", letter=letters[0].id)
    Letter.objects.filter(id=letters[1].id).update(bytes=several.LETTER_BYTES)
    real = wire.hand_over_several
    monkeypatch.setattr(
        peer_client, "hand_over_several", lambda to, brought: sent.append(brought) or real(to, brought)
    )
    work()
    assert [[each.letter for each, _ in brought] for brought in sent] == [
        [str(each.id) for each in letters[2:]]
    ]


def test_no_more_go_together_than_the_largest_letter_in_one_piece_has(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    """Something urgent waits no longer for them than for one such letter."""
    letters = frozen_letters(5)
    while running.run_some(lambda: clock.now, "worker", most=8, aside=False):
        pass
    size = Letter.objects.get(id=letters[0].id).bytes or 0
    monkeypatch.setattr(unfinished, "RESUMABLE_FROM", 2 * size + size // 2)
    sent, real = [], wire.hand_over_several
    monkeypatch.setattr(
        peer_client, "hand_over_several", lambda to, brought: sent.append(len(brought)) or real(to, brought)
    )
    work()
    assert (sent, stages(letters)) == ([2], [Stage.RELAYED] * 5)


def test_of_two_peers_whose_lanes_have_one_name_neither_gets_what_is_the_others(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    """The names of lanes are cut off."""
    other = known.find("xb-247")
    other.id, other.tls_fingerprint, other.own = "xc-247", "0" * 64, False
    other.save(force_insert=True)
    letters = frozen_letters(3)
    while running.run_some(lambda: clock.now, "worker", most=8, aside=False):
        pass
    Letter.objects.filter(id=letters[1].id).update(peer="xc-247")
    brought: list[tuple[str, str]] = []
    real, alone = wire.hand_over_several, wire.hand_over

    def several_to(to: Any, some: Any) -> Any:
        brought.extend((to.id, each.letter) for each, _ in some)
        return real(to, some)

    def one_to(to: Any, envelope: Any, *rest: Any) -> Any:
        brought.append((to.id, envelope.letter))
        return alone(to, envelope, *rest)

    monkeypatch.setattr(peer_client, "hand_over_several", several_to)
    monkeypatch.setattr(peer_client, "hand_over", one_to)
    work()
    ids = [str(each.id) for each in letters]
    assert brought == [("xb-247", ids[0]), ("xb-247", ids[2]), ("xc-247", ids[1])]


def test_what_is_urgent_goes_before_and_not_with_the_others(frozen_letters: Any, wire: Wire, work: Any):
    ordinary = frozen_letters(2)
    urgent = frozen_letters(2, urgent=True, case_reference="")
    work()
    ids = [str(each.id) for each in (*urgent, *ordinary)]
    assert ([each.letter for each in wire.offered], wire.requests) == (ids, 2)


# --- receipts sent


def test_receipts_go_in_one_request_under_one_head(
    written: Any, wire: Wire, work: Any, clock: Any, acted: list[str]
):
    letters = written(4)
    bring(letters, clock)
    work()
    assert wire.requests == 1
    said = [read(note.encode()) for note in wire.receipts]
    assert [(each.receipt, each.letter) for each in said] == [
        ("DELIVERY", each.letter) for each, _ in letters
    ]
    assert len({each.checkpoint for each in said}) == 1
    assert acted == [each.letter for each, _ in letters]


@pytest.mark.parametrize(
    ("kept_back", "requests"),
    [
        (calling.PeerAwayError(peer="xb-247", detail="ConnectError"), 1),
        (calling.PeerBusyError(peer="xb-247", detail="its quota", retry_after=1), 1),
        (calling.PeerUnreachableError(peer="xb-247", detail="status 500"), 3),
    ],
)
def test_receipts_that_did_not_arrive_come_again_with_the_same_bytes(
    written: Any,
    wire: Wire,
    work: Any,
    clock: Any,
    acted: Any,
    monkeypatch: Any,
    kept_back: ComityError,
    requests: int,
):
    """Together once the peer is back; each alone where its node stumbled at one of them."""
    asked = []

    def reach(*_: Any) -> Any:
        asked.append(clock.now)
        raise kept_back

    bring(written(3), clock)
    with monkeypatch.context() as patch:
        patch.setattr(wire, "_reach", reach)
        work()
        assert len(asked) == 1, "who is away is not asked for each of them"
        clock.advance(seconds=2)
        work()
    kept = dict(Receipt.objects.filter(kind="DELIVERY").values_list("letter_id", "note"))
    clock.advance(minutes=1)
    work()
    assert sorted(wire.receipts) == sorted(kept.values())
    assert (len(kept), wire.requests, len(asked)) == (3, requests, 1 + requests)


def test_receipts_that_the_peer_does_not_accept_are_sent_once(
    written: Any, wire: Wire, work: Any, clock: Any, acted: Any
):
    bring(written(2), clock)
    wire.refuses_receipts = True
    work()
    clock.advance(hours=1)
    work()
    assert (wire.requests, len(wire.receipts)) == (1, 2)


def test_a_receipt_that_was_signed_before_goes_with_its_stored_bytes(
    written: Any, wire: Wire, work: Any, clock: Any, acted: Any
):
    letters = written(2)
    bring(letters, clock)
    while running.run_some(lambda: clock.now, "worker", most=8, aside=False):
        pass
    first = receipts.issue(Letter.objects.get(id=letters[0][0].letter), ReceiptName.DELIVERY, now=clock.now)
    work()
    assert wire.receipts[0] == first.note
    assert Receipt.objects.filter(kind="DELIVERY").count() == 2


# --- opened


def test_what_does_not_verify_is_refused_alone_and_in_its_turn(
    written: Any, wire: Wire, work: Any, peer: Peer, clock: Any, acted: list[str]
):
    one, three = written(2)
    document = letter("xb-247", "xa-247", clock.now)
    container = peer.seal(document, clock.now, recipient=peer.keys.recipient)
    bring([one, (peer.envelope(document, container), container), three], clock)
    work()
    assert acted == [one[0].letter, three[0].letter]
    kept = row(document)
    assert (kept.stage, kept.refusal_code) == (Stage.REFUSED, "not_for_this_identity")
    assert waiting() == [kept.travelling]


def test_a_room_that_refuses_one_letter_takes_the_others_in_their_order(
    written: Any, wire: Wire, work: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    letters, acted = written(3), []

    def act(kept: Letter, document: Any, now: Any) -> None:
        if document.id == letters[1][0].letter:
            raise NotTodayError
        Entry.objects.create(kind="acted", subject=document.id, commitment=b"x" * 32, written_at=now)
        acted.append(document.id)

    monkeypatch.setattr(opening.arrivals, "_handlers", {"registration": act})
    bring(letters, clock)
    work()
    ids = [each.letter for each, _ in letters]
    assert stages([Letter(id=each) for each in ids]) == [Stage.DELIVERED, Stage.REFUSED, Stage.DELIVERED]
    subjects = Entry.objects.filter(kind="acted").order_by("id").values_list("subject", flat=True)
    assert list(subjects) == [ids[0], ids[2]], "the effect of the first try is gone with its transaction"
    assert len(list(store.keys("letters"))) == 2, "no stray object"


def test_what_another_worker_opened_meanwhile_acts_once(
    written: Any, wire: Wire, work: Any, clock: Any, acted: list[str], monkeypatch: pytest.MonkeyPatch
):
    letters, found = written(2), opening._found
    bring(letters, clock)

    def meanwhile(*opened: Any) -> Any:
        monkeypatch.setattr(opening, "_found", found)
        opening.open_arrival({"letter": letters[1][0].letter}, clock.now)
        return found(*opened)

    monkeypatch.setattr(opening, "_found", meanwhile)
    work()
    assert sorted(acted) == sorted(
        [letters[0][0].letter] * acted.count(letters[0][0].letter) + [letters[1][0].letter]
    )
    assert Entry.objects.filter(kind="letter_received").count() == 2
    assert len(list(store.keys("letters"))) == 2


def test_a_worker_that_dies_amid_several_leaves_nothing_half_done(
    written: Any, wire: Wire, work: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, acted: list[str]
):
    letters, real = written(2), opening.attest_to_sender
    bring(letters, clock)

    def die(kept: Letter, *about: Any) -> None:
        if str(kept.id) == letters[1][0].letter:
            raise KeyboardInterrupt
        real(kept, *about)

    with monkeypatch.context() as patch:
        patch.setattr(opening, "attest_to_sender", die)
        with pytest.raises(KeyboardInterrupt):
            work()
    assert set(Letter.objects.values_list("stage", flat=True)) == {Stage.ACCEPTED}
    assert not Entry.objects.filter(kind="letter_received").exists()
    work()
    assert set(Letter.objects.values_list("stage", flat=True)) == {Stage.DELIVERED}
    assert len(list(store.keys("letters"))) == 2


# --- sealed


def test_a_letter_that_cannot_be_sealed_holds_up_no_other(
    frozen_letters: Any, wire: Wire, work: Any, monkeypatch: pytest.MonkeyPatch
):
    letters, real = frozen_letters(3), sealing.readable_form

    def form(document: Any, *about: Any) -> bytes:
        if document.id == str(letters[0].id):
            raise NotTodayError
        return real(document, *about)

    monkeypatch.setattr(sealing, "readable_form", form)
    work()
    assert stages(letters) == [Stage.FROZEN, Stage.RELAYED, Stage.RELAYED]


def test_sealing_several_again_after_a_crash_leaves_no_stray(
    frozen_letters: Any, wire: Wire, work: Any, monkeypatch: pytest.MonkeyPatch
):
    def crash(*_: Any) -> bool:
        raise KeyboardInterrupt

    letters = frozen_letters(2)
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_enter", crash)
        with pytest.raises(KeyboardInterrupt):
            work()
    assert stages(letters) == [Stage.FROZEN] * 2
    work()
    assert stages(letters) == [Stage.RELAYED] * 2
    assert len(list(store.keys("letters"))) == 4


def test_a_letter_with_attachments_is_sealed_alone(
    frozen_letters: Any, wire: Wire, work: Any, monkeypatch: pytest.MonkeyPatch
):
    letters, alone = frozen_letters(3), []
    Letter.objects.filter(id=letters[1].id).update(attachments=["an exhibit"])
    monkeypatch.setitem(outbox._handlers, outgoing.SEAL, lambda payload, now: alone.append(payload["letter"]))
    work()
    assert alone == [str(each.id) for each in letters[1:]], "the first is sealed; the last is left by itself"


# --- what a peer says that it takes


class _Pool:
    """Answers every request with these headers."""

    def __init__(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.status, self.body = status, body
        self.headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    def stream(self, *_: Any, **__: Any) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def iter_stream(self) -> Iterator[bytes]:
        yield self.body


@pytest.fixture
def answered(keys: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[_Pool], Any]:
    monkeypatch.setattr(calling.tls, "client_context", lambda peer, own: None)
    monkeypatch.setattr(calling, "_at_once", {})

    def by(pool: _Pool) -> Any:
        monkeypatch.setattr(calling, "_pool", lambda url, context: pool)
        return known.find("xb-247")

    return by


@pytest.mark.parametrize(
    ("said", "taken"),
    [("8", 8), ("1", 1), ("0", 1), ("-4", 1), ("x", 1), ("9" * 30, 1), ("1000", several.MOST)],
)
def test_a_peer_gets_as_many_as_it_says(answered: Any, said: str, taken: int):
    peer = answered(_Pool(204, Comity_Several=said))
    assert calling.takes_at_once(peer) == 1, "before it said so"
    peer_client.hand_receipt(peer, "note")
    assert calling.takes_at_once(peer) == taken


def test_a_peer_that_says_it_no_more_gets_one(answered: Any):
    peer_client.hand_receipt(answered(_Pool(204, Comity_Several="8")), "note")
    peer = answered(_Pool(404))
    with pytest.raises(calling.PeerUnreachableError):
        peer_client.hand_receipts(peer, ["note", "note"])
    assert calling.takes_at_once(peer) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"answers":[]}',
        several.write_answers([several.Said(status=204, body="")] * 3),
        b"x" * 100,
    ],
)
def test_answers_that_cannot_be_read_are_none(answered: Any, body: bytes):
    peer = answered(_Pool(200, body, Comity_Several="8"))
    with pytest.raises(calling.PeerUnreachableError):
        peer_client.hand_receipts(peer, ["note", "note"])


def test_each_answer_counts_as_if_it_had_come_alone(answered: Any):
    said = [
        several.Said(status=204, body=""),
        several.Said(status=409, body='{"code":"receipt_conflict"}'),
        several.Said(status=429, retry_after=7, body="{}"),
        several.Said(status=503, body="{}"),
        several.Said(status=400, body='{"code":"newer_version"}'),
    ]
    peer = answered(_Pool(200, several.write_answers(said), Comity_Several="8"))
    found = peer_client.hand_receipts(peer, ["note"] * 5)
    assert [type(each) for each in found] == [
        type(None),
        peer_client.ReceiptRefusedByPeerError,
        calling.PeerBusyError,
        calling.PeerUnreachableError,
        calling.PeerOutdatedError,
    ]
    assert found[2].params["retry_after"] == 7


def test_the_silence_of_a_peer_is_attested_for_letters_that_went_together(
    frozen_letters: Any, wire: Wire, work: Any, clock: Any
):
    letters = frozen_letters(2)
    wire.away = True
    for _ in range(3):
        work()
        clock.advance(hours=6)
    work()
    assert stages(letters) == [Stage.FAILED] * 2
