"""The acts of the administrator: organisations and officials. Each leaves a line in the log and the ledger.

``by`` is the administrator; None stands for whoever works on the machine itself (``comity node person``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from comity.node.accounts import people
from comity.node.accounts.authority import NotAuthorisedError, authorise, may
from comity.node.accounts.models import Official, Organisation, Rank, Role
from comity.node.administration.models import Change, ChangeKind
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class OwnAccountError(ComityError):
    """An administrator tried to change what gives power over their own account."""

    code = "own_account"
    message = gettext_noop("Nobody changes their own roles, organisation or access to the node.")
    next_step = gettext_noop("Ask another administrator; the password is changed on your account page.")


class LastAdministratorError(ComityError):
    """Without this account nobody could administer the node."""

    code = "last_administrator"
    message = gettext_noop("This is the last administrator of the node.")
    next_step = gettext_noop("Give the role to somebody else first.")


class OrganisationTakenError(ComityError):
    """Another organisation has this short name."""

    code = "organisation_taken"
    message = gettext_noop("There is an organisation “{id}” already.")
    next_step = gettext_noop("Choose another short name, or change the one that is there.")


@transaction.atomic
def add_organisation(
    by: Official | None, identifier: str, *, kind: str, names: dict[str, str], now: datetime
) -> Organisation:
    """Enter a body of this State."""
    _begin(by)
    values = {"kind": kind, "names": names}
    try:
        with transaction.atomic():
            made = Organisation.objects.create(id=identifier, **values)
    except IntegrityError as error:
        raise OrganisationTakenError(id=identifier) from error
    remember(ChangeKind.ORGANISATION_ADDED, by, made, {}, values, now)
    return made


@transaction.atomic
def change_organisation(
    by: Official | None, organisation: Organisation, *, kind: str, names: dict[str, str], now: datetime
) -> Organisation:
    """Change what a body is or is called."""
    actor = _begin(by)
    found = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if actor is not None and actor.organisation_id == found.pk and kind != found.kind:
        raise OwnAccountError
    return _change(ChangeKind.ORGANISATION_CHANGED, by, found, {"kind": kind, "names": names}, now)  # type: ignore[return-value]


@transaction.atomic
def add_official(
    by: Official | None,
    username: str,
    *,
    full_name: str,
    post: str,
    roles: Iterable[str],
    organisation: Organisation | None = None,
    rank: str = Rank.OTHER,
    language: str = "en",
    time_zone: str = "UTC",
    password: str | None = None,
    now: datetime,
) -> tuple[Official, str]:
    """Make an account; return it with its password: to be shown once, and changed at the first sign-in.

    A ``password`` that its owner typed on the machine itself need not be changed.
    """
    _begin(by)
    given = password or people.new_password()
    made = people.add(
        username,
        full_name=full_name,
        post=post,
        roles=roles,
        password=given,
        language=language,
        time_zone=time_zone,
        organisation=organisation,
        rank=rank,
        once=password is None,
    )
    after = {
        "username": made.username,
        "full_name": full_name,
        "post": post,
        "roles": made.roles,
        "organisation_id": made.organisation_id,
        "rank": rank,
        "language": language,
        "time_zone": made.time_zone,
    }
    remember(ChangeKind.OFFICIAL_ADDED, by, made, {}, after, now)
    return made, given


@transaction.atomic
def change_official(by: Official | None, official: Official, *, now: datetime, **values: Any) -> Official:
    """Change name, post, rank, roles, organisation, language or zone; what gives power, of others only."""
    actor, found = _begin(by), _locked(official)
    if "roles" in values:
        values["roles"] = people.accepted_roles(values["roles"])
    if "time_zone" in values:
        values["time_zone"] = people.known_zone(values["time_zone"])
    if "organisation" in values:
        body = values.pop("organisation")
        values["organisation_id"] = body.pk if body else None
    powers = [name for name in ("roles", "organisation_id", "rank") if name in values]
    if actor is not None and actor.pk == found.pk and any(_differs(found, name, values) for name in powers):
        raise OwnAccountError
    if "roles" in values and Role.ADMINISTRATOR not in values["roles"]:
        _demand_another(found)
    return _change(ChangeKind.OFFICIAL_CHANGED, by, found, values, now)  # type: ignore[return-value]


@transaction.atomic
def close_account(by: Official | None, official: Official, *, now: datetime) -> Official:
    """Close an account: sessions and tokens end at once; what the person did stays under their name."""
    found = _of_another(by, official)
    _demand_another(found)
    return _change(ChangeKind.OFFICIAL_CLOSED, by, found, {"is_active": False}, now)  # type: ignore[return-value]


@transaction.atomic
def reopen_account(by: Official | None, official: Official, *, now: datetime) -> Official:
    """Open a closed account again."""
    found = _of_another(by, official)
    return _change(ChangeKind.OFFICIAL_REOPENED, by, found, {"is_active": True}, now)  # type: ignore[return-value]


@transaction.atomic
def give_password(by: Official | None, official: Official, *, now: datetime) -> str:
    """A new password for one use, shown once; open sessions end."""
    found = _of_another(by, official)
    password = _fresh_password(found)
    remember(ChangeKind.PASSWORD_GIVEN, by, found, {}, {}, now)
    return password


@transaction.atomic
def reset_second_factor(by: Official | None, official: Official, *, now: datetime) -> str:
    """Forget the second factor, and give a new password for one use.

    The old password alone must not be enough to set up a new second factor, so it goes too.
    """
    found = _of_another(by, official)
    Authenticator.objects.filter(user=found).delete()
    password = _fresh_password(found)
    remember(ChangeKind.SECOND_FACTOR_RESET, by, found, {}, {}, now)
    return password


def _begin(by: Official | None) -> Official | None:
    """The administrator as the database has them now, every administrator's row being locked.

    The lock makes two administrators who remove each other come one after the other.
    """
    administrators = {one.pk: one for one in _administrators()}
    if by is None:
        return None
    authorise(by, "manage_accounts")
    now_kept = administrators.get(by.pk)
    if now_kept is None or not may(now_kept, "manage_accounts"):
        raise NotAuthorisedError(act="manage_accounts")
    return now_kept


def _administrators() -> list[Official]:
    """The active administrators, locked; few among the officials of a node, which are few."""
    active = Official.objects.select_for_update().filter(is_active=True).order_by("pk")
    return [one for one in active if one.has_role(Role.ADMINISTRATOR)]


def _demand_another(official: Official) -> None:
    """Raise LastAdministratorError where no other administrator would remain."""
    if official.has_role(Role.ADMINISTRATOR) and {one.pk for one in _administrators()} <= {official.pk}:
        raise LastAdministratorError


def _of_another(by: Official | None, official: Official) -> Official:
    actor = _begin(by)
    if actor is not None and actor.pk == official.pk:
        raise OwnAccountError
    return _locked(official)


def _locked(official: Official) -> Official:
    return Official.objects.select_for_update(of=("self",)).get(pk=official.pk)


def _fresh_password(official: Official) -> str:
    password = people.new_password()
    official.set_password(password)
    official.must_change_password = True
    official.save(update_fields=["password", "must_change_password"])
    return password


def _differs(row: Official | Organisation, name: str, values: dict[str, Any]) -> bool:
    return bool(getattr(row, name) != values[name])


def _change(
    kind: ChangeKind, by: Official | None, row: Official | Organisation, values: dict[str, Any], now: datetime
) -> Official | Organisation:
    """Write what differs, with a line in the log; where nothing differs, nothing happens."""
    changed = [name for name in values if _differs(row, name, values)]
    if changed:
        before = {name: getattr(row, name) for name in changed}
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
        remember(kind, by, row, before, {name: values[name] for name in changed}, now)
    return row


def remember(
    kind: ChangeKind,
    by: Official | None,
    row: Official | Organisation,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
) -> None:
    """A line in the log, and an entry in the ledger that commits to it (names of fields, not their text)."""
    of = "official" if isinstance(row, Official) else "organisation"
    content = {"what": kind.value, of: row.pk, "by": by.pk if by else None, "changed": sorted(after)}
    if "roles" in after:
        content |= {"roles": after["roles"], "roles_before": before.get("roles", [])}
    entry = entries.append(kind.value, f"{of}:{row.pk}", content, now=now)
    Change.objects.create(at=now, by=by, kind=kind, before=before, after=after, entry=entry, **{of: row})
