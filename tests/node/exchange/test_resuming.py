"""A large container that was cut off goes on where it was; one that differs begins anew."""

from __future__ import annotations

import io
import tracemalloc
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256

import httpcore
import httpx
import pytest
from tests.node.exchange.conftest import letter

from comity.node import config, durable
from comity.node.directory import known
from comity.node.exchange import calling, delivering, incoming, peer_client, unfinished
from comity.node.exchange.models import Letter, Stage
from comity.node.jobs import running
from comity.proofs.receipts import ReceiptName

pytestmark = pytest.mark.django_db
BODY = bytes(range(256)) * 5000
"""More than what is worth keeping in part."""


@pytest.fixture
def large(peer, clock):
    """An envelope that announces BODY. Whether it can be opened is another question."""
    return peer.envelope(letter("xb-247", "xa-247", clock.now), BODY)


def accept(data, envelope, clock, part=None):
    return incoming.accept(io.BytesIO(data), envelope, known.find("xb-247"), clock.now, part)


def parts():
    return sorted(path for path in config.current().unfinished.glob("*/*"))


def test_what_came_stays_and_the_rest_makes_it_whole(large, clock):
    with pytest.raises(incoming.CutOffError):
        accept(BODY[:700_000], large, clock)
    assert incoming.answer_offer(large, known.find("xb-247"), clock.now) == 700_000
    assert not Letter.objects.exists(), "a part is no letter"
    note = accept(BODY[700_000:], large, clock, range(700_000, len(BODY)))
    assert isinstance(note, bytes)
    row = Letter.objects.get()
    assert (config.current().arriving / row.travelling).read_bytes() == BODY
    assert parts() == []
    assert accept(BODY, large, clock) == note, "the same receipt"


def test_it_may_come_in_slices(large, clock):
    half = len(BODY) // 2
    assert accept(BODY[:half], large, clock, range(half)) == half
    assert isinstance(accept(BODY[half:], large, clock, range(half, len(BODY))), bytes)


@pytest.mark.parametrize("size", [1 << 20, 2 << 20])
def test_a_disk_that_fails_beside_the_taking_in_is_told_though_the_last_piece_came(
    peer, clock, monkeypatch, size
):
    body = bytes(size)
    envelope = peer.envelope(letter("xb-247", "xa-247", clock.now), body)

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(incoming._Written, "update", full)
    with pytest.raises(durable.DiskFullError):
        accept(body, envelope, clock)
    assert not Letter.objects.exists()


def test_slices_are_hashed_as_they_come_and_read_again_only_if_another_process_took_some(
    large, peer, clock, monkeypatch
):
    read_again = []
    digest = unfinished._digest
    monkeypatch.setattr(unfinished, "_digest", lambda part: read_again.append(part.name) or digest(part))
    half = len(BODY) // 2
    accept(BODY[:half], large, clock, range(half))
    assert isinstance(accept(BODY[half:], large, clock, range(half, len(BODY))), bytes)
    assert read_again == []
    other = peer.envelope(letter("xb-247", "xa-247", clock.now), BODY)
    accept(BODY[:half], other, clock, range(half))
    unfinished._hashes.clear()  # the node was started again
    assert isinstance(accept(BODY[half:], other, clock, range(half, len(BODY))), bytes)
    assert len(read_again) == 1


def test_a_part_goes_on_at_its_first_missing_byte_or_anew(large, clock):
    accept(BODY[:500], large, clock, range(500))
    for wrong in (range(499, len(BODY)), range(501, len(BODY))):
        with pytest.raises(unfinished.OffsetDiffersError):
            accept(BODY[wrong.start :], large, clock, wrong)
    assert isinstance(accept(BODY, large, clock), bytes)


def test_other_bytes_than_the_envelope_names_are_found_in_the_whole(large, clock):
    half = len(BODY) // 2
    accept(b"\0" * half, large, clock, range(half))
    with pytest.raises(incoming.ContainerDiffersError):
        accept(BODY[half:], large, clock, range(half, len(BODY)))
    assert (parts(), Letter.objects.count(), list(config.current().arriving.iterdir())) == ([], 0, [])
    assert incoming.answer_offer(large, known.find("xb-247"), clock.now) == 0


def test_more_bytes_than_a_part_announces_do_not_make_it_whole(large, clock):
    for part in (range(len(BODY)), range(len(BODY) + 1)):
        with pytest.raises(incoming.ContainerDiffersError):
            accept(BODY + b"?", large, clock, part)
    assert not Letter.objects.exists()


def test_a_container_arrives_on_one_connection_at_a_time(large, clock):
    here = known.find("xb-247")
    with unfinished.opened(large, here, 0, clock.now), pytest.raises(unfinished.ArrivingAlreadyError):
        accept(BODY, large, clock)
    assert isinstance(accept(BODY, large, clock), bytes)


def test_a_link_in_the_place_of_a_part_is_not_followed(large, clock, tmp_path):
    target = tmp_path / "secret"
    target.write_text("kept")
    folder = config.current().unfinished / "xb-247"
    folder.mkdir(parents=True)
    (folder / f"{large.letter}-{large.sha256}").symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        accept(BODY, large, clock)
    assert target.read_text() == "kept"


def test_a_large_container_is_taken_in_with_constant_memory(peer, clock):
    class Zeros:
        left = size = 48 * 2**20

        def readinto(self, space):
            got = min(len(space), self.left)
            self.left -= got
            space[:got] = bytes(got)
            return got

    hashing = sha256()
    for _ in range(48):
        hashing.update(bytes(2**20))
    said = {"sha256": hashing.hexdigest(), "bytes": Zeros.size}
    envelope = peer.envelope(letter("xb-247", "xa-247", clock.now), b"", **said)
    tracemalloc.start()
    try:
        incoming.accept(Zeros(), envelope, known.find("xb-247"), clock.now)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()
    assert Letter.objects.get().bytes == Zeros.size


def test_parts_that_nobody_goes_on_with_are_forgotten(large, clock):
    accept(BODY[:500], large, clock, range(500))
    unfinished.forget({}, clock.now + unfinished.KEPT_FOR)
    assert len(parts()) == 1
    unfinished.forget({}, clock.now + unfinished.KEPT_FOR + timedelta(seconds=1))
    assert parts() == []


class Far:
    """The peer's node in place of the connections to it: it takes slices and may cut the line."""

    def __init__(self, peer):
        self.peer, self.got, self.ranges, self.cut_at = peer, b"", [], None
        self.cut, self.cut_after = "the line was cut", 0
        self.forgets, self.answers, self.offers = False, None, 0
        self.meanwhile = lambda: None
        self.asked = []

    def begun(self):
        """The first byte of each slice."""
        return [int(each.split()[1].split("-")[0]) for each in self.ranges]

    @contextmanager
    def stream(self, method, url, *, headers, content, extensions):
        assert extensions["timeout"]["read"], "nobody is waited for without end"
        request = httpx.Request(
            method, f"https://peer{url.target.decode()}", headers=headers, content=content
        )
        self.asked.append(request)
        answer = self._answer(request)
        yield httpcore.Response(answer.status_code, headers=answer.headers.raw, content=answer.stream)

    def _answer(self, request):
        row = Letter.objects.get()
        if self.answers:
            return self.answers()
        if request.method == "PUT":
            said = request.headers.get("Content-Range", f"bytes 0-{row.bytes - 1}/{row.bytes}")
            self.ranges.append(said)
            assert int(said.split()[1].split("-")[0]) == len(self.got)
            data = request.read()
            self.meanwhile()
            if self.cut_at is not None and len(self.ranges) > self.cut_after:
                self.got += data[: self.cut_at]
                self.cut_at = None
                raise httpcore.ReadError(self.cut)
            self.got += data
        else:
            self.offers += 1
        if self.forgets:
            self.got = b""
        if len(self.got) < row.bytes:
            return httpx.Response(
                202, headers={"Comity-Offset": str(len(self.got))}, stream=httpx.ByteStream(b"")
            )
        note = self.peer.receipt(row, ReceiptName.RELAY_REMMD_ACCEPTANCE, row.sealed_at)
        return httpx.Response(200, stream=httpx.ByteStream(note))


@pytest.fixture
def far(peer, monkeypatch):
    there = Far(peer)
    monkeypatch.setattr(calling.tls, "client_context", lambda peer, own: None)
    monkeypatch.setattr(calling, "_pool", lambda url, context: there)
    return there


def test_a_letter_that_was_cut_off_goes_on_in_slices(frozen, far, clock, run_jobs, monkeypatch):
    monkeypatch.setattr(peer_client, "SLICE", 3000)
    monkeypatch.setattr(unfinished, "RESUMABLE_FROM", 1000)
    far.cut_at = 1000
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, frozen.tried_code, len(far.got)) == (Stage.SEALED, "peer_unreachable", 1000)
    clock.advance(seconds=10)
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, frozen.tried_code) == (Stage.RELAYED, "")
    assert sha256(far.got).hexdigest() == frozen.sha256
    assert far.begun()[:4] == [0, 1000, 4000, 10_000]


@pytest.fixture
def sliced(far, frozen, clock, monkeypatch):
    """A sealed letter that goes in slices, and the job that brings it."""
    from comity.node.jobs.models import Job

    while running.run_one(clock.now, "one", aside=False):
        pass  # it is sealed
    monkeypatch.setattr(peer_client, "SLICE", 1000)
    monkeypatch.setattr(peer_client, "LARGEST_SLICE", 1000)
    monkeypatch.setattr(unfinished, "RESUMABLE_FROM", 1000)
    return Job.objects.get(lane=f"peer:{frozen.peer_id}")


def one_turn(clock):
    assert running.run_some(lambda: clock.now, "one", most=1, aside=True)


def test_slices_go_one_after_the_other_in_one_turn(sliced, far, frozen, clock):
    one_turn(clock)
    frozen.refresh_from_db()
    assert frozen.stage == Stage.RELAYED
    assert len(far.ranges) > 3
    assert far.offers == 1


@pytest.mark.parametrize(
    ("lane", "urgency", "slices"),
    [("same", -1, 1), ("same", 0, 1), ("same", 1, None), ("peer:xc-247", -1, None)],
)
def test_what_is_as_urgent_for_the_peer_goes_between_two_slices(
    sliced, far, frozen, clock, lane, urgency, slices
):
    """It came after the turn had begun. What is less urgent, or another peer's, waits."""
    from comity.node.jobs import outbox
    from comity.node.jobs.models import Job

    def meanwhile():
        far.meanwhile = lambda: None
        lane_of_it = sliced.lane if lane == "same" else lane
        more = {"lane": lane_of_it, "priority": sliced.priority + urgency}
        outbox.ask("test.urgent", "urgent", {}, now=clock.now, **more)
        clock.advance(seconds=1)

    outbox.handler("test.urgent", lambda payload, now: None)
    far.meanwhile = meanwhile
    one_turn(clock)
    assert far.offers == 1
    frozen.refresh_from_db()
    assert len(far.ranges) == (slices or -(-frozen.bytes // 1000))
    if slices:
        one_turn(clock)
        assert Job.objects.get(key="urgent").state == "done"
        one_turn(clock)
    assert Letter.objects.get().stage == Stage.RELAYED


def test_a_turn_ends_and_how_the_letter_stands_is_looked_at_anew(sliced, far, clock, monkeypatch):
    ticks = iter(range(0, 10**6, 6))
    monkeypatch.setattr(delivering.time, "monotonic", lambda: next(ticks))
    one_turn(clock)
    assert len(far.ranges) == 1


@pytest.mark.parametrize(("seconds", "begun"), [(0.0, [0, 1000, 3000, 6000]), (0.6, [0, 1000, 2000, 3000])])
def test_a_slice_after_a_quick_one_is_larger_up_to_a_bound(sliced, far, clock, monkeypatch, seconds, begun):
    monkeypatch.setattr(peer_client, "LARGEST_SLICE", 3000)
    passed = [0.0]
    monkeypatch.setattr(delivering.time, "monotonic", lambda: passed[0])

    def meanwhile():
        passed[0] += 2 * seconds

    far.meanwhile = meanwhile
    one_turn(clock)
    assert far.begun()[:4] == begun


def test_slices_that_arrive_end_the_count_of_attempts(sliced, far, frozen, clock):
    Letter.objects.update(attempts=7, tried_at=clock.now, tried_code="peer_unreachable")
    clock.advance(seconds=60)
    far.cut_after, far.cut_at = 2, 10
    one_turn(clock)
    frozen.refresh_from_db()
    assert (frozen.attempts, frozen.tried_at, frozen.tried_code) == (1, clock.now, "peer_unreachable")
    assert (len(far.ranges), len(far.got)) == (3, 2010)


def test_a_peer_that_takes_bytes_too_slowly_is_hung_up_on(frozen, far, clock, run_jobs, monkeypatch):
    monkeypatch.setattr(calling, "PATIENCE", -1e9)
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, frozen.tried_code) == (Stage.SEALED, "peer_too_slow")


def test_a_peer_that_keeps_nothing_of_a_slice_counts_as_silent(frozen, far, clock, run_jobs, monkeypatch):
    monkeypatch.setattr(unfinished, "RESUMABLE_FROM", 1000)
    far.forgets = True
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, frozen.tried_code, frozen.attempts) == (Stage.SEALED, "nothing_taken", 1)


def test_an_answer_without_end_is_not_kept(frozen, far, clock, run_jobs, monkeypatch):
    sent = []

    def endless():
        while True:
            sent.append(65536)
            yield b"x" * 65536

    far.answers = lambda: httpx.Response(200, content=endless())
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, frozen.tried_code) == (Stage.SEALED, "peer_unreachable")
    assert sum(sent) < 2_000_000


def test_a_peer_sets_no_cookie_and_its_answer_is_not_unpacked(frozen, far, clock, run_jobs, peer):
    import gzip

    packed = gzip.compress(b"x" * 50_000_000)
    headers = {"Content-Encoding": "gzip", "Set-Cookie": "a=b"}
    far.answers = lambda: httpx.Response(200, headers=headers, stream=httpx.ByteStream(packed))
    run_jobs()
    clock.advance(seconds=10)
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, frozen.attempts, len(far.asked)) == (Stage.SEALED, 2, 2)
    assert all("cookie" not in each.headers for each in far.asked)
    assert {each.headers["accept-encoding"] for each in far.asked} == {"identity"}


def test_after_waiting_in_vain_for_a_peer_its_other_letters_wait_too(
    frozen, far, clock, run_jobs, monkeypatch
):
    from comity.node.jobs import outbox
    from comity.node.jobs.models import Job

    while running.run_one(clock.now, "one", aside=False):
        pass  # it is sealed
    outbox.handler("test.other", lambda payload, now: None)
    outbox.ask("test.other", "other", {}, now=clock.now, lane=f"peer:{frozen.peer_id}", priority=900)
    far.cut_at, ticks = 0, iter(range(0, 10**6, 10))
    monkeypatch.setattr(delivering.time, "monotonic", lambda: next(ticks))
    running.run_one(clock.now, "one", aside=True)
    assert Job.objects.get(key="other").last_code == outbox.RESTS
    clock.advance(seconds=2)
    run_jobs()
    assert Job.objects.get(key="other").last_code != outbox.RESTS, "the peer has answered"


def test_a_job_that_takes_long_keeps_its_lease(clock, db):
    from comity.node.jobs import outbox
    from comity.node.jobs.models import Job

    late = clock.now + running.LEASE * 0.9
    times, repeated = [clock.now, clock.now], []

    def work(payload, now):
        if repeated:
            return
        running.go_on()
        repeated.append(False)
        repeated.append(running.run_one(late + running.LEASE / 2, "another"))

    outbox.handler("test.long", work)
    outbox.ask("test.long", "long", {}, now=clock.now)
    assert running.run_some(lambda: times.pop() if times else late, "worker", most=1) == 1
    assert repeated == [False, False], "nobody repeats it meanwhile"
    assert Job.objects.get().state == "done"


def test_a_job_that_takes_long_asks_a_clock_that_is_checked(clock, db):
    """A lease is not extended by a clock that was set: the job stops and is tried again."""
    from comity.node.jobs import outbox
    from comity.node.jobs.models import Job
    from comity.node.ledger.wall_clock import ClockSteppedError

    times = [clock.now, clock.now]

    def checked():
        if times:
            return times.pop()
        raise ClockSteppedError(minutes=9)

    outbox.handler("test.long", lambda payload, now: running.go_on())
    outbox.ask("test.long", "long", {}, now=clock.now)
    assert running.run_some(checked, "worker", most=1) == 1
    job = Job.objects.get()
    assert (job.state, job.last_code) == ("waiting", "clock_stepped")


def test_silence_is_as_long_as_the_node_says(frozen, wire, clock, run_jobs, monkeypatch):
    brief = config.Exchange(relay_hours=0.5)
    monkeypatch.setattr(config.NodeConfig, "exchange", property(lambda self: brief))
    wire.away = True
    run_jobs()
    clock.advance(minutes=31)
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, frozen.refusal_code) == (Stage.FAILED, "timed_out")
    assert delivering.timeouts_of(frozen).delivery == timedelta(hours=24)


def test_only_what_a_peer_may_say_is_heard_however_it_writes_it():
    said = [(b"COMITY-OFFSET", b"7"), (b"retry-after", b"8"), (b"Location", b"https://elsewhere")]
    heard = calling._heard(httpcore.Response(202, headers=said))
    assert heard == {"Comity-Offset": "7", "Retry-After": "8"}


def test_a_peer_is_asked_at_its_address_by_the_name_that_the_network_writes():
    asked = calling._address("https://прокуратура.example:7443/comity/", "/checkpoint")
    assert (asked.scheme, asked.port, asked.target) == (b"https", 7443, b"/comity/checkpoint")
    assert asked.host.startswith(b"xn--")
