"""The jobs that carry an order to a provider and collect its answer. Idempotent: the order's id is the key.

The provider's interface: ``PUT /orders/<id>`` takes ``{"order": base64, "signature": base64}``, again for a
later generation; ``GET /orders/<id>`` gives an answer; ``GET /orders/<id>/files/<n>`` a produced file
(docs/spec/orders.md, clauses ORDER-12 and ORDER-13).
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

import httpx
from django.db import transaction
from pydantic import ValidationError

from comity import canonical
from comity.node.directory.models import Authority
from comity.node.exhibits import intake
from comity.node.exhibits.streams import from_pieces
from comity.node.jobs import Later, outbox
from comity.node.orders import address, answers, messages
from comity.node.orders.issuing import PRIORITY
from comity.node.orders.models import Desired, Order, OrderState
from comity.orders.form import LONGEST, UNANSWERED, Answer, File, state_of
from comity.shapes import first_problem
from comity.terms import ComityError, gettext_noop

_TIMEOUT = httpx.Timeout(10, read=30)
_PIECE = 1024 * 1024


class ProviderRefusedError(ComityError):
    """The provider answered the order with a refusal at the door."""

    code = "provider_refused"
    message = gettext_noop("{provider} did not take order {number}: {status} {detail}")
    next_step = gettext_noop("Look at what it says; issue a new order if this one is wrong.")


def send(payload: dict[str, Any], now: datetime) -> None:
    """Job ``orders.send``: hand the newest generation over, then begin to ask for the answer to the order."""
    order = Order.objects.select_related("provider").get(pk=payload["order"])
    if order.sent_generation >= order.generation or order.state == OrderState.PREPARED:
        return
    body = {
        "order": base64.b64encode(bytes(order.canonical)).decode("ascii"),
        "signature": order.signature,
    }
    with _client(order) as client:
        _checked(order, client.put(f"/orders/{order.id}", json=body))
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(sent_generation=order.generation)
        first = Order.objects.filter(pk=order.pk, state=OrderState.ISSUED).update(state=OrderState.RECEIVED)
        if first:
            outbox.ask("orders.collect", f"orders.collect:{order.id}", payload, now=now, priority=PRIORITY)


def collect(payload: dict[str, Any], now: datetime) -> None:
    """Job ``orders.collect``: fetch the answer; take produced files in as exhibits; tell casework once."""
    order = Order.objects.select_related("provider", "issued_by").get(pk=payload["order"])
    if order.state not in UNANSWERED or order.desired != Desired.EXECUTED:
        return
    with _client(order) as client:
        answer = _asked(client, order)
        if answer.state in UNANSWERED:
            _listen(order, answer, now)
            raise Later(answers.PATIENCE_SECONDS)
        if answer.state in (OrderState.DONE, OrderState.PARTLY_DONE):
            for n, file in enumerate(answer.files):
                _take_in(client, order, n, file, now)
    answers.settle(order, answer, now)


def _listen(order: Order, answer: Answer, now: datetime) -> None:
    """Keep that the provider is at work, and a question that it has not asked before."""
    if answer.state == OrderState.IN_EXECUTION:
        answers.acknowledge(order, OrderState.IN_EXECUTION, now)
    asked = answer.question.strip()
    if asked and not order.messages.filter(reply=False, text=asked).exists():
        messages.ask(order, str(order.provider), asked, now)


def _take_in(client: httpx.Client, order: Order, n: int, file: File, now: datetime) -> None:
    with client.stream("GET", f"/orders/{order.id}/files/{n}") as response:
        _checked(order, response)
        intake.take_in(
            order.issued_by,
            from_pieces(_at_most(response, file.bytes)),
            intake.Description(
                case_reference=order.case_reference,
                item_number=order.item_number,
                raw_name=file.name,
                media_type=file.media_type,
                source=order.provider_id or "",
                data_kind=file.data_kind,
            ),
            now=now,
            exhibit_id=file_id(order, n),
            announced=(file.bytes, file.sha256),
        )


def file_id(order: Order, n: int) -> uuid.UUID:
    """The exhibit id of an order's n-th file, the same however often it is collected."""
    return uuid.UUID(bytes=sha256(f"{order.id}/{n}".encode("ascii")).digest()[:16], version=4)


@contextmanager
def _client(order: Order) -> Iterator[httpx.Client]:
    provider = _provider(order)
    headers = {"Authorization": f"Bearer {address.token(provider)}", "Accept-Encoding": "identity"}
    with httpx.Client(
        base_url=address.check(provider),
        headers=headers,
        timeout=_TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield client


def _provider(order: Order) -> Authority:
    if order.provider is None:
        raise address.ProviderAddressUnsafeError(provider=order.holder, address="")
    return order.provider


def _checked(order: Order, response: httpx.Response) -> httpx.Response:
    if not response.is_success:
        raise ProviderRefusedError(
            provider=order.provider_id,
            number=order.number,
            status=response.status_code,
            detail=response.reason_phrase,
        )
    return response


def _asked(client: httpx.Client, order: Order) -> Answer:
    """The provider's answer; one that is longer than an answer may be is not read to its end."""
    with client.stream("GET", f"/orders/{order.id}") as response:
        said = b"".join(_at_most(_checked(order, response), LONGEST))
    try:
        answer = Answer.model_validate(canonical.read(said, max_bytes=LONGEST))
    except ValidationError as error:
        where, why = first_problem(error)
        raise answers.AnswerUnreadableError(number=order.number, where=where, why=why) from None
    if answer.state not in UNANSWERED and answer.identifiers:
        _demand_consistent(order, answer)
    return answer


def _at_most(response: httpx.Response, most: int) -> Iterator[bytes]:
    """What comes, up to the first piece that passes ``most`` bytes: whoever reads finds it too long."""
    came = 0
    for piece in response.iter_raw(_PIECE):
        yield piece
        came += len(piece)
        if came > most:
            return


def _demand_consistent(order: Order, answer: Answer) -> None:
    """Raise AnswerUnreadableError where the end told is not that of every identifier. Clause ORDER-10."""
    said = {each.number: each.outcome for each in answer.identifiers}
    if said.keys() != set(order.identifiers.values_list("number", flat=True)):
        raise answers.AnswerUnreadableError(number=order.number, where="identifiers", why="not each once")
    if answer.state != state_of(said.values()):
        raise answers.AnswerUnreadableError(number=order.number, where="state", why="not that of identifiers")


HANDLERS: dict[str, Callable[[dict[str, Any], datetime], None]] = {
    "orders.send": send,
    "orders.collect": collect,
}
"""What wiring registers with the outbox."""
