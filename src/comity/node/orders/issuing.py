"""Preparing an order, signing its generations with the authority's seal, and the job that sends each."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils.translation import gettext_lazy

from comity import canonical
from comity.node import config
from comity.node.accounts.models import Official
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.node.orders import address
from comity.node.orders.models import Identifier, Order, OrderKind, OrderState, Superseded
from comity.node.pages.wording import Series
from comity.orders import form
from comity.sealing import keys
from comity.terms import ComityError, gettext_noop

PRIORITY = 20
"""Orders go before ordinary letters: data wait for nobody."""


class OrderIncompleteError(ComityError):
    """What no order may lack is missing."""

    code = "order_incomplete"
    message = gettext_noop("The order lacks: {missing}.")
    next_step = gettext_noop("Say it, then issue the order.")


@dataclass(frozen=True, slots=True)
class Subject:
    """What an order is about: an item of a case, the accounts meant (type and value), which data, of when."""

    case_reference: str
    item_number: int
    identifiers: Sequence[tuple[str, str]]
    data_kinds: list[str]
    period: tuple[datetime | None, datetime | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Review:
    """The decision of whoever had to approve the order."""

    body: str
    reference: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an order rests on and how far it goes.

    ``legal_basis`` is the provision of this State's law; ``necessity`` and ``proportionality`` are the words
    of the officer who asks for it; ``secret`` obliges the addressee until ``secret_until``, ``secret_event``,
    or an act that ends it. Empty ``starts_at`` means: when it is issued.
    """

    legal_basis: str
    necessity: str
    proportionality: str
    issuing_body: str = ""
    offence: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    secret: bool = True
    secret_until: datetime | None = None
    secret_event: str = ""
    answer_by: datetime | None = None
    review: Review | None = None
    further: Sequence[tuple[str, str]] = ()
    """Further identifiers of the same item (type and value)."""


@transaction.atomic
def prepare(
    official: Official,
    subject: Subject,
    kind: OrderKind,
    addressee: Authority | str,
    terms: Terms,
    *,
    renews: Order | None = None,
    now: datetime,
) -> Order:
    """An order as it shall be issued, to a provider or to a holder named in words; nothing is signed yet.

    Who may do so and whether it may be ordered is the caller's question. Raises OrderIncompleteError, and
    ProviderAddressUnsafeError for a provider that cannot be reached safely.
    """
    provider = addressee if isinstance(addressee, Authority) else None
    _demand_whole(terms, provider, "" if provider else str(addressee))
    if provider is not None and provider.peer_url:
        address.check(provider)
    serial = Order.objects.filter(case_reference=subject.case_reference).count() + 1
    review = terms.review
    order = Order.objects.create(
        id=uuid.uuid4(),
        number=f"{subject.case_reference}-O{serial}",
        case_reference=subject.case_reference,
        item_number=subject.item_number,
        kind=kind,
        provider=provider,
        holder="" if provider else str(addressee),
        issuing_body=terms.issuing_body,
        data_kinds=subject.data_kinds,
        period_from=subject.period[0],
        period_to=subject.period[1],
        offence=terms.offence,
        legal_basis=terms.legal_basis,
        necessity=terms.necessity,
        proportionality=terms.proportionality,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        renews=renews,
        review_body=review.body if review else "",
        review_reference=review.reference if review else "",
        review_decided_on=review.decided_on if review else None,
        secret=terms.secret,
        secret_until=terms.secret_until,
        secret_event=terms.secret_event,
        answer_by=terms.answer_by,
        prepared_at=now,
        prepared_by=official,
    )
    named = dict.fromkeys((*subject.identifiers, *terms.further))
    Identifier.objects.bulk_create(
        Identifier(order=order, number=number, type=each[0], value=each[1])
        for number, each in enumerate(named, 1)
    )
    reasons = canonical.write({"necessity": order.necessity, "proportionality": order.proportionality})
    content = {"what": "order_prepared", "order": str(order.id), "kind": str(kind), "by": official.pk}
    content["reasons_sha256"] = sha256(reasons).hexdigest()
    entries.append("order_prepared", order.case_reference, content, now=now)
    return order


@transaction.atomic
def issue(official: Official, order: Order, *, now: datetime) -> Order:
    """Sign a prepared order and queue it for a provider that has an interface; others see it on their page.

    An order that is issued already is returned as it is.
    """
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if order.state != OrderState.PREPARED:
        return order
    order.state, order.issued_at, order.issued_by = OrderState.ISSUED, now, official
    order.starts_at = order.starts_at or now
    order.issuing_body = order.issuing_body or known.own().name("en")
    order.save()
    _sign(order, now)
    digest = sha256(order.canonical).hexdigest()
    content = {
        "what": "order",
        "order": str(order.id),
        "kind": str(order.kind),
        "sha256": digest,
        "by": official.pk,
    }
    entries.append("order_issued", order.case_reference, content, now=now)
    return order


def sign_anew(official: Official, order: Order, *, now: datetime) -> Order:
    """Sign the next generation of an order whose row the caller changed and locked; keep the earlier one."""
    Superseded.objects.create(
        order=order,
        generation=order.generation,
        canonical=bytes(order.canonical),
        signature=order.signature,
        certificates=order.certificates,
        at=now,
    )
    _sign(order, now)
    digest = sha256(order.canonical).hexdigest()
    content = {"what": "order_changed", "order": str(order.id), "generation": order.generation}
    content |= {"desired": str(order.desired), "sha256": digest, "by": official.pk}
    entries.append("order_changed", order.case_reference, content, now=now)
    return order


def document(order: Order) -> form.Order:
    """The order in its JSON form, as its row stands now. Clauses ORDER-3 to ORDER-7."""
    text = _optional_instant
    held = order.secret and order.secret_ended_at is None
    review = {
        "body": order.review_body,
        "reference": order.review_reference,
        "decided_on": order.review_decided_on.isoformat() if order.review_decided_on else "",
    }
    period = {"from": text(order.period_from), "to": text(order.period_to)}
    value = {
        "schema": form.SCHEMA,
        "order": str(order.id),
        "number": order.number,
        "generation": order.generation,
        "desired": str(order.desired),
        "kind": str(order.kind),
        "authority": known.own().id,
        "issuing_body": order.issuing_body,
        "review": review if order.review_body else None,
        "provider": order.provider_id,
        "holder": order.holder,
        "identifiers": [
            {"number": each.number, "type": each.type, "value": each.value}
            for each in order.identifiers.all()
        ],
        "data_kinds": order.data_kinds,
        "period": period if order.period_from or order.period_to else None,
        "offence": order.offence,
        "legal_basis": order.legal_basis,
        "effective_from": text(order.starts_at),
        "effective_until": text(order.ends_at),
        "renews": str(order.renews_id) if order.renews_id else None,
        "secrecy": {"until": text(order.secret_until), "event": order.secret_event} if held else None,
        "answer_by": text(order.answer_by),
        "issued_at": text(order.issued_at),
    }
    return form.Order.model_validate(value)


def _sign(order: Order, now: datetime) -> None:
    order.generation += 1
    order.canonical = canonical.write(document(order).as_json())
    own = keys.load(config.current().keys)
    order.signature = base64.b64encode(own.seal.sign(order.canonical)).decode("ascii")
    order.certificates = "".join(
        each.public_bytes(Encoding.PEM).decode("ascii") for each in (own.seal.certificate, own.ca)
    )
    order.save()
    if order.provider is not None and order.provider.peer_url:
        key = f"orders.send:{order.id}:{order.generation}"
        outbox.ask("orders.send", key, {"order": str(order.id)}, now=now, priority=PRIORITY)


def _demand_whole(terms: Terms, provider: Authority | None, holder: str) -> None:
    said = {
        gettext_lazy("legal basis"): terms.legal_basis,
        gettext_lazy("necessity"): terms.necessity,
        gettext_lazy("proportionality"): terms.proportionality,
        gettext_lazy("addressee"): provider or holder,
    }
    missing = [name for name, value in said.items() if not str(value).strip()]
    if missing:
        raise OrderIncompleteError(missing=Series(missing))


def _optional_instant(instant: datetime | None) -> str | None:
    return canonical.instant_text(instant) if instant else None
