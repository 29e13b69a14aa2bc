"""Health and figures: a silent worker is told everywhere, and no figure names anybody."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.node.conftest import START

from comity.node import backed_up, config, diagnosing, folders, health, heartbeat
from comity.node.jobs.models import Job
from comity.node.ledger import entries, holding, sequencer
from comity.node.witnesses.models import Contact, Cosignature, ForkProof

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def node():
    node = config.current()
    folders.make_inner(node)
    yield node
    node.heartbeat.unlink(missing_ok=True)


@contextmanager
def running(node):
    """The folder's lock, as the supervisor holds it."""
    with (node.folder / "run" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def beat_at(node, at):
    heartbeat.beat()
    os.utime(node.heartbeat, (at.timestamp(), at.timestamp()))


def read(node, now):
    families = text_string_to_metric_families(health.figures(node, now).decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def get(path):
    said = {}

    def answer(status, headers):
        said["status"], said["headers"] = status, dict(headers)

    body = b"".join(health.application({"PATH_INFO": path, "REQUEST_METHOD": "GET"}, answer))
    return said["status"], body


def test_the_figures_are_read_by_prometheus(node, clock):
    sequencer.sequence(clock.now)
    entries.append("tested", "x", {"what": "tested"}, now=clock.now)
    Job.objects.create(kind="x.y", key="x", run_after=clock.now, asked_at=clock.now)
    found = read(node, clock.advance(seconds=30))
    assert found["comity_jobs", "waiting"] == 1
    assert found["comity_job_oldest_seconds",] == 30
    assert found["comity_ledger_unnumbered",] == 1
    assert found["comity_certificate_days_left", "seal"] > 1000
    assert found["comity_disk_free_bytes",] > 0


def test_the_age_of_the_last_backup_is_told(node, clock, tmp_path):
    assert ("comity_backup_age_seconds",) not in read(node, clock.now), "none was made"
    try:
        backed_up.keep(node.folder, tmp_path / "x", clock.now)
        found = read(node, clock.now + timedelta(hours=1))
        assert (found["comity_backup_age_seconds",], found["comity_backup_overdue",]) == (3600, 0)
        assert read(node, clock.now + timedelta(hours=25))["comity_backup_overdue",] == 1
    finally:
        (node.folder / backed_up.FILE).unlink()


def test_a_silent_worker_is_told(node, clock):
    beat_at(node, clock.now)
    late = clock.now + heartbeat.SILENCE + timedelta(seconds=1)
    with running(node):
        assert not heartbeat.is_silent(node, clock.now)
        assert heartbeat.is_silent(node, late)
        assert read(node, late)["comity_worker_silent",] == 1
        assert "worker_silent" in {each.code for each in diagnosing.diagnose(node, late)}
    assert not heartbeat.is_silent(node, late), "a node that does not run is not silent"


@pytest.mark.django_db(transaction=True)
def test_health_answers_and_refuses(node, monkeypatch):
    heartbeat.beat()
    assert get("/health") == ("200 OK", b"ok\n")
    assert get("/secret")[0] == "404 Not Found"
    assert get("/metrics")[0] == "200 OK"
    node.restored.write_bytes(b"{}")
    try:
        assert get("/health") == ("503 Service Unavailable", b"node_restored\n")
    finally:
        node.restored.unlink()
    holding.hold(node.folder, holding.RESTORED, START)
    try:
        assert get("/health") == ("503 Service Unavailable", b"ledger_held\n")
    finally:
        holding.release(node.folder)
    monkeypatch.setattr(heartbeat, "is_silent", lambda node, now: True)
    assert get("/health") == ("503 Service Unavailable", b"worker_silent\n")


def test_the_desk_says_that_letters_stand_still(node, client, official, monkeypatch):
    heartbeat.beat()
    client.force_login(official("duty_officer"))
    assert "neither leave nor arrive" not in client.get("/desk/").content.decode()
    monkeypatch.setattr(heartbeat, "is_silent", lambda node, now: True)
    assert "Letters neither leave nor arrive" in client.get("/desk/").content.decode()


def accuse(clock, kind):
    """Keep two heads of the peer that contradict each other (``roots``), or are only doubted (empty)."""
    heads = {"smaller": 3, "larger": 3, "document": "{}", "found_at": clock.now}
    ForkProof.objects.create(authority_id="xb-247", kind=kind, **heads)


def test_the_figures_of_the_witnesses(node, clock):
    accuse(clock, "roots")
    accuse(clock, "")
    entries.append("tested", "x", {"what": "tested"}, now=clock.now)
    sequencer.sequence(clock.now)
    head = sequencer.latest()
    Contact.objects.create(witness_id="xb-247", known_size=0, code="peer_unreachable", asked_at=clock.now)
    found = read(node, clock.advance(seconds=40))
    assert found["comity_witnesses",] == found["comity_witnesses_due",] == 1
    assert found["comity_witness_refusals", "peer_unreachable"] == 1
    assert (found["comity_forks",], found["comity_forks_unproved",]) == (1, 1)
    assert found["comity_cosignatures",] == 0
    assert ("comity_cosigned_checkpoint_age_seconds",) not in found, "no head has a quorum yet"
    Cosignature.objects.create(checkpoint=head, witness_id="xb-247", line="-", at=clock.now)
    Contact.objects.update(known_size=head.size, code="")
    found = read(node, clock.now)
    assert (found["comity_cosignatures",], found["comity_witnesses_due",]) == (1, 0)
    assert found["comity_cosigned_checkpoint_age_seconds",] == 40
    assert not any(name == "comity_witness_refusals" for name, *_ in found)


def test_a_held_ledger_and_a_fork_are_told_on_the_desk_and_to_monitoring(node, clock, client, official):
    heartbeat.beat()
    client.force_login(official("duty_officer"))
    page = client.get("/desk/").content.decode()
    assert "signs nothing since" not in page
    assert "contradict themselves" not in page
    holding.hold(node.folder, holding.RESTORED, clock.now)
    accuse(clock, "")
    try:
        assert "contradict themselves" not in client.get("/desk/").content.decode(), "a doubt accuses nobody"
        accuse(clock, "roots")
        page = client.get("/desk/").content.decode()
        assert "signs nothing since" in page
        assert "contradict themselves" in page
        assert read(node, clock.now)["comity_ledger_held",] == 1
    finally:
        holding.release(node.folder)
    assert read(node, clock.now)["comity_ledger_held",] == 0


def test_no_figure_names_anybody(node, clock, official):
    person = official("duty_officer", full_name="Canary of the desk")
    text = health.figures(node, clock.now).decode()
    for word in (person.username, person.full_name, node.name, "xb-247"):
        assert word not in text
