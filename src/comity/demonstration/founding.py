"""Make the two nodes and the provider from nothing: folders, keys, accounts, each other's cards."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from comity.demonstration import cast
from comity.demonstration.places import HOST, Places
from comity.demonstration.processes import Driver
from comity.node import folders

ORDERING_SIDE = "tm"
"""Whose authorities the provider obeys: those of the State where it is."""


def is_founded(places: Places) -> bool:
    """Whether an earlier run finished founding."""
    return (places.folder / "founded").exists()


def found(places: Places, drivers: Mapping[str, Driver]) -> None:
    """Begin anew: whatever an unfinished founding left is removed."""
    for name in (*cast.SIDES, "provider", "out"):
        shutil.rmtree(places.folder / name, ignore_errors=True)
    (places.folder / "proved").unlink(missing_ok=True)
    now = datetime.now(UTC)
    for side in cast.SIDES:
        folders.make(places.node(side), _settings(side, places), now=now)
    _register_at_provider(places)
    _write_facts(places, now)
    accounts = _write_accounts(places)
    provider = cast.read()["provider"] | {"url": places.provider_url}

    def found_side(side: str) -> dict[str, Any]:
        obeyed = provider if side == ORDERING_SIDE else None
        return _asked(drivers[side], "found", people=accounts[side], provider=obeyed)

    with ThreadPoolExecutor() as both:
        cards = dict(zip(cast.SIDES, both.map(found_side, cast.SIDES), strict=True))
    for side, other in (cast.SIDES, reversed(cast.SIDES)):
        _asked(drivers[side], "know", **cards[other])
    (places.folder / "founded").touch()


def accounts(places: Places) -> dict[str, list[dict[str, Any]]]:
    """The accounts of both sides with their passwords."""
    read: dict[str, list[dict[str, Any]]] = json.loads(places.accounts.read_text("utf-8"))
    return read


def _settings(side: str, places: Places) -> dict[str, Any]:
    told = cast.node(side)
    ports = places.ports[side], places.ports[f"{side}-peer"]
    return {
        "id": told["id"],
        "state": told["state"],
        "name": told["name"],
        "listen": f"{HOST}:{ports[0]}",
        "peer_listen": f"{HOST}:{ports[1]}",
        "peer_url": f"https://{HOST}:{ports[1]}",
        "demonstration": True,
        "second_factor": "optional",
        "step_up": "offered",
        "time_zone": told["time_zone"],
        "names": told["names"],
        "assumptions": cast.read()["assumptions"],
    }


def _register_at_provider(places: Places) -> None:
    """The provider learns the authority's certificate, the authority its access token."""
    authority, provider = cast.node(ORDERING_SIDE)["id"], cast.read()["provider"]["id"]
    token = secrets.token_urlsafe(32)
    keys = places.node(ORDERING_SIDE) / "keys"
    (keys / "providers").mkdir(mode=0o700)
    kept = keys / "providers" / f"{provider}.token"
    kept.touch(mode=0o600)
    kept.write_text(token + "\n", "ascii")
    registered = places.provider / "authorities"
    registered.mkdir(parents=True)
    (registered / f"{authority}.token").write_text(hashlib.sha256(token.encode()).hexdigest(), "ascii")
    shutil.copy(keys / "seal.crt", registered / f"{authority}.crt")


def _write_facts(places: Places, now: datetime) -> None:
    """The facts of the story for whoever wants to ask ``comity advise`` about them."""
    told = cast.case()
    facts = {**told["facts"], "measure": told["measure"], "as_of": now.date().isoformat()}
    places.facts.parent.mkdir(parents=True)
    facts["status"] = cast.read()["assumptions"]
    places.facts.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _write_accounts(places: Places) -> dict[str, list[dict[str, Any]]]:
    made = {
        side: [
            {**person, "password": secrets.token_urlsafe(12), "time_zone": cast.node(side)["time_zone"]}
            for person in cast.people(side)
        ]
        for side in cast.SIDES
    }
    places.accounts.touch(mode=0o600)
    places.accounts.write_text(json.dumps(made, ensure_ascii=False, indent=1), "utf-8")
    return made


def _asked(driver: Driver, deed: str, **arguments: Any) -> dict[str, Any]:
    answer = driver.ask(deed, **arguments)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    told: dict[str, Any] = answer["told"]
    return told
