"""Every address of the node: who may enter it, and that no case at any stage breaks it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from tests.node import believable
from tests.node.believable import ASKED, NOW, WAS_ASKED

from comity.node.accounts.access import ACCESS
from comity.node.accounts.models import Official, Organisation, Role
from comity.node.casework.acts.change_access import assign
from comity.node.casework.models import Case
from comity.node.exchange import peer_server
from comity.node.exchange.models import Letter
from comity.node.exhibits.models import Bundle

pytestmark = pytest.mark.usefixtures("plain_templates")

PAGES: dict[str, tuple[str, ...]] = {
    "start": (),
    "account": (),
    "own_delegation": (),
    "official_delegation": ("manage_accounts",),
    "delegation_end": (),
    "shortcuts": (),
    **dict.fromkeys(
        ("alerts", "alerts_now", "alerts_acknowledge", "alert", "alert_acknowledge", "reached"), ()
    ),
    **{f"reached_{name}": () for name in ("hearing", "enter", "code", "confirm", "test", "remove")},
    "gateways": ("manage_gateways",),
    "law": (),
    "law_instrument": (),
    "law_panel": (),
    "law_provision": (),
    "law_search": (),
    "law_glossary": (),
    "law_topics": (),
    "law_topic": (),
    "desk": ("view_case",),
    "roster": ("view_roster",),
    "trainings": ("view_roster",),
    "shift_withdraw": ("plan_shifts",),
    "training_withdraw": ("keep_trainings",),
    **dict.fromkeys(("take_over", "hand_over", "shift_note"), ("keep_shift",)),
    **dict.fromkeys(("shifts", "shift", "shift_log"), ("view_shift_log",)),
    "acknowledge": ("view_case", "acknowledge"),
    "pass_on": ("view_case",),
    "referral_take": ("take_referral",),
    "cases": ("view_case",),
    "search": ("view_case",),
    "case_new": ("open_case",),
    "case": ("view_case",),
    "case_opinion": ("view_case",),
    "case_access": ("view_case",),
    "case_access_end": ("view_case", "change_access"),
    "draft": ("view_case", "save_draft"),
    "draft_versions": ("view_case",),
    "draft_version": ("view_case",),
    "draft_compare": ("view_case",),
    "draft_comments": ("view_case",),
    "draft_comment": ("view_case", "comment_on_draft"),
    "draft_templates": ("view_case", "keep_templates"),
    "draft_preview": ("view_case",),
    "draft_page": ("view_case",),
    "draft_pdf": ("view_case",),
    "draft_files": ("view_case", "save_draft"),
    "draft_translation": ("view_case", "save_draft"),
    "letter_translation": ("view_case", "translate_letter"),
    "draft_texts": ("view_case", "save_draft"),
    "draft_document": ("view_case",),
    "sign": ("view_case",),
    "shown_letter": ("view_case",),
    "shown_pdf": ("view_case",),
    "follow_up": ("view_case", "save_draft"),
    "ask_for_more": ("view_case", "save_draft"),
    "register": ("view_case", "register_request"),
    "order_preservation": ("view_case", "order_preservation"),
    "report_preservation": ("view_case", "report_preservation"),
    "assign_execution": ("view_case", "assign_execution"),
    "order_production": ("view_case", "order_production"),
    "order_measure": ("view_case", "order_measure"),
    **dict.fromkeys(("case_orders", "order", "running_orders"), ("view_case",)),
    **dict.fromkeys(("order_envelope", "order_pdf", "order_change"), ("view_case",)),
    "prepare_result": ("view_case", "prepare_result"),
    "release_result": ("view_case", "release_result"),
    "refuse": ("view_case", "prepare_letter"),
    "give_supplement": ("view_case", "prepare_letter"),
    "ask_status": ("view_case", "ask_status"),
    "accept_conditions": ("view_case", "prepare_letter"),
    "decline_conditions": ("view_case", "prepare_letter"),
    "withdraw_request": ("view_case", "prepare_letter"),
    "give_advice": ("view_case", "give_advice"),
    "tell_whereabouts": ("view_case", "prepare_letter"),
    "ask_supplement": ("view_case", "ask_supplement"),
    "tell_status": ("view_case", "tell_status"),
    "resume_execution": ("view_case", "resume_execution"),
    "stop_execution": ("view_case", "stop_execution"),
    "postpone_execution": ("view_case", "prepare_letter"),
    "offer_conditions": ("view_case", "prepare_letter"),
    "tell_obstacle": ("view_case", "tell_obstacle"),
    "forward_request": ("view_case", "forward_request"),
    "tell_confidentiality_impossible": ("view_case", "tell_confidentiality_impossible"),
    "announce_costs": ("view_case", "announce_costs"),
    "ask_extension": ("view_case", "ask_extension"),
    "decide_on_preservation": ("view_case", "prepare_letter"),
    "note_oral_request": ("note_oral_request",),
    "oral_request": ("view_case",),
    "tie_confirmation": ("view_case", "tie_confirmation"),
    "open_information": ("open_information",),
    "prepare_information": ("view_case", "prepare_letter"),
    "tie_information": ("view_case", "tie_information"),
    "disclose_path": ("view_case", "prepare_letter"),
    "withhold_path": ("view_case", "prepare_letter"),
    "follow_path": ("view_case", "follow_path"),
    "grant_extension": ("view_case", "prepare_letter"),
    "decline_extension": ("view_case", "prepare_letter"),
    "tell_preservation_ending": ("view_case", "tell_preservation_ending"),
    "tell_preservation_unhelpful": ("view_case", "tell_preservation_unhelpful"),
    "consult": ("view_case", "consult"),
    "reply_to_consultation": ("view_case", "reply_to_consultation"),
    "note_no_answer": ("view_case", "note_no_answer"),
    **{
        act: ("view_case", act)
        for act in (
            *("ask_use_permission", "ask_onward_permission"),
            *("notify_exculpatory_disclosure", "consult_on_disclosure", "record_use", "report_custody"),
        )
    },
    **{act: ("view_case", act) for act in (*("ask_presence", "propose_hearing", "tell_safe_conduct"),)},
    **dict.fromkeys(
        (
            *("grant_use_permission", "decline_use_permission"),
            *("grant_onward_permission", "decline_onward_permission"),
            *("grant_presence", "decline_presence", "agree_to_hearing"),
        ),
        ("view_case", "prepare_letter"),
    ),
    "prepared_letter": ("view_case", "prepare_letter"),
    "meetings": ("view_case",),
    "record_hearing": ("view_case", "record_hearing"),
    **dict.fromkeys(("service", "appearance", "safe_conduct_warning", "safe_conducts"), ("view_case",)),
    "meeting_calendar": ("view_case",),
    "record_disclosure": ("view_case", "record_use"),
    "case_use": ("view_case",),
    "case_markings": ("view_case",),
    "marking_decide": ("view_case", "decide_marking"),
    "defence_list": ("view_case",),
    "defence_decide": ("view_case", "decide_withholding"),
    "defence_print": ("view_case",),
    "deliveries": ("view_case",),
    "call_backs": ("view_case",),
    "emergencies": ("view_case",),
    "emergency": ("view_case",),
    "draft_emergency": ("view_case", "save_draft"),
    "tell_validation": ("view_case", "tell_validation"),
    "revoke_emergency": ("view_case", "revoke_emergency"),
    "channel_notes": ("view_case",),
    "channel_document": ("view_case", "record_channel_note"),
    "couriers": ("carry_by_courier",),
    "consignment": ("carry_by_courier",),
    "consignment_pack": ("carry_by_courier",),
    "consignment_pack_again": ("carry_by_courier",),
    "consignment_take": ("carry_by_courier",),
    "consignment_package": ("carry_by_courier",),
    "proofs": ("renew_proof",),
    "proof_renew": ("renew_proof",),
    "case_protected": ("view_case",),
    "protected_identity": ("view_case", "open_identity"),
    "protected_reader": ("view_case", "protect_person"),
    "bundle": ("view_case", "export_bundle"),
    "bundle_file": ("view_case", "export_bundle"),
    "letter": ("view_case",),
    "letter_open": ("view_case", "open_letter"),
    "letter_again": ("view_case", "read_letter_again"),
    "letter_offer": ("view_case", "offer_letter_again"),
    "letter_pdf": ("view_case",),
    "letter_signed_pdf": ("view_case",),
    "letter_json": ("view_case",),
    "letter_container": ("view_case",),
    "clocks": ("view_case",),
    "views": ("keep_views",),
    "view": ("keep_views",),
    "reminder_seen": ("see_reminder",),
    "exhibits": ("view_exhibit",),
    "exhibit": ("view_exhibit",),
    "exhibit_original": ("view_exhibit",),
    "exhibit_keeping": ("view_exhibit",),
    "exhibit_copies": ("view_exhibit",),
    "exhibit_preview": ("view_exhibit",),
    "exhibit_viewing": ("view_exhibit",),
    "exhibit_report": ("view_exhibit",),
    "exhibit_case": ("view_exhibit",),
    "exhibit_bag": ("view_exhibit",),
    "intake": ("view_case", "take_in_exhibit"),
    "intake_begin": ("view_case", "take_in_exhibit"),
    "upload": ("take_in_exhibit",),
    "authorities": ("view_directory",),
    "authority": ("view_directory",),
    "directory_card": ("manage_directory",),
    "directory_conflicts": ("view_directory",),
    "directory_conflict": ("view_directory",),
    "directory_notices": ("view_directory",),
    "directory_notice": ("view_directory",),
    "directory_notice_document": ("view_directory",),
    "directory_keepers": ("view_directory",),
    "directory_keeper": ("view_directory",),
    "directory_updates": ("view_directory",),
    "directory_update": ("view_directory",),
    "directory_own_update": ("view_directory",),
    "directory_keeper_update": ("manage_directory",),
    "directory_keeper_leave": ("manage_directory",),
    "officials": ("manage_accounts",),
    "official_new": ("manage_accounts",),
    "official": ("manage_accounts",),
    "official_close": ("manage_accounts",),
    "official_reopen": ("manage_accounts",),
    "official_password": ("manage_accounts",),
    "official_second_factor": ("manage_accounts",),
    "provider_people": ("manage_providers",),
    "provider_person_again": ("manage_providers",),
    "provider_person_close": ("manage_providers",),
    "organisations": ("manage_accounts",),
    "organisation": ("manage_accounts",),
    "reports": ("see_reports",),
    "report": ("see_reports",),
    "report_read": ("see_reports",),
    "report_contact": ("see_reports",),
    "report_file": ("see_reports",),
    "report_act": ("see_reports",),
    "endpoints": ("manage_webhooks",),
    "endpoint": ("manage_webhooks",),
    "endpoint_secret": ("manage_webhooks",),
    "endpoint_switch": ("manage_webhooks",),
    "endpoint_remove": ("manage_webhooks",),
    "administration_log": ("view_administration_log",),
    "ledger": ("view_ledger",),
    "ledger_entry": ("view_ledger",),
    "ledger_clock": ("view_ledger",),
    **dict.fromkeys(("drills", "drill", "drill_note", "drill_arrangement", "drill_told"), ("view_drills",)),
    "drill_ask": ("ask_drill",),
    "drill_answer": ("answer_drill",),
    "witnesses": ("view_ledger",),
    "fork": ("view_ledger",),
    "peer_checkpoint": ("view_ledger",),
}
"""The acts whose roles a page asks for before it shows anything (GET)."""
OPEN = {
    "ministry_begin",
    "ministry_back",
    "account_login",
    "account_logout",
    "account_inactive",
    "set_language",
    "mfa_authenticate",
}
"""What anybody reaches: the way in and the way out."""
OWN_ACCOUNT = {
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
"""Pages of the borrowed sign-in: everybody's own."""
DESCRIBED = {"api:openapi-json", "api:api-root"}
"""What says how the programmable face is used; the rest of it asks for a token."""
OF_A_CASE = {
    *(
        "case",
        "case_use",
        "case_markings",
        "marking_decide",
        "defence_list",
        "defence_decide",
        "defence_print",
        "case_protected",
        "protected_identity",
        "protected_reader",
        "record_use",
        "record_disclosure",
        "case_opinion",
        "case_access",
        "case_access_end",
        "draft",
        "sign",
        "follow_up",
        "ask_for_more",
    ),
    *("order_preservation", "report_preservation", "order_production", "prepare_result"),
    *("order_measure", "case_orders", "order", "order_envelope", "order_pdf", "order_change"),
    *("assign_execution", "pass_on", "acknowledge"),
    *(
        "letter",
        "letter_pdf",
        "letter_json",
        "letter_container",
        "letter_open",
        "letter_again",
        "letter_offer",
    ),
    *(
        "exhibit",
        "exhibit_original",
        "exhibit_report",
        "exhibit_case",
        "exhibit_bag",
        "exhibit_keeping",
        "exhibit_copies",
        "exhibit_preview",
        "exhibit_viewing",
        "intake",
        "intake_begin",
        "follow_path",
    ),
    *("draft_translation", "letter_translation", "draft_files"),
    *("draft_versions", "draft_version", "draft_compare", "draft_comments", "draft_comment"),
    *("draft_templates", "draft_preview", "draft_page", "draft_pdf", "draft_texts", "draft_document"),
}
"""Pages that show something of one case."""
ENOUGH = {"reason": "-", "purpose": "-"}
"""A form that lacks nothing."""
POST_ONLY = {
    "reminder_seen",
    *("shift_withdraw", "training_withdraw", "acknowledge", "referral_take"),
    *("intake_begin", "upload", "exhibit_bag", "exhibit_viewing", "exhibit_preview"),
    *("consignment_pack", "channel_document", "order_change"),
    *("marking_decide", "defence_decide", "protected_reader", "proof_renew"),
    *(
        "shortcuts",
        "case_access_end",
        "draft_comment",
        "letter_open",
        "letter_again",
        "letter_offer",
        "exhibit_original",
    ),
    *("provider_person_again", "provider_person_close"),
    *("official_close", "official_reopen", "official_password", "official_second_factor"),
    *("report_read", "report_contact", "report_file", "report_act"),
    *("endpoint_secret", "endpoint_switch", "endpoint_remove"),
    *("alerts_acknowledge", "alert_acknowledge"),
    *(f"reached_{name}" for name in ("hearing", "enter", "code", "confirm", "test", "remove")),
    *("directory_keeper_update", "directory_keeper_leave"),
    *("drill_ask", "drill_answer"),
}


def names() -> Iterator[str]:
    """The name of every address, with its namespace."""

    def walk(resolver: URLResolver, space: str = "") -> Iterator[str]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                within = f"{pattern.namespace}:" if pattern.namespace else ""
                yield from walk(pattern, space + within)
            else:
                yield space + str(pattern.name)

    return walk(get_resolver())


TOKEN = {name for name in names() if name.startswith("api:")} - DESCRIBED


def address(name: str, cases: dict[str, Any], reference: str = ASKED) -> str:
    """An address that leads somewhere, of a case where there is one in it."""
    parts: dict[str, Any] = {
        "reference": reference,
        "pk": 1,
        "letter": cases["request"].id,
        "language": "en",
        "file": cases["exhibit"].id,
        "exhibit": cases["exhibit"].id,
        "bundle": uuid.uuid4(),
        "consignment": uuid.UUID(int=0),
        "note": 1,
        "composition": uuid.uuid4(),
        "delegation": 0,
        "authority": "xb-247",
        "listing": 0,
        "notice": 0,
        "drill": uuid.UUID(int=0),
        "part": "note",
        "keeper": "none",
        "official": cases["people"]["drafter"].pk,
        "organisation": "court",
        "username": "asel",
        "endpoint": uuid.UUID(int=0),
        "alert": 1,
        "way": "mail",
        "report": uuid.UUID(int=0),
        "act": "ask",
        "index": 0,
        "proof": 0,
        "given": 0,
        "instrument": "uncc",
        "citation": "uncc:art_42__para_3",
        "number": 1,
        "topic": "costs",
        "version": 1,
        "comment": 1,
        "template": 1,
        "other": 2,
        "page": 1,
        "name": "costs",
        "marking": 1,
        "mark": 1,
        "prepared_id": 1,
        "prepared": 1,
        "person": 1,
        "reminder": 1,
        **dict.fromkeys(("shift", "training", "referral"), 2**40),
        "view": 1,
        "hold": 1,
        "which": "none",
        "opening": uuid.UUID(int=0),
        "asked": 1,
        "offset": 0,
        "upload": uuid.UUID(int=0),
        "kind": "intercept",
        "order_id": uuid.UUID(int=0),
        "what": "end",
        "update": 0,
    }
    wanted = get_resolver().reverse_dict if ":" not in name else None
    if wanted is None:
        keys = next(keys for keys in IN_THE_API if _takes(name, keys, parts))
    else:
        keys = wanted.getlist(name)[0][0][0][1]
    return reverse(name, kwargs={key: parts[key] for key in keys})


IN_THE_API = [
    (),
    *((key,) for key in ("reference", "number", "name", "citation", "template", "reminder", "view")),
    *(("reference", key) for key in ("number", "comment", "template", "given", "marking", "prepared")),
    ("delegation",),
    ("alert",),
    *((key,) for key in ("authority", "listing", "keeper", "shift", "training", "referral", "update")),
    ("reference", "number", "other"),
    ("number", "hold"),
    ("number", "which"),
    ("number", "asked"),
    ("upload",),
    ("consignment",),
    ("opening",),
    ("upload", "offset"),
    ("reference", "order_id"),
    ("reference", "language"),
    ("letter", "language"),
    ("reference", "file"),
    ("reference", "letter"),
    ("letter",),
]
"""The parts that an address of the API may have."""
IN_THE_API += [(key,) for key in ("organisation", "username", "endpoint", "report")]


def _takes(name: str, keys: tuple[str, ...], parts: dict[str, Any]) -> bool:
    from django.urls import NoReverseMatch

    try:
        reverse(name, kwargs={key: parts[key] for key in keys})
    except NoReverseMatch:
        return False
    return True


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_every_address_is_classified_and_no_other():
    assert set(names()) == set(PAGES) | OPEN | OWN_ACCOUNT | DESCRIBED | TOKEN


def test_a_stranger_is_asked_to_sign_in_at_every_address_but_the_way_in(cases):
    for name in set(PAGES) | OWN_ACCOUNT:
        answer = Client().get(address(name, cases))
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith(reverse("account_login")), name
    for name in TOKEN:
        assert Client().get(address(name, cases)).status_code in (401, 405), name
        assert Client().post(address(name, cases)).status_code in (401, 405), name


@pytest.mark.parametrize("role", list(Role))
def test_exactly_the_roles_of_the_matrix_enter_a_page(cases, official, role):
    person = official(role)
    assign(person, cases["asked"], NOW)
    client = client_of(person)
    for name, acts in PAGES.items():
        where = address(name, cases)
        answer = client.post(where) if name in POST_ONLY else client.get(where)
        expected = all(role in ACCESS[act] for act in acts)
        assert (answer.status_code != 403) == expected, (name, role)
        assert answer.status_code < 500, name


def _said(answer: Any) -> str:
    """What the page says, without the frame that repeats the address."""
    return str(answer.content.decode().split("<main")[1].split("</main>")[0])


def prepared_result(cases: dict[str, Any]) -> Case:
    """A case that this node was asked in, whose result waits for its release."""
    made = believable.case(
        "XA-2026-000005", "requested", cases["asked"].peer, actual="in_execution", received_generation=1
    )
    made.draft = {"prepared_by": cases["people"]["duty"].pk, "authenticity": "-", "limits": [], "items": []}
    made.save()
    return made


def bare(cases: dict[str, Any]) -> Case:
    """A case that was only just entered: no opinion, no draft, no letter."""
    return Case.objects.create(
        reference="XA-2026-000006",
        side="requested",
        peer=cases["asked"].peer,
        heading="-",
        opened_at=NOW,
        changed_at=NOW,
    )


@pytest.mark.parametrize(
    "stage", ["draft", "in_review", "sent", "finished", "arrived", "prepared", "bare", "bare_ours"]
)
def test_no_page_breaks_on_either_side_at_any_stage(cases, official, stage):
    reference = {
        "draft": "XA-2026-000003",
        "in_review": "XA-2026-000004",
        "sent": ASKED,
        "finished": ASKED,
        "arrived": WAS_ASKED,
        "prepared": "XA-2026-000005",
    }.get(stage, "XA-2026-000006")
    prepared_result(cases), bare(cases)
    if stage == "finished":
        Case.objects.filter(reference=ASKED).update(actual="executed")
    if stage == "bare_ours":
        Case.objects.filter(reference=reference).update(side="requesting", preparation="draft")
    Letter.objects.filter(pk=cases["request"].pk).update(case_reference=reference)
    Bundle.objects.all().delete()
    client = client_of(official(*Role))
    for name in PAGES:
        if name.startswith("law") and stage != "draft":
            continue  # the room of pages about the law lies below that of cases and knows no stage
        where = address(name, cases, reference)
        assert client.get(where).status_code < 500, (name, stage)
        assert client.post(where).status_code < 500, (name, stage)


@pytest.mark.parametrize(
    ("page", "reference"), [("draft", WAS_ASKED), ("sign", WAS_ASKED), ("release", ASKED)]
)
def test_the_page_of_the_other_side_s_act_says_so(enter, cases, official, page, reference):
    answer = client_of(official(*Role)).get(f"/requests/{reference}/{page}")
    assert answer.status_code == 409
    assert "wrong_side" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.DRAFTER, Role.EXECUTING_OFFICER])
def test_a_case_that_is_not_open_to_somebody_answers_as_one_that_is_not_there(cases, official, role):
    client = client_of(official(role))
    absent = client.get("/requests/XA-2026-999999/")
    of_a_case = [name for name in PAGES if name in OF_A_CASE]
    for name in of_a_case:
        if not all(role in ACCESS[act] for act in PAGES[name]):
            continue
        where = address(name, cases)
        answer = client.post(where, ENOUGH) if name in POST_ONLY else client.get(where)
        assert answer.status_code == absent.status_code == 404, name
        assert _said(answer) == _said(absent), name
    listed = "".join(client.get(page).content.decode() for page in ("/requests/", "/desk/", "/exhibits/"))
    assert ASKED not in listed
    assert cases["exhibit"].number not in listed
    assign(Official.objects.get(pk=client.session["_auth_user_id"]), cases["asked"], NOW)
    assert client.get(f"/requests/{ASKED}/").status_code == 200  # and it is this that opens it
    assert ASKED in client.get("/requests/").content.decode()


def _parts(name: str) -> set[str]:
    return set(get_resolver().reverse_dict.getlist(name)[0][0][0][1])


@pytest.mark.parametrize("role", list(Role))
def test_a_body_of_the_state_reaches_no_page_of_another_body_s_case(cases, official, role):
    """Generated from the addresses: whatever has a case, a letter, an exhibit or a bundle in it."""
    body = Organisation.objects.create(id="bureau", kind="competent_body")
    client = client_of(official(role, organisation=body))
    leading = {"reference", "letter", "exhibit", "bundle"}
    found = [name for name in PAGES if _parts(name) & leading]
    assert set(found) >= OF_A_CASE
    for name in found:
        where = address(name, cases)
        answer = client.post(where, ENOUGH) if name in POST_ONLY else client.get(where)
        allowed = all(role in ACCESS[act] for act in PAGES[name])
        assert answer.status_code in ((404,) if allowed else (403, 404)), (name, role)
    for name in set(PAGES) - set(found) - POST_ONLY:
        if all(role in ACCESS[act] for act in PAGES[name]):
            assert ASKED not in client.get(address(name, cases)).content.decode(), (name, role)


def test_the_peers_endpoint_serves_no_address_of_people(cases):
    """Another State’s node comes in by a door of its own and finds nothing of these."""
    served = peer_server._route
    for name in {*PAGES, *OPEN, *OWN_ACCOUNT, *DESCRIBED, *TOKEN}:
        try:
            where = address(name, cases)
        except StopIteration:
            continue
        assert served({"PATH_INFO": where}) == "other", name


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DATA_PROTECTION_OFFICER])
def test_who_only_oversees_reads_the_record_and_not_what_it_says(cases, official, role):
    person = official(role)
    client, request = client_of(person), cases["request"]
    told = "a.login@mail.example"
    pages = [f"/requests/{ASKED}/", f"/letters/{request.pk}/"]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert told not in answer.content.decode(), page
    for page in ("letter_json", "letter_pdf", "sign"):
        assert client.get(address(page, cases)).status_code == 404, page
    assign(person, cases["asked"], NOW)
    assert told in client.get(pages[0]).content.decode()
