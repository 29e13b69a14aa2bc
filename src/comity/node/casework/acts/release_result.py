"""Release a prepared result: a second person decides, the exhibits leave under the letter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.letters.bodies import REQUESTS
from comity.node.accounts.authority import second_person
from comity.node.accounts.models import Official
from comity.node.casework import (
    correspondence,
    events,
    limits,
    markings,
    running,
    safe_conducts,
    signing,
    statuses,
    writing,
)
from comity.node.casework.models import Case, Side
from comity.node.casework.outcomes import open_items
from comity.node.casework.standing import NotNowError, begin
from comity.node.exchange.models import Letter
from comity.node.exhibits import release
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries


def prepared(case: Case) -> dict[str, Any]:
    """The result that waits for its release; raise NotNowError where none was prepared."""
    if case.draft is None:
        raise NotNowError(case=case.reference, standing=case.actual)
    return dict(case.draft)


@transaction.atomic
def release_result(official: Official, case: Case, *, now: datetime) -> Letter:
    """Sign the result and hand its exhibits over; FourEyesError for the person who prepared it."""
    case = begin(official, "release_result", case, Side.REQUESTED)
    draft = prepared(case)
    preparer = Official.objects.get(pk=draft["prepared_by"])
    second_person(preparer, official)
    safe_conducts.demand_none_touched(official, case, now)
    _demand_in_execution(case, draft)
    letter_id = signing.letter_id()
    ids = [each for item in draft["items"] for each in item["exhibits"]]
    exhibits = list(Exhibit.objects.filter(pk__in=ids).order_by("number"))
    markings.demand_no_secret(case, [each.pk for each in exhibits])
    custody = release.send(exhibits, letter_id, official=official, to=str(case.peer), now=now)
    for told in draft["items"]:
        item = case.items.get(number=told["number"])
        item.note = told["note"]
        statuses.set_actual(case, [item], told["actual"])
    body: dict[str, Any] = {
        "reference": case.reference,
        "whole": all(item.actual in statuses.FINISHED for item in case.items.all()),
        "items": draft["items"],
        "custody": custody,
        "authenticity": draft["authenticity"],
        **{part: draft[part] for part in ("language", "translations") if part in draft},
    }
    letter = writing.write(
        case,
        "result",
        body,
        [
            writing.person("drafter", preparer, case.changed_at),
            *writing.signatory(official, "release_result", now),
        ],
        letter_id=letter_id,
        answers=correspondence.answering(case, *REQUESTS),
        limits=draft["limits"],
        attachments=[release.announce(exhibit) for exhibit in exhibits],
        now=now,
    )
    _close(official, case, letter, body, now)
    return letter


def _demand_in_execution(case: Case, draft: dict[str, Any]) -> None:
    """What was withdrawn or postponed since the result was prepared is not released."""
    numbers = [item["number"] for item in draft["items"]]
    still_open = {item.number for item in open_items(case.items.all())}
    for item in case.items.filter(number__in=numbers):
        if item.number not in still_open:
            raise NotNowError(case=case.reference, standing=item.actual)


def _close(official: Official, case: Case, letter: Letter, body: dict[str, Any], now: datetime) -> None:
    limits.lay_down(case, case.draft["limits"], letter.id, now)  # type: ignore[index]
    if body["whole"]:
        running.on_decision(case, now)
    case.draft, case.changed_at = None, now
    case.save()
    content = {"what": "result_released", "case": case.reference, "letter": str(letter.id), "by": official.pk}
    entry = entries.append("result_released", case.reference, content, now=now)
    events.note(case, "result_released", now=now, by=official, letter=letter.id, entry=entry)
