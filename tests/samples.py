"""Letters for the tests, as plain JSON values: names and facts are invented."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

from comity.proofs.custody import CustodyRecord

REQUEST_ID = "3f6c1f0a-9d3b-4c53-8a44-1c2f7c0b6e01"
EXHIBIT_ID = "5e0b2a9c-1f5e-4b0c-8a1e-52b4c5d6e7f8"
REFERENCE = "TM-2026-000001"
LOG_SHA256 = "cd" * 32


def _letter(kind: str, body: dict[str, Any], **head: Any) -> dict[str, Any]:
    answering = kind != "request"
    source, target = ("tm-247", "kz-247") if answering else ("kz-247", "tm-247")
    state = source[:2].upper()
    return {
        "schema": "comity-letter/1",
        "kind": kind,
        "id": "9a1de7f2-64a5-4c8f-b6d3-0e5c3b7a2d10" if answering else REQUEST_ID,
        "case": {"requesting": "KZ-2026-000001", "requested": REFERENCE if answering else None},
        "generation": 1,
        "from": source,
        "to": target,
        "written_at": "2026-11-22T03:12:00Z",
        "expires_at": "2026-12-22T03:12:00Z",
        "answers": [REQUEST_ID] if answering else [],
        "people": [
            {
                "part": "drafter",
                "name": f"Officer A of {state}",
                "post": "Duty officer",
                "at": "2026-11-22T03:02:00Z",
            },
            {
                "part": "signatory",
                "name": f"Officer B of {state}",
                "post": "Deputy head",
                "at": "2026-11-22T03:12:00Z",
            },
        ],
        "limits": [],
        "attachments": [],
        "body": body,
    } | head


def request() -> dict[str, Any]:
    """A request to preserve data under the first treaty of the story."""
    item = {
        "number": 1,
        "measure": "preserve_data",
        "identifier": {"type": "email", "value": "intruder@mail.example"},
        "data_kinds": ["traffic", "content"],
        "period": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-20T00:00:00Z"},
        "desired": "preserved",
        "description": "Mailbox and access log of the account.",
    }
    body = {
        "measure": "preserve_data",
        "instrument": "uncc",
        "basis": ["uncc:art_42__para_1", "uncc:art_41__para_3__point_b"],
        "urgent": True,
        "facts": {"requesting_state": "KZ", "requested_state": "TM", "measure": "preserve_data"},
        "contents": {
            "requesting_authority": "Point of contact 24/7",
            "facts": "On 14 November the servers of a bank were entered without right.",
            "data_sought": "Mailbox and access log of the account named in item 1.",
            "necessity": "The provider keeps its log for fourteen days.",
            "intention_to_request": "A request for access will follow within thirty days.",
        },
        "items": [item, item | {"number": 2, "period": None, "data_kinds": ["subscriber"]}],
        "confidential": True,
        "no_user_notice": True,
    }
    limits = [{"id": "confidential", "cite": "uncc:art_40__para_20", "text": None}]
    return _letter("request", body, limits=limits)


def registration() -> dict[str, Any]:
    """The requested side has numbered the request and misses a field."""
    body = {
        "reference": REFERENCE,
        "received_at": "2026-11-22T03:11:00Z",
        "items": [{"number": 1, "actual": "registered"}, {"number": 2, "actual": "deficient"}],
        "deficiencies": [{"field": "relation_to_offence", "cite": "uncc:art_42__para_3__point_c"}],
    }
    return _letter("registration", body)


def preservation_done() -> dict[str, Any]:
    """The data are kept."""
    body = {
        "reference": REFERENCE,
        "items": [{"number": 1, "actual": "preserved", "note": "Kept by the provider."}],
        "preserved_at": "2026-11-22T03:11:00Z",
        "until": "2027-01-21T03:11:00Z",
        "clock": {"id": "preservation_minimum", "cite": "uncc:art_42__para_8"},
    }
    return _letter("preservation_done", body)


def custody() -> list[dict[str, Any]]:
    """The custody of the one exhibit, from the provider to its sending."""
    records: list[CustodyRecord] = []
    for n, act in enumerate(("received", "hashed", "sent"), start=1):
        record = {
            "schema": "comity-custody/1",
            "exhibit": EXHIBIT_ID,
            "n": n,
            "act": act,
            "at": f"2026-11-22T03:0{n}:00Z",
            "by": {"name": "Officer C of TM", "post": "Custodian of evidence", "authority": "tm-247"},
            "sha256": LOG_SHA256,
            "bytes": 52_133,
            "note": "",
            "previous": records[-1].digest if records else None,
        }
        records.append(CustodyRecord.model_validate(record))
    return [record.as_json() for record in records]


def custody_since() -> list[dict[str, Any]]:
    """How the custody of the one exhibit went on with whoever received it."""
    first = custody()[-1] | {
        "n": 4,
        "act": "received_abroad",
        "at": "2026-11-22T03:10:00Z",
        "by": {"name": "Officer K of KZ", "post": "Custodian of evidence", "authority": "kz-247"},
        "previous": CustodyRecord.model_validate(custody()[-1]).digest,
    }
    digest = CustodyRecord.model_validate(first).digest
    return [first, first | {"n": 5, "act": "used", "note": "The trial.", "previous": digest}]


def result() -> dict[str, Any]:
    """One exhibit comes back with its custody and its limit on use."""
    item = {"number": 1, "actual": "executed", "note": "Access log.", "exhibits": [EXHIBIT_ID]}
    body = {
        "reference": REFERENCE,
        "whole": True,
        "items": [item],
        "custody": custody(),
        "authenticity": "Taken over from the provider's service and hashed on receipt.",
    }
    attachment = {
        "name": "exhibits/TM-2026-000001-E1/access.log",
        "media_type": "text/plain",
        "bytes": 52_133,
        "sha256": LOG_SHA256,
        "exhibit": EXHIBIT_ID,
    }
    limits = [{"id": "stated_purpose_only", "cite": "uncc:art_40__para_19", "text": None}]
    return _letter("result", body, attachments=[attachment], limits=limits)


def refusal() -> dict[str, Any]:
    """One item is refused, with its ground and reasons, after consultation."""
    body = {
        "reference": REFERENCE,
        "items": [
            {
                "number": 1,
                "ground": {"cite": "uncc:art_42__para_6__point_b"},
                "reasons": "The data concern the security service.",
            }
        ],
        "consulted": True,
    }
    return _letter("refusal", body)


WORDS = "Words for the other side."
ITEMS = [{"number": 1}, {"number": 2}]
GAP = {"field": "relation_to_offence", "cite": "uncc:art_42__para_3__point_c"}
CONDITION = {
    "id": "stated_purpose_only",
    "cite": "uncc:art_40__para_28",
    "text": "Only in the proceedings named in the request.",
}
LATER = "2027-03-22T03:11:00Z"
HOP = {
    "state": "UZ",
    "provider": "Relay of mail",
    "identifier": "relay.example, 192.0.2.17",
    "period": {"from": "2026-11-14T01:00:00Z", "to": "2026-11-14T02:00:00Z"},
}
OTHER_USE = {
    "purpose": "other_proceedings",
    "use": "The investigation into a second bank.",
    "exhibits": [],
    "provisions": ["uncc:art_40__para_19"],
}
ONWARD = OTHER_USE | {
    "purpose": "international_organisation",
    "recipient": "The organisation of police forces",
    "provisions": ["uncc:art_36__para_3"],
}
HEARING = {
    "begins_at": "2027-03-28T00:30:00Z",
    "ends_at": "2027-03-28T02:30:00Z",
    "zone_requesting": "Asia/Almaty",
    "zone_requested": "Europe/Riga",
    "place": "District court, room 4",
    "conducted_by": "requesting",
    "authority_requesting": "Investigating judge of the city court",
    "authority_requested": "Judge of the district court",
    "participants": [{"role": "witness", "post": "System administrator of the bank"}],
    "interpretation": "Between Kazakh and the language of the court",
    "means": "Video link of the two courts, encrypted",
    "test_at": "2027-03-26T08:00:00Z",
    "record_by": "requested",
}
DIALOGUE: dict[str, dict[str, Any]] = {
    "supplement_asked": {"deficiencies": [GAP]},
    "supplement": {"contents": {"relation_to_offence": "The mail was sent from this account."}},
    "status_asked": {},
    "status": {"items": [{"number": 1, "actual": "in_execution", "note": "With the provider."}]},
    "withdrawal": {},
    "consultation": {"by": "requested", "about": "refusal"},
    "consultation_reply": {"by": "requesting"},
    "postponement": {
        "items": [{"number": 1, "ground": {"cite": "uncc:art_40__para_27"}}],
        "until": "2026-12-31T00:00:00Z",
        "consulted": True,
    },
    "conditions_offered": {"conditions": [CONDITION]},
    "conditions_accepted": {"conditions": [CONDITION]},
    "conditions_declined": {},
    "obstacle": {"expected": "2026-12-31T00:00:00Z"},
    "forwarded": {"competent": "Ministry of the Interior"},
    "confidentiality_impossible": {},
    "costs": {"amount": "10 000 USD"},
    "extension_asked": {"until": LATER},
    "extension_granted": {
        "until": LATER,
        "clock": {"id": "preservation_minimum", "cite": "uncc:art_42__para_9"},
    },
    "extension_declined": {},
    "preservation_expiring": {"until": LATER},
    "preservation_unhelpful": {"concerns": ["availability", "confidentiality", "investigation"]},
    "preservation_decision": {"decision": "go_on"},
    "path_disclosure": {"path": [HOP, HOP | {"identifier": "", "period": None}], "withheld": None},
    "use_permission_asked": OTHER_USE,
    "use_permission_granted": OTHER_USE | {"conditions": [CONDITION], "until": "2027-01-31T23:59:59Z"},
    "use_permission_declined": {},
    "onward_permission_asked": ONWARD,
    "onward_permission_granted": ONWARD | {"conditions": [], "until": None},
    "onward_permission_declined": {},
    "exculpatory_notice": {
        "exhibits": [],
        "provisions": ["uncc:art_40__para_19"],
        "disclosed_at": "2026-11-22T01:00:00Z",
        "reason": "The hearing was the same morning.",
    },
    "custody_update": {"custody": custody_since()},
    "presence_asked": {"officials": [{"post": "Investigator", "authority": "Investigation department"}]},
    "presence_granted": {
        "place": "Office of the provider",
        "begins_at": "2027-03-28T05:00:00Z",
        "ends_at": "2027-03-28T09:00:00Z",
        "standing": "They may put questions through the officer who executes.",
    },
    "presence_declined": {},
    "safe_conduct": {
        "persons": [
            {
                "number": number,
                "arrived_at": "2026-11-02T05:00:00Z",
                "released_at": "2026-11-10T05:00:00Z",
                "until": "2026-11-26T00:00:00Z",
                "left_at": "2026-11-20T05:00:00Z",
                "returned_at": None,
            }
            for number in (1, 2)
        ]
    },
    "emergency_validated": {
        "validated_by": "Investigating judge",
        "decision": "Order 12/2026",
        "decided_at": "2026-11-22T02:00:00Z",
    },
    "emergency_revoked": {},
    "hearing_proposed": HEARING | {"by": "requesting"},
    "hearing_agreed": HEARING | {"by": "requested"},
}
"""The bodies of the dialogue, by kind of letter, without the words and items that each has."""


EMERGENCY = {
    "risk": "A child is held by a person who announces its death for tonight.",
    "imminence": "The announcement names the hour.",
    "judged_by": {"name": "Officer A of KZ", "post": "Duty officer"},
    "judged_on": "The messages that were shown to the mother.",
    "contact": "+999 1 000",
    "validation": {"state": "later", "by": "Prosecutor on duty", "within_hours": 48},
}
"""What an emergency request says of the emergency."""


def in_emergency() -> dict[str, Any]:
    """A request for data to avert an emergency, which a prosecutor will validate."""
    asked = request()
    body, measure = asked["body"], "disclose_in_emergency"
    items = [each | {"measure": measure, "desired": "executed"} for each in body["items"]]
    facts = body["facts"] | {"measure": measure, "emergency": True}
    basis = ["uncc:art_41__para_3__point_e"]
    said = {
        "measure": measure,
        "items": items,
        "facts": facts,
        "basis": basis,
        "emergency": deepcopy(EMERGENCY),
    }
    return asked | {"body": body | said}


def said(kind: str) -> dict[str, Any]:
    """A letter of the dialogue."""
    return _letter(kind, {"items": ITEMS, "text": WORDS} | DIALOGUE[kind])


def information() -> dict[str, Any]:
    """A State passes on what it learnt, without having been asked."""
    body = {
        "instrument": "uncc",
        "basis": ["uncc:art_40__para_4"],
        "subject": "Accounts used against a bank",
        "text": "In our own proceedings three accounts were found that were used against a bank of yours.",
        "facts": {"requesting_state": "KZ", "requested_state": "TM", "measure": "share_information"},
    }
    limits = [{"id": "confidential", "cite": "uncc:art_40__para_5", "text": "Until the trial has begun."}]
    first = {"from": "kz-247", "to": "tm-247", "answers": []}
    numbers = {"requesting": "KZ-2026-000009", "requested": None}
    return _letter("information", body, limits=limits, case=numbers, **first)


def directory_update() -> dict[str, Any]:
    """An authority tells how it is reached and that its certificate changes; what it shows is made up."""
    body = {
        "items": [],
        "text": "The present certificate ends in a month.",
        "certificate": {
            "certificate": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
            "replaces": "ab" * 32,
            "changes_at": "2026-12-06T00:00:00Z",
            "ends_at": "2026-12-20T00:00:00Z",
        },
        "reached": {"hours": "24/7", "time_zone": "Asia/Ashgabat", "languages": ["tk", "en"], "contact": ""},
    }
    return _letter("directory_update", body, case={"requesting": None, "requested": None}, answers=[])


def oral_confirmation() -> dict[str, Any]:
    """The request of the story, which a duty officer had made by telephone before."""
    told = {
        "made_at": "2026-11-21T22:05:00Z",
        "means": "telephone",
        "asked_by": {"name": "A. Example", "post": "Duty officer"},
        "asked_of": {"name": "B. Example", "post": "Duty officer"},
        "number": "+993 00 000000",
        "asked": "To preserve the mailbox before it is emptied.",
        "urgency": "The account was being emptied.",
        "agreed": "The duty officer agreed to an oral request.",
        "cite": "uncc:art_40__para_13",
    }
    asked = request()
    return asked | {"kind": "oral_confirmation", "body": asked["body"] | {"oral": told}}


EVERY_KIND: dict[str, Callable[[], dict[str, Any]]] = {
    "request": request,
    "oral_confirmation": oral_confirmation,
    "registration": registration,
    "preservation_done": preservation_done,
    "result": result,
    "refusal": refusal,
    "information": information,
    "directory_update": directory_update,
} | {kind: partial(said, kind) for kind in DIALOGUE}


def report() -> dict[str, Any]:
    """The facts of a court bundle with one exhibit."""
    return {
        "heading": "Access to a bank's servers",
        "case": {"requesting": "KZ-2026-000001", "requested": REFERENCE},
        "made_at": "2026-11-22T05:00:00Z",
        "made_by": {"name": "Officer D of KZ", "post": "Custodian of evidence", "authority": "kz-247"},
        "authorities": {
            "kz-247": {"name": "Point of contact of KZ", "state": "KZ"},
            "tm-247": {"name": "Point of contact of TM", "state": "TM"},
        },
        "exhibits": [
            {
                "number": "TM-2026-000001-E1",
                "name": "access.log",
                "media_type": "text/plain",
                "bytes": 52_133,
                "sha256": LOG_SHA256,
                "origin": "Service of the provider, taken over on 22 November 2026",
                "limits": result()["limits"],
                "custody": custody(),
                "continued": custody()[-1:],
            }
        ],
        "letters": [
            {
                "id": REQUEST_ID,
                "kind": "request",
                "from": "kz-247",
                "to": "tm-247",
                "written_at": "2026-11-22T03:12:00Z",
                "sha256": "ab" * 32,
            }
        ],
        "seals": [
            {
                "letter": REQUEST_ID,
                "by": "kz-247",
                "certificate": "AB12 " * 15 + "CD34",
                "stamped_at": "2026-11-22T03:12:01Z",
                "time_source": "own",
                "revocation_known_until": "2026-11-29T03:12:00Z",
                "proof_ends": "2035-01-01T00:00:00Z",
            }
        ],
        "receipts": [
            {"letter": REQUEST_ID, "receipt": "DELIVERY", "from": "tm-247", "at": "2026-11-22T03:13:00Z"}
        ],
        "ledger": {"origin": "kz-247.comity/log", "size": 42, "root": "ef" * 32},
    }
