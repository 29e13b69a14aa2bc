"""A provider with people, an order addressed to it, and its own pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node.conftest import START
from tests.node.terms import TERMS

from comity.node import config
from comity.node.accounts.models import Official
from comity.node.directory.models import Authority
from comity.node.orders import answers, issuing, messages
from comity.node.orders.models import Order, OrderKind
from comity.node.providers import listener, middleware
from comity.node.providers.models import Part, Person

HERON, NIGHT = "night.heron@wire.example", "+99 100 448117"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No case stands behind these orders, so nobody listens for one."""
    for room in (answers, messages):
        monkeypatch.setattr(room, "_listeners", [])


@pytest.fixture
def providers_site(settings: Any) -> Any:
    """The settings of the providers' process."""
    for name, value in listener.own_settings(config.current()).items():
        setattr(settings, name, value)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    return settings


@pytest.fixture
def wire(keys: Any) -> Authority:
    return Authority.objects.create(
        id="wire-example", state="XA", names={"en": "Wire Example"}, roles=["provider"]
    )


@pytest.fixture
def other_provider(keys: Any) -> Authority:
    return Authority.objects.create(
        id="mail-example", state="XA", names={"en": "Mail Example"}, roles=["provider"]
    )


@pytest.fixture
def person(official: Any) -> Callable[..., Person]:
    """Somebody of a provider whose account is open."""

    def make(provider: Authority, username: str = "lena", part: Part = Part.LEGAL) -> Person:
        admin = Official.objects.filter(username="admin").first() or Official.objects.create_user(
            "admin", password="-", roles=["administrator"], full_name="A", post="P"
        )
        return Person.objects.create(
            provider=provider,
            username=username,
            full_name=username.capitalize(),
            post="Counsel",
            part=part,
            password="-",
            added_by=admin,
            added_at=timezone.now(),
        )

    return make


@pytest.fixture
def order(official: Any, keys: Any) -> Callable[..., Order]:
    """An order issued to a provider, about two identifiers."""

    def issue(provider: Authority, kind: OrderKind = OrderKind.PRODUCE, **changes: Any) -> Order:
        now = START  # since when the authority's seal is valid
        officer = Official.objects.filter(username="officer").first() or Official.objects.create_user(
            "officer",
            password="-",
            roles=["executing_officer", "duty_officer"],
            full_name="Officer",
            post="Investigator",
        )
        subject = issuing.Subject(
            "XA-2027-000001", 1, [("email", HERON), ("phone", NIGHT)], ["subscriber", "traffic"]
        )
        values: dict[str, Any] = {
            "legal_basis": TERMS.legal_basis,
            "necessity": "The suspect was seen at the harbour.",
            "proportionality": "Two accounts of one person.",
            "answer_by": now + timedelta(days=3),
        }
        prepared = issuing.prepare(
            officer, subject, kind, provider, issuing.Terms(**(values | changes)), now=now
        )
        return issuing.issue(officer, prepared, now=now)

    return issue


@pytest.fixture
def enter(providers_site: Any) -> Callable[[Person], Client]:
    """A browser in which a person has signed in."""
    from django.http import HttpRequest

    from comity.node.providers.sessions import SessionStore

    def signed_in(person: Person, **options: Any) -> Client:
        client = Client(**options)
        request = HttpRequest()
        request.session = SessionStore()
        middleware.begin(request, person)
        request.session.save()
        client.cookies[providers_site.SESSION_COOKIE_NAME] = request.session.session_key
        return client

    return signed_in
