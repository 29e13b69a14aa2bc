"""A desk with its people, and a request of State XB that arrived there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import (  # noqa: F401
    arrive,
    assumed,
    from_xb,
    pages_clock,
    request_body,
)

from comity.node.accounts.models import Organisation
from comity.node.casework.models import Case
from comity.node.desk.acts.plan_shift import plan_shift
from comity.node.desk.models import Shift


@pytest.fixture
def officer(official: Any, keys: Any) -> Any:
    return official("duty_officer", full_name="Officer One")


@pytest.fixture
def other(official: Any, keys: Any) -> Any:
    return official("duty_officer", full_name="Officer Two")


@pytest.fixture
def registrar(official: Any, keys: Any) -> Any:
    return official("registrar", full_name="Registrar")


@pytest.fixture
def plan(registrar: Any, clock: Any) -> Any:
    """Plan a shift that begins some hours from now: ``plan(officer, 0, 8)``."""

    def make(who: Any, begins: float, ends: float, **more: Any) -> Shift:
        start, end = (clock.now + timedelta(hours=hours) for hours in (begins, ends))
        return plan_shift(registrar, who, starts_at=start, ends_at=end, now=clock.now, **more)

    return make


@pytest.fixture
def arrived(arrive: Any, from_xb: Any) -> Any:  # noqa: F811
    """The letter of a request that has just arrived."""
    return arrive(from_xb("request", request_body()))


@pytest.fixture
def case(arrived: Any) -> Case:
    return Case.objects.get(reference=arrived.case_reference)


@pytest.fixture
def ministry(keys: Any) -> Organisation:
    """A body of this State that is not its central authority."""
    return Organisation.objects.create(id="prosecutors", kind="competent_body", names={"en": "Prosecutors"})
