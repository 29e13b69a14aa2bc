"""Ask for more by the same measure, where what was received on a request is found insufficient."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import correspondence, drafts, opinions
from comity.node.casework.acts.save_draft import draft_further
from comity.node.casework.models import Case, Preparation, Side
from comity.node.casework.standing import NotNowError, begin, demand_preparation


@transaction.atomic
def ask_for_more(official: Official, case: Case, *, now: datetime) -> Case:
    """Begin a further request by the same measure, which says that the answer is insufficient.

    What the request said is carried over, to be changed into what is still wanted. Raises RuleMissingError
    where no provision lets this side ask so, NotNowError before anything was received.
    """
    case = begin(official, "save_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.SIGNED, Preparation.SENT})
    facts = drafts.facts_for_more(case, now)
    opinions.power(opinions.form(facts, now), opinions.ASK_MORE, Side.REQUESTING)
    if correspondence.last_received(case, "result") is None:
        raise NotNowError(case=case.reference, standing=case.actual or case.preparation)
    return draft_further(official, case, facts, keeping=("contents",), now=now)


def provision(case: Case, now: datetime) -> str | None:
    """The provision that lets this side ask for more once an answer came, if there is one."""
    library = opinions.library()
    rules = library.rules(case.instrument) if case.instrument in library.instruments else ()
    if not any((rule.kind, rule.on) == ("power", opinions.ASK_MORE) for rule in rules):
        return None
    if correspondence.last_received(case, "result") is None:
        return None
    opinion = opinions.form(drafts.facts_for_more(case, now), now)
    return opinions.power_for(opinion, opinions.ASK_MORE, Side.REQUESTING)
