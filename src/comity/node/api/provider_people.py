"""People of providers over the API: invited, invited anew, closed.

The link of an invitation stands in the answer that made it, and nowhere else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import ConfigDict, Field

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure
from comity.node.directory import known
from comity.node.providers import accounts
from comity.node.providers.models import Part, Person

router = Router()
_KEEP = "manage_providers"
User = Annotated[str, Path(max_length=60)]


class ProviderPersonOut(Schema):
    """Somebody of a provider; ``opened`` once the invitation was used."""

    username: str
    full_name: str
    post: str
    part: str
    provider: str = Field(alias="provider_id")
    is_active: bool
    opened: bool
    added_at: datetime

    @staticmethod
    def resolve_opened(person: Person) -> bool:
        """Whether there is a password."""
        return bool(person.password)


class ProviderPersonInvited(Schema):
    """The person and the link that opens the account once."""

    person: ProviderPersonOut
    link: str


class NewProviderPerson(Schema):
    """Whom to invite."""

    model_config = ConfigDict(extra="forbid")

    provider: str = Field(max_length=50)
    username: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$", max_length=60)
    full_name: str = Field(min_length=1, max_length=200)
    post: str = Field(min_length=1, max_length=200)
    part: Part
    language: Literal["en", "kk", "ru"] = "en"
    time_zone: str = Field(default="UTC", max_length=64)


@router.get("/provider-people", response={200: list[ProviderPersonOut], FAILURES: Failure}, by_alias=False)
def list_people(request: HttpRequest) -> list[Person]:
    """Everybody of every provider."""
    authorise(official_of(request), _KEEP)
    return list(Person.objects.all())


@router.post("/provider-people", response={201: ProviderPersonInvited, FAILURES: Failure}, by_alias=False)
def invite(request: HttpRequest, new: NewProviderPerson) -> Status[dict[str, Any]]:
    """Make an account and its invitation."""
    by = official_of(request)
    authorise(by, _KEEP)
    about = accounts.About(**new.model_dump(exclude={"provider"}))
    made, secret = accounts.invite(by, known.find(new.provider), about, now=timezone.now())
    return Status(201, _invited(made, secret))


@router.post(
    "/provider-people/{username}/invitation",
    response={200: ProviderPersonInvited, FAILURES: Failure},
    by_alias=False,
)
def invite_again(request: HttpRequest, username: User) -> dict[str, Any]:
    """Forget password and second factor, and invite anew."""
    by = official_of(request)
    authorise(by, _KEEP)
    found = _find(username)
    secret = accounts.invite_again(by, found, now=timezone.now())
    found.refresh_from_db()
    return _invited(found, secret)


@router.delete("/provider-people/{username}", response={204: None, FAILURES: Failure})
def close(request: HttpRequest, username: User) -> Status[None]:
    """Close the account: sessions and tokens end at once."""
    by = official_of(request)
    authorise(by, _KEEP)
    accounts.close(by, _find(username), now=timezone.now())
    return Status(204, None)


def _find(username: str) -> Person:
    found = Person.objects.filter(username=username.lower()).first()
    if found is None:
        raise NothingThereError(name=username)
    return found


def _invited(person: Person, secret: str) -> dict[str, Any]:
    return {"person": person, "link": f"{settings.NODE.provider_origin}/invitation/{secret}"}
