"""Rows read by statements that stand already are those that the framework reads."""

from __future__ import annotations

import uuid

import pytest

from comity.node.databases import rows
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.exchange.models import Letter
from comity.node.ledger import sequencer
from comity.node.ledger.models import Checkpoint, Entry
from comity.sealing import keys as sealing_keys

pytestmark = pytest.mark.django_db


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_has_every_value_that_the_framework_gives_it(frozen, clock):
    sequencer.sequence(clock.now)
    sequencer.sequence(clock.now)
    for model in (Letter, Authority, Entry, Checkpoint):
        ours, theirs = rows.those(model), model.objects.order_by("pk")
        assert len(ours) > 0
        assert [columns(row) for row in ours] == [columns(row) for row in theirs]
        assert columns(rows.last(model)) == columns(theirs.last())


def test_a_row_is_found_by_what_it_has_and_by_what_is_empty(frozen):
    key = str(frozen.pk)
    assert rows.get(Letter, id=key, container="", national=None).pk == uuid.UUID(key)
    assert rows.find(Letter, id=key, canonical=None) is None
    assert rows.find(Letter, peer_id="xa-247") is None
    with pytest.raises(Letter.DoesNotExist):
        rows.get(Letter, id="00000000-0000-4000-8000-000000000001")


def test_a_row_that_was_read_is_saved_as_any_other(frozen, clock):
    row = rows.get(Letter, id=frozen.pk)
    row.case_reference = "XA-2027-000009"
    row.save()
    assert Letter.objects.get().case_reference == "XA-2027-000009"


def test_what_the_directory_says_now_anchors(keys, tmp_path, clock):
    before = anchors.trust().authorities["xb-247"].ca
    other = tmp_path / "other"
    sealing_keys.create_authority(other, id="xb-247", name="Another", state="XB", now=clock.now)
    peer = known.find("xb-247")
    peer.ca_certificate = (other / "ca.crt").read_text()
    peer.save()
    assert anchors.trust().authorities["xb-247"].ca != before
    peer.confirmed_at = None
    peer.save()
    assert "xb-247" not in anchors.trust().authorities


def test_only_a_confirmed_peer_is_known_by_its_certificate(keys, clock):
    peer = known.find("xb-247")
    shown = peer.tls_fingerprint
    assert known.by_fingerprint(shown, clock.now) == peer
    for changes in ({"confirmed_at": None}, {"withdrawn_at": clock.now}, {"own": True}):
        Authority.objects.filter(id="xa-247").update(own=False)
        Authority.objects.filter(id="xb-247").update(**changes)
        assert known.by_fingerprint(shown, clock.now) is None
        Authority.objects.filter(id="xb-247").update(confirmed_at=clock.now, withdrawn_at=None, own=False)
    assert known.by_fingerprint(shown, clock.now) == peer
