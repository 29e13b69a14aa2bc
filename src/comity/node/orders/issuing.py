"""Issuing an order: canonical JSON signed with the authority's seal, and the job that sends it."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from comity import canonical
from comity.node import config
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.node.orders import address
from comity.node.orders.models import Order, OrderKind
from comity.sealing import keys

SCHEMA = "comity-order/1"
PRIORITY = 20
"""Orders go before ordinary letters: data wait for nobody."""
_ACT = {OrderKind.PRESERVE: "order_preservation", OrderKind.PRODUCE: "order_production"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What an order is about: an item of a case, the account meant (type and value), which data, of when."""

    case_reference: str
    item_number: int
    identifier: tuple[str, str]
    data_kinds: list[str]
    period: tuple[datetime | None, datetime | None] = (None, None)


@transaction.atomic
def issue(
    official: Official,
    subject: Subject,
    kind: OrderKind,
    provider: Authority,
    *,
    legal_basis: str,
    secret: bool,
    now: datetime,
) -> Order:
    """Sign an order to a provider and queue it.

    ``legal_basis`` is the provision of this State's law, ``secret`` whether the provider must keep the order
    confidential. Raises NotAuthorisedError, and ProviderAddressUnsafeError for a provider that cannot be
    reached safely.
    """
    authorise(official, _ACT[kind])
    address.check(provider)
    serial = Order.objects.filter(case_reference=subject.case_reference).count() + 1
    order = Order(
        id=uuid.uuid4(),
        number=f"{subject.case_reference}-O{serial}",
        case_reference=subject.case_reference,
        item_number=subject.item_number,
        kind=kind,
        provider=provider,
        identifier_type=subject.identifier[0],
        identifier_value=subject.identifier[1],
        data_kinds=subject.data_kinds,
        legal_basis=legal_basis,
        secret=secret,
        issued_at=now,
        issued_by=official,
    )
    order.canonical = canonical.write(_content(order, subject.period))
    signature = keys.load(config.current().keys).seal.sign(order.canonical)
    order.signature = base64.b64encode(signature).decode("ascii")
    order.save(force_insert=True)
    digest = sha256(order.canonical).hexdigest()
    content = {"what": "order", "order": str(order.id), "kind": str(kind), "sha256": digest}
    entries.append("order_issued", order.case_reference, content, now=now)
    outbox.ask("orders.send", f"orders.send:{order.id}", {"order": str(order.id)}, now=now, priority=PRIORITY)
    return order


def _content(order: Order, period: tuple[datetime | None, datetime | None]) -> dict[str, Any]:
    begin, end = (canonical.instant_text(each) if each else None for each in period)
    return {
        "schema": SCHEMA,
        "order": str(order.id),
        "number": order.number,
        "kind": str(order.kind),
        "authority": known.own().id,
        "provider": order.provider_id,
        "identifier": {"type": order.identifier_type, "value": order.identifier_value},
        "data_kinds": order.data_kinds,
        "period": {"from": begin, "to": end} if begin or end else None,
        "legal_basis": order.legal_basis,
        "secret": order.secret,
        "issued_at": canonical.instant_text(order.issued_at),
    }
