"""Give what the other side says a request lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import markings
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def give_supplement(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    contents: Mapping[str, str],
    letter: str | None = None,
    state_secret: bool = False,
    now: datetime,
) -> Letter:
    """Answer what was asked, by field of the law; whether it is enough the requested side says.

    ``state_secret`` marks what is given; StateSecretError is then all that comes of it.
    """
    case, spoken_of = begin_turn(official, "give_supplement", case, items)
    markings.demand_no_secret(case, said=state_secret)
    asked = answered_letter(case, "give_supplement", letter)
    given = {field: words for field, words in contents.items() if words.strip()}
    body = {"text": text, "contents": given}
    return say(official, "give_supplement", case, spoken_of, body, replying=[asked], now=now)
