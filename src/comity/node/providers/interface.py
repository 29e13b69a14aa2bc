"""The interface for providers' programs: what the pages do, with a bearer token."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import NinjaAPI, Status
from ninja.security import HttpBearer

from comity import __version__
from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.ledger.wall_clock import ClockSteppedError
from comity.node.orders import carrying
from comity.node.orders.models import Desired, Order, OrderState
from comity.node.pages.programs import InputUnreadableError, StrictJson, tell_failures
from comity.node.providers import acts, allowances, checking, producing, secrecy, seeing, sending, tokens
from comity.node.providers import interface_shapes as shapes
from comity.node.providers.models import Person
from comity.orders.form import UNANSWERED, IdentifierAnswer
from comity.terms import ComityError, gettext_noop

_log = logging.getLogger(__name__)
_FAILURES = frozenset({400, 401, 403, 404, 409, 429, 500, 503, 507})
_PAGE = 100


class ProviderTokenNeededError(ComityError):
    """The request carries no valid token of a provider."""

    code = "token_needed"
    message = gettext_noop("The interface answers only to a valid token.")
    next_step = gettext_noop("Somebody of the legal desk makes one on their account page.")


class Bearer(HttpBearer):
    """Whose token it is."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """The token's person, or None (401); ProviderRequestsQuotaError (429) where they asked too often."""
        now = timezone.now()
        person = tokens.owner(token, now=now)
        if person is not None:
            allowances.take(person.provider_id, now)
        return person


api = NinjaAPI(
    title="Comity for providers",
    version=__version__,
    description="Orders addressed to one provider: verify, ask, answer, hand files over.",
    auth=Bearer(),
    parser=StrictJson(),
    docs_url=None,
    urls_namespace="provider_api",
)
tell_failures(
    api,
    {
        NothingThereError: 404,
        NotAuthorisedError: 403,
        InputUnreadableError: 400,
        ClockSteppedError: 503,
        allowances.ProviderRequestsQuotaError: 429,
    },
    otherwise=409,
    stranger=ProviderTokenNeededError,
    log=_log,
)


@api.get("/orders", response={200: list[shapes.OrderRow], _FAILURES: shapes.ProviderFailure})
def orders(request: HttpRequest, waiting: bool = True) -> list[dict[str, Any]]:
    """The provider's orders: those that wait for an answer, the earliest deadline first, or the newest."""
    found = seeing.visible(_person(request))
    if waiting:
        found = found.filter(state__in=UNANSWERED, desired=Desired.EXECUTED)
    else:
        found = found.order_by("-issued_at", "id")
    return [_row(each) for each in found[:_PAGE]]


@api.get("/orders/{uuid:order}", response={200: shapes.OneOrder, _FAILURES: shapes.ProviderFailure})
def order(request: HttpRequest, order: uuid.UUID) -> dict[str, Any]:
    """One order with the steps of its verification; that it was looked at is remembered."""
    found, now = seeing.find(_person(request), order), timezone.now()
    if not seeing.looked_lately(_person(request), found, now):
        seeing.note(_person(request), found, seeing.LOOKED, now)
    return _whole(found)


@api.get("/orders/{uuid:order}/signed", response={200: shapes.SignedOrder, _FAILURES: shapes.ProviderFailure})
def signed(request: HttpRequest, order: uuid.UUID) -> dict[str, Any]:
    """The order as it was signed, to be verified by the provider itself."""
    found = seeing.find(_person(request), order)
    seeing.note(_person(request), found, "provider_downloaded", timezone.now(), part="signed.json")
    value: dict[str, Any] = json.loads(carrying.export(found))
    return value


@api.post("/orders/{uuid:order}/state", response={200: shapes.OneOrder, _FAILURES: shapes.ProviderFailure})
def acknowledge(request: HttpRequest, order: uuid.UUID, said: shapes.Acknowledgement) -> dict[str, Any]:
    """Confirm that the order was received, or that it is being carried out."""
    return _whole(acts.acknowledge(_person(request), order, OrderState(said.state), now=timezone.now()))


@api.post(
    "/orders/{uuid:order}/questions", response={201: shapes.MessageOut, _FAILURES: shapes.ProviderFailure}
)
def ask(request: HttpRequest, order: uuid.UUID, said: shapes.Question) -> Status[Any]:
    """Ask the authority to clarify the order."""
    return Status(201, acts.ask(_person(request), order, said.text, now=timezone.now()))


@api.post("/orders/{uuid:order}/answers", response={200: shapes.OneOrder, _FAILURES: shapes.ProviderFailure})
def answer(request: HttpRequest, order: uuid.UUID, said: shapes.AnswersIn) -> dict[str, Any]:
    """Answer some identifiers; once each has its answer, the order is answered."""
    given = [IdentifierAnswer.model_validate(each.model_dump()) for each in said.identifiers]
    return _whole(acts.answer(_person(request), order, given, now=timezone.now()))


@api.post("/orders/{uuid:order}/files", response={201: shapes.FileBegun, _FAILURES: shapes.ProviderFailure})
def announce(request: HttpRequest, order: uuid.UUID, said: shapes.FileIn) -> Status[dict[str, Any]]:
    """Announce a file by size and hash; it is sent to ``upload`` by tus 1.0 (PATCH, HEAD, DELETE)."""
    made = producing.announce(
        _person(request), order, producing.Announced(**said.model_dump()), now=timezone.now()
    )
    return Status(201, {"file": made.pk, "upload": reverse("provider_api:upload", args=[made.pk])})


@api.delete("/files/{uuid:file}", response={204: None, _FAILURES: shapes.ProviderFailure})
def take_back(request: HttpRequest, file: uuid.UUID) -> Status[None]:
    """Give up a file that has not become evidence."""
    producing.take_back(_person(request), file, now=timezone.now())
    return Status(204, None)


@api.post(
    "/orders/{uuid:order}/statement", response={201: shapes.StatementOut, _FAILURES: shapes.ProviderFailure}
)
def state_authentic(
    request: HttpRequest, order: uuid.UUID, said: shapes.StatementIn
) -> Status[dict[str, Any]]:
    """State that the files that came are authentic."""
    made = producing.state_authentic(
        _person(request), order, producing.Said(**said.model_dump()), now=timezone.now()
    )
    return Status(201, {"document": json.loads(made.document), "sha256": made.sha256})


@api.put("/orders/{uuid:order}/readers", response={204: None, _FAILURES: shapes.ProviderFailure})
def name_readers(request: HttpRequest, order: uuid.UUID, said: shapes.ReadersIn) -> Status[None]:
    """Say who besides the legal desk may see the order."""
    wanted = {name.lower() for name in said.usernames}
    people = Person.objects.filter(provider=_person(request).provider_id, username__in=wanted)
    if people.count() != len(wanted):
        raise acts.NotOfThisProviderError
    chosen = list(people.values_list("pk", flat=True))
    acts.name_readers(_person(request), order, chosen, now=timezone.now())
    return Status(204, None)


def upload(request: HttpRequest, file: uuid.UUID) -> HttpResponse:
    """The address to which an announced file is sent: tus 1.0 with the token."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    person = tokens.owner(secret, now=timezone.now()) if scheme.lower() == "bearer" else None
    if person is None:
        return api.create_response(request, ProviderTokenNeededError().as_dict(), status=401)
    return sending.serve(request, person, file)


def _person(request: HttpRequest) -> Person:
    person: Person = request.auth  # type: ignore[attr-defined]  # Bearer gives it
    return person


def _row(order: Order) -> dict[str, Any]:
    return {
        "order": order.pk,
        "number": order.number,
        "kind": str(order.kind),
        "generation": order.generation,
        "desired": str(order.desired),
        "state": str(order.state),
        "answer_by": order.answer_by,
        "secret": secrecy.of(order, timezone.now()).holds,
    }


def _whole(order: Order) -> dict[str, Any]:
    steps = checking.steps(order)
    silence = secrecy.of(order, timezone.now())
    return _row(order) | {
        "verified": checking.holds(steps),
        "steps": [step.as_dict() for step in steps],
        "silence": silence,
        "identifiers": list(order.identifiers.all()),
        "messages": list(order.messages.all()),
        "files": [
            {
                "file": each.row.pk,
                "identifier": each.row.identifier,
                "name": each.row.name,
                "bytes": each.row.bytes,
                "offset": each.offset,
                "sha256": each.row.sha256,
                "state": each.state,
                "stated": each.row.statement_id is not None,
            }
            for each in producing.files(order)
        ],
    }
