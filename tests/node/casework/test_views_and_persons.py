"""Saved views, the same person, a template at the opening, and what drafting leaves in the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.node.casework.conftest import CONTENTS, ITEM

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.accounts.models import Organisation
from comity.node.casework import finding, saved_views, versions, words
from comity.node.casework.acts.change_access import assign
from comity.node.casework.acts.keep_template import keep_template
from comity.node.casework.acts.keep_view import change_view, delete_view, keep_view
from comity.node.casework.acts.open_case import open_case as open_one
from comity.node.casework.acts.save_draft import draft_follow_up, save_draft
from comity.node.casework.acts.submit_for_review import return_draft, submit_for_review
from comity.node.casework.finding import Asked
from comity.node.casework.models import Case, SavedView
from comity.node.casework.patterns import TemplateUnfitError, TemplateUnknownError
from comity.node.directory import known
from comity.node.ledger.models import Entry

URGENT = Asked(words="bank", side="requesting", urgent=True)


@pytest.fixture
def office(keys: Any) -> Organisation:
    return Organisation.objects.create(id="office", names={"en": "Central authority"})


@pytest.fixture
def pair(official: Any, office: Organisation) -> tuple[Any, Any]:
    """Two officials of one organisation."""
    first, second = official("registrar"), official("drafter")
    for person in (first, second):
        person.organisation = office
        person.save()
    return first, second


def names(person: Any) -> list[str]:
    return [view.name for view in saved_views.open_to(person)]


def test_a_view_is_its_owner_s_unless_it_is_shared(pair: Any, official: Any, clock: Any) -> None:
    first, second = pair
    keep_view(first, "Urgent banks", URGENT, shared=False, now=clock.now)
    keep_view(first, "For all", URGENT, shared=True, now=clock.now)
    assert names(first) == ["For all", "Urgent banks"]
    assert names(second) == ["For all"]
    assert names(official("registrar")) == []  # of no organisation, as unshared views are


def test_the_query_of_a_view_shows_the_same_search(pair: Any, clock: Any) -> None:
    kept = keep_view(pair[0], "Urgent banks", URGENT, shared=False, now=clock.now)
    client = Client()
    client.force_login(pair[0])
    page = client.get(f"/search/?{saved_views.query(kept)}").context
    assert (page["query"], page["checked"]["urgent"], page["filtered"]) == ("bank", True, True)
    assert kept.asked == {"words": "bank", "side": "requesting", "urgent": True}


def test_the_same_name_takes_the_place_of_the_view(pair: Any, clock: Any) -> None:
    keep_view(pair[0], "Mine", URGENT, shared=False, now=clock.now)
    keep_view(pair[0], "Mine", Asked(mine=True), shared=False, now=clock.now)
    assert SavedView.objects.get().asked == {"mine": True}


def test_only_the_owner_changes_or_deletes_a_view(pair: Any, clock: Any) -> None:
    first, second = pair
    kept = keep_view(first, "For all", URGENT, shared=True, now=clock.now)
    with pytest.raises(saved_views.ViewUnknownError):
        change_view(second, kept.pk, "Other", shared=False, now=clock.now)
    with pytest.raises(saved_views.ViewUnknownError):
        delete_view(second, kept.pk)
    change_view(first, kept.pk, "Mine", shared=False, now=clock.now)
    assert names(second) == []
    delete_view(first, kept.pk)
    assert names(first) == []


def test_what_cannot_be_kept_is_refused(pair: Any, official: Any, clock: Any, monkeypatch: Any) -> None:
    with pytest.raises(saved_views.ViewEmptyError):
        keep_view(pair[0], "Nothing", Asked(), shared=False, now=clock.now)
    with pytest.raises(saved_views.ViewUnsharedError):
        keep_view(official("registrar"), "Ours", URGENT, shared=True, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        keep_view(official("administrator"), "Ours", URGENT, shared=False, now=clock.now)
    monkeypatch.setattr(saved_views, "MOST", 1)
    keep_view(pair[0], "One", URGENT, shared=False, now=clock.now)
    with pytest.raises(saved_views.TooManyViewsError):
        keep_view(pair[0], "Two", URGENT, shared=False, now=clock.now)


def test_the_pages_keep_change_and_delete(pair: Any, open_case: Any) -> None:
    client = Client()
    client.force_login(pair[0])
    fields = {"name": "Urgent banks", "q": "bank", "urgent": "on", "state": "nowhere"}
    assert client.post("/search/views/", fields).status_code == 302
    kept = SavedView.objects.get()
    assert kept.asked == {"words": "bank", "urgent": True}
    for page in ("/search/", "/requests/", "/desk/", "/search/views/"):
        assert "Urgent banks" in client.get(page).content.decode(), page
    assert client.post("/search/views/", {"name": "x"}).status_code == 409
    assert client.post("/search/views/", {"q": "bank"}).status_code == 422
    other = Client()
    other.force_login(pair[1])
    assert other.get(f"/search/views/{kept.pk}").status_code == 404
    assert other.post(f"/search/views/{kept.pk}", {"step": "delete"}).status_code == 404
    assert client.post(f"/search/views/{kept.pk}", {"name": "Banks", "shared": "on"}).status_code == 302
    assert "Banks" in other.get("/search/views/").content.decode()
    assert client.post(f"/search/views/{kept.pk}", {"step": "delete"}).status_code == 302
    assert not SavedView.objects.exists()


# --- the same person


@pytest.fixture
def about(open_case: Any) -> Any:
    """A case with an item that names a person, or with a text that does."""

    def make(name: str = "", facts: str = "") -> Case:
        case: Case = open_case()
        if name:
            case.items.create(
                number=1,
                measure="take_statement",
                identifier_type="person",
                identifier_value=name,
                desired="x",
            )
        if facts:
            case.draft = {**(case.draft or {}), "contents": {"facts": facts}}
            case.save()
        words.keep(case)
        return case

    return make


def test_cases_that_name_the_same_person_are_related(about: Any, drafter: Any) -> None:
    case = about("Пётр Иванович Сидоров")
    item = about("СИДОРОВ Петр Иванович")
    text = about(facts="По показаниям, Сидоров Пётр Иванович вошёл в систему.")
    about(facts="Сидоров вошёл в систему.")  # not every word of the name
    assert set(finding.related_by_person(drafter, case)) == {item, text}


def test_a_name_of_one_word_tells_nobody_apart(about: Any, drafter: Any) -> None:
    case = about("Сидоров")
    about(facts="Сидоров вошёл в систему.")
    assert finding.related_by_person(drafter, case) == []


def test_they_are_shown_only_to_whom_both_are_open(about: Any, official: Any, clock: Any) -> None:
    case, other = about("Пётр Сидоров"), about("Сидоров Пётр")
    stranger = official("executing_officer")
    assert finding.related_by_person(stranger, case) == []
    assign(stranger, case, clock.now)
    assert finding.related_by_person(stranger, case) == []
    assign(stranger, other, clock.now)
    assert finding.related_by_person(stranger, case) == [other]
    overseer = official("auditor")  # sees both, reads neither
    assert finding.related_by_person(overseer, case) == []


# --- a template at the opening


def test_a_case_opened_from_a_template_begins_with_its_texts(
    open_case: Any, drafter: Any, clock: Any
) -> None:
    first = save_draft(drafter, open_case(), {"contents": CONTENTS}, now=clock.now)
    kept = keep_template(drafter, first, "Banks", ["necessity"], now=clock.now)
    begun = {"peer": known.find("xb-247"), "heading": "Another bank", "facts": first.facts, "now": clock.now}
    case = open_one(drafter, template=kept.pk, **begun)
    assert (case.draft or {})["contents"] == {"necessity": CONTENTS["necessity"]}
    before = Case.objects.count()
    with pytest.raises(TemplateUnknownError):
        open_one(drafter, template=kept.pk + 1, **begun)
    kept.measure = "access_stored_data"
    kept.save()
    with pytest.raises(TemplateUnfitError):
        open_one(drafter, template=kept.pk, **begun)
    assert Case.objects.count() == before  # nothing is opened by halves


# --- the ledger of drafting


def test_handing_a_draft_on_and_back_is_in_the_ledger_and_saving_it_is_not(
    open_case: Any, drafter: Any, signatory: Any, clock: Any
) -> None:
    case = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    assert set(Entry.objects.values_list("kind", flat=True)) == {"card_imported", "case_opened"}
    submit_for_review(drafter, case, now=clock.now)
    return_draft(signatory, case, "The dates are missing.", now=clock.now)
    submitted, returned = Entry.objects.filter(kind__startswith="draft_").order_by("id")
    assert (submitted.kind, returned.kind) == ("draft_submitted", "draft_returned")
    assert submitted.content["draft"] == versions.fingerprint(case.draft or {})
    assert "dates" not in str(returned.content)  # the reason stays with the case
    assert case.events.get(kind="draft_returned").entry == returned


def test_a_further_request_is_in_the_ledger(signed_case: Case, drafter: Any, clock: Any) -> None:
    draft_follow_up(drafter, signed_case, "access_stored_data", now=clock.now)
    assert Entry.objects.get(kind="follow_up_drafted").content["measure"] == "access_stored_data"
