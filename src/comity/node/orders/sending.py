"""The jobs that carry an order to a provider and collect its answer. Idempotent: the order's id is the key.

The provider's interface: ``PUT /orders/<id>`` takes ``{"order": base64, "signature": base64}``;
``GET /orders/<id>`` answers ``{"state": received|done|not_held|failed, "at", "note", "files": […]}``;
``GET /orders/<id>/files/<n>`` gives a produced file.
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
from comity.node.exhibits import intake
from comity.node.exhibits.streams import from_pieces
from comity.node.jobs import Later, outbox
from comity.node.ledger import entries
from comity.node.orders import address, answers
from comity.node.orders.issuing import PRIORITY
from comity.node.orders.models import Order, OrderKind, OrderState
from comity.shapes import first_problem
from comity.terms import ComityError, gettext_noop

_TIMEOUT = httpx.Timeout(10, read=30)
_LONGEST_ANSWER = 1024 * 1024


class ProviderRefusedError(ComityError):
    """The provider answered the order with a refusal at the door."""

    code = "provider_refused"
    message = gettext_noop("{provider} did not take order {number}: {status} {detail}")
    next_step = gettext_noop("Look at what it says; issue a new order if this one is wrong.")


def send(payload: dict[str, Any], now: datetime) -> None:
    """Job ``orders.send``: hand the signed order over, then begin to ask for its answer."""
    order = Order.objects.select_related("provider").get(pk=payload["order"])
    if order.state != OrderState.ISSUED:
        return
    body = {
        "order": base64.b64encode(bytes(order.canonical)).decode("ascii"),
        "signature": order.signature,
    }
    with _client(order) as client:
        _checked(order, client.put(f"/orders/{order.id}", json=body))
    with transaction.atomic():
        Order.objects.filter(pk=order.pk, state=OrderState.ISSUED).update(state=OrderState.RECEIVED)
        outbox.ask("orders.collect", f"orders.collect:{order.id}", payload, now=now, priority=PRIORITY)


def collect(payload: dict[str, Any], now: datetime) -> None:
    """Job ``orders.collect``: fetch the answer; take produced files in as exhibits; tell casework once."""
    order = Order.objects.select_related("provider", "issued_by").get(pk=payload["order"])
    if order.state != OrderState.RECEIVED:
        return
    with _client(order) as client:
        answer = _read(order, _checked(order, client.get(f"/orders/{order.id}")))
        if answer.state == OrderState.RECEIVED:
            raise Later(answers.PATIENCE_SECONDS)
        if order.kind == OrderKind.PRODUCE and answer.state == OrderState.DONE:
            for n, file in enumerate(answer.files):
                _take_in(client, order, n, file, now)
    with transaction.atomic():
        _settle(order, answer, now)


def _settle(order: Order, answer: answers.Answer, now: datetime) -> None:
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.state != OrderState.RECEIVED:
        return
    order.state, order.answer, order.answered_at = answer.state, answer.as_json(), now
    order.save(update_fields=["state", "answer", "answered_at"])
    told = sha256(canonical.write(order.answer)).hexdigest()
    content = {"what": "order_answer", "order": str(order.id), "state": str(order.state), "sha256": told}
    entries.append("order_answered", order.case_reference, content, now=now)
    answers.tell(order, now)


def _take_in(client: httpx.Client, order: Order, n: int, file: answers.File, now: datetime) -> None:
    with client.stream("GET", f"/orders/{order.id}/files/{n}") as response:
        _checked(order, response)
        intake.take_in(
            order.issued_by,
            from_pieces(response.iter_raw(1024 * 1024)),
            intake.Description(
                case_reference=order.case_reference,
                item_number=order.item_number,
                raw_name=file.name,
                media_type=file.media_type,
                source=order.provider.id,
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
    headers = {"Authorization": f"Bearer {address.token(order.provider)}", "Accept-Encoding": "identity"}
    with httpx.Client(
        base_url=address.check(order.provider),
        headers=headers,
        timeout=_TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield client


def _checked(order: Order, response: httpx.Response) -> httpx.Response:
    if not response.is_success:
        raise ProviderRefusedError(
            provider=order.provider_id,
            number=order.number,
            status=response.status_code,
            detail=response.reason_phrase,
        )
    return response


def _read(order: Order, response: httpx.Response) -> answers.Answer:
    try:
        return answers.Answer.model_validate(canonical.read(response.content, max_bytes=_LONGEST_ANSWER))
    except ValidationError as error:
        where, why = first_problem(error)
        raise answers.AnswerUnreadableError(number=order.number, where=where, why=why) from None


HANDLERS: dict[str, Callable[[dict[str, Any], datetime], None]] = {
    "orders.send": send,
    "orders.collect": collect,
}
"""What wiring registers with the outbox."""
