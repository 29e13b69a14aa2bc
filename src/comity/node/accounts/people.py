"""Make and change the accounts of officials."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from comity.node.accounts.access import ACCESS
from comity.node.accounts.models import Official, Organisation, Rank, Role
from comity.terms import ComityError, gettext_noop

_LETTERS = string.ascii_lowercase + string.digits


class PersonUnacceptableError(ComityError):
    """An account cannot be made as asked."""

    code = "person_unacceptable"
    message = gettext_noop("The account cannot be made: {reason}")
    next_step = gettext_noop("Correct it and try again: comity node person add --help")


class PersonUnknownError(ComityError):
    """No active account has this user name."""

    code = "person_unknown"
    message = gettext_noop("There is no active account “{username}”.")
    next_step = gettext_noop("Check the spelling, or make it: comity node person add --help")


class RolesIncompatibleError(ComityError):
    """Whoever keeps the accounts would see cases too."""

    code = "roles_incompatible"
    message = gettext_noop("An administrator sees no case, so the role goes with none that does.")
    next_step = gettext_noop("Give the roles to two people.")


def add(
    username: str,
    *,
    full_name: str,
    post: str,
    roles: Iterable[str],
    password: str,
    language: str = "en",
    time_zone: str = "UTC",
    organisation: Organisation | None = None,
    rank: str = Rank.OTHER,
    once: bool = False,
) -> Official:
    """Make an account. The password must pass the node's rules; the user name must be free.

    ``once``: the password opens nothing but the page on which its owner chooses another.
    """
    official = Official(
        username=username,
        full_name=full_name,
        post=post,
        roles=accepted_roles(roles),
        language=language,
        time_zone=known_zone(time_zone),
        organisation=organisation,
        rank=rank,
        must_change_password=once,
    )
    try:
        validate_password(password, official)
        official.set_password(password)
        official.full_clean(exclude=["organisation"])
        with transaction.atomic():
            official.save()
    except ValidationError as error:
        raise PersonUnacceptableError(reason=" ".join(error.messages)) from error
    except IntegrityError as error:
        raise PersonUnacceptableError(reason=f"the user name “{username}” is taken.") from error
    return official


def accepted_roles(roles: Iterable[str]) -> list[str]:
    """Roles as an account keeps them; raise where one is unknown, none is there or two do not go together."""
    chosen = {str(role) for role in roles}
    if not chosen or chosen - {role.value for role in Role}:
        raise PersonUnacceptableError(reason=f"roles are {', '.join(role.value for role in Role)}.")
    if Role.ADMINISTRATOR in chosen and chosen & ACCESS["view_case"]:
        raise RolesIncompatibleError
    return [role.value for role in Role if role in chosen]


def find(username: str) -> Official:
    """The active official with this user name; raise PersonUnknownError."""
    official = Official.objects.filter(username=username, is_active=True).first()
    if official is None:
        raise PersonUnknownError(username=username)
    return official


def new_password() -> str:
    """A password to hand over once: twenty random letters and digits in groups of five (103 bits)."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def known_zone(name: str) -> str:
    """The name of a time zone; raise PersonUnacceptableError for what is none."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PersonUnacceptableError(reason=f"“{name}” is not a time zone.") from error
