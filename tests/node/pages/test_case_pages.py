"""The pages of casework: what they show, whom they let do what, and that nothing is done by looking."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.node.believable import ASKED, NOW, WAS_ASKED

from comity.node.casework.models import Case, Event, Item
from comity.node.clocks.models import Clock
from comity.node.exchange.models import Letter
from comity.node.exhibits.models import CustodyRecord
from comity.node.pages.templatetags import comity as tags


def shown(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_the_list_shows_both_sides_the_latest_change_first(enter):
    page = enter("duty").get("/requests/").context["page"]
    changes = [case.changed_at for case in page.rows]
    assert {case.side for case in page.rows} == {"requesting", "requested"}
    assert changes == sorted(changes, reverse=True)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"side": "requested"}, {WAS_ASKED}),
        ({"status": "preserved"}, {ASKED}),
        ({"side": "requested", "status": "preserved"}, set()),
        ({"status": "draft"}, {"XA-2026-000003"}),
        ({"side": "x' OR 1=1", "status": "nothing"}, {ASKED, WAS_ASKED, "XA-2026-000003", "XA-2026-000004"}),
    ],
)
def test_the_list_can_be_filtered(enter, filters, expected):
    page = enter("duty").get("/requests/", filters).context["page"]
    assert {case.reference for case in page.rows} == expected


def test_the_list_pages_through_every_case_once_even_when_changes_fall_together(enter, cases):
    peer = cases["asked"].peer
    for n in range(60):
        Case.objects.create(
            reference=f"XA-2026-1{n:05d}",
            side="requesting",
            peer=peer,
            heading="-",
            opened_at=NOW,
            changed_at=NOW - timedelta(minutes=n // 7),
        )
    client, seen, after = enter("duty"), [], ""
    while True:
        page = client.get("/requests/", {"after": after}).context["page"]
        seen += [case.reference for case in page.rows]
        if not page.following:
            break
        after = page.following
    assert len(seen) == len(set(seen)) == 64


def test_a_list_costs_the_same_few_queries_however_long_it_is(enter, django_assert_max_num_queries):
    client = enter("duty")
    with django_assert_max_num_queries(5):
        client.get("/requests/")


def test_a_case_shows_desired_and_actual_apart_clocks_letters_and_limits(enter):
    page = shown(enter("duty"), f"/requests/{ASKED}/")
    assert "asked" in page
    assert "XB says" in page
    assert "days left" in page
    assert "UNCC 42(8)" in page
    assert "Only for the purpose stated in the request" in page
    assert "Preservation done" in page


def test_the_same_clock_is_due_soon_by_word_and_not_only_by_colour(enter):
    Clock.objects.filter(case_reference=ASKED).update(due_at=NOW + timedelta(hours=5))
    assert "due soon: " in shown(enter("duty"), f"/requests/{ASKED}/")


def test_looking_at_every_page_changes_nothing(enter, cases):
    before = (
        Event.objects.count(),
        CustodyRecord.objects.count(),
        Case.objects.get(reference=ASKED).changed_at,
    )
    client = enter("duty")
    for address in (
        f"/requests/{ASKED}/",
        f"/requests/{ASKED}/opinion",
        f"/requests/{WAS_ASKED}/register",
        f"/letters/{cases['arrived'].id}/",
        f"/exhibits/{cases['exhibit'].id}/",
        "/desk/",
    ):
        shown(client, address)
    after = (
        Event.objects.count(),
        CustodyRecord.objects.count(),
        Case.objects.get(reference=ASKED).changed_at,
    )
    assert after == before


def test_an_unknown_case_is_not_found(enter):
    assert enter("duty").get("/requests/XA-1999-000001/").status_code == 404


def test_an_official_without_a_part_in_casework_sees_no_case(client, official, cases):
    client.force_login(official("administrator"))
    for address in ("/requests/", f"/requests/{ASKED}/", "/desk/", f"/letters/{cases['request'].id}/"):
        assert client.get(address).status_code == 403


def test_acts_are_offered_only_to_those_who_may_do_them(enter):
    assert f"/requests/{WAS_ASKED}/register" in shown(enter("duty"), f"/requests/{WAS_ASKED}/")
    assert f"/requests/{WAS_ASKED}/register" not in shown(enter("signatory"), f"/requests/{WAS_ASKED}/")


def test_an_act_s_page_is_closed_to_those_who_may_not_do_it(enter):
    assert enter("signatory").get(f"/requests/{WAS_ASKED}/register").status_code == 403
    assert enter("drafter").post(f"/requests/{WAS_ASKED}/register").status_code == 403


def test_the_draft_names_what_is_missing_with_its_provision_and_counts_it(enter):
    page = shown(enter("drafter"), "/requests/XA-2026-000003/draft")
    assert "required by" in page
    assert "Intention to request the data” is missing." in page
    assert "UNCC 42(3)(f)" in page


def test_a_draft_is_saved_field_by_field_and_answers_with_what_is_still_missing(enter):
    client = enter("drafter")
    form = {
        "content_intention_to_request": "A request for access follows.",
        "item-TOTAL_FORMS": "0",
        "item-INITIAL_FORMS": "0",
    }
    answer = client.post(
        "/requests/XA-2026-000003/draft", form, headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in answer
    assert "Intention to request the data” is missing." not in answer
    saved = Case.objects.get(reference="XA-2026-000003").draft["contents"]
    assert saved["intention_to_request"] == "A request for access follows."


def test_an_item_with_half_a_period_is_not_saved_and_nothing_else_is_lost(enter):
    form = {
        "content_facts": "New words",
        "item-TOTAL_FORMS": "1",
        "item-INITIAL_FORMS": "0",
        "item-0-identifier_type": "email",
        "item-0-identifier_value": "b@mail.example",
        "item-0-period_from": "2026-06-01",
    }
    response = enter("drafter").post("/requests/XA-2026-000003/draft", form)
    assert response.status_code == 422
    assert "Give both ends of the period" in response.content.decode()
    saved = Case.objects.get(reference="XA-2026-000003").draft
    assert saved["contents"]["facts"] == "New words"
    assert len(saved["items"]) == 2


def test_an_incomplete_draft_is_not_handed_on_and_the_page_says_why(enter):
    form = {"step": "submit", "item-TOTAL_FORMS": "0", "item-INITIAL_FORMS": "0"}
    response = enter("drafter").post("/requests/XA-2026-000003/draft", form)
    assert response.status_code == 422
    assert "draft_incomplete" in response.content.decode()
    assert Case.objects.get(reference="XA-2026-000003").preparation == "draft"


def test_the_drafter_cannot_sign_their_own_draft(enter, cases):
    Case.objects.filter(reference="XA-2026-000004").update(drafter=cases["people"]["signatory"])
    response = enter("signatory").post("/requests/XA-2026-000004/sign", {"step": "sign"})
    assert response.status_code == 409
    assert "four_eyes" in response.content.decode()
    assert Case.objects.get(reference="XA-2026-000004").preparation == "in_review"


def test_a_draft_can_be_given_back_with_a_reason(enter):
    answer = enter("signatory").post(
        "/requests/XA-2026-000004/sign", {"step": "return", "reason": "Facts unclear"}
    )
    assert answer.status_code == 302
    assert Case.objects.get(reference="XA-2026-000004").preparation == "draft"
    assert Event.objects.filter(kind="draft_returned", params__reason="Facts unclear").exists()


def test_a_reason_is_needed_to_give_a_draft_back(enter):
    enter("signatory").post("/requests/XA-2026-000004/sign", {"step": "return", "reason": ""})
    assert Case.objects.get(reference="XA-2026-000004").preparation == "in_review"


def test_refusal_offers_no_barred_ground_and_shows_what_the_law_asks_first(enter):
    page = shown(enter("signatory"), f"/requests/{WAS_ASKED}/refuse")
    assert 'value="uncc:art_42__para_5"' in page
    assert 'value="uncc:art_42__para_4"' not in page
    assert "Absence of dual criminality" in page
    assert "Give reasons" in page
    assert "UNCC 40(28)" in page


def test_a_barred_ground_that_is_posted_anyway_is_not_accepted(enter):
    form = {"item": "1", "ground": "uncc:art_42__para_4", "reasons": "Because"}
    assert enter("signatory").post(f"/requests/{WAS_ASKED}/refuse", form).status_code == 422
    assert Item.objects.get(case__reference=WAS_ASKED, number=1).actual == "registered"


def test_refusal_without_consultation_is_stopped_and_names_the_duty(enter):
    form = {"item": "1", "ground": "uncc:art_42__para_5", "reasons": "It would harm order."}
    response = enter("signatory").post(f"/requests/{WAS_ASKED}/refuse", form)
    assert response.status_code == 409
    assert "duties_unmet" in response.content.decode()
    assert Item.objects.get(case__reference=WAS_ASKED, number=1).actual == "registered"


def test_a_letter_that_nobody_opened_does_not_show_what_it_says(enter, cases):
    unread = cases["arrived"]
    page = shown(enter("duty"), f"/letters/{unread.id}/")
    assert "illegal access to a bank" not in page
    assert "Open the letter" in page
    assert enter("duty").get(f"/letters/{unread.id}/container").status_code == 404


def test_opening_a_letter_shows_it_and_attests_it_to_the_sender(enter, cases):
    client, letter = enter("duty"), cases["arrived"]
    assert client.post(f"/letters/{letter.id}/open").status_code == 302
    assert "illegal access to a bank" in shown(client, f"/letters/{letter.id}/")
    assert Letter.objects.get(id=letter.id).stage == "retrieved"


def test_a_refused_letter_never_shows_what_it_says(enter, cases):
    Letter.objects.filter(id=cases["arrived"].id).update(stage="refused", refusal_code="wrong_recipient")
    page = shown(enter("duty"), f"/letters/{cases['arrived'].id}/")
    assert "wrong_recipient" in page
    assert "illegal access to a bank" not in page


def test_words_of_the_other_side_are_escaped(enter, cases):
    Case.objects.filter(reference=ASKED).update(heading="<img src=x onerror=alert(1)>")
    page = shown(enter("duty"), f"/requests/{ASKED}/")
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_an_exhibit_shows_custody_over_both_states_in_order(enter, cases):
    page = shown(enter("duty"), f"/exhibits/{cases['exhibit'].id}/")
    places = [
        page.index(words) for words in ("Hash computed", "Sent to the other State", "Received from the other")
    ]
    assert places == sorted(places)
    assert cases["exhibit"].sha256 in page


def test_an_original_is_not_given_out_without_a_purpose(enter, cases):
    address = f"/exhibits/{cases['exhibit'].id}/original"
    assert enter("duty").post(address, {"purpose": ""}).status_code == 422
    assert not CustodyRecord.objects.filter(act="opened").exists()
    assert enter("duty").get(address).status_code == 405


def test_the_desk_puts_new_due_and_waiting_in_their_columns(enter):
    context = enter("duty").get("/desk/").context
    assert [case.reference for case, *_ in context["new"]] == [WAS_ASKED]
    assert [row.case.reference for row in context["due"]] == [WAS_ASKED]
    assert ASKED in [case.reference for case in context["waiting"]]
    assert [letter.kind for letter, _ in context["unopened"]] == ["preservation_done"]


def test_a_registered_request_stands_on_the_desk_until_it_is_executed(enter):
    Case.objects.filter(reference=WAS_ASKED).update(registered_generation=1)
    assert f"To execute · {WAS_ASKED}" in shown(enter("duty"), "/desk/")
    Item.objects.filter(case__reference=WAS_ASKED).update(actual="in_execution")
    assert "To execute" not in shown(enter("duty"), "/desk/")


def test_a_request_is_opened_from_its_facts_and_its_opinion(enter):
    client = enter("drafter")
    facts = {
        "peer": "xb-247",
        "heading": "Access to a bank",
        "measure": "preserve_data",
        "offence": "uncc:art_7",
        "electronic_evidence": "yes",
        "step": "opinion",
    }
    page = client.post("/requests/new", facts).content.decode()
    assert "Legal basis" in page
    assert "status.uncc" in page  # which fact would decide whether the treaty binds both
    assert not Case.objects.filter(heading="Access to a bank").exists()


def test_facts_that_are_not_entered_are_unknown_and_never_no():
    from datetime import date

    from comity.node.casework.forms import FactsForm
    from comity.node.directory.models import Authority

    peer = Authority(id="xb-247", state="XB")
    form = FactsForm(
        {"peer": "xb-247", "heading": "-", "measure": "preserve_data"}, peers=[peer], offences=[]
    )
    assert form.is_valid(), form.errors
    assert form.facts("XA", date(2027, 1, 1)) == {
        "requesting_state": "XA",
        "requested_state": "XB",
        "as_of": "2027-01-01",
        "measure": "preserve_data",
        "offences": [{"id": None}],
        "urgent": False,
    }


def test_the_court_bundle_page_explains_what_it_holds_and_ordering_records_the_export(enter, cases):
    client = enter("duty")
    assert cases["exhibit"].number in shown(client, f"/requests/{ASKED}/bundle")
    assert client.post(f"/requests/{ASKED}/bundle").status_code == 302
    assert CustodyRecord.objects.filter(act="exported", exhibit=cases["exhibit"]).exists()
    assert "being made and verified" in shown(client, f"/requests/{ASKED}/bundle")


def test_saving_the_form_never_drops_what_it_did_not_show(enter):
    Case.objects.filter(reference="XA-2026-000003").update(
        draft={
            **Case.objects.get(reference="XA-2026-000003").draft,
            "contents": {"useful_information": "Kept"},
        }
    )
    form = {"content_facts": "New", "item-TOTAL_FORMS": "0", "item-INITIAL_FORMS": "0"}
    enter("drafter").post("/requests/XA-2026-000003/draft", form)
    saved = Case.objects.get(reference="XA-2026-000003").draft["contents"]
    assert saved == {"facts": "New", "useful_information": "Kept"}


def test_what_the_law_asks_beyond_the_opinion_on_record_can_be_filled_in(enter):
    opinion = {**Case.objects.get(reference="XA-2026-000003").opinion, "contents": []}
    Case.objects.filter(reference="XA-2026-000003").update(opinion=opinion)
    page = shown(enter("drafter"), "/requests/XA-2026-000003/draft")
    assert 'name="content_intention_to_request"' in page


def test_limits_of_a_result_are_chosen_by_their_id_once_and_only_the_certain_ones_are_ticked():
    from comity.node.casework.forms import ResultForm

    limits = [
        {"id": "confidential", "cite": "uncc:art_40__para_20", "outcome": "applies"},
        {"id": "stated_purpose_only", "cite": "uncc:art_40__para_19", "outcome": "applies"},
        {"id": "stated_purpose_only", "cite": "uncc:art_41__para_9", "outcome": "applies"},
        {"id": "retention", "cite": "uncc:art_36__para_1", "outcome": "undetermined"},
    ]
    form = ResultForm({"authenticity": "True copies", "limits": ["confidential"]}, items=[], limits=limits)
    assert [choice for choice, _ in form.fields["limits"].choices] == [
        "confidential",
        "stated_purpose_only",
        "retention",
    ]
    assert set(form.fields["limits"].initial) == {"confidential", "stated_purpose_only"}
    assert form.is_valid(), form.errors
    assert form.cleaned_data["limits"] == ["confidential"]


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\u2028", "\x07"])
def test_a_sign_that_hides_or_turns_text_is_shown_by_its_number(sign):
    assert tags.shown(f"order{sign}fdp.exe") == f"order[U+{ord(sign):04X}]fdp.exe"


def test_what_spelling_needs_stays():
    assert tags.shown("می\u200cخواهم\nСөз\tё") == "می\u200cخواهم\nСөз\tё"


def test_a_name_hostile_to_the_eye_is_seen_through_on_the_pages(enter, cases):
    cases["exhibit"].raw_name = "order\u202efdp.exe"
    cases["exhibit"].save()
    cases["asked"].heading = "Access \u202eto a bank"
    cases["asked"].save()
    client = enter("duty")
    for address in (f"/exhibits/{cases['exhibit'].id}/", f"/requests/{cases['asked'].reference}/"):
        page = client.get(address).content.decode()
        assert "[U+202E]" in page
        assert "\u202e" not in page.split("<main", 1)[1]
