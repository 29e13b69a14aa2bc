"""What shows the abuse of a child: nobody opens it alone, and it goes out in nothing else."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comity.node.accounts.authority import FourEyesError, NotAuthorisedError
from comity.node.accounts.models import Official
from comity.node.casework.acts.mark import MarkingMisplacedError, lift_marking, mark
from comity.node.casework.marked import MarkingKind
from comity.node.casework.models import Case
from comity.node.exhibits import access, closing, intake, viewing
from comity.node.exhibits.models import Exhibit
from comity.node.ledger.models import Entry

WHY = "to identify the place"


@pytest.fixture
def one(official: Any) -> Official:
    return official("custodian", "duty_officer")  # type: ignore[no-any-return]


@pytest.fixture
def other(official: Any) -> Official:
    return official("custodian", "signatory")  # type: ignore[no-any-return]


@pytest.fixture
def exhibit(case: Case, one: Official, clock: Any) -> Exhibit:
    described = intake.Description(case.reference, None, "a.img", "image/png", "the bureau")
    made = intake.take_in(one, io.BytesIO(b"picture"), described, now=clock.now)
    mark(one, case, kind=MarkingKind.ABUSE, exhibit=str(made.pk), reason="as reported", now=clock.now)
    return made


def acts(exhibit: Exhibit) -> list[str]:
    return list(exhibit.custody.values_list("act", flat=True))


def test_nobody_opens_it_alone(exhibit: Exhibit, one: Official, clock: Any) -> None:
    for take in (lambda: access.give_out(one, exhibit, purpose=WHY, now=clock.now),
                 lambda: access.export(one, exhibit, note=WHY, now=clock.now)):  # fmt: skip
        with pytest.raises(viewing.SecondPersonNeededError):
            take()
    asked = viewing.ask(one, exhibit, purpose=WHY, now=clock.now)
    with pytest.raises(FourEyesError):
        viewing.agree(one, exhibit, asked.pk, now=clock.now)
    with pytest.raises(viewing.SecondPersonNeededError):
        access.give_out(one, exhibit, purpose=WHY, now=clock.now)
    assert acts(exhibit) == ["received", "hashed"]


def test_two_open_it_once_and_custody_names_both(
    exhibit: Exhibit, one: Official, other: Official, clock: Any
) -> None:
    asked = viewing.ask(one, exhibit, purpose=WHY, now=clock.now)
    viewing.agree(other, exhibit, asked.pk, now=clock.now)
    with pytest.raises(viewing.SecondPersonNeededError):
        access.give_out(other, exhibit, purpose=WHY, now=clock.now)  # who agreed did not ask
    assert access.give_out(one, exhibit, purpose=WHY, now=clock.now).read() == b"picture"
    assert str(other) in exhibit.custody.get(act="opened").record["note"]
    with pytest.raises(viewing.SecondPersonNeededError):
        access.give_out(one, exhibit, purpose=WHY, now=clock.now)
    assert [each.kind for each in Entry.objects.filter(kind__startswith="viewing").order_by("id")] == [
        "viewing_asked",
        "viewing_agreed",
    ]


def test_an_agreement_ends_after_a_day(exhibit: Exhibit, one: Official, other: Official, clock: Any) -> None:
    asked = viewing.ask(one, exhibit, purpose=WHY, now=clock.now)
    viewing.agree(other, exhibit, asked.pk, now=clock.now)
    with pytest.raises(viewing.SecondPersonNeededError):
        access.give_out(one, exhibit, purpose=WHY, now=clock.advance(hours=24))


def test_it_goes_into_no_bundle_and_out_with_no_container(
    exhibit: Exhibit, one: Official, clock: Any
) -> None:
    assert closing.open_of_case(exhibit.case_reference) == []
    assert closing.closed_of_case(exhibit.case_reference) == [exhibit]
    with pytest.raises(viewing.OnlyByItselfError):
        access.let_out(one, {str(exhibit.pk)}, lambda: io.BytesIO(b""), note="-", now=clock.now)
    assert acts(exhibit) == ["received", "hashed"]


def test_once_the_marking_is_lifted_by_another_one_is_enough(
    exhibit: Exhibit, case: Case, one: Official, other: Official, clock: Any
) -> None:
    found = case.markings.get()
    with pytest.raises(NotAuthorisedError):
        lift_marking(one, case, found.pk, reason="wrong", now=clock.now)
    lift_marking(other, case, found.pk, reason="it shows no child", now=clock.now)
    assert access.give_out(one, exhibit, purpose=WHY, now=clock.now).read() == b"picture"


def test_it_is_marked_on_an_exhibit_and_asked_by_whoever_may_open(
    case: Case, exhibit: Exhibit, one: Official, official: Any, clock: Any
) -> None:
    with pytest.raises(MarkingMisplacedError):
        mark(one, case, kind=MarkingKind.ABUSE, reason="-", now=clock.now)
    with pytest.raises(NotAuthorisedError):
        viewing.ask(official("drafter"), exhibit, purpose=WHY, now=clock.now)


def test_the_page_takes_two_people(exhibit: Exhibit, one: Official, other: Official) -> None:
    first, second = Client(), Client()
    first.force_login(one), second.force_login(other)
    page, original = f"/exhibits/{exhibit.id}/", f"/exhibits/{exhibit.id}/original"
    assert "original" not in first.get(page).content.decode()
    assert first.post(original, {"purpose": WHY}).status_code == 409
    assert first.post(f"{page}viewing", {"purpose": " "}).status_code == 422
    assert first.post(f"{page}viewing", {"purpose": WHY}).status_code == 302
    asked = exhibit.viewings.get()
    assert first.post(f"{page}viewing", {"agree": asked.pk}).status_code == 403
    assert second.post(f"{page}viewing", {"agree": asked.pk}).status_code == 302
    answer: Any = first.post(original, {"purpose": WHY})
    assert b"".join(answer.streaming_content) == b"picture"
    assert first.post(original, {"purpose": WHY}).status_code == 409
    assert timezone.now() >= exhibit.viewings.get().used_at
