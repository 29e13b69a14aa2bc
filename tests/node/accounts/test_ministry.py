"""Sign-in by the ministry's OpenID Connect provider: a real one, small, on a free port of this machine."""

from __future__ import annotations

import base64
import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from comity.node import config
from comity.node.accounts import ministry_views, second_factor
from comity.node.accounts.models import Official
from comity.node.administration import acts

pytestmark = pytest.mark.django_db
SECRET = "shared-with-the-provider"
SIGNED_IN = "_auth_user_id"


class Provider(BaseHTTPRequestHandler):
    """Describes itself, shows its keys, and changes a code for tokens if everything fits."""

    server: Any

    def do_GET(self) -> None:
        url = self.server.issuer
        if self.path == "/.well-known/openid-configuration":
            self.answer(
                {
                    "issuer": self.server.told_issuer or url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "jwks_uri": f"{url}/keys",
                    "token_endpoint_auth_methods_supported": self.server.methods,
                }
            )
        else:
            key = jwt.algorithms.ECAlgorithm.to_jwk(self.server.key.public_key(), as_dict=True)
            self.answer({"keys": [{**key, "kid": "k1", "use": "sig", "alg": "ES256"}]})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        one = {name: values[0] for name, values in form.items()}
        basic = "Basic " + base64.b64encode(f"comity:{SECRET}".encode()).decode()
        known = self.headers.get("Authorization") == basic or one.get("client_secret") == SECRET
        challenge = base64.urlsafe_b64encode(sha256(one["code_verifier"].encode()).digest()).rstrip(b"=")
        fits = challenge.decode() == self.server.asked["code_challenge"]
        if not (known and fits and one["code"] == self.server.code):
            self.answer({"error": "invalid_grant"}, 400)
            return
        self.server.code = None  # a code is used once
        self.answer({"access_token": "-", "token_type": "Bearer", "id_token": self.server.token()})

    def answer(self, content: Any, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Provider)
    server.issuer = f"http://127.0.0.1:{server.server_port}"
    server.told_issuer, server.methods = "", ["client_secret_basic"]
    server.key = server.signing_key = ec.generate_private_key(ec.SECP256R1())
    server.claims, server.header, server.algorithm = {}, {"kid": "k1"}, "ES256"
    server.code, server.asked = "the-code", {}

    def token() -> str:
        now = int(time.time())
        claims = {
            "iss": server.issuer,
            "aud": "comity",
            "sub": "person-17",
            "preferred_username": "aigul",
            "iat": now,
            "exp": now + 300,
            "nonce": server.asked["nonce"],
        } | server.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, server.signing_key, algorithm=server.algorithm, headers=server.header)

    server.token = token
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def configured(provider: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Turn the ministry's sign-in on; further values change the settings."""
    own = config.current()
    (own.folder / "openid-secret").write_text(SECRET + "\n", encoding="ascii")

    def configure(node: dict[str, Any] | None = None, **values: Any) -> None:
        settings = config.MinistrySignIn(
            **{"issuer": provider.issuer, "client_id": "comity", "name": "Ministry of Justice"} | values
        )
        changed = dataclasses.replace(own, openid=settings, **(node or {}))
        monkeypatch.setattr(config, "current", lambda: changed)
        monkeypatch.setattr(second_factor.config, "current", lambda: changed)

    configure()
    cache.clear()
    return configure


@pytest.fixture
def aigul(official: Any) -> Official:
    person = official("drafter")
    Official.objects.filter(pk=person.pk).update(username="aigul")
    person.refresh_from_db()
    return person  # type: ignore[no-any-return]


def leave(client: Client, provider: Any) -> dict[str, str]:
    """Go to the provider; what the browser was sent there with."""
    away = client.get(reverse("ministry_begin"))
    assert away.status_code == 302
    parts = urlsplit(away.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{provider.issuer}/authorize"
    provider.asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return provider.asked  # type: ignore[no-any-return]


def come_back(client: Client, asked: dict[str, str], **changes: str) -> Any:
    return client.get(
        urlsplit(asked["redirect_uri"]).path, {"code": "the-code", "state": asked["state"]} | changes
    )


def enter(client: Client, provider: Any, **changes: str) -> Any:
    return come_back(client, leave(client, provider), **changes)


def test_it_is_off_by_default(client: Client) -> None:
    assert client.get("/account/ministry/").status_code == 404
    assert client.get("/account/ministry/back").status_code == 404
    assert "Ministry" not in client.get("/account/login/").content.decode()


@pytest.mark.parametrize("methods", [["client_secret_basic"], ["client_secret_post"]])
def test_an_account_that_is_here_is_opened_and_linked(
    client: Client, provider: Any, configured: Any, aigul: Official, methods: list[str]
) -> None:
    provider.methods = methods
    answer = enter(client, provider)
    assert answer.status_code == 200
    assert 'content="0; url=/"' in answer.content.decode()  # a page of this site, so that its cookies travel
    assert client.session[SIGNED_IN] == str(aigul.pk)
    aigul.refresh_from_db()
    assert aigul.subject == "person-17"
    assert client.cookies[ministry_views.COOKIE].value == ""


def test_what_is_sent_away_carries_state_nonce_and_a_challenge_and_the_cookie_comes_back(
    client: Client, provider: Any, configured: Any
) -> None:
    first, second = leave(client, provider), leave(Client(), provider)
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == "http://testserver/account/ministry/back"
    cookie = client.cookies[ministry_views.COOKIE]
    assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True)


def test_later_the_subject_opens_the_account_whatever_the_user_name_became(
    client: Client, provider: Any, configured: Any, aigul: Official, official: Any
) -> None:
    Official.objects.filter(pk=aigul.pk).update(subject="person-17")
    other = official("signatory")
    provider.claims = {"preferred_username": other.username}
    enter(client, provider)
    assert client.session[SIGNED_IN] == str(aigul.pk)


def refused(answer: Any, client: Client) -> str:
    """The answer is the one refusal, and nobody is signed in; what the page says."""
    assert answer.status_code == 403
    assert SIGNED_IN not in client.session
    said = answer.content.decode().split("<main")[1]
    assert "sign_in_refused" in said
    return said


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "another-client"},
        {"aud": ["comity", "another"]},
        {"azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"preferred_username": None},
        {"preferred_username": ["aigul"]},
        {"preferred_username": "nobody"},
        {"preferred_username": "AIGUL"},
    ],
)
def test_a_token_that_does_not_fit_opens_nothing(
    client: Client, provider: Any, configured: Any, aigul: Official, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    refused(enter(client, provider), client)
    aigul.refresh_from_db()
    assert aigul.subject is None


def test_every_refusal_says_the_same(client: Client, provider: Any, configured: Any, aigul: Official) -> None:
    said = {refused(enter(client, provider, code="wrong"), client)}
    provider.claims = {"preferred_username": "nobody"}
    said.add(refused(enter(client, provider), client))
    provider.claims, provider.code = {}, "the-code"
    Official.objects.update(is_active=False)
    said.add(refused(enter(client, provider), client))
    assert len(said) == 1


def test_another_person_s_subject_does_not_take_an_account_over(
    client: Client, provider: Any, configured: Any, aigul: Official
) -> None:
    Official.objects.filter(pk=aigul.pk).update(subject="person-1")
    refused(enter(client, provider), client)


@pytest.mark.parametrize("how", ["other key", "none", "shared secret", "unknown kid"])
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    client: Client, provider: Any, configured: Any, aigul: Official, how: str
) -> None:
    if how == "other key":
        provider.signing_key = ec.generate_private_key(ec.SECP256R1())
    elif how == "none":
        provider.signing_key, provider.algorithm = "", "none"
    elif how == "shared secret":
        provider.signing_key, provider.algorithm = SECRET * 2, "HS256"
    else:
        provider.header = {"kid": "k2"}
    refused(enter(client, provider), client)


def test_coming_back_with_another_state_or_by_another_browser_opens_nothing(
    client: Client, provider: Any, configured: Any, aigul: Official
) -> None:
    asked = leave(client, provider)
    refused(come_back(client, asked, state="another"), client)
    asked = leave(client, provider)
    stranger = Client()
    refused(come_back(stranger, asked), stranger)
    stranger.cookies[ministry_views.COOKIE] = signing.dumps({"state": asked["state"]}, salt="guess")
    refused(come_back(stranger, asked), stranger)
    assert enter(client, provider).status_code == 200  # the control


def test_a_cookie_is_good_for_ten_minutes(
    client: Client, provider: Any, configured: Any, aigul: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = leave(client, provider)
    now = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 601)
    refused(come_back(client, asked), client)


def test_a_wrong_issuer_in_the_answer_or_an_error_opens_nothing(
    client: Client, provider: Any, configured: Any, aigul: Official
) -> None:
    refused(enter(client, provider, iss="https://attacker.example"), client)
    refused(enter(client, provider, error="access_denied"), client)


def test_a_provider_that_says_it_is_another_one_is_not_gone_to(
    client: Client, provider: Any, configured: Any
) -> None:
    provider.told_issuer = "https://attacker.example"
    assert client.get(reverse("ministry_begin")).status_code == 403


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:1", "http://93.184.216.34", "ftp://x.example", "nothing"]
)
def test_a_provider_out_of_reach_says_so_and_one_without_tls_is_never_asked(
    client: Client, configured: Any, issuer: str
) -> None:
    configured(issuer=issuer)
    answer = client.get(reverse("ministry_begin"))
    assert answer.status_code == 503
    assert "provider_unreachable" in answer.content.decode()


def test_the_node_asks_its_own_second_factor_too(
    client: Client, provider: Any, configured: Any, aigul: Official
) -> None:
    Authenticator.objects.create(user=aigul, type=Authenticator.Type.TOTP, data={"secret": "-"})
    answer = enter(client, provider)
    assert f"url={reverse('mfa_authenticate')}" in answer.content.decode()
    assert SIGNED_IN not in client.session


def test_without_one_it_is_set_up_where_it_is_required(
    client: Client, provider: Any, configured: Any, aigul: Official
) -> None:
    configured({"second_factor": "required"})
    enter(client, provider)
    assert client.get("/desk/").headers["Location"] == reverse("mfa_activate_totp")


@pytest.mark.parametrize("claims", [{"acr": "loa3"}, {"amr": ["pwd", "hwk"]}])
def test_the_ministry_s_second_factor_is_enough_where_the_node_says_so(
    client: Client, provider: Any, configured: Any, aigul: Official, claims: dict[str, Any]
) -> None:
    Authenticator.objects.create(user=aigul, type=Authenticator.Type.TOTP, data={"secret": "-"})
    provider.claims = claims
    required = {"second_factor": "required"}
    configured(required)  # the provider says it, the node does not take it
    enter(client, provider)
    assert SIGNED_IN not in client.session
    configured(required, acr=["loa3"], amr=["hwk"])
    provider.code = "the-code"
    enter(client, provider)
    assert client.get("/desk/").status_code == 200
    client.post(reverse("account_logout"))
    client.force_login(aigul, "allauth.account.auth_backends.AuthenticationBackend")
    Authenticator.objects.all().delete()
    assert client.get("/desk/").status_code == 302  # what one session proved does not outlive it


def test_a_password_for_one_use_does_not_stand_in_the_way(
    client: Client, provider: Any, configured: Any, aigul: Official
) -> None:
    Official.objects.filter(pk=aigul.pk).update(must_change_password=True)
    enter(client, provider)
    assert client.get("/desk/").status_code == 200


def test_the_administrator_can_undo_a_link(
    client: Client, provider: Any, configured: Any, aigul: Official, official: Any, clock: Any
) -> None:
    Official.objects.filter(pk=aigul.pk).update(subject="wrong-person")
    acts.reset_second_factor(official("administrator"), aigul, now=clock.now)
    assert Official.objects.get(pk=aigul.pk).subject is None


def test_the_settings_are_read_from_the_node_s_file(tmp_path: Any) -> None:
    (tmp_path / "node.toml").write_text(
        'id = "x"\nstate = "XA"\nname = "X"\n[openid]\nissuer = "https://i.example"\n'
        'client_id = "c"\nname = "Ministry"\nacr = ["loa3"]\n'
    )
    read = config.read(tmp_path)
    assert read.openid is not None
    assert (read.openid.issuer, read.openid.acr) == ("https://i.example", ["loa3"])
    (tmp_path / "node.toml").write_text('id = "x"\nstate = "XA"\nname = "X"\n[openid]\nissuer = "y"\n')
    with pytest.raises(config.NodeFolderUnusableError):
        config.read(tmp_path)
