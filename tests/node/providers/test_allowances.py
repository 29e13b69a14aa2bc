"""A provider's programs ask so often; the others ask all the same, and one look is one entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node.providers.conftest import START

from comity.node import config
from comity.node.allowance import HOUR, Allowance
from comity.node.providers import allowances, seeing, tokens
from comity.node.providers.models import Deed


@pytest.fixture(autouse=True)
def full_again() -> Any:
    allowances.forget()
    yield
    allowances.forget()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the time that the interface reads."""

    class Now:
        at: datetime = START + timedelta(minutes=1)

        def pass_by(self, **span: float) -> None:
            self.at += timedelta(**span)

    made = Now()
    monkeypatch.setattr(timezone, "now", lambda: made.at)
    return made


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Any:
    def limit(most: int) -> None:
        made = property(lambda self: most)
        monkeypatch.setattr(config.NodeConfig, "provider_requests_an_hour", made)

    return limit


def program(person: Any) -> Client:
    secret = tokens.make(person, "robot", days=30, now=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}"}, enforce_csrf_checks=True)


def test_programs_of_one_provider_share_so_many_requests_an_hour(
    providers_site: Any, wire: Any, other_provider: Any, person: Any, order: Any, now: Any, limited: Any
) -> None:
    issued = order(wire)
    lena, oleg = person(wire), person(wire, "oleg")
    first, second, other = program(lena), program(oleg), program(person(other_provider, "omar"))
    limited(4)
    assert [client.get("/api/orders").status_code for client in (first, second) * 2] == [200] * 4
    before = Deed.objects.count()
    for client in (first, second):
        refused = client.get(f"/api/orders/{issued.pk}")
        assert (refused.status_code, refused.json()["code"]) == (429, "provider_requests_quota")
        assert refused.headers["Retry-After"] == "900"
        assert "900 seconds" in refused.json()["next_step"]
    assert Deed.objects.count() == before, "nothing was done"
    assert other.get("/api/orders").status_code == 200, "another provider is not held up"
    now.pass_by(seconds=900)
    assert [client.get("/api/orders").status_code for client in (second, first)] == [200, 429]


def test_who_shows_no_token_draws_on_nobodys_allowance(
    providers_site: Any, wire: Any, person: Any, now: Any, limited: Any
) -> None:
    client = program(person(wire))
    limited(1)
    for _ in range(3):
        assert Client(headers={"Authorization": "Bearer nothing"}).get("/api/orders").status_code == 401
    assert client.get("/api/orders").status_code == 200


def looks(issued: Any) -> int:
    return int(issued.deeds.filter(kind=seeing.LOOKED).count())


def test_a_program_that_opens_an_order_again_within_ten_minutes_has_looked_once(
    providers_site: Any, wire: Any, person: Any, order: Any, now: Any
) -> None:
    issued, lena = order(wire), person(wire)
    client, at = program(lena), f"/api/orders/{issued.pk}"
    assert [client.get(at).status_code for _ in range(3)] == [200] * 3
    assert looks(issued) == 1
    assert program(person(wire, "oleg")).get(at).status_code == 200
    assert looks(issued) == 2, "somebody else's look is another one"
    now.pass_by(minutes=11)
    client.get(at)
    assert looks(issued) == 3


def test_a_later_generation_is_looked_at_anew_and_each_download_counts(
    providers_site: Any, wire: Any, person: Any, order: Any, now: Any
) -> None:
    issued, client = order(wire), program(person(wire))
    at = f"/api/orders/{issued.pk}"
    client.get(at)
    now.pass_by(minutes=1)
    issued.issued_at = now.at
    issued.save(update_fields=["issued_at"])
    now.pass_by(minutes=1)
    client.get(at)
    assert looks(issued) == 2
    for _ in range(2):
        client.get(f"{at}/signed")
    assert issued.deeds.filter(kind="provider_downloaded").count() == 2


def test_an_allowance_fills_up_steadily_and_is_never_more_than_all_of_it() -> None:
    made = Allowance(4, HOUR, 0.0)
    made.charge(6, 0.0)
    assert (made.wait(1, 0.0), made.wait(100, 0.0)) == (2700, 5400)
    assert made.take(2699.0) is False
    assert [made.take(2701.0) for _ in range(2)] == [True, False]
    made.charge(0, 10 * HOUR)
    assert made.left == 4
    made.charge(1, 9 * HOUR)
    assert made.left == 3, "a clock that is set back fills nothing"


def test_of_an_allowance_of_nothing_there_is_never_any() -> None:
    made = Allowance(0, HOUR, 0.0)
    assert (made.wait(1, 0.0), made.take(10 * HOUR)) == (3600, False)
