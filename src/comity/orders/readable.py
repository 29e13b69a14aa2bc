"""An order as a document for people: what it obliges its addressee to, in English, Kazakh or Russian."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from comity.letters.document import Block, Document, Fields, Paragraphs, Section, Table, typeset
from comity.letters.labels import Labels, Language
from comity.orders import form


def render_order(signed: bytes, names: Mapping[str, str], language: str) -> bytes:
    """The signed order as PDF/A-2a; ``names`` are those of its authority and provider by id."""
    return typeset(compose(signed, names, Language(language)))


def compose(signed: bytes, names: Mapping[str, str], language: Language) -> Document:
    """The blocks of the document. What is signed is the JSON; the footer names its digest."""
    order, labels = form.read(signed), Labels(language)
    word = labels.word
    held = order.holder or names.get(order.provider or "", order.provider or "")
    sections = [
        Section(word("order_what"), [Paragraphs(word(f"order_asks_{order.kind}")), *_data(order, labels)]),
        Section(word("order_identifiers"), [_identifiers(order, labels)]),
        Section(word("order_basis"), [Fields(_basis(order, labels))]),
        Section(word("order_time"), [Fields(_times(order, labels))]),
        Section(word("order_secrecy"), [Paragraphs(_secrecy(order, labels))]),
    ]
    marks = [] if order.desired == form.Desired.EXECUTED else [word(f"order_{order.desired}")]
    authority = names.get(order.authority, order.authority)
    return Document(
        language=language,
        title=labels("order_kind", order.kind),
        written_at=order.issued_at,
        parties=(
            (word("order_by"), order.issuing_body, "" if order.issuing_body == authority else authority),
            (word("order_to"), held, ""),
        ),
        marks=marks,
        summary=Fields(_summary(order, labels)),
        sections=sections,
        footer=word("order_footer").format(number=order.number, sha256=sha256(signed).hexdigest()),
    )


def _summary(order: form.Order, labels: Labels) -> list[tuple[str, str]]:
    word = labels.word
    rows = [(word("order_number"), order.number), (word("order_generation"), str(order.generation))]
    rows.append((word("order_issued_at"), labels.instant(order.issued_at)))
    if order.answer_by:
        rows.append((word("order_answer_by"), labels.instant(order.answer_by)))
    return rows


def _data(order: form.Order, labels: Labels) -> list[Block]:
    rows = []
    if order.data_kinds:
        kinds = ", ".join(labels("data_kind", kind) for kind in order.data_kinds)
        rows.append((labels.word("order_data"), kinds))
    if order.period:
        ends = (order.period.begin, order.period.end)
        told = " – ".join(labels.instant(each) if each else "…" for each in ends)
        rows.append((labels.word("order_period"), told))
    return [Fields(rows)] if rows else []


def _identifiers(order: form.Order, labels: Labels) -> Block:
    columns = [labels.word(each) for each in ("order_n", "order_type", "order_value")]
    rows = [
        [str(each.number), labels("order_identifier", each.type), each.value] for each in order.identifiers
    ]
    return Table(columns, (1, 4, 9), rows)


def _basis(order: form.Order, labels: Labels) -> list[tuple[str, str]]:
    rows = [(labels.word("order_legal_basis"), order.legal_basis)]
    if order.offence:
        rows.append((labels.word("order_offence"), order.offence))
    if order.review:
        review = order.review
        told = f"{review.body}, {review.reference}, {review.decided_on}"
        rows.append((labels.word("order_review"), told))
    return rows


def _times(order: form.Order, labels: Labels) -> list[tuple[str, str]]:
    rows = [(labels.word("order_from"), labels.instant(order.effective_from))]
    if order.effective_until:
        rows.append((labels.word("order_until"), labels.instant(order.effective_until)))
    return rows


def _secrecy(order: form.Order, labels: Labels) -> str:
    if order.secrecy is None:
        return labels.word("order_not_secret")
    if order.secrecy.until:
        return labels.word("order_secret_until").format(until=labels.instant(order.secrecy.until))
    if order.secrecy.event:
        return labels.word("order_secret_event").format(event=order.secrecy.event)
    return labels.word("order_secret")
