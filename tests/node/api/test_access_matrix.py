"""Every operation of the API × every role × whose case it is: generated from the API itself.

An operation that ``OPERATIONS`` does not classify fails the first test, an entry of no operation the second:
name the acts whose roles it asks, and a body that lacks nothing where it takes one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.node import believable
from tests.node.believable import ASKED, NOW, WAS_ASKED

from comity.node.accounts.access import ACCESS
from comity.node.accounts.models import Official, Organisation, Role
from comity.node.api import tokens
from comity.node.api.service import api
from comity.node.casework.acts.change_access import assign

pytestmark = pytest.mark.django_db
Body = dict[str, Any] | None
_SEEN = ("view_case",)
_ORGANISATION = {"kind": "court", "names": {"en": "Court"}}
_OFFICIAL = {"username": "new", "full_name": "New", "post": "Officer", "roles": ["drafter"]}
_FILE: dict[str, Any] = {"document": "a file"}
_UPLOAD: dict[str, Any] = {"file": "a file"}
_JOURNEY = {"carrier": "-", "bag_number": "-", "handed_at": "2026-01-01T00:00:00Z", "handed_to": "-"}
_PACKAGE: dict[str, Any] = {"file": "a file", **_JOURNEY}

_SPOKEN = {
    "made_at": "2026-01-01T00:00:00Z",
    "means": "telephone",
    "person_name": "-",
    "person_post": "-",
    "asked": "-",
    "urgency": "-",
}
_TIMES = {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2126-01-01T00:00:00Z"}
_ORDER = "/{order_id}"
_GROUNDS = {"legal_basis": "-", "necessity": "-", "proportionality": "-"}
_PREPARING = ("view_case", "prepare_letter")

OPERATIONS: dict[str, tuple[tuple[str, ...], Body]] = {
    # what concerns no case: everybody with a token
    "POST /advise": ((), {}),
    "POST /check": ((), {}),
    "GET /delegations": ((), None),
    "POST /delegations": (
        ("manage_accounts",),
        {"of": "asel", "to": "dana", "role": "drafter", "reason": "-", **_TIMES},
    ),
    "POST /delegations/{delegation}/end": ((), None),
    "GET /absences": ((), None),
    "POST /absences": ((), _TIMES),
    # alerts: everybody's own, and others' for those who oversee them
    "GET /alerts": ((), None),
    "POST /alerts/{alert}/acknowledge": ((), None),
    "GET /law/search": ((), None),
    "GET /law/glossary": ((), None),
    "GET /law/topics": ((), None),
    "GET /law/topics/{name}": ((), None),
    "GET /law/provisions/{citation}": ((), None),
    # cases
    "GET /cases": (_SEEN, None),
    "GET /search": (_SEEN, None),
    "POST /cases": (("open_case",), {"heading": "-", "peer": "xb-247", "facts": {}}),
    "GET /cases/{reference}": (_SEEN, None),
    "GET /cases/{reference}/clocks": (_SEEN, None),
    "GET /clocks": (_SEEN, None),
    "GET /reminders": (_SEEN, None),
    "POST /reminders/{reminder}/seen": (("see_reminder",), None),
    "GET /cases/{reference}/permissions": (_SEEN, None),
    "GET /cases/{reference}/uses": (_SEEN, None),
    "POST /cases/{reference}/uses": (
        ("view_case", "record_use"),
        {"purpose": "own_proceedings", "items": [1], "description": "-"},
    ),
    "POST /cases/{reference}/disclosures": (
        ("view_case", "record_use"),
        {"unannounced": "-", "items": [1], "description": "-"},
    ),
    "GET /cases/{reference}/turns": (_SEEN, None),
    "GET /cases/{reference}/limits": (_SEEN, None),
    "GET /cases/{reference}/timeline": (_SEEN, None),
    "GET /cases/{reference}/letters": (_SEEN, None),
    "GET /cases/{reference}/related": (_SEEN, None),
    "GET /cases/{reference}/access": (_SEEN, None),
    "POST /cases/{reference}/access": (("view_case", "change_access"), {"official": "asel", "reason": "-"}),
    "POST /cases/{reference}/access/{given}/end": (("view_case", "change_access"), {"reason": "-"}),
    # drafting
    "PUT /cases/{reference}/draft": (("view_case", "save_draft"), {"urgent": True}),
    "POST /cases/{reference}/review": (("view_case", "submit_for_review"), None),
    "POST /cases/{reference}/approval": (("view_case", "approve_draft"), None),
    "POST /cases/{reference}/return": (("view_case", "return_draft"), {"reason": "-"}),
    "POST /cases/{reference}/more": (("view_case", "save_draft"), None),
    "POST /cases/{reference}/follow-up": (("view_case", "save_draft"), {"measure": "access_stored_data"}),
    "GET /cases/{reference}/draft/guide": (_SEEN, None),
    "GET /cases/{reference}/draft/versions": (_SEEN, None),
    "GET /cases/{reference}/draft/versions/{number}": (_SEEN, None),
    "GET /cases/{reference}/draft/versions/{number}/against/{other}": (_SEEN, None),
    "POST /cases/{reference}/draft/versions/{number}/restore": (("view_case", "save_draft"), None),
    "GET /cases/{reference}/draft/comments": (_SEEN, None),
    "POST /cases/{reference}/draft/comments": (("view_case", "comment_on_draft"), {"text": "-"}),
    "POST /cases/{reference}/draft/comments/{comment}/resolve": (("view_case", "comment_on_draft"), None),
    "POST /cases/{reference}/draft/templates": (
        ("view_case", "keep_templates"),
        {"name": "-", "fields_kept": ["facts"]},
    ),
    "POST /cases/{reference}/draft/templates/{template}/take": (("view_case", "save_draft"), None),
    "GET /cases/{reference}/draft/letter.pdf": (_SEEN, None),
    "GET /cases/{reference}/draft/texts.docx": (_SEEN, None),
    "POST /cases/{reference}/draft/texts.docx": (("view_case", "save_draft"), _FILE),
    "POST /cases/{reference}/draft/texts": (
        ("view_case", "save_draft"),
        {"contents": {"facts": "-"}, "compared_with": "0" * 64},
    ),
    "GET /cases/{reference}/draft/translations/{language}": (_SEEN, None),
    "PUT /cases/{reference}/draft/translations/{language}": (("view_case", "save_draft"), {"texts": {}}),
    "DELETE /cases/{reference}/draft/translations/{language}": (("view_case", "save_draft"), None),
    "POST /letters/{letter}/translations/{language}": (("view_case", "translate_letter"), {"texts": {}}),
    "GET /cases/{reference}/same-person": (_SEEN, None),
    "GET /views": (("keep_views",), None),
    "POST /views": (("keep_views",), {"name": "-", "asked": {}}),
    "POST /views/{view}/delete": (("keep_views",), None),
    "POST /cases/{reference}/letters/{letter}/no-answer": (("view_case", "note_no_answer"), None),
    "POST /cases/{reference}/path": (
        ("view_case", "follow_path"),
        {"letter": "00000000-0000-4000-8000-000000000000", "place": 1, "peer": "xb-247"},
    ),
    "GET /cases/{reference}/draft/files": (_SEEN, None),
    "POST /cases/{reference}/draft/files": (("view_case", "save_draft"), _UPLOAD),
    "DELETE /cases/{reference}/draft/files/{file}": (("view_case", "save_draft"), None),
    "GET /cases/{reference}/hearings": (_SEEN, None),
    "POST /cases/{reference}/hearings/{letter}/records": (
        ("view_case", "record_hearing"),
        {"outcome": "not_held", "note": "The line failed."},
    ),
    "GET /safe-conducts": (_SEEN, None),
    "GET /cases/{reference}/service-attempts": (_SEEN, None),
    "POST /cases/{reference}/service-attempts": (
        ("view_case", "record_service"),
        {
            "item": 1,
            "happened_at": "2026-01-01T00:00:00Z",
            "place": "-",
            "server": "-",
            "way": "post",
            "outcome": "handed",
            "served": True,
        },
    ),
    "GET /cases/{reference}/invitations": (_SEEN, None),
    "POST /cases/{reference}/invitations": (
        ("view_case", "record_invitation"),
        {"item": 1, "informed_at": "2026-01-01T00:00:00Z", "informed_by": "-", "freely": True},
    ),
    "GET /cases/{reference}/certificates": (_SEEN, None),
    "GET /cases/{reference}/safe-conducts": (_SEEN, None),
    "POST /cases/{reference}/safe-conducts": (
        ("view_case", "record_safe_conduct"),
        {"item": 1, "arrived_at": "2026-01-01T00:00:00Z"},
    ),
    "POST /cases/{reference}/safe-conducts/{number}/release": (
        ("view_case", "record_safe_conduct"),
        {"released_at": "2026-01-01T00:00:00Z", "released_by": "-"},
    ),
    "POST /cases/{reference}/safe-conducts/{number}/course": (
        ("view_case", "record_safe_conduct"),
        {"course": "left", "at": "2026-01-01T00:00:00Z", "note": "-"},
    ),
    "GET /cases/{reference}/safe-conduct-warnings": (_SEEN, None),
    "POST /cases/{reference}/safe-conduct-warnings/{number}": (
        ("view_case", "answer_safe_conduct"),
        {"reasons": "-"},
    ),
    "GET /cases/{reference}/assignments": (_SEEN, None),
    "POST /cases/{reference}/assignments": (
        ("view_case", "assign_execution"),
        {"items": [1], "officer": "asel", "due_at": "2126-01-01T00:00:00Z"},
    ),
    "GET /cases/{reference}/markings": (_SEEN, None),
    "POST /cases/{reference}/markings": (
        ("view_case", "mark_material"),
        {"kind": "privileged", "reason": "-"},
    ),
    "POST /cases/{reference}/markings/{marking}/decision": (
        ("view_case", "lift_marking"),
        {"decision": "lift", "reason": "-"},
    ),
    "GET /cases/{reference}/protected-persons": (_SEEN, None),
    "POST /cases/{reference}/protected-persons": (
        ("view_case", "protect_person"),
        {"names": ["-"], "reason": "-"},
    ),
    "POST /cases/{reference}/protected-persons/{number}/identity": (
        ("view_case", "open_identity"),
        {"purpose": "-"},
    ),
    "POST /cases/{reference}/protected-persons/{number}/readers": (
        ("view_case", "open_identity"),
        {"official": "asel"},
    ),
    **{f"GET /cases/{{reference}}/orders{each}": (_SEEN, None) for each in ("", _ORDER, _ORDER + "/signed")},
    "POST /cases/{reference}/orders": (
        ("view_case", "order_measure"),
        {"item": 1, "kind": "freeze", "holder": "-", **_GROUNDS},
    ),
    f"POST /cases/{{reference}}/orders{_ORDER}/review": (
        ("view_case", "record_order_review"),
        {"body": "-", "reference": "-", "decided_on": "2026-01-01"},
    ),
    f"POST /cases/{{reference}}/orders{_ORDER}/replies": (("view_case", "reply_on_order"), {"text": "-"}),
    f"POST /cases/{{reference}}/orders{_ORDER}/answers": (
        ("view_case", "record_order_answer"),
        {"number": 1, "outcome": "done"},
    ),
    "GET /emergencies": (("view_case",), None),
    "GET /cases/{reference}/emergency": (_SEEN, None),
    "POST /cases/{reference}/emergency/answers": (
        ("view_case", "answer_warning"),
        {"mark": "first_letter", "text": "-"},
    ),
    "GET /cases/{reference}/call-backs": (_SEEN, None),
    "POST /cases/{reference}/call-backs": (
        ("view_case", "record_call_back"),
        {"called_at": "2026-01-01T00:00:00Z", "means": "telephone", "contact": "-", "result": "not_reached"},
    ),
    "GET /cases/{reference}/channel-notes": (_SEEN, None),
    "POST /cases/{reference}/channel-notes": (
        ("view_case", "record_channel_note"),
        {
            "direction": "out",
            "channel": "diplomatic",
            "happened_at": "2026-01-01T00:00:00Z",
            **dict.fromkeys(("reference", "sender", "recipient", "text"), "-"),
        },
    ),
    "POST /cases/{reference}/channel-notes/{number}/documents": (
        ("view_case", "record_channel_note"),
        _UPLOAD,
    ),
    "GET /deliveries": (("view_case",), None),
    "POST /letters/{letter}/again": (("view_case", "read_letter_again"), None),
    "POST /letters/{letter}/offer": (("view_case", "offer_letter_again"), None),
    "GET /consignments": (("carry_by_courier",), None),
    "POST /consignments": (("carry_by_courier",), {"peer": "xb-247"}),
    "POST /consignments/again": (
        ("carry_by_courier",),
        {"peer": "xb-247", "since": "2026-01-01T00:00:00Z"},
    ),
    "POST /consignments/taken": (("carry_by_courier",), _PACKAGE),
    "GET /consignments/{consignment}/package": (("carry_by_courier",), None),
    "POST /consignments/{consignment}/handover": (("carry_by_courier",), _JOURNEY),
    "GET /proofs": (("renew_proof",), None),
    "POST /letters/{letter}/renewal": (("view_case", "renew_proof"), None),
    "GET /cases/{reference}/defence-list": (("view_case",), None),
    "POST /cases/{reference}/defence-list": (
        ("view_case", "mark_for_defence"),
        {"exhibit": "00000000-0000-4000-8000-000000000000", "decision": "disclosed", "exculpatory": False},
    ),
    "POST /cases/{reference}/defence-list/{marking}/decision": (
        ("view_case", "decide_withholding"),
        {"agreed": True},
    ),
    "GET /cases/{reference}/prepared": (_PREPARING, None),
    "GET /cases/{reference}/prepared/{prepared}": (_PREPARING, None),
    "POST /cases/{reference}/prepared": (
        _PREPARING,
        {"act": "withdraw_request", "entered": {"items": ["1"], "text": "-"}},
    ),
    "POST /cases/{reference}/prepared/{prepared}/return": (_PREPARING, {"reason": "-"}),
    "POST /information": (
        ("open_information",),
        {"peer": "xb-247", "heading": "-", "facts": {}},
    ),
    "POST /cases/{reference}/tie": (("view_case", "tie_information"), {"reference": WAS_ASKED}),
    "POST /oral-requests": (
        ("note_oral_request",),
        {
            **_SPOKEN,
            "peer": "xb-247",
            "heading": "-",
            "facts": {},
            "items": [{"identifier": {"type": "email", "value": "a@mail.example"}}],
        },
    ),
    "GET /cases/{reference}/oral-requests": (_SEEN, None),
    "POST /cases/{reference}/oral-requests": (("view_case", "record_oral_request"), _SPOKEN),
    "POST /cases/{reference}/oral-requests/end": (("view_case", "end_oral_request"), {"reason": "-"}),
    "GET /cases/{reference}/confirmation": (_SEEN, None),
    "POST /cases/{reference}/confirmation": (("view_case", "tie_confirmation"), {"reference": WAS_ASKED}),
    "GET /templates": (("keep_templates",), None),
    "POST /templates/{template}/withdraw": (("keep_templates",), None),
    # the desk
    "GET /duty": (("view_roster",), None),
    "GET /shifts": (("view_roster",), None),
    "POST /shifts": (("plan_shifts",), {"official": "dana", **_TIMES}),
    "POST /shifts/{shift}/withdraw": (("plan_shifts",), None),
    "POST /shifts/take-over": (("keep_shift",), {}),
    "POST /shifts/hand-over": (("keep_shift",), {"text": "-"}),
    "POST /shifts/notes": (("keep_shift",), {"text": "-"}),
    "GET /shifts/{shift}/log": (("view_shift_log",), None),
    "GET /trainings": (("view_roster",), None),
    "POST /trainings": (
        ("keep_trainings",),
        {"official": "dana", "subject": "-", "given_by": "-", "completed_on": "2026-01-01"},
    ),
    "POST /trainings/{training}/withdraw": (("keep_trainings",), None),
    "POST /letters/{letter}/acknowledge": (("view_case", "acknowledge"), None),
    "GET /cases/{reference}/referrals": (_SEEN, None),
    "POST /cases/{reference}/referrals": (
        ("view_case", "pass_on"),
        {"capacity": "central_authority", "note": "-"},
    ),
    "POST /referrals/{referral}/take": (("take_referral",), None),
    # evidence and the ledger
    "GET /exhibits/{number}": (("view_exhibit",), None),
    "POST /cases/{reference}/uploads": (
        ("view_case", "take_in_exhibit"),
        {"name": "-", "length": 1, "source": "-"},
    ),
    "GET /uploads/{upload}": (("take_in_exhibit",), None),
    "PUT /uploads/{upload}/chunks/{offset}": (("take_in_exhibit",), None),
    "DELETE /uploads/{upload}": (("take_in_exhibit",), None),
    "GET /exhibits/{number}/case": (("view_exhibit",), None),
    "GET /exhibits/{number}/keeping": (("view_exhibit",), None),
    "POST /exhibits/{number}/openings": (("view_exhibit", "open_exhibit"), {"purpose": "-"}),
    "GET /openings/{opening}/content": ((), None),
    "POST /exhibits/{number}/bag": (("view_exhibit", "open_exhibit"), {"purpose": "-"}),
    "GET /exhibits/{number}/copies": (("view_exhibit",), None),
    "POST /exhibits/{number}/copies": (("view_exhibit", "open_exhibit"), {"purpose": "-"}),
    "POST /exhibits/{number}/copies/{which}/destruction": (("view_exhibit",), {"reason": "-"}),
    "POST /exhibits/{number}/holds": (("view_exhibit", "keep_exhibit"), {"reason": "-"}),
    "POST /exhibits/{number}/holds/{hold}/lift": (("view_exhibit", "dispose_exhibit"), {"reason": "-"}),
    "POST /exhibits/{number}/viewings": (("view_exhibit", "open_exhibit"), {"purpose": "-"}),
    "POST /exhibits/{number}/viewings/{asked}/agree": (("view_exhibit", "open_exhibit"), None),
    "POST /exhibits/{number}/period": (("view_exhibit", "keep_exhibit"), {"until": None, "reason": "-"}),
    "POST /exhibits/{number}/disposal": (
        ("view_exhibit", "keep_exhibit"),
        {"kind": "destroy", "reason": "-"},
    ),
    "POST /exhibits/{number}/disposal/decision": (
        ("view_exhibit", "dispose_exhibit"),
        {"agreed": False, "reason": "-"},
    ),
    "GET /ledger/checkpoint": (("view_ledger",), None),
    "GET /ledger/witnesses": (("view_ledger",), None),
    "GET /ledger/witnesses/{authority}/checkpoint": (("view_ledger",), None),
    "GET /ledger/clock": (("view_ledger",), None),
    "POST /ledger/clock/accept": (("accept_clock",), {"reason": "-"}),
    "GET /drills": (("view_drills",), None),
    "PUT /drills/desks/{authority}": (
        ("arrange_drills",),
        {"takes_every_days": 7, "asks_every_days": None},
    ),
    "POST /drills/desks/{authority}": (("ask_drill",), None),
    # the administration
    "GET /organisations": (("manage_accounts",), None),
    "POST /organisations": (("manage_accounts",), {"id": "new", **_ORGANISATION}),
    "PUT /organisations/{organisation}": (("manage_accounts",), _ORGANISATION),
    "GET /officials": (("manage_accounts",), None),
    "POST /officials": (("manage_accounts",), _OFFICIAL),
    "PUT /officials/{username}": (("manage_accounts",), {"post": "Officer"}),
    "POST /officials/{username}/close": (("manage_accounts",), None),
    "POST /officials/{username}/reopen": (("manage_accounts",), None),
    "POST /officials/{username}/password": (("manage_accounts",), None),
    "POST /officials/{username}/second-factor": (("manage_accounts",), None),
    "GET /administration/log": (("view_administration_log",), None),
    "GET /provider-people": (("manage_providers",), None),
    "POST /provider-people": (
        ("manage_providers",),
        {"provider": "-", "username": "lena", "full_name": "Lena", "post": "Counsel", "part": "legal"},
    ),
    "POST /provider-people/{username}/invitation": (("manage_providers",), None),
    "DELETE /provider-people/{username}": (("manage_providers",), None),
    "GET /webhooks": (("manage_webhooks",), None),
    "POST /webhooks": (
        ("manage_webhooks",),
        {"url": "https://10.0.0.1/", "events": ["case.changed"], "official": "dana"},
    ),
    "GET /webhooks/{endpoint}": (("manage_webhooks",), None),
    "POST /webhooks/{endpoint}/secret": (("manage_webhooks",), None),
    "POST /webhooks/{endpoint}/switch": (("manage_webhooks",), {"on": True}),
    "DELETE /webhooks/{endpoint}": (("manage_webhooks",), None),
    # reports of the public
    "GET /reports": (("see_reports",), None),
    "POST /reports/{report}/read": (("see_reports",), None),
    "POST /reports/{report}/questions": (("see_reports",), {"text": "-"}),
    "POST /reports/{report}/mark": (("see_reports",), {"mark": "spam", "reason": "-"}),
    "POST /reports/{report}/close": (("see_reports",), {"text": "-"}),
    "POST /reports/{report}/pass-on": (("see_reports",), {"body": "court", "reason": "-"}),
    "POST /reports/{report}/evidence": (("see_reports",), {"case": ASKED}),
    "POST /reports/{report}/withhold": (
        ("see_reports", "withhold_report"),
        {"official": "dana", "reason": "-"},
    ),
    "POST /reports/{report}/readers": (
        ("see_reports", "withhold_report"),
        {"official": "dana", "reason": "-"},
    ),
    "POST /reports/{report}/contact": (("see_reports",), {"reason": "-"}),
    # the directory
    "GET /directory": (("view_directory",), None),
    "GET /directory/conflicts": (("view_directory",), None),
    "POST /directory/conflicts/{listing}": (("settle_conflict",), {"choice": "decline", "reasons": "-"}),
    "GET /directory/authorities/{authority}": (("view_directory",), None),
    "GET /directory/notices": (("view_directory",), None),
    "POST /directory/notices": (
        ("make_notice",),
        {"kind": "circulation", "role": "depositary"},
    ),
    "GET /directory/updates": (("view_directory",), None),
    "POST /directory/updates/{update}": (("manage_directory",), {"decision": "decline", "reasons": "-"}),
    "GET /directory/announcements": (("view_directory",), None),
    "GET /directory/keepers": (("view_directory",), None),
    "POST /directory/keepers": (
        ("manage_directory",),
        {"id": "k", "name": "K", "root": "AAAA", "fingerprint": "0"},
    ),
    "POST /directory/keepers/{keeper}/update": (("manage_directory",), None),
    "POST /directory/keepers/{keeper}/leave": (("manage_directory",), None),
}
"""The acts whose roles an operation asks for, and a body that it takes."""
OF_A_CASE = ("{reference}", "{number}", "{letter}")
"""Parts of an address that lead to one case (that of an exhibit by its number)."""


def operations() -> Iterator[str]:
    """Each operation as ``GET /cases/{reference}``."""
    for path, methods in api.get_openapi_schema(path_prefix="")["paths"].items():
        for method in methods:
            yield f"{method.upper()} {path}"


def test_every_operation_is_classified() -> None:
    assert set(operations()) - set(OPERATIONS) == set()


def test_no_entry_is_left_of_an_operation_that_is_gone() -> None:
    assert set(OPERATIONS) - set(operations()) == set()


def test_answers_of_one_shape_have_one_model() -> None:
    """A node starts the faster; without it there are six times as many."""
    views = [view for _, router in api._routers for view in router.path_operations.values()]
    models: dict[Any, set[Any]] = {}
    for operation in (each for view in views for each in view.operations):
        for model in filter(None, operation.response_models.values()):
            models.setdefault(model.model_fields["response"].annotation, set()).add(model)
    assert len(models) > 100
    assert [shape for shape, made in models.items() if len(made) > 1] == []


@pytest.fixture
def rows(keys: Any) -> dict[str, Any]:
    built = believable.build()
    believable.drafting(built)
    return built


def speak(person: Official, role: str) -> Client:
    """A client whose token carries one role."""
    secret = tokens.make(person, "-", days=1, now=timezone.now(), roles=[role])
    return Client(headers={"Authorization": f"Bearer {secret}"})


def ask(client: Client, operation: str, rows: dict[str, Any], reference: str) -> Any:
    """Call an operation with its body, of a case where there is one in its address."""
    method, _, path = operation.partition(" ")
    parts = {
        "reference": reference,
        "number": rows["exhibit"].number if "exhibits" in path else 1,
        "letter": rows["request"].pk,
        "citation": "uncc:art_42__para_3",
        "name": "costs",
        "language": "ru",
        "username": "asel",
        "organisation": "court",
        "authority": "xb-247",
        "keeper": "none",
        "listing": 2**40,
        "update": 2**40,
        "endpoint": uuid.UUID(int=0),
        "report": uuid.UUID(int=0),
        "file": uuid.UUID(int=0),
        "upload": uuid.UUID(int=0),
        "offset": 0,
        "consignment": uuid.UUID(int=0),
        **dict.fromkeys(
            (
                "given",
                "comment",
                "template",
                "reminder",
                "view",
                "marking",
                "hold",
                "prepared",
                "delegation",
                "alert",
            ),
            1,
        ),
        "asked": 2**40,
        "which": "none",
        "opening": uuid.UUID(int=0),
        "order_id": uuid.UUID(int=0),
        "other": 2,
        **dict.fromkeys(("shift", "training", "referral"), 2**40),
    }
    body = OPERATIONS[operation][1]
    address = "/api" + path.format(**parts)
    if body is not None and body.keys() & {"file", "document"}:
        files = {name: SimpleUploadedFile("-.docx", b"-") for name, said in body.items() if said == "a file"}
        return client.post(address, body | files)
    content = json.dumps(body) if body is not None else ""
    return client.generic(method, address, content, content_type="application/json")


def test_nothing_answers_without_a_token(rows: dict[str, Any]) -> None:
    for operation in operations():
        assert ask(Client(), operation, rows, ASKED).status_code == 401, operation


@pytest.mark.parametrize("role", list(Role))
def test_exactly_the_roles_of_the_matrix_do_an_operation(rows: Any, official: Any, role: str) -> None:
    """In a case that is open to the person; the person holds every role, the token one."""
    person = official(*Role)
    for case in (rows["asked"], rows["draft"], rows["was_asked"]):
        assign(person, case, NOW)
    client = speak(person, role)
    for operation in operations():
        acts, _ = OPERATIONS[operation]
        draft = "/draft" in operation
        answer = ask(client, operation, rows, rows["draft"].reference if draft else ASKED)
        expected = all(role in ACCESS[act] for act in acts)
        refused = answer.status_code in (403, 404) if not expected else answer.status_code == 403
        assert refused != expected, (operation, role, answer.content)
        assert answer.status_code < 500, (operation, role)
        assert answer.status_code != 401, (operation, role)


@pytest.mark.parametrize(
    ("role", "body"),
    [*((role, "competent_body") for role in Role), (Role.DRAFTER, None), (Role.EXECUTING_OFFICER, None)],
)
def test_a_case_that_is_not_open_answers_as_one_that_is_not_there(
    rows: Any, official: Any, role: str, body: str | None
) -> None:
    """To officials of every other body, whatever their role; to the narrow roles in the central authority."""
    place = Organisation.objects.create(id="other", kind=body) if body else None
    client = speak(official(role, organisation=place), role)
    for operation in operations():
        acts, _ = OPERATIONS[operation]
        if not any(part in operation for part in OF_A_CASE):
            continue
        answer = ask(client, operation, rows, ASKED)
        allowed = all(role in ACCESS[act] for act in acts)
        refused = (404,) if allowed else (403, 404)
        assert answer.status_code in refused, (operation, role, answer.content)
        assert "a.login@mail.example" not in answer.content.decode(errors="replace")
