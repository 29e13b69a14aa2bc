"""The directory over the API: authorities, keepers, entries that disagree and the choice between them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field

from comity.directory import updates as times
from comity.directory.reading import METADATA_BYTES
from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.directory import (
    choosing,
    designating,
    entering,
    finding,
    notices,
    standing,
    successors,
    updating,
)
from comity.node.directory.models import Authority, Keeper, Listing, Notice, Update
from comity.node.exchange import updates
from comity.node.exchange.models import Announcement
from comity.shapes import Base64, Line, Prose, Remark, decode_base64

router = Router()
_READ, _ANNOUNCED = "view_directory", 50
Filter = Annotated[str, Field(max_length=40)]
After = Annotated[int | None, Field(ge=1, le=2**63 - 1)]
Short = Annotated[str, Path(max_length=64)]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


class DesignationOut(Schema):
    """A role under an instrument, from a day, until a day or without end."""

    instrument: str
    role: str
    valid_from: str
    valid_until: str | None


class AuthorityOut(Schema):
    """An authority as this node knows it. ``call_back``: an emergency of it must be confirmed by a call."""

    id: str
    state: str
    names: dict[str, str]
    roles: list[str]
    own: bool
    region: dict[str, Any] | None
    contacts: list[dict[str, Any]]
    designations: list[DesignationOut]
    hours: str
    time_zone: str
    languages: list[str]
    contact: str
    peer_url: str
    keeper: str | None
    confirmed_at: datetime | None
    withdrawn_at: datetime | None
    tls_fingerprint: str
    tls_next_fingerprint: str
    tls_ends_at: datetime | None
    call_back: bool


class ListingOut(Schema):
    """One version of an entry that a keeper published; ``document`` is the entry as it was signed."""

    id: int
    keeper: str
    authority: str
    state: str
    standing: str
    sha256: str
    valid_from: datetime
    valid_until: datetime | None
    entered_at: datetime
    settled_at: datetime
    reasons: str
    document: str


class AuthorityHistoryOut(AuthorityOut):
    """An authority with everything that was ever published of it."""

    history: list[ListingOut]


class KeeperOut(Schema):
    """A keeper and how its directory stands; ``problem`` is a code or empty."""

    id: str
    name: str
    url: str
    version: int
    verified_at: datetime | None
    expires_at: datetime | None
    problem: str
    state_problems: dict[str, str]
    ended_at: datetime | None


class NewKeeper(Strict):
    """A keeper to follow: its root file and the fingerprint that was compared by voice."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=30)
    name: Line = Field(max_length=200)
    url: str = Field(default="", max_length=200)
    root: Base64 = Field(max_length=METADATA_BYTES)
    fingerprint: Line = Field(max_length=100)


class Choice(Strict):
    """Whether the keeper's entry takes effect, and why."""

    choice: Literal["choose", "decline"]
    reasons: Prose = Field(max_length=4000)


class DesignationNoticeOut(Schema):
    """A notice as it was frozen; ``document`` is canonical JSON (``comity-directory-notice/1``)."""

    id: int
    kind: str
    authority: str
    made_at: datetime
    document: str


class NewNotice(Strict):
    """A notice of an own authority, or (``circulation``) the list of all authorities of ``role``."""

    kind: Literal["designation", "change", "confirmation", "circulation"]
    authority: str = Field(default="", max_length=64)
    role: str = Field(default="", max_length=40)
    remarks: Remark = Field(default="", max_length=4000)


class UpdateOut(Schema):
    """What an authority told of itself by a sealed letter; ``document`` is the letter's body as sealed."""

    id: int
    authority: str
    number: int
    letter: UUID
    standing: str
    tls_fingerprint: str | None
    entered_at: datetime
    settled_at: datetime | None
    reasons: str
    document: str


class Decision(Strict):
    """Whether what an authority tells is taken over, and why."""

    decision: Literal["take", "decline"]
    reasons: Prose = Field(max_length=4000)


class ToldOut(Schema):
    """A peer that was told, and since when it admits the next certificate."""

    authority: str
    letter: UUID
    admitted_at: datetime | None


class AnnouncementOut(Schema):
    """What this authority told; without ``tls_fingerprint`` only how it is reached changed."""

    number: int
    at: datetime
    tls_fingerprint: str | None
    changes_at: datetime | None
    ends_at: datetime | None
    changed_at: datetime | None
    told: list[ToldOut]


@router.get("/directory", response={200: list[AuthorityOut], FAILURES: Failure})
def authorities(
    request: HttpRequest, state: Filter = "", role: Filter = "", instrument: Filter = ""
) -> list[dict[str, Any]]:
    """The authorities that fit."""
    authorise(official_of(request), _READ)
    now = timezone.now()
    return [_authority(row, now) for row in finding.authorities(finding.Wanted(state, role, instrument), now)]


@router.get("/directory/conflicts", response={200: list[ListingOut], FAILURES: Failure})
def conflicts(request: HttpRequest) -> list[dict[str, Any]]:
    """Entries that wait for a choice between two sources."""
    authorise(official_of(request), _READ)
    return [_listing(row) for row in entering.conflicts()]


@router.post("/directory/conflicts/{listing}", response={200: ListingOut, FAILURES: Failure})
def settle(request: HttpRequest, listing: Number, made: Choice) -> dict[str, Any]:
    """Choose between what is in use and what a keeper says."""
    by = official_of(request)
    authorise(by, "settle_conflict")
    found = Listing.objects.filter(pk=listing).first()
    if found is None:
        raise NothingThereError
    act = choosing.choose if made.choice == "choose" else choosing.decline
    act(by, found, reasons=made.reasons, now=timezone.now())
    return _listing(Listing.objects.get(pk=listing))


@router.get("/directory/authorities/{authority}", response={200: AuthorityHistoryOut, FAILURES: Failure})
def authority(request: HttpRequest, authority: Short) -> dict[str, Any]:
    """One authority with its history."""
    authorise(official_of(request), _READ)
    found = Authority.objects.filter(pk=authority).select_related("listing__keeper").first()
    if found is None:
        raise NothingThereError
    history = [_listing(row) for row in finding.history(found.id)]
    return {**_authority(found, timezone.now()), "history": history}


@router.get("/directory/updates", response={200: list[UpdateOut], FAILURES: Failure})
def told(request: HttpRequest) -> list[dict[str, Any]]:
    """What authorities tell of themselves and nobody has decided on."""
    authorise(official_of(request), _READ)
    return [_update(row) for row in successors.waiting()]


@router.post("/directory/updates/{update}", response={200: UpdateOut, FAILURES: Failure})
def decide(request: HttpRequest, update: Number, made: Decision) -> dict[str, Any]:
    """Take over what an authority tells of itself, or decline it."""
    by = official_of(request)
    authorise(by, "manage_directory")
    found = Update.objects.filter(pk=update).first()
    if found is None:
        raise NothingThereError
    act = updates.take if made.decision == "take" else updates.decline
    act(by, found, reasons=made.reasons, now=timezone.now())
    return _update(Update.objects.get(pk=update))


@router.get("/directory/announcements", response={200: list[AnnouncementOut], FAILURES: Failure})
def announcements(request: HttpRequest) -> list[dict[str, Any]]:
    """What this authority told every other, the latest first; an official signs it on the pages."""
    authorise(official_of(request), _READ)
    made = Announcement.objects.prefetch_related("told")[:_ANNOUNCED]
    return [_announcement(row) for row in made]


@router.get("/directory/keepers", response={200: list[KeeperOut], FAILURES: Failure})
def keepers(request: HttpRequest) -> list[Keeper]:
    """The keepers that are or were followed."""
    authorise(official_of(request), _READ)
    return list(Keeper.objects.order_by("id"))


@router.post("/directory/keepers", response={201: KeeperOut, FAILURES: Failure})
def follow(request: HttpRequest, new: NewKeeper) -> Status[Keeper]:
    """Follow a keeper."""
    made = updating.follow(
        official_of(request),
        new.id,
        name=new.name,
        url=new.url,
        root=decode_base64(new.root),
        fingerprint=new.fingerprint,
        now=timezone.now(),
    )
    return Status(201, made)


@router.post("/directory/keepers/{keeper}/update", response={200: KeeperOut, FAILURES: Failure})
def update(request: HttpRequest, keeper: Short) -> Keeper:
    """Ask a keeper's address now; what went wrong stands in ``problem``."""
    authorise(official_of(request), "manage_directory")
    found = _keeper(keeper)
    updating.ask(found, timezone.now())
    found.refresh_from_db()
    return found


@router.post("/directory/keepers/{keeper}/leave", response={200: KeeperOut, FAILURES: Failure})
def leave(request: HttpRequest, keeper: Short) -> Keeper:
    """Stop following a keeper."""
    by = official_of(request)
    authorise(by, "manage_directory")
    found = _keeper(keeper)
    updating.leave(by, found, timezone.now())
    found.refresh_from_db()
    return found


@router.get("/directory/notices", response={200: list[DesignationNoticeOut], FAILURES: Failure})
def list_notices(request: HttpRequest, after: After = None) -> list[dict[str, Any]]:
    """Notices, the latest first, fifty at a time; ``after`` is the last one's number."""
    authorise(official_of(request), _READ)
    found = Notice.objects.all() if after is None else Notice.objects.filter(pk__lt=after)
    return [_notice(row) for row in found[:50]]


@router.post("/directory/notices", response={201: DesignationNoticeOut, FAILURES: Failure})
def new_notice(request: HttpRequest, new: NewNotice) -> Status[dict[str, Any]]:
    """Make a notice or a list."""
    by, now = official_of(request), timezone.now()
    authorise(by, "make_notice")
    if new.kind == "circulation":
        return Status(201, _notice(notices.circulate(by, new.role, remarks=new.remarks, now=now)))
    authority = Authority.objects.filter(pk=new.authority).first()
    if authority is None:
        raise NothingThereError
    return Status(201, _notice(notices.make_notice(by, authority, new.kind, remarks=new.remarks, now=now)))


def _keeper(identifier: str) -> Keeper:
    found = Keeper.objects.filter(pk=identifier, ended_at=None).first()
    if found is None:
        raise NothingThereError
    return found


def _authority(row: Authority, now: datetime) -> dict[str, Any]:
    named = (
        *("id", "state", "names", "roles", "own", "region", "contacts", "confirmed_at"),
        *("withdrawn_at", "tls_fingerprint", "tls_next_fingerprint", "tls_ends_at"),
        *("hours", "time_zone", "languages", "contact", "peer_url"),
    )
    values = {name: getattr(row, name) for name in named}
    values["keeper"] = row.listing.keeper_id if row.listing else None
    values["call_back"] = standing.needs_call_back(row, now)
    values["designations"] = [
        {
            "instrument": each.instrument,
            "role": each.role,
            "valid_from": each.valid_from.isoformat(),
            "valid_until": each.valid_until.isoformat() if each.valid_until else None,
        }
        for each in designating.of(row.id)
    ]
    return values


def _listing(row: Listing) -> dict[str, Any]:
    named = (
        *("id", "authority", "state", "standing", "sha256", "valid_from", "valid_until"),
        *("entered_at", "settled_at", "reasons", "document"),
    )
    return {**{name: getattr(row, name) for name in named}, "keeper": row.keeper_id}


def _update(row: Update) -> dict[str, Any]:
    named = ("id", "number", "letter", "standing", "entered_at", "settled_at", "reasons", "document")
    told = row.body().certificate
    return {
        **{name: getattr(row, name) for name in named},
        "authority": row.authority_id,
        "tls_fingerprint": times.fingerprint(told.certificate) if told else None,
    }


def _announcement(row: Announcement) -> dict[str, Any]:
    told = [
        {"authority": each.peer_id, "letter": each.letter_id, "admitted_at": each.admitted_at}
        for each in row.told.all()
    ]
    return {
        **{name: getattr(row, name) for name in ("number", "at", "changes_at", "ends_at", "changed_at")},
        "tls_fingerprint": times.fingerprint(row.certificate) if row.certificate else None,
        "told": told,
    }


def _notice(row: Notice) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "authority": row.authority_id,
        "made_at": row.made_at,
        "document": row.document,
    }
