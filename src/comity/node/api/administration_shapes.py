"""The JSON shapes of the administration: strict, nothing unknown accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field
from pydantic import Strict as Exact

from comity.node.accounts.models import OrganisationKind, Role
from comity.node.administration.models import Change
from comity.node.api.shapes import Strict
from comity.node.webhooks.models import Happening
from comity.shapes import Line

Language = Literal["en", "kk", "ru"]
OneRole = Annotated[Role, Exact(strict=False)]
"""JSON knows no enumerations: the value stands for the member."""
Kind = Annotated[OrganisationKind, Exact(strict=False)]
OneEvent = Annotated[Happening, Exact(strict=False)]


class Names(Strict):
    """A name by language; English always."""

    en: Line = Field(max_length=200)
    kk: Line | Literal[""] = Field(default="", max_length=200)
    ru: Line | Literal[""] = Field(default="", max_length=200)


class OrganisationChanges(Strict):
    """What a body is and is called."""

    kind: Kind
    names: Names


class NewOrganisation(OrganisationChanges):
    """A body that is not in the books."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)


class OrganisationOut(Schema):
    """A body of this State."""

    id: str
    kind: str
    names: dict[str, str]


class NewOfficial(Strict):
    """Somebody who has no account; without an organisation of the node's own authority."""

    username: str = Field(pattern=r"^[\w.@+-]+$", max_length=150)
    full_name: Line = Field(max_length=200)
    post: Line = Field(max_length=200)
    roles: list[OneRole] = Field(min_length=1, max_length=len(Role))
    organisation: str = Field(default="", max_length=50)
    language: Language = "en"
    time_zone: Line = Field(default="UTC", max_length=64)


class OfficialChanges(Strict):
    """What to change of an account; what is not named, or null, stays."""

    full_name: Annotated[Line, Field(max_length=200)] | None = None
    post: Annotated[Line, Field(max_length=200)] | None = None
    roles: Annotated[list[OneRole], Field(min_length=1, max_length=len(Role))] | None = None
    organisation: str | None = Field(default=None, max_length=50)
    language: Language | None = None
    time_zone: Annotated[Line, Field(max_length=64)] | None = None


class OfficialOut(Schema):
    """An account."""

    username: str
    full_name: str
    post: str
    roles: list[str]
    organisation: str | None = Field(alias="organisation_id")
    language: str
    time_zone: str
    is_active: bool
    must_change_password: bool


class Password(Schema):
    """A password for one use."""

    one_time_password: str


class OfficialMade(Password):
    """A new account."""

    official: OfficialOut


class ChangeOut(Schema):
    """A line of the log; ``by`` is null where it was done on the machine itself."""

    id: int
    at: datetime
    kind: str
    by: str | None
    official: str | None
    organisation: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    ledger_index: int | None


class NewEndpoint(Strict):
    """An endpoint that is to be told of events, in an official's name."""

    url: str = Field(min_length=1, max_length=500)
    events: list[OneEvent] = Field(min_length=1, max_length=len(Happening))
    official: str = Field(min_length=1, max_length=150, description="a user name")


class Switch(Strict):
    """On or off."""

    on: bool


class EndpointOut(Schema):
    """A registered endpoint."""

    id: UUID
    url: str
    events: list[str]
    official: str = Field(alias="official.username")
    made_at: datetime
    is_active: bool
    failures: int


class NoticeOut(Schema):
    """A notice in the log of an endpoint."""

    id: UUID
    event: str
    at: datetime
    state: str
    attempts: int
    last_code: str
    last_at: datetime | None


class EndpointLog(Schema):
    """An endpoint and its latest notices."""

    endpoint: EndpointOut
    notices: list[NoticeOut]


class Secret(Schema):
    """A secret that is shown once."""

    secret: str


class EndpointMade(Secret):
    """A new endpoint."""

    endpoint: EndpointOut


def change(row: Change) -> dict[str, Any]:
    """A line of the log as ChangeOut."""
    return {
        "id": row.pk,
        "at": row.at,
        "kind": row.kind,
        "by": row.by.username if row.by else None,
        "official": row.official.username if row.official else None,
        "organisation": row.organisation_id,
        "before": row.before,
        "after": row.after,
        "ledger_index": row.entry.index,
    }
