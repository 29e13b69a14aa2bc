from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from tests.node.conftest import PASSWORD

from comity.node import config
from comity.node.accounts import second_factor

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def no_earlier_failures():
    cache.clear()


@pytest.fixture
def person(official):
    return official("drafter")


@pytest.fixture
def secret(person):
    text = generate_totp_secret()
    TOTP.activate(person, text)
    return text


@pytest.fixture
def required(monkeypatch):
    """The node demands a second factor, as every node outside a demonstration does."""
    node = replace(config.current(), second_factor="required")
    monkeypatch.setattr(second_factor.config, "current", lambda: node)


def sign_in(client, person, password=PASSWORD):
    return client.post(LOGIN, {"login": person.username, "password": password})


def open_set_up(client):
    """The page that sets the second factor up asks for the password once more."""
    page = reverse("mfa_activate_totp")
    assert client.get(page).headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client.get(page)


def signed_in(client):
    return "_auth_user_id" in client.session


def code(secret, shift=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def test_the_right_password_signs_in(client, person):
    assert sign_in(client, person).status_code == 302
    assert signed_in(client)


@pytest.mark.parametrize("password", ["", "wrong horse battery staple", PASSWORD.upper()])
def test_a_wrong_password_does_not(client, person, password):
    assert sign_in(client, person, password).status_code == 200
    assert not signed_in(client)


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(client, person):
    wrong = sign_in(client, person, "wrong horse battery staple").context["form"].errors
    cache.clear()
    unknown = client.post(LOGIN, {"login": "nobody", "password": PASSWORD}).context["form"].errors
    assert unknown == wrong


def test_a_locked_account_does_not_sign_in(client, official):
    sign_in(client, official("drafter", is_active=False))
    assert not signed_in(client)


def test_guessing_is_stopped_even_with_the_right_password_at_last(client, person):
    for _ in range(5):
        sign_in(client, person, "wrong horse battery staple")
    sign_in(client, person)
    assert not signed_in(client)
    cache.clear()  # the control: without the count of failures the same attempt succeeds
    sign_in(client, person)
    assert signed_in(client)


def test_with_a_second_factor_the_password_alone_is_not_enough(client, person, secret):
    response = sign_in(client, person)
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)


def test_the_right_code_completes_the_sign_in(client, person, secret):
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert signed_in(client)


@pytest.mark.parametrize("shift", [-2, -5, 3])
def test_a_code_of_another_time_does_not(client, person, secret, shift):
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": code(secret, shift)})
    assert not signed_in(client)


def test_a_code_is_used_once(client, person, secret):
    used = code(secret)
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": used})
    client.post(reverse("account_logout"))
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": used})
    assert not signed_in(client)


def test_the_secret_lies_encrypted_in_the_database(person, secret):
    stored = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data)


def test_nothing_opens_before_the_second_factor_is_set_up(client, person, required):
    sign_in(client, person)
    for page in ("/", reverse("account_change_password"), reverse("mfa_index")):
        assert client.get(page).headers["Location"] == reverse("mfa_activate_totp")
    assert open_set_up(client).status_code == 200


def test_where_it_is_optional_pages_open_without_it(client, person):
    sign_in(client, person)
    assert client.get(reverse("account_change_password")).status_code == 200


def test_setting_it_up_opens_the_pages(client, person, required):
    sign_in(client, person)
    secret = open_set_up(client).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert client.get(reverse("mfa_index")).status_code == 200


def test_nobody_signs_up_or_resets_a_password_by_mail(client):
    for name in ("account_signup", "account_reset_password", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert client.get("/account/signup/").status_code == 404


def test_a_foreign_host_name_is_refused(client):
    assert client.get(LOGIN, headers={"host": "attacker.example"}).status_code == 400


def test_cookie_names_carry_the_nodes_id(client, person):
    sign_in(client, person)
    assert set(client.cookies) >= {"comity_xa_247_session"}
    cookie = client.cookies["comity_xa_247_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


def test_outside_a_demonstration_cookies_are_bound_to_https(tmp_path):
    (tmp_path / "secret").write_text("s")
    (tmp_path / "node.toml").write_text('id = "kz-247"\nstate = "KZ"\nname = "K"\n')
    script = "from comity.node import settings as s; print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COMITY_NODE": str(tmp_path)},
    )
    assert ran.stdout == "__Host-comity_kz_247_session True\n"


def answer_behind_a_proxy(folder: Path, public_url: str, host: str) -> str:
    """What the sign-in page outside a demonstration answers to a browser that came through a proxy."""
    folder.mkdir(parents=True)
    (folder / "secret").write_text("only-for-tests", encoding="ascii")
    (folder / "node.toml").write_text(
        f'id = "kz-247"\nstate = "KZ"\nname = "Point"\npublic_url = "{public_url}"\n', encoding="utf-8"
    )
    script = """
import sys, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
host = sys.argv[1]
head = {"HTTP_HOST": host, "HTTP_X_FORWARDED_PROTO": "https", "HTTP_ORIGIN": f"https://{host}"}
client = Client(enforce_csrf_checks=True)
page = client.get("/account/login/", **head)
token = page.cookies[settings.CSRF_COOKIE_NAME].value if page.status_code == 200 else ""
form = {"login": "nobody", "password": "wrong", "csrfmiddlewaretoken": token}
print(page.status_code, client.post("/account/login/", form, **head).status_code)
"""
    environment = {
        **os.environ,
        "COMITY_NODE": str(folder),
        "DJANGO_SETTINGS_MODULE": "comity.node.settings",
    }
    ran = subprocess.run(
        [sys.executable, "-c", script, host], env=environment, capture_output=True, text=True, timeout=120
    )
    return ran.stdout.strip()


@pytest.mark.elsewhere
def test_behind_a_proxy_the_node_answers_under_its_public_address_alone(tmp_path: Path) -> None:
    known, unknown = "https://comity.example", ""
    assert answer_behind_a_proxy(tmp_path / "a", known, "comity.example") == "200 200"
    assert answer_behind_a_proxy(tmp_path / "b", unknown, "comity.example") == "400 400"
