"""Register a request that arrived."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.letters.bodies import REQUESTS, RequestBody
from comity.letters.schema import parse
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, events, opinions, oral, running, statuses, writing
from comity.node.casework.acts.change_access import assign
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import NotNowError, begin
from comity.node.exchange.models import Letter
from comity.node.ledger import entries
from comity.reasoning import Problem, check

MISSING, CONTENTS = "content_missing", "contents."


@transaction.atomic
def register_request(
    official: Official,
    case: Case,
    *,
    deficient: Collection[str] = (),
    none_fits: bool = False,
    now: datetime,
) -> Letter:
    """Enter the request that arrived last in the books, with its items; start the clocks of its receipt.

    ``deficient`` names fields that the request lacks, of those that the law asks for: it is registered all
    the same, and its items wait for a supplement. Raises FieldNotAskedError. ``none_fits``: of the oral
    requests of its sender that were noted down, the letter confirms none; else NotedOrallyError.

    What was ordered on an oral request goes on when its confirmation is registered.
    """
    case = begin(official, "register_request", case, Side.REQUESTED)
    request = correspondence.last_received(case, *REQUESTS)
    if request is None or request.generation <= case.registered_generation:
        raise NotNowError(case=case.reference, standing=case.actual)
    oral.demand_compared(case, request, none_fits=none_fits)
    asked = case.items.filter(number__in=_numbers(request))
    begun = list(asked.filter(actual="in_execution").values_list("pk", flat=True))
    deficiencies = opinions.demanded(case.opinion or {}, deficient)
    statuses.set_actual(case, asked, "deficient" if deficiencies else "registered")
    received_at = request.received_at or now
    body = {
        "reference": case.reference,
        "received_at": canonical.instant_text(received_at),
        "items": [{"number": item.number, "actual": item.actual} for item in asked.all()],
        "deficiencies": deficiencies,
    }
    people = [writing.person("signatory", official, now)]
    letter = writing.write(case, "registration", body, people, answers=[str(request.id)], now=now)
    if request.kind == "oral_confirmation" and not deficiencies:
        statuses.set_actual(case, case.items.filter(pk__in=begun), "in_execution")
    case.registered_generation, case.changed_at = request.generation, now
    case.executing_officer = case.executing_officer or official
    case.save()
    assign(official, case, now)
    running.on_receipt(case, received_at, now)
    content = {
        "what": "request_registered",
        "case": case.reference,
        "letter": str(letter.id),
        "by": official.pk,
    }
    entry = entries.append("request_registered", case.reference, content, now=now)
    events.note(
        case,
        "request_registered",
        now=now,
        by=official,
        letter=letter.id,
        entry=entry,
        reference=case.reference,
    )
    return letter


def _numbers(request: Letter) -> list[int]:
    """The items that a request asks about; others of the case stay as they are."""
    body = parse(bytes(request.canonical or b"")).body
    return [item.number for item in body.items] if isinstance(body, RequestBody) else []


def lacking(case: Case, request: Letter | None) -> list[Problem]:
    """What the law requires and the request does not say; its official decides what follows."""
    if request is None or request.canonical is None:
        return []
    body = parse(bytes(request.canonical)).body.as_json()
    found = check(opinions.as_known_here(body), opinions.library())
    asked = {each["field"] for each in (case.opinion or {}).get("contents", [])}
    return [each for each in found if each.code == MISSING and each.field.removeprefix(CONTENTS) in asked]
