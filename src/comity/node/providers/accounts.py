"""Accounts of people of providers: invited, opened once, closed; each step stands in the ledger."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, urlencode

from allauth.mfa.adapter import get_adapter as second_factor
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from comity.node import clients
from comity.node.accounts import people
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory.models import Authority
from comity.node.ledger import entries
from comity.node.providers.models import Failure, Invitation, Part, Person
from comity.terms import ComityError, gettext_noop

INVITED_FOR = timedelta(days=7)
_FAILURES, _FROM_ONE_ADDRESS, _WITHIN = 5, 20, timedelta(minutes=5)
_PERIOD = 30
"""Seconds of one code (RFC 6238)."""


class PersonTakenError(ComityError):
    """Another person has this user name."""

    code = "provider_person_taken"
    message = gettext_noop("The user name “{username}” is taken.")
    next_step = gettext_noop("Choose another user name.")


class NoProviderError(ComityError):
    """Accounts of this kind belong to a provider of the directory."""

    code = "no_provider"
    message = gettext_noop("“{name}” is no provider of this directory.")
    next_step = gettext_noop("Enter the provider into the directory first.")


class InvitationOverError(ComityError):
    """The link was used, has expired, or never was one."""

    code = "invitation_over"
    message = gettext_noop("This invitation was used already, or its time is over.")
    next_step = gettext_noop("Ask the authority's administrator for another.")


class PasswordWeakError(ComityError):
    """The password does not pass the node's rules."""

    code = "password_weak"
    message = gettext_noop("This password cannot be used: {reason}")
    next_step = gettext_noop("Choose another.")


class SignInRefusedError(ComityError):
    """User name, password or code is wrong; which of them is not said."""

    code = "sign_in_refused"
    message = gettext_noop("User name, password or code is not right.")
    next_step = gettext_noop("Try again; a code opens once, so wait for the next one.")


class TooManyTriesError(ComityError):
    """Somebody guesses."""

    code = "too_many_tries"
    message = gettext_noop("There were too many failed tries.")
    next_step = gettext_noop("Wait five minutes, then try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Who is invited."""

    username: str
    full_name: str
    post: str
    part: Part
    language: str = "en"
    time_zone: str = "UTC"


@transaction.atomic
def invite(by: Official, provider: Authority, about: About, *, now: datetime) -> tuple[Person, str]:
    """Make an account and its one-time secret, which is shown once. Raises PersonTakenError."""
    authorise(by, "manage_providers")
    if "provider" not in provider.roles or provider.withdrawn_at is not None:
        raise NoProviderError(name=provider.id)
    try:
        with transaction.atomic():
            person = Person.objects.create(
                provider=provider,
                username=about.username.lower(),
                full_name=about.full_name,
                post=about.post,
                part=about.part,
                language=about.language,
                time_zone=people.known_zone(about.time_zone),
                added_by=by,
                added_at=now,
            )
    except IntegrityError as error:
        raise PersonTakenError(username=about.username) from error
    return person, _invitation(by, person, now)


@transaction.atomic
def invite_again(by: Official, person: Person, *, now: datetime) -> str:
    """Forget password and second factor, end what is open, and give another one-time secret."""
    authorise(by, "manage_providers")
    _end(person)
    Person.objects.filter(pk=person.pk).update(password="", totp_secret="", is_active=True)
    return _invitation(by, person, now)


@transaction.atomic
def close(by: Official, person: Person, *, now: datetime) -> None:
    """Close an account: its sessions, tokens and invitations end at once."""
    authorise(by, "manage_providers")
    _end(person)
    person.invitations.all().delete()
    Person.objects.filter(pk=person.pk).update(is_active=False)
    _note("provider_person_closed", person, now, by=by.pk)


def invited(link: str, *, now: datetime) -> Person:
    """Whose invitation this is, by the digest of its secret; InvitationOverError."""
    found = (
        Invitation.objects.select_related("person__provider")
        .filter(digest=link, expires_at__gt=now, person__is_active=True)
        .first()
    )
    if found is None:
        raise InvitationOverError
    return found.person


def check_new_password(person: Person, password: str) -> None:
    """Raise PasswordWeakError with the reason."""
    try:
        validate_password(password, person)  # type: ignore[arg-type]  # reads names alone
    except ValidationError as error:
        raise PasswordWeakError(reason=" ".join(error.messages)) from error


@transaction.atomic
def accept(link: str, password: str, totp_secret: str, code: str, *, now: datetime) -> Person:
    """Open the account with a password and an authenticator that shows the right code; the link is over.

    Raises InvitationOverError, PasswordWeakError, SignInRefusedError.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=invited(link, now=now).pk)
    invited(link, now=now)  # once more, behind the lock
    check_new_password(person, password)
    counter = _counter(totp_secret, code, now)
    if counter is None:
        raise SignInRefusedError
    person.password = make_password(password)
    person.totp_secret = second_factor().encrypt(totp_secret)
    person.totp_counter, person.signed_in_at = counter, now
    person.save()
    person.invitations.all().delete()
    _note("provider_person_opened", person, now)
    return person


def demand_patience(request: HttpRequest, username: str, *, now: datetime) -> None:
    """Raise TooManyTriesError while too many tries failed for this name, or from this address."""
    recent = Failure.objects.filter(at__gt=now - _WITHIN)
    name, address = _tried(request, username)
    if recent.filter(of=name).count() >= _FAILURES or recent.filter(of=address).count() >= _FROM_ONE_ADDRESS:
        raise TooManyTriesError


def failed(request: HttpRequest, username: str, *, now: datetime) -> None:
    """Remember a failed try for a while, without its name or address in the clear."""
    Failure.objects.filter(at__lte=now - _WITHIN).delete()
    Failure.objects.bulk_create(Failure(of=each, at=now) for each in _tried(request, username))


def by_password(username: str, password: str) -> Person | None:
    """The open account with this name and password; unknown names take as long as known ones."""
    person = Person.objects.filter(username=username.lower(), is_active=True).exclude(password="").first()
    if person is None:
        make_password(password)
        return None
    return person if check_password(password, person.password) else None


@transaction.atomic
def by_code(person: Person, code: str, *, now: datetime) -> Person | None:
    """The person, when the authenticator shows this code now and it opened nothing before."""
    locked = Person.objects.select_for_update(of=("self",)).filter(pk=person.pk, is_active=True).first()
    if locked is None or not locked.totp_secret:
        return None
    counter = _counter(second_factor().decrypt(locked.totp_secret), code, now)
    if counter is None or counter <= locked.totp_counter:
        return None
    locked.totp_counter, locked.signed_in_at = counter, now
    locked.save(update_fields=["totp_counter", "signed_in_at"])
    _note("provider_person_signed_in", locked, now)
    return locked


def new_totp_secret() -> str:
    """A secret for an authenticator app."""
    return str(totp.generate_totp_secret())


def totp_picture(person: Person, secret: str) -> str:
    """The QR code of a secret, as the address of a picture."""
    made = second_factor()
    about = urlencode({"secret": secret, "issuer": made.get_totp_issuer()}, quote_via=quote)
    svg = made.build_totp_svg(f"otpauth://totp/{quote(person.username)}?{about}")
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def digest(secret: str) -> str:
    """How a secret of 256 random bits is stored."""
    return sha256(secret.encode()).hexdigest()


def _counter(secret: str, code: str, now: datetime) -> int | None:
    here = int(now.timestamp()) // _PERIOD
    for counter in (here - 1, here, here + 1):
        shown = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if secrets.compare_digest(shown.encode(), code.replace(" ", "").encode()):
            return counter
    return None


def _tried(request: HttpRequest, username: str) -> tuple[str, str]:
    address = clients.household(clients.address(request))
    return digest(f"name {username.lower()}"), digest(f"address {address}")


def _invitation(by: Official, person: Person, now: datetime) -> str:
    person.invitations.all().delete()
    secret = secrets.token_urlsafe(32)
    Invitation.objects.create(digest=digest(secret), person=person, expires_at=now + INVITED_FOR)
    _note("provider_person_invited", person, now, by=by.pk)
    return secret


def _end(person: Person) -> None:
    person.sessions.all().delete()
    person.tokens.all().delete()


def _note(kind: str, person: Person, now: datetime, **more: int) -> None:
    content = {"what": kind, "person": person.pk, "provider": person.provider_id, **more}
    entries.append(kind, person.provider_id, content, now=now)
