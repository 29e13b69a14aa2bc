"""Conditions on personal data: offered with their own provision, accepted, sent with the result, shown."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from tests.node.casework.conftest import WORDS, by_two, said

from comity.node.casework import limits, opinions
from comity.node.casework.acts.offer_conditions import offer_conditions
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.dialogue.openings import openings
from comity.node.casework.models import Case, Limit
from comity.node.casework.opinions import RuleMissingError
from comity.node.exhibits import access
from comity.node.exhibits.models import Exhibit

SET_BY = "uncc:art_36__para_1__point_b"
WIDER = "uncc:art_40__para_28"
PERSONAL = {"id": "personal_data_conditions", "cite": SET_BY, "text": "Kept by two named officers."}


def offer(officer: Any, case: Case, now: Any, *conditions: tuple[str, str]) -> Any:
    return by_two(offer_conditions)(officer, case, [1], **WORDS, conditions=conditions, now=now)


def test_each_condition_rests_on_the_provision_of_its_kind(asked: Case, officer: Any, clock: Any) -> None:
    letter = offer(officer, asked, clock.now, (PERSONAL["id"], PERSONAL["text"]), ("retention", "One year."))
    assert [each.cite for each in said(letter).body.conditions] == [SET_BY, WIDER]


def test_conditions_on_personal_data_need_no_duty_on_conditions_at_large(
    asked: Case, officer: Any, clock: Any
) -> None:
    asked.opinion["duties"] = []  # type: ignore[index]
    asked.save()
    assert offer(officer, asked, clock.now, (PERSONAL["id"], PERSONAL["text"]))
    with pytest.raises(RuleMissingError):
        offer(officer, asked, clock.now, ("retention", "One year."))
    asked.opinion["limits"] = []  # type: ignore[index]
    asked.save()
    with pytest.raises(RuleMissingError):
        offer(officer, asked, clock.now, (PERSONAL["id"], PERSONAL["text"]))
    turns = {each.turn.act: each.blocked for each in openings(asked, officer, list(asked.items.all()))}
    assert turns["offer_conditions"]


@pytest.fixture
def agreed(asked: Case, officer: Any, clock: Any, hear: Any) -> Case:
    """The conditions on personal data were accepted; item 1 is in execution and brought an exhibit."""
    offer(officer, asked, clock.now, (PERSONAL["id"], PERSONAL["text"]))
    hear(asked, "conditions_accepted", conditions=[PERSONAL])
    asked.items.update(actual="in_execution")
    Exhibit.objects.create(
        id=uuid.uuid4(),
        number=f"{asked.reference}-E1",
        case_reference=asked.reference,
        item_number=1,
        raw_name="log.txt",
        source="a provider",
        media_type="text/plain",
        bytes=1,
        sha256="0" * 64,
        wrapped_key=b"-",
        origin="xa-247",
        taken_in_at=clock.now,
    )
    asked.refresh_from_db()
    return asked


def test_accepted_conditions_go_with_what_they_bind(agreed: Case, officer: Any, clock: Any) -> None:
    case = prepare_result(officer, agreed, authenticity="As produced.", limits=[], now=clock.now)
    assert case.draft["limits"] == [PERSONAL]  # type: ignore[index]


def test_other_limits_go_with_them_and_none_stands_twice(agreed: Case) -> None:
    wanted = [
        {"id": PERSONAL["id"], "cite": SET_BY, "text": None},
        {"id": "stated_purpose_only", "cite": "uncc:art_40__para_19", "text": None},
    ]
    sent = limits.accepted_with(agreed, wanted)
    assert sent == [wanted[1], PERSONAL]


def test_without_accepted_conditions_only_what_was_chosen_goes(asked: Case) -> None:
    wanted = [{"id": "stated_purpose_only", "cite": "uncc:art_40__para_19", "text": None}]
    assert limits.accepted_with(asked, wanted) == wanted


def test_an_exhibit_shows_the_limits_that_bind_it(agreed: Case, official: Any, client: Any) -> None:
    exhibit = Exhibit.objects.get()
    assert [each.text for each in access.limits_of(exhibit)] == [PERSONAL["text"]]
    Limit.objects.create(
        case=Case.objects.create(
            reference="XA-2027-000077",
            side="requested",
            peer=agreed.peer,
            heading="-",
            opened_at=agreed.opened_at,
            changed_at=agreed.changed_at,
        ),
        limit="retention",
        cite=WIDER,
        text="Of another case.",
        letter=uuid.uuid4(),
        since=agreed.opened_at,
    )
    client.force_login(official("custodian"))
    page = client.get(f"/exhibits/{exhibit.pk}/").content.decode()
    assert PERSONAL["text"] in page
    assert "UNCC 36(1)(b)" in page
    assert "Of another case." not in page


def test_a_provision_that_does_not_apply_sets_no_conditions(asked: Case) -> None:
    opinion = {"limits": [{"id": PERSONAL["id"], "cite": SET_BY, "outcome": "does_not_apply"}], "duties": []}
    with pytest.raises(RuleMissingError):
        opinions.personal_data_conditions(opinion)
