"""OpenID Connect by the code flow with PKCE (RFC 7636), state and nonce; every identity token is verified.

Receives the provider's configuration and what the browser brought back; returns whom the provider names;
knows no account. The library of accounts has a client too, but it takes tokens of the code flow unverified
and has no nonce (docs/decisions/0013).
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import jwt

from comity.node.config import MinistrySignIn
from comity.terms import ComityError, gettext_noop

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are taken: never ``none``, and never one by a shared secret."""
_LEEWAY = 30
"""Seconds by which the two clocks may differ."""
_LARGEST = 1_000_000
_TIMEOUT = httpx.Timeout(10, connect=5)


class SignInRefusedError(ComityError):
    """The ministry's sign-in opens no account here; ``why`` is for the log, never for the page."""

    code = "sign_in_refused"
    message = gettext_noop("This sign-in opens no account here.")
    next_step = gettext_noop("Sign in with your user name, or ask the administrator for an account.")


class ProviderUnreachableError(ComityError):
    """The ministry's provider does not answer, or not as it should."""

    code = "provider_unreachable"
    temporary = True
    message = gettext_noop("The ministry’s sign-in does not answer.")
    next_step = gettext_noop("Try again in a minute, or sign in with your user name.")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the browser keeps between leaving and coming back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider names: its lasting id, the user name, and whether it asked for a second factor."""

    subject: str
    username: str
    second_factor: bool


def new_attempt() -> Attempt:
    """Three fresh secrets of 256 bits."""
    return Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))


def discover(provider: MinistrySignIn) -> dict[str, Any]:
    """The provider's description; its issuer and addresses must be those of the configuration's issuer."""
    found = _get(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise SignInRefusedError(why="issuer of the description")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _demand_safe(str(found.get(name, "")))
    return found


def departure(provider: MinistrySignIn, attempt: Attempt, back: str) -> str:
    """The address that the browser is sent to."""
    challenge = base64.urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid profile",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if provider.acr:
        query["acr_values"] = " ".join(provider.acr)
    address = discover(provider)["authorization_endpoint"]
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def arrival(
    provider: MinistrySignIn, secret: str, attempt: Attempt, brought: dict[str, str], back: str
) -> Identity:
    """Whom the browser that came back belongs to; raise SignInRefusedError for all that does not fit."""
    if not hmac.compare_digest(brought.get("state", "").encode(), attempt.state.encode()):
        raise SignInRefusedError(why="state")
    if brought.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        raise SignInRefusedError(why="issuer of the answer")
    if "error" in brought or not brought.get("code"):
        raise SignInRefusedError(why="no code")
    description = discover(provider)
    answer = _exchange(provider, secret, attempt, brought["code"], back, description)
    return _identity(provider, attempt, str(answer.get("id_token", "")), description)


def _exchange(
    provider: MinistrySignIn,
    secret: str,
    attempt: Attempt,
    code: str,
    back: str,
    description: dict[str, Any],
) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": attempt.verifier,
    }
    auth = None
    if "client_secret_basic" in description.get(
        "token_endpoint_auth_methods_supported", ["client_secret_basic"]
    ):
        auth = httpx.BasicAuth(provider.client_id, secret)
    else:
        form |= {"client_id": provider.client_id, "client_secret": secret}
    return _ask("POST", description["token_endpoint"], data=form, auth=auth)


def _identity(
    provider: MinistrySignIn, attempt: Attempt, token: str, description: dict[str, Any]
) -> Identity:
    """Verify an identity token (OpenID Connect Core 1.0, section 3.1.3.7)."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(
            token,
            _key(header, _get(description["jwks_uri"])),
            algorithms=list(ALGORITHMS),
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=_LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"], "strict_aud": False},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise SignInRefusedError(why=type(error).__name__) from error
    nonce, subject = str(claims.get("nonce", "")), str(claims["sub"])
    if not hmac.compare_digest(nonce.encode(), attempt.nonce.encode()):
        raise SignInRefusedError(why="nonce")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else provider.client_id) != provider.client_id:
        raise SignInRefusedError(why="authorised party")
    username = claims.get(provider.user_claim)
    if not subject or len(subject) > 255 or not isinstance(username, str):
        raise SignInRefusedError(why="claims")
    means = claims.get("amr")
    asked = claims.get("acr") in provider.acr or (
        isinstance(means, list) and any(one in provider.amr for one in means)
    )
    return Identity(subject, username, asked)


def _key(header: dict[str, Any], keys: dict[str, Any]) -> jwt.PyJWK:
    """The key that the token names, for its algorithm; the only one where it names none."""
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError(str(algorithm))
    known = [one for one in keys["keys"] if one.get("use", "sig") == "sig"]
    named = [one for one in known if one.get("kid") == header["kid"]] if "kid" in header else known
    if len(named) != 1:
        raise jwt.InvalidKeyError("kid")  # noqa: EM101 -- never shown
    return jwt.PyJWK.from_dict(named[0], algorithm=algorithm)


def _get(address: str) -> dict[str, Any]:
    return _ask("GET", address)


def _ask(method: str, address: str, **options: Any) -> dict[str, Any]:
    """An answer in JSON of bounded size; no redirects, no proxies."""
    _demand_safe(address)
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(method, address, headers={"Accept": "application/json"}, **options) as answer,
        ):
            content = b""
            for block in answer.iter_bytes():
                content += block
                if len(content) > _LARGEST:
                    raise ProviderUnreachableError
            status = answer.status_code
        found = json.loads(content) if status == httpx.codes.OK else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise ProviderUnreachableError from error
    if status in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED):  # the code or our secret is not taken
        raise SignInRefusedError(why=f"answer {status}")
    if not isinstance(found, dict):
        raise ProviderUnreachableError
    return found


def _demand_safe(address: str) -> None:
    """Only https; plain http on this machine itself, for tests."""
    parts = urlsplit(address)
    try:
        local = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = False
    if not (parts.scheme == "https" and parts.hostname) and not (parts.scheme == "http" and local):
        raise ProviderUnreachableError
