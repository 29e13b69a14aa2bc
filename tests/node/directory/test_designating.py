"""What authorities are designated for: by day, by treaty and by keeper."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.node.conftest import START, peer_card
from tests.node.directory.following import NEXT, follow, offered, take, with_card
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity import canonical
from comity.directory import keeping
from comity.node.accounts.models import Role
from comity.node.directory import choosing, designating, entering, finding, known, standing, updating
from comity.node.directory.models import Authority


def designated(role: str, first: Any, last: Any = None, instrument: str = "uncc") -> dict[str, Any]:
    return {
        "instrument": instrument,
        "roles": [role],
        "valid_from": str(first),
        "valid_until": str(last) if last else None,
    }


def test_roles_follow_the_days_of_the_designations(keys: Any, register: Register) -> None:
    """A designation begins and ends on its days though nothing new is published."""
    today, change = START.date(), START.date() + timedelta(days=3)
    both = [
        designated("central_authority", today, change - timedelta(days=1)),
        designated("point_of_contact_24_7", change),
    ]
    keeper = follow(register)
    take(keeper, offered(register, [entry(designations=both)]))
    uncc_now = finding.Wanted(role="central_authority", instrument="uncc")
    for at, role in [(0, "central_authority"), (2, "central_authority"), (3, "point_of_contact_24_7")]:
        now = START + timedelta(days=at)
        updating.update({"keeper": keeper.id}, now)
        assert known.find("xb-mla").roles == [role]
        found = [row.id for row in finding.authorities(uncc_now, now)]
        assert ("xb-mla" in found) is (role == "central_authority")


def test_keepers_of_two_treaties_designate_one_authority_beside_each_other(
    keys: Any, register: Register, tmp_path: Path
) -> None:
    """A depositary and a secretariat: the later entry does not take away what the other one designated."""
    second = Register(tmp_path / "second", START)
    other = [designated("competent_body", "2026-01-01", instrument="csto-ict")]
    second.state([entry(designations=other)], START)
    second.publish("first", START)
    take(follow(register), register.folder / "first")
    secretariat = follow(second, "secretariat")
    take(secretariat, second.folder / "first")
    assert not entering.conflicts().filter(authority="xb-mla").exists()
    both = known.find("xb-mla")
    assert both.roles == ["central_authority", "competent_body"]
    assert [each.instrument for each in designating.of("xb-mla")] == ["csto-ict", "uncc"]
    for instrument in ("uncc", "csto-ict"):
        found = finding.authorities(finding.Wanted(instrument=instrument), START)
        assert "xb-mla" in [row.id for row in found]
    mixed = finding.Wanted(instrument="csto-ict", role="central_authority")
    assert not finding.authorities(mixed, START)
    second.state([entry("xb-other")], NEXT)
    take(secretariat, second.publish("without", NEXT), NEXT)
    assert known.find("xb-mla").roles == ["central_authority"]


def test_keepers_that_designate_otherwise_for_one_treaty_wait_for_an_official(
    keys: Any, register: Register, tmp_path: Path, official: Any
) -> None:
    second = Register(tmp_path / "second", START)
    second.state([entry(designations=[designated("point_of_contact_24_7", "2026-01-01")])], START)
    second.publish("first", START)
    take(follow(register), register.folder / "first")
    take(follow(second, "secretariat"), second.folder / "first")
    [waiting] = entering.conflicts().filter(authority="xb-mla")
    assert known.find("xb-mla").roles == ["central_authority"]
    assert waiting.ledger.content["differs"] == ["designations"]
    client = Client()
    client.force_login(official(Role.SIGNATORY), "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/directory/conflicts/{waiting.pk}/").content.decode()
    assert "UNCC: central authority, 2026-01-01 – …" in page
    assert "UNCC: 24/7 point of contact, 2026-01-01 – …" in page
    choosing.choose(official(Role.REGISTRAR), waiting, reasons="Called both.", now=START)
    assert known.find("xb-mla").roles == ["point_of_contact_24_7"]


def test_an_entry_that_has_ended_is_as_one_that_is_not_published(keys: Any, register: Register) -> None:
    """An authority ends when its State said; an ended entry gives no key when it is first seen."""
    Authority.objects.filter(id="xb-247").delete()
    until = canonical.instant_text(START + timedelta(days=2))
    keeper, out = follow(register), offered(register, [with_card(peer_card(keys.peer), valid_until=until)])
    take(keeper, out)
    assert known.peers().filter(id="xb-247").exists()
    take(keeper, out, NEXT)
    assert known.peers().filter(id="xb-247").exists()
    ended = START + timedelta(days=2)
    take(keeper, register.publish("ended", ended), ended)
    assert known.find("xb-247").withdrawn_at == ended
    Authority.objects.filter(id="xb-247").update(listing=None)
    Authority.objects.filter(id="xb-247").delete()
    take(keeper, register.publish("again", ended), ended)
    assert not Authority.objects.filter(id="xb-247").exists()


def test_a_state_s_list_that_does_not_hold_lets_nothing_take_effect(
    keys: Any, register: Register, official: Any
) -> None:
    """The keeper's directory is fresh, but the State did not sign for a year: no new key of it either."""
    keeper = follow(register)
    coming = canonical.instant_text(START + timedelta(days=3))
    later = with_card(peer_card(keys.peer, peer_url="https://new.example"), valid_from=coming)
    now_other = entry(contacts=[{**canonical.read(entry())["contacts"][0], "telephone": "+00 000 0009"}])
    take(keeper, offered(register, [entry(), later]))
    Authority.objects.filter(id="xb-mla").update(listing=None)  # its contacts are of another source
    take(keeper, offered(register, [now_other, later], NEXT, "second"), NEXT)
    [waiting] = entering.conflicts()
    year = START + timedelta(days=368)
    keeping.renew(register.register, year)
    keeping.sign(register.register, register.register.signers())
    take(keeper, register.publish("renewed", year), year)
    assert (keeper.problem, keeper.state_problems) == ("", {"XB": "directory_expired"})
    assert entering.settle(keeper, year) == 0
    with pytest.raises(choosing.DirectoryStaleError):
        choosing.choose(official(Role.SIGNATORY), waiting, reasons="x", now=year)


def test_what_waits_of_a_keeper_that_is_left_waits_no_more(keys: Any, register: Register) -> None:
    keeper = follow(register)
    moved = with_card(peer_card(keys.peer, peer_url="https://other.example"))
    take(keeper, offered(register, [entry(), moved]))
    assert standing.needs_call_back(known.find("xb-247"), START)
    updating.leave(None, keeper, NEXT)
    assert not entering.conflicts().exists()
    assert known.find("xb-mla").listing.standing == "current"
    assert not standing.needs_call_back(known.find("xb-247"), NEXT)
