"""How people of providers come in, and that no key of one side opens the other."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.utils import timezone

from comity.node import config
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.providers import accounts, listener, tokens
from comity.node.providers.models import Invitation, Part, Person, Session

PASSWORD = "seven herons over the bay"


def about(username: str = "lena", part: Part = Part.LEGAL) -> accounts.About:
    return accounts.About(username=username, full_name="Lena", post="Counsel", part=part)


def code_of(secret: str, at: Any, step: int = 0) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(at.timestamp()) // 30 + step)))


@pytest.fixture
def opened(wire: Any, official: Any) -> tuple[Person, str]:
    """Somebody whose account is open, with the authenticator's secret; their first code is long over."""
    past = timezone.now() - timedelta(hours=1)
    person, link = accounts.invite(official("administrator"), wire, about(), now=past)
    secret = accounts.new_totp_secret()
    accounts.accept(accounts.digest(link), PASSWORD, secret, code_of(secret, past), now=past)
    person.refresh_from_db()
    return person, secret


def sign_in(client: Client, password: str = PASSWORD, username: str = "lena") -> Any:
    return client.post("/sign-in/", {"username": username, "password": password})


def test_an_invitation_opens_an_account_once(wire: Any, official: Any, providers_site: Any) -> None:
    now = timezone.now()
    _person, link = accounts.invite(official("administrator"), wire, about(), now=now)
    client, at = Client(), "/invitation/"
    assert "Open your account" in client.get(f"{at}{link}", follow=True).content.decode()
    secret = client.session["totp"]
    body = {"password": PASSWORD, "again": PASSWORD, "code": "000000"}
    assert client.post(at, body).status_code == 409
    assert client.post(at, body | {"password": "short", "again": "short"}).status_code == 409
    assert client.post(at, body | {"code": code_of(secret, timezone.now())}).status_code == 302
    assert client.get("/").status_code == 200
    for end in (link, "never-was-one", ""):
        late = Client().get(f"{at}{end}", follow=True)
        assert (late.status_code, "invitation_over" in late.content.decode()) == (409, True)
    assert Session.objects.filter(person__username="lena").count() == 1


def test_an_invitation_ends_by_itself_and_by_the_next_one(wire: Any, official: Any) -> None:
    now, admin = timezone.now(), official("administrator")
    person, first = accounts.invite(admin, wire, about(), now=now)
    second = accounts.invite_again(admin, person, now=now)
    with pytest.raises(accounts.InvitationOverError):
        accounts.invited(accounts.digest(first), now=now)
    accounts.invited(accounts.digest(second), now=now)
    with pytest.raises(accounts.InvitationOverError):
        accounts.invited(accounts.digest(second), now=now + accounts.INVITED_FOR)
    assert Invitation.objects.get().digest != second


def test_only_an_administrator_invites_and_only_to_a_provider(wire: Any, official: Any) -> None:
    from comity.node.directory import known

    now = timezone.now()
    with pytest.raises(NotAuthorisedError):
        accounts.invite(official("signatory"), wire, about(), now=now)
    admin = official("administrator")
    with pytest.raises(accounts.NoProviderError):
        accounts.invite(admin, known.own(), about(), now=now)
    accounts.invite(admin, wire, about(), now=now)
    with pytest.raises(accounts.PersonTakenError):
        accounts.invite(admin, wire, about("LENA"), now=now)


def test_password_alone_opens_nothing_and_a_code_opens_once(opened: Any, providers_site: Any) -> None:
    _person, secret = opened
    client = Client()
    assert sign_in(client).url == "/sign-in/code"
    assert client.get("/").status_code == 302
    code = code_of(secret, timezone.now())
    assert client.post("/sign-in/code", {"code": code}).status_code == 302
    assert client.get("/").status_code == 200
    again = Client()
    sign_in(again)
    assert again.post("/sign-in/code", {"code": code}).status_code == 409
    assert again.get("/").status_code == 302


def test_guessing_shuts_the_door_for_a_while(opened: Any, providers_site: Any) -> None:
    client = Client()
    for _ in range(5):
        assert "sign_in_refused" in sign_in(client, "wrong").content.decode()
    assert "too_many_tries" in sign_in(client).content.decode()
    from comity.node.providers.models import Failure

    assert not Failure.objects.filter(of__contains="lena").exists()
    Failure.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert sign_in(client).status_code == 302


def test_guessing_codes_shuts_the_door_too(opened: Any, providers_site: Any) -> None:
    client = Client()
    sign_in(client)
    for _ in range(5):
        client.post("/sign-in/code", {"code": "000000"})
    _person, secret = opened
    right = client.post("/sign-in/code", {"code": code_of(secret, timezone.now())})
    assert "too_many_tries" in right.content.decode()


def test_signing_out_ends_the_session_and_clears_the_browser(wire: Any, person: Any, enter: Any) -> None:
    client = enter(person(wire))
    assert client.get("/").status_code == 200
    out = client.post("/sign-out")
    assert "cookies" in out.headers["Clear-Site-Data"]
    assert not Session.objects.exclude(person=None).exists()


def test_a_session_ends_when_idle_when_old_and_when_the_account_is_closed(
    wire: Any, person: Any, enter: Any, official: Any
) -> None:
    lena = person(wire)
    for name, back in (("seen", 31 * 60), ("begun", 8 * 3600 + 60)):
        client = enter(lena)
        session = client.session
        session[name] -= back
        session.save()
        assert client.get("/").status_code == 302
    client = enter(lena)
    tokens.make(lena, "robot", days=1, now=timezone.now())
    accounts.close(official("administrator"), lena, now=timezone.now())
    assert client.get("/").status_code == 302
    assert not Session.objects.filter(person=lena).exists()
    assert not lena.tokens.exists()


def test_a_token_speaks_for_nobody_whose_account_is_closed_or_provider_withdrawn(
    wire: Any, person: Any
) -> None:
    lena, now = person(wire), timezone.now()
    token = tokens.make(lena, "robot", days=1, now=now)
    assert tokens.owner(token, now=now) == lena
    assert tokens.owner(token, now=now + timedelta(days=1)) is None
    Person.objects.update(is_active=False)
    assert tokens.owner(token, now=now) is None
    Person.objects.update(is_active=True)
    wire.withdrawn_at = now
    wire.save()
    assert tokens.owner(token, now=now) is None


def test_people_of_a_withdrawn_provider_are_out(wire: Any, person: Any, enter: Any) -> None:
    client = enter(person(wire))
    wire.withdrawn_at = timezone.now()
    wire.save()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_nobody_is_sent_elsewhere_after_signing_in(opened: Any, providers_site: Any, onward: str) -> None:
    _person, secret = opened
    client = Client()
    client.post("/sign-in/", {"username": "lena", "password": PASSWORD, "next": onward})
    entered = client.post("/sign-in/code", {"code": code_of(secret, timezone.now())})
    assert entered.url == "/"


def test_a_session_of_one_side_is_none_on_the_other(
    wire: Any, person: Any, official: Any, settings: Any, keys: Any
) -> None:
    """Both cookies carry the other's key: as a thief would, who reads one and tries it on the other side."""
    from django.contrib.sessions.models import Session as OfficialsSession
    from django.http import HttpRequest

    from comity.node.providers import middleware

    own = config.current()
    officials = Client()
    officials.force_login(official("administrator", "custodian"))
    key = officials.cookies[settings.SESSION_COOKIE_NAME].value
    assert officials.get("/account/").status_code == 200
    for name in ("SESSION_ENGINE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"):
        assert listener.own_settings(own)[name] != getattr(settings, name)
    request = HttpRequest()
    request.session = import_module(listener.own_settings(own)["SESSION_ENGINE"]).SessionStore()
    middleware.begin(request, person(wire))
    request.session.save()
    assert not OfficialsSession.objects.filter(pk=request.session.session_key).exists()
    assert not Session.objects.filter(pk=key).exists()
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    assert stolen.get("/desk/").url.startswith("/account/login/")
    bearer = {"Authorization": f"Bearer {tokens.make(Person.objects.get(), 'x', days=1, now=timezone.now())}"}
    assert Client(headers=bearer).get("/api/cases").status_code == 401

    theirs = listener.own_settings(own)
    for name, value in theirs.items():
        setattr(settings, name, value)
    settings.ALLOWED_HOSTS = ["testserver"]
    intruder = Client()
    intruder.cookies[settings.SESSION_COOKIE_NAME] = key
    assert intruder.get("/").url.startswith("/sign-in/")
    for address in ("/desk/", "/requests/", "/account/login/", "/administration/officials/", "/exhibits/"):
        assert intruder.get(address).status_code == 404
    from comity.node.api import tokens as officials_tokens

    secret = officials_tokens.make(official("custodian"), "x", days=1, now=timezone.now())
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/orders").status_code == 401


def test_every_address_but_the_doors_asks_who_it_is(wire: Any, order: Any, providers_site: Any) -> None:
    from django.urls import get_resolver

    issued, absent = order(wire), "00000000-0000-4000-8000-000000000000"
    open_ = {"sign_in", "code", "invitation", "invitation_link", "set_language"}
    values = {"order": issued.pk, "file": absent, "name": "json", "token": 1}
    seen = 0
    for pattern in get_resolver("comity.node.providers.urls").url_patterns:
        name = getattr(pattern, "name", None)
        if name is None or name in open_:
            continue
        from django.urls import reverse

        wanted = pattern.pattern.converters
        at = reverse(name, kwargs={key: values[key] for key in wanted})
        for answer in (Client().get(at), Client().post(at)):
            assert answer.url.startswith("/sign-in/"), name
        seen += 1
    assert seen >= 14


def test_an_administrator_invites_over_the_interface_of_officials_and_on_the_page(
    wire: Any, official: Any, client: Client
) -> None:
    from comity.node.api import tokens as officials_tokens

    admin = official("administrator")
    secret = officials_tokens.make(admin, "x", days=1, now=timezone.now())
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    about = {"provider": wire.pk, "username": "Lena", "full_name": "Lena", "post": "Counsel", "part": "legal"}
    made = api.post("/api/provider-people", about, content_type="application/json")
    assert (made.status_code, made.json()["person"]["opened"]) == (201, False)
    link = made.json()["link"].rpartition("/")[2]
    assert accounts.invited(accounts.digest(link), now=timezone.now()).username == "lena"
    assert api.post("/api/provider-people/lena/invitation").json()["link"] != made.json()["link"]
    nowhere = api.post("/api/provider-people", about | {"time_zone": "Mars"}, content_type="application/json")
    assert nowhere.json()["code"] == "person_unacceptable"
    assert api.delete("/api/provider-people/lena").status_code == 204
    assert [each["is_active"] for each in api.get("/api/provider-people").json()] == [False]

    client.force_login(admin)
    filled = about | {"username": "rosa", "language": "kk", "time_zone": "Asia/Almaty"}
    shown = client.post("/providers/", filled).content.decode()
    assert "/invitation/" in shown
    rosa = Person.objects.get(username="rosa")
    assert "/invitation/" not in client.get("/providers/").content.decode()
    assert "/invitation/" in client.post(f"/providers/{rosa.pk}/again").content.decode()
    assert client.post(f"/providers/{rosa.pk}/close").status_code == 302
    assert not Invitation.objects.exists()
