"""Entries end on the day that they say, and take effect while the list that names them holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.node.conftest import START, peer_card
from tests.node.directory.following import NEXT, follow, offered, take, with_card
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity import canonical
from comity.directory import signing
from comity.directory.sources import Folder
from comity.node.accounts.models import Role
from comity.node.directory import choosing, entering, known, standing, updating
from comity.node.directory.models import Authority, Listing
from comity.node.jobs.models import Job

LATER = START + timedelta(days=5)


@pytest.mark.parametrize("way", ["by disk", "by silence", "after it was left"])
def test_an_entry_ends_on_its_day(keys: Any, register: Register, way: str) -> None:
    Authority.objects.filter(id="xb-247").delete()
    keeper = follow(register, url="http://127.0.0.1:9/directory" if way == "by silence" else "")
    until = canonical.instant_text(START + timedelta(days=2))
    take(keeper, offered(register, [with_card(peer_card(keys.peer), valid_until=until), entry()]))
    if way == "after it was left":
        updating.leave(None, keeper, NEXT)
    for now, standing_then in ((NEXT, "current"), (LATER, "withdrawn")):
        Job.objects.all().delete()
        updating.ask_due(now)
        [job] = Job.objects.filter(kind=updating.UPDATE)
        updating.update(job.payload, now)
        assert Listing.objects.get(authority="xb-247").standing == standing_then
    row = known.find("xb-247")
    assert row.withdrawn_at == LATER
    assert known.by_fingerprint(row.tls_fingerprint, LATER) is None
    assert known.find("xb-mla").listing.standing == "current"  # which names no end


def test_designations_of_a_keeper_that_was_left_end_too(keys: Any, register: Register) -> None:
    keeper = follow(register)
    day = START.date()
    designations = [
        {
            "instrument": "uncc",
            "roles": ["central_authority"],
            "valid_from": str(day),
            "valid_until": str(day + timedelta(days=2)),
        }
    ]
    take(keeper, offered(register, [entry(designations=designations)]))
    updating.leave(None, keeper, NEXT)
    assert known.find("xb-mla").roles == ["central_authority"]
    updating.update({"keeper": keeper.id}, LATER)
    assert known.find("xb-mla").roles == []


def test_a_reading_that_began_before_a_keeper_was_left_enters_nothing(keys: Any, register: Register) -> None:
    keeper = follow(register)
    keeper.refresh_from_db()
    updating.leave(None, keeper, START)
    updating.take(keeper, Folder(register.folder / "first"), START)
    assert not Listing.objects.exists()


def test_a_coming_entry_takes_effect_only_while_the_list_that_names_it_holds(
    keys: Any, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory as a whole holds on: the keeper was read before the State's list expired."""
    monkeypatch.setattr(signing, "LIST_LIFE", timedelta(days=3))
    keeper = follow(register)
    coming = entry("xb-new", valid_from=canonical.instant_text(LATER))
    take(keeper, offered(register, [entry(), coming]))
    late = LATER + timedelta(days=1)
    assert not standing.is_expired(keeper, late)
    updating.update({"keeper": keeper.id}, late)
    assert Listing.objects.get(authority="xb-new").standing == "coming"
    assert standing.needs_call_back(known.find("xb-mla"), late)
    assert not standing.needs_call_back(known.find("xb-mla"), NEXT)
    monkeypatch.undo()
    take(keeper, offered(register, [entry(), coming], late, "renewed"), late)
    updating.update({"keeper": keeper.id}, late)
    assert Listing.objects.get(authority="xb-new").standing == "current"
    assert not standing.needs_call_back(known.find("xb-mla"), late)


def test_a_list_that_expired_gives_no_key_by_choice_either(
    keys: Any, register: Register, official: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "LIST_LIFE", timedelta(days=3))
    take(
        follow(register), offered(register, [with_card(peer_card(keys.peer, peer_url="https://new.example"))])
    )
    [waiting] = entering.conflicts()
    with pytest.raises(choosing.DirectoryStaleError):
        choosing.choose(official(Role.SIGNATORY), waiting, reasons="x", now=LATER)
    choosing.choose(official(Role.SIGNATORY), waiting, reasons="x", now=NEXT)
