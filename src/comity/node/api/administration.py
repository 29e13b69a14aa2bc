"""The administration over the API: organisations, officials, webhooks, and the log of what was changed.

A one-time password or a secret stands in the answer that made it, and nowhere else.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Status
from pydantic import Field

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official, Organisation
from comity.node.administration import acts
from comity.node.administration.models import Change
from comity.node.api import administration_shapes as shapes
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure
from comity.node.webhooks import acts as webhooks
from comity.node.webhooks.models import Endpoint

router = Router()
PAGE = 50
_KEEP = "manage_accounts"
After = Annotated[str, Field(max_length=150)]
Short = Annotated[str, Path(max_length=50)]
User = Annotated[str, Path(max_length=150)]


@router.get("/organisations", response={200: list[shapes.OrganisationOut], FAILURES: Failure})
def list_organisations(request: HttpRequest) -> list[Organisation]:
    """The bodies of this State."""
    authorise(official_of(request), _KEEP)
    return list(Organisation.objects.order_by("id"))


@router.post("/organisations", response={201: shapes.OrganisationOut, FAILURES: Failure})
def new_organisation(request: HttpRequest, new: shapes.NewOrganisation) -> Status[Organisation]:
    """Enter a body."""
    by, names = official_of(request), _names(new.names)
    return Status(
        201, acts.add_organisation(by, new.id, kind=new.kind.value, names=names, now=timezone.now())
    )


@router.put("/organisations/{organisation}", response={200: shapes.OrganisationOut, FAILURES: Failure})
def write_organisation(
    request: HttpRequest, organisation: Short, changes: shapes.OrganisationChanges
) -> Organisation:
    """Change what a body is or is called."""
    by = official_of(request)
    authorise(by, _KEEP)
    found, names = _organisation(organisation), _names(changes.names)
    return acts.change_organisation(by, found, kind=changes.kind.value, names=names, now=timezone.now())


@router.get("/officials", response={200: list[shapes.OfficialOut], FAILURES: Failure})
def list_officials(request: HttpRequest, after: After = "") -> list[Official]:
    """Everybody with an account by user name, fifty at a time; ``after`` is the last one's user name."""
    authorise(official_of(request), _KEEP)
    return list(Official.objects.filter(username__gt=after).order_by("username")[:PAGE])


@router.post("/officials", response={201: shapes.OfficialMade, FAILURES: Failure})
def new_official(request: HttpRequest, new: shapes.NewOfficial) -> Status[dict[str, Any]]:
    """Make an account; its one-time password is in this answer alone."""
    by = official_of(request)
    authorise(by, _KEEP)
    values = new.model_dump(exclude={"organisation"}, mode="json")
    body = _organisation(new.organisation) if new.organisation else None
    made, password = acts.add_official(by, organisation=body, now=timezone.now(), **values)
    return Status(201, {"official": made, "one_time_password": password})


@router.put("/officials/{username}", response={200: shapes.OfficialOut, FAILURES: Failure})
def write_official(request: HttpRequest, username: User, changes: shapes.OfficialChanges) -> Official:
    """Change an account; what is not named stays. An empty organisation is the node's own authority."""
    by = official_of(request)
    found = _official(by, username)
    values = changes.model_dump(exclude_none=True, exclude={"organisation"}, mode="json")
    if changes.organisation is not None:
        values["organisation"] = _organisation(changes.organisation) if changes.organisation else None
    return acts.change_official(by, found, now=timezone.now(), **values)


@router.post("/officials/{username}/close", response={200: shapes.OfficialOut, FAILURES: Failure})
def close(request: HttpRequest, username: User) -> Official:
    """Close an account: sessions and tokens end at once."""
    by = official_of(request)
    return acts.close_account(by, _official(by, username), now=timezone.now())


@router.post("/officials/{username}/reopen", response={200: shapes.OfficialOut, FAILURES: Failure})
def reopen(request: HttpRequest, username: User) -> Official:
    """Open a closed account again."""
    by = official_of(request)
    return acts.reopen_account(by, _official(by, username), now=timezone.now())


@router.post("/officials/{username}/password", response={200: shapes.Password, FAILURES: Failure})
def password(request: HttpRequest, username: User) -> dict[str, str]:
    """Give a new password for one use."""
    by = official_of(request)
    return {"one_time_password": acts.give_password(by, _official(by, username), now=timezone.now())}


@router.post("/officials/{username}/second-factor", response={200: shapes.Password, FAILURES: Failure})
def second_factor(request: HttpRequest, username: User) -> dict[str, str]:
    """Forget the second factor; a new password for one use comes with it."""
    by = official_of(request)
    return {"one_time_password": acts.reset_second_factor(by, _official(by, username), now=timezone.now())}


@router.get("/administration/log", response={200: list[shapes.ChangeOut], FAILURES: Failure})
def log(
    request: HttpRequest, after: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
) -> list[dict[str, Any]]:
    """Who changed which account, organisation or webhook, the latest first, fifty at a time."""
    authorise(official_of(request), "view_administration_log")
    found = Change.objects.select_related("by", "official", "entry")
    if after is not None:
        found = found.filter(pk__lt=after)
    return [shapes.change(one) for one in found[:PAGE]]


@router.get("/webhooks", response={200: list[shapes.EndpointOut], FAILURES: Failure})
def list_endpoints(request: HttpRequest) -> list[Endpoint]:
    """The registered endpoints."""
    authorise(official_of(request), "manage_webhooks")
    return list(Endpoint.objects.filter(removed_at=None).select_related("official"))


@router.post("/webhooks", response={201: shapes.EndpointMade, FAILURES: Failure})
def new_endpoint(request: HttpRequest, new: shapes.NewEndpoint) -> Status[dict[str, Any]]:
    """Register an endpoint; its secret is in this answer alone."""
    by = official_of(request)
    authorise(by, "manage_webhooks")
    speaker = Official.objects.filter(username=new.official, is_active=True).first()
    if speaker is None:
        raise NothingThereError(name=new.official)
    events = [event.value for event in new.events]
    made, secret = webhooks.register(by, new.url, events=events, speaker=speaker, now=timezone.now())
    return Status(201, {"endpoint": made, "secret": secret})


@router.get("/webhooks/{endpoint}", response={200: shapes.EndpointLog, FAILURES: Failure})
def one_endpoint(request: HttpRequest, endpoint: uuid.UUID) -> dict[str, Any]:
    """An endpoint and its latest notices, without their cases."""
    found = webhooks.find(official_of(request), endpoint)
    return {"endpoint": found, "notices": list(found.deliveries.all()[:PAGE])}


@router.post("/webhooks/{endpoint}/secret", response={200: shapes.Secret, FAILURES: Failure})
def change_secret(request: HttpRequest, endpoint: uuid.UUID) -> dict[str, str]:
    """Change the secret; the old one signs beside it for a day."""
    return {"secret": webhooks.change_secret(official_of(request), endpoint, now=timezone.now())}


@router.post("/webhooks/{endpoint}/switch", response={200: shapes.EndpointOut, FAILURES: Failure})
def switch(request: HttpRequest, endpoint: uuid.UUID, to: shapes.Switch) -> Endpoint:
    """Switch an endpoint on or off."""
    return webhooks.switch(official_of(request), endpoint, on=to.on, now=timezone.now())


@router.delete("/webhooks/{endpoint}", response={204: None, FAILURES: Failure})
def remove(request: HttpRequest, endpoint: uuid.UUID) -> Status[None]:
    """Take an endpoint out of use for good."""
    webhooks.remove(official_of(request), endpoint, now=timezone.now())
    return Status(204, None)


def _names(names: shapes.Names) -> dict[str, str]:
    return {code: name for code, name in names.model_dump().items() if name}


def _organisation(identifier: str) -> Organisation:
    found = Organisation.objects.filter(pk=identifier).first()
    if found is None:
        raise NothingThereError(name=identifier)
    return found


def _official(by: Official, username: str) -> Official:
    authorise(by, _KEEP)
    found = Official.objects.filter(username=username).first()
    if found is None:
        raise NothingThereError(name=username)
    return found
