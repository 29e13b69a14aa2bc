"""A case, officials who are on duty, and a browser of each."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from comity.node import config
from comity.node.alerts import raising
from comity.node.alerts.models import Address, Alert, Kind, Urgency
from comity.node.casework.models import Case, Side
from comity.node.directory import known
from comity.node.drills.models import Drill, State


@pytest.fixture
def case(keys: Any, clock: Any) -> Callable[..., Case]:
    """Make a case that this node was asked in: ``case("XA-2027-000001", urgent=True)``."""

    def make(reference: str = "XA-2027-000001", **columns: Any) -> Case:
        columns = {"side": Side.REQUESTED, "heading": "Account of a.login@mail.example"} | columns
        return Case.objects.create(
            reference=reference,
            peer=known.find("xb-247"),
            peer_reference=f"XB-{reference}",
            opened_at=clock.now,
            changed_at=clock.now,
            **columns,
        )

    return make


@pytest.fixture
def emergency(case: Any) -> Case:
    """A request that says that a life is in danger."""
    made: Case = case(facts={"emergency": True, "urgent": True}, urgent=True)
    return made


@pytest.fixture
def arrived(clock: Any) -> Callable[..., Alert]:
    """A request has arrived."""

    def arrive(case: Case) -> Alert:
        return raising.raise_alert(Kind.REQUEST_ARRIVED, case.reference, now=clock.now, case=case)

    return arrive


@pytest.fixture
def drill(keys: Any, clock: Any) -> Drill:
    """A drill of another desk that waits for a person."""
    return Drill.objects.create(
        id=uuid.uuid4(),
        peer=known.find("xb-247"),
        ours=False,
        state=State.REACHED,
        sent_at=clock.now,
        answer_by=clock.now + timedelta(hours=1),
        arrived_at=clock.now,
        note="a drill",
    )


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What node.toml says, for one test."""

    def say(**columns: Any) -> None:
        node = dataclasses.replace(config.current(), **columns)
        monkeypatch.setattr(config, "current", lambda: node)

    return say


@pytest.fixture
def proved(clock: Any) -> Callable[..., Address]:
    """An official's proved address."""

    def make(official: Any, way: str = "mail", least: str = Urgency.ORDINARY, **columns: Any) -> Address:
        address = "officer@state-xa.example" if way == "mail" else "+77010000000"
        columns = {"address": address, "verified_at": clock.now} | columns
        return Address.objects.create(official=official, way=way, least=least, **columns)

    return make


@pytest.fixture
def enter() -> Callable[[Any], Client]:
    """A browser in which somebody is signed in."""

    def sign_in(official: Any) -> Client:
        client = Client()
        client.force_login(official)
        return client

    return sign_in
