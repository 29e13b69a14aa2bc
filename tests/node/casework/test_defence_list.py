"""The disclosure list for the defence: a withholding takes two, privilege a filter reviewer first."""

from __future__ import annotations

import io
import subprocess
from typing import Any

import pytest
from django.test import Client

from comity.letters.disclosure_list import render_disclosure_list
from comity.letters.schema import LetterNotUnderstoodError
from comity.node.accounts.authority import FourEyesError, NotAuthorisedError, NothingThereError
from comity.node.accounts.models import Official
from comity.node.casework import disclosing
from comity.node.casework.acts.export_bundle import describe
from comity.node.casework.acts.mark import clear_privileged, lift_marking, mark, withhold_privileged
from comity.node.casework.acts.mark_for_defence import (
    GroundUnsupportedError,
    SecretDisclosedError,
    WithholdingSaysNothingError,
    decide_withholding,
    mark_for_defence,
)
from comity.node.casework.marked import MarkingKind
from comity.node.casework.models import Case, Purpose, Side, Use
from comity.node.directory import known
from comity.node.exhibits import closing, intake
from comity.node.exhibits.models import Exhibit
from comity.node.ledger.models import Entry

WHY = "an informant would be known"


@pytest.fixture
def case(keys: Any, clock: Any) -> Case:
    return Case.objects.create(
        reference="XA-2027-000001",
        side=Side.REQUESTING,
        peer=known.find("xb-247"),
        heading="A matter",
        opened_at=clock.now,
        changed_at=clock.now,
    )


@pytest.fixture
def custodian(official: Any) -> Official:
    return official("custodian")  # type: ignore[no-any-return]


@pytest.fixture
def signatory(official: Any) -> Official:
    return official("signatory", "reviewer")  # type: ignore[no-any-return]


@pytest.fixture
def exhibit(case: Case, custodian: Official, clock: Any) -> Exhibit:
    described = intake.Description(case.reference, None, "the informant.txt", "text/plain", "the bureau")
    return intake.take_in(custodian, io.BytesIO(b"x"), described, now=clock.now)


def withhold(by: Official, case: Case, exhibit: Exhibit, now: Any, ground: str = "other") -> Any:
    said = {"decision": "withheld", "ground": ground, "reason": WHY, "exculpatory": False}
    return mark_for_defence(by, case, str(exhibit.pk), **said, now=now)


def disclose(by: Official, case: Case, exhibit: Exhibit, now: Any, *, exculpatory: bool = False) -> Any:
    return mark_for_defence(by, case, str(exhibit.pk), decision="disclosed", exculpatory=exculpatory, now=now)


def test_a_withholding_counts_once_a_second_official_agrees(
    case: Case, exhibit: Exhibit, custodian: Official, signatory: Official, clock: Any
) -> None:
    disclose(custodian, case, exhibit, clock.now)
    made = withhold(custodian, case, exhibit, clock.now)
    assert [each["decision"] for each in disclosing.as_json(case)] == ["disclosed"]
    with pytest.raises(NotAuthorisedError):
        decide_withholding(custodian, case, made.pk, agreed=True, now=clock.now)
    decide_withholding(signatory, case, made.pk, agreed=True, now=clock.now)
    row = disclosing.as_json(case)[0]
    assert (row["decision"], row["name"], row["reason"]) == ("withheld", None, WHY)
    assert signatory.full_name in row["agreed_by"]
    with pytest.raises(NothingThereError):
        decide_withholding(signatory, case, made.pk, agreed=False, now=clock.now)
    kinds = Entry.objects.filter(kind__contains="withholding").order_by("id")
    assert [each.kind for each in kinds] == ["withholding_proposed", "withholding_agreed"]


def test_whoever_proposed_it_does_not_agree(
    case: Case, exhibit: Exhibit, signatory: Official, clock: Any
) -> None:
    made = withhold(signatory, case, exhibit, clock.now)
    with pytest.raises(FourEyesError):
        decide_withholding(signatory, case, made.pk, agreed=True, now=clock.now)
    assert disclosing.undecided(case) == [exhibit.number]


def test_a_declined_withholding_leaves_the_list_as_it_was(
    case: Case, exhibit: Exhibit, custodian: Official, signatory: Official, clock: Any
) -> None:
    made = withhold(custodian, case, exhibit, clock.now)
    decide_withholding(signatory, case, made.pk, agreed=False, remark="not so", now=clock.now)
    found = disclosing.listed(case)[0]
    assert (found.mark, found.waits) == (None, None)


def test_privileged_material_passes_the_filter_reviewer_first(
    case: Case, exhibit: Exhibit, custodian: Official, signatory: Official, official: Any, clock: Any
) -> None:
    with pytest.raises(GroundUnsupportedError):
        withhold(custodian, case, exhibit, clock.now, "privileged")  # nobody marked it
    marked = mark(custodian, case, kind=MarkingKind.PRIVILEGED, exhibit=str(exhibit.pk), reason="-",
                  now=clock.now)  # fmt: skip
    for attempt in (withhold, disclose):
        with pytest.raises(closing.ExhibitClosedError):
            attempt(custodian, case, exhibit, clock.now)
    filterer = official("filter_reviewer")
    from comity.node.casework.acts.change_access import assign

    assign(filterer, case, clock.now)
    withhold_privileged(filterer, case, marked.pk, reason="it is", now=clock.now)
    with pytest.raises(closing.ExhibitClosedError):
        disclose(custodian, case, exhibit, clock.now)
    made = withhold(custodian, case, exhibit, clock.now, "privileged")
    decide_withholding(signatory, case, made.pk, agreed=True, now=clock.now)
    assert disclosing.as_json(case)[0]["ground"] == "privileged"


def test_what_the_filter_reviewer_cleared_may_be_disclosed(
    case: Case, exhibit: Exhibit, custodian: Official, official: Any, clock: Any
) -> None:
    from comity.node.casework.acts.change_access import assign

    marked = mark(custodian, case, kind=MarkingKind.PRIVILEGED, exhibit=str(exhibit.pk), reason="-",
                  now=clock.now)  # fmt: skip
    filterer = official("filter_reviewer")
    assign(filterer, case, clock.now)
    clear_privileged(filterer, case, marked.pk, reason="it is not", now=clock.now)
    disclose(custodian, case, exhibit, clock.now)
    with pytest.raises(GroundUnsupportedError):
        withhold(custodian, case, exhibit, clock.now, "privileged")


def test_a_state_secret_is_withheld_and_not_disclosed_as_it_stands(
    case: Case, exhibit: Exhibit, custodian: Official, signatory: Official, clock: Any
) -> None:
    marked = mark(custodian, case, kind=MarkingKind.CLASSIFIED, exhibit=str(exhibit.pk), reason="-",
                  now=clock.now)  # fmt: skip
    with pytest.raises(SecretDisclosedError):
        disclose(custodian, case, exhibit, clock.now)
    made = withhold(custodian, case, exhibit, clock.now, "state_secret")
    lift_marking(signatory, case, marked.pk, reason="ended", now=clock.now)
    with pytest.raises(GroundUnsupportedError):  # the ground has gone meanwhile
        decide_withholding(signatory, case, made.pk, agreed=True, now=clock.now)
    disclose(custodian, case, exhibit, clock.now)


def test_a_withholding_explains_itself_and_a_disclosure_needs_no_ground(
    case: Case, exhibit: Exhibit, custodian: Official, clock: Any
) -> None:
    bad: list[dict[str, Any]] = [
        {"decision": "withheld", "ground": "other", "reason": " "},
        {"decision": "withheld", "ground": "", "reason": WHY},
        {"decision": "disclosed", "ground": "other", "reason": WHY},
    ]
    for said in bad:
        with pytest.raises(WithholdingSaysNothingError):
            mark_for_defence(custodian, case, str(exhibit.pk), **said, exculpatory=False, now=clock.now)
    with pytest.raises(NothingThereError):
        mark_for_defence(
            custodian, case, str(case.peer.pk and "0" * 8 + "-0000-4000-8000-" + "0" * 12),
            decision="disclosed", exculpatory=False, now=clock.now,
        )  # fmt: skip


def test_what_nobody_opens_alone_stands_there_by_its_number_only(
    case: Case, exhibit: Exhibit, custodian: Official, clock: Any
) -> None:
    disclose(custodian, case, exhibit, clock.now)
    assert disclosing.as_json(case)[0]["name"] == "the informant.txt"
    mark(custodian, case, kind=MarkingKind.ABUSE, exhibit=str(exhibit.pk), reason="-", now=clock.now)
    assert disclosing.as_json(case)[0]["name"] is None


def test_what_exculpates_and_came_from_the_other_side_owes_a_notice_until_it_is_disclosed(
    case: Case, exhibit: Exhibit, custodian: Official, clock: Any
) -> None:
    case.opinion = {
        "duties": [
            {"on": "use", "before": True, "of": "requesting", "id": "notify_exculpatory_use",
             "cite": "uncc:art_40__para_19", "outcome": "applies"}
        ]
    }  # fmt: skip
    case.save()
    disclose(custodian, case, exhibit, clock.now, exculpatory=True)
    assert not disclosing.listed(case)[0].notice_due  # taken in here
    Exhibit.objects.update(origin="xb-247", letter=exhibit.pk)
    assert disclosing.listed(case)[0].notice_due
    Use.objects.create(
        case=case, purpose=Purpose.EXCULPATORY_DISCLOSURE, description="-", items=[],
        exhibits=[exhibit.number], at=clock.now, by=custodian,
    )  # fmt: skip
    assert not disclosing.listed(case)[0].notice_due


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Withheld"), ("kk", "Берілмейді"), ("ru", "Удержано")]
)
def test_the_printed_list_tells_nothing_of_what_is_withheld(
    case: Case, exhibit: Exhibit, custodian: Official, signatory: Official, clock: Any, language: str,
    words: str, tmp_path: Any,
) -> None:  # fmt: skip
    made = withhold(custodian, case, exhibit, clock.now)
    decide_withholding(signatory, case, made.pk, agreed=True, now=clock.now)
    client = Client()
    client.force_login(signatory)
    answer = client.get(f"/requests/{case.reference}/defence-list.{language}.pdf")
    assert answer.status_code == 200
    path = tmp_path / "list.pdf"
    path.write_bytes(answer.content)
    try:
        told = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("poppler is not installed")
    text = told.stdout.decode()
    assert words in text
    assert WHY in " ".join(text.split())
    assert "the informant" not in text
    assert client.get(f"/requests/{case.reference}/defence-list.xx.pdf").status_code == 404


def test_a_list_of_another_shape_is_not_printed() -> None:
    with pytest.raises(LetterNotUnderstoodError):
        render_disclosure_list({"case": "x"}, "en")


def test_the_court_bundle_tells_the_list(
    case: Case, exhibit: Exhibit, custodian: Official, clock: Any
) -> None:
    assert describe(case)["disclosure"] == {"listed": [], "undecided": [exhibit.number]}
    disclose(custodian, case, exhibit, clock.now)
    told: Any = describe(case)["disclosure"]
    assert (told["listed"][0]["exhibit"], told["undecided"]) == (exhibit.number, [])


def test_the_page_carries_a_withholding_to_its_decision(
    case: Case, exhibit: Exhibit, custodian: Official, signatory: Official
) -> None:
    one, other = Client(), Client()
    one.force_login(custodian), other.force_login(signatory)
    address = f"/requests/{case.reference}/defence-list"
    said = {"exhibit": str(exhibit.pk), "decision": "withheld"}
    assert one.post(address, said).status_code == 409  # it says nothing
    assert one.post(address, {**said, "decision": "burnt"}).status_code == 422
    assert one.post(address, {**said, "ground": "other", "reason": WHY}).status_code == 302
    waiting = case.defence_marks.get()
    assert "proposed to be withheld" in one.get(address).content.decode()
    assert one.post(f"{address}/{waiting.pk}", {"step": "agree"}).status_code == 403
    assert other.post(f"{address}/{waiting.pk}", {"step": "agree"}).status_code == 302
    assert "proposed to be withheld" not in other.get(address).content.decode()
