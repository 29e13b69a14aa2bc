"""Reply to a question about an order, and write down an answer that came by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import ordering
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import begin
from comity.node.orders import answers, messages
from comity.node.orders.models import Message, Order
from comity.orders.form import IdentifierAnswer


@transaction.atomic
def reply_on_order(official: Official, case: Case, order: Order, *, text: str, now: datetime) -> Message:
    """Answer the addressee's question; raise OrderNotOpenError."""
    case = begin(official, "reply_on_order", case, Side.REQUESTED)
    return messages.reply(official, ordering.locked(case, order), text, now)


@transaction.atomic
def record_order_answer(
    official: Official, case: Case, order: Order, said: Sequence[IdentifierAnswer], *, now: datetime
) -> Order:
    """Write down what the addressee answered for some identifiers, on paper or by word of mouth.

    Raises OrderNotOpenError, NoSuchIdentifierError, AnswerReasonMissingError.
    """
    case = begin(official, "record_order_answer", case, Side.REQUESTED)
    return answers.answer_identifiers(ordering.locked(case, order), said, now)
