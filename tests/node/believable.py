"""A believable pair of cases as rows: one that this node asked, one that it was asked. For page tests.

People, mailboxes and events are invented. The rows have the shapes that the acts write.
"""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.samples import EMERGENCY, HEARING

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import words
from comity.node.casework.averting import AVERT
from comity.node.casework.models import (
    Access,
    Attempt,
    Case,
    Comment,
    DraftVersion,
    Emergency,
    Event,
    Item,
    Limit,
    OralRequest,
    Prepared,
    SafeConduct,
    Template,
)
from comity.node.clocks.models import Clock
from comity.node.directory.models import Authority
from comity.node.drills import arranging, asking
from comity.node.drills.models import Drill
from comity.node.exchange.models import Letter, Receipt
from comity.node.exhibits import content as store_content
from comity.node.exhibits.models import CustodyRecord, Exhibit
from comity.node.ledger import entries
from comity.node.orders.models import Identifier, Order
from comity.node.reports import receiving, triage
from comity.node.reports.models import Report

NOW = datetime.now(UTC).replace(microsecond=0)
OPENED = NOW - timedelta(days=2)
ASKED, WAS_ASKED = "XA-2026-000001", "XA-2026-000002"
CITE = "uncc:art_42__para_8"
ORALLY = "uncc:art_40__para_13"


def official(username: str, name: str, post: str, *roles: str, language: str = "en") -> Official:
    """An official who signs in with the tests' password."""
    from tests.node.conftest import PASSWORD

    return Official.objects.create_user(
        username,
        password=PASSWORD,
        full_name=name,
        post=post,
        roles=list(roles),
        language=language,
        time_zone="Asia/Almaty",
    )


def people() -> dict[str, Official]:
    """The people of the authority: invented names."""
    return {
        "drafter": official("asel", "Asel Demeuova", "Investigator", "drafter", "executing_officer"),
        "signatory": official("marat", "Marat Zhunisov", "Head of division", "signatory", "reviewer"),
        "duty": official(
            "dana",
            "Dana Ospanova",
            "Duty officer, 24/7 point of contact",
            "duty_officer",
            "registrar",
            "drafter",
            "executing_officer",
            "custodian",
            "auditor",
        ),
        "keeper": official("nurlan", "Nurlan Ibraev", "Administrator of the node", "administrator"),
    }


def provider() -> Authority:
    """A provider in this State."""
    return Authority.objects.create(
        id="provider-demo",
        state="XA",
        names={"en": "Demonstration mail provider"},
        roles=["provider"],
        peer_url="http://127.0.0.1:9",
    )


OPINION: dict[str, Any] = {
    "as_of": OPENED.date().isoformat(),
    "bases": [
        {
            "instrument": "uncc",
            "outcome": "applies",
            "findings": [
                {
                    "cite": "uncc:art_35__para_1",
                    "outcome": "applies",
                    "text": "The offence is in the catalogue.",
                    "missing": [],
                },
                {
                    "cite": "uncc:art_42__para_1",
                    "outcome": "applies",
                    "text": "Preservation may be asked.",
                    "missing": [],
                },
            ],
        },
        {
            "instrument": "kz-tm",
            "outcome": "undetermined",
            "findings": [
                {
                    "cite": "kz-tm:art_10__para_1",
                    "outcome": "undetermined",
                    "text": "Entry into force is not known.",
                    "missing": ["status.kz-tm.in_force_since"],
                },
            ],
        },
    ],
    "recommended": "uncc",
    "procedure": "uncc",
    "addressee": {"role": "point_of_contact_24_7", "cite": "uncc:art_41__para_3__point_b"},
    "channels": [{"id": "network_24_7", "outcome": "applies", "cite": "uncc:art_41__para_1"}],
    "languages": [],
    "contents": [
        {"field": field, "need": need, "cite": f"uncc:art_42__para_3__point_{point}"}
        for field, need, point in (
            ("requesting_authority", "required", "a"),
            ("subject_and_nature", "required", "b"),
            ("facts", "required", "b"),
            ("items_and_accounts", "required", "c"),
            ("data_sought", "required", "c"),
            ("relation_to_offence", "required", "c"),
            ("necessity", "required", "e"),
            ("intention_to_request", "required", "f"),
            ("custodian_or_location", "where_appropriate", "d"),
        )
    ],
    "clocks": [
        {"id": "preservation_minimum", "duration": "P60D", "from": "preservation", "cite": CITE},
        {"id": "preservation_until_decision", "duration": None, "from": "receipt", "cite": CITE},
    ],
    "grounds": [
        {"cite": "uncc:art_42__para_5", "force": "may", "outcome": "undetermined", "missing": []},
        {"on": "postpone", "cite": "uncc:art_40__para_27", "outcome": "undetermined", "missing": []},
    ],
    "barred_grounds": [{"id": "dual_criminality", "cite": "uncc:art_42__para_4"}],
    "duties": [
        {
            "on": "refuse",
            "before": True,
            "of": "requested",
            "id": "give_reasons",
            "cite": "uncc:art_40__para_25",
        },
        {
            "on": "refuse",
            "before": True,
            "of": "requested",
            "id": "consult_before_refusal",
            "cite": "uncc:art_40__para_28",
        },
        {
            "on": "postpone",
            "before": True,
            "of": "requested",
            "id": "consult_before_postponement",
            "cite": "uncc:art_40__para_28",
        },
        {
            "on": "withdraw",
            "before": False,
            "of": "requesting",
            "id": "tell_no_longer_needed",
            "cite": "uncc:art_40__para_26",
        },
        {"on": "use", "before": False, "of": "requesting", "cite": "uncc:art_40__para_28"},
        {
            "on": "preserve",
            "before": True,
            "of": "requested",
            "id": "tell_obstacle",
            "cite": "uncc:art_42__para_7",
            "outcome": "undetermined",
        },
        {
            "on": "disclose_path",
            "before": False,
            "of": "requested",
            "id": "expedite",
            "cite": "uncc:art_43__para_1",
            "outcome": "undetermined",
        },
    ],
    "forms": [],
    "limits": [{"id": "stated_purpose_only", "of": "requesting", "cite": "uncc:art_40__para_19"}],
    "rights": [],
    "powers": [
        {"on": "extend", "of": "requesting", "cite": "uncc:art_42__para_9", "outcome": "applies"},
        {"on": "preserve", "of": "requesting", "cite": "uncc:art_42__para_7", "outcome": "undetermined"},
    ],
}
ITEMS = [
    {
        "number": 1,
        "measure": "preserve_data",
        "identifier": {"type": "email", "value": "a.login@mail.example"},
        "data_kinds": ["subscriber", "traffic"],
        "period": {"from": "2026-06-01T00:00:00Z", "to": "2026-06-10T23:59:59Z"},
        "desired": "preserved",
        "description": "Login records of the account",
    },
    {
        "number": 2,
        "measure": "preserve_data",
        "identifier": {"type": "email", "value": "a.login@mail.example"},
        "data_kinds": ["content"],
        "period": None,
        "desired": "preserved",
        "description": "The mailbox",
    },
]
CONTENTS = {
    "requesting_authority": "24/7 point of contact of State XA",
    "subject_and_nature": "Pre-trial investigation of illegal access to a bank’s servers",
    "facts": "An unknown person entered the servers of a bank and sent mail from the account below.",
    "items_and_accounts": "The account named in the items",
    "necessity": "Login records are overwritten after thirty days.",
    "data_sought": "Login records and the content of the mailbox",
    "relation_to_offence": "The mail that led to the access was sent from this account.",
    "custodian_or_location": "The provider named in the items",
}


def draft(**changes: Any) -> dict[str, Any]:
    """The body of a request in preparation."""
    return {
        "measure": "preserve_data",
        "instrument": "uncc",
        "basis": ["uncc:art_42__para_1"],
        "urgent": True,
        "facts": {
            "requesting_state": "XA",
            "requested_state": "XB",
            "measure": "preserve_data",
            "as_of": "2027-06-12",
            "electronic_evidence": True,
            "offences": [{"id": "uncc:art_7"}],
        },
        "contents": CONTENTS,
        "items": ITEMS,
        "confidential": True,
        "no_user_notice": True,
    } | changes


def case(reference: str, side: str, peer: Authority, **columns: Any) -> Case:
    """A case with its items."""
    made = Case.objects.create(
        reference=reference,
        side=side,
        peer=peer,
        heading="Preserve and disclose data: access to a bank’s servers",
        instrument="uncc",
        facts=draft()["facts"],
        opinion=OPINION,
        desired="preserved",
        urgent=True,
        confidential=True,
        no_user_notice=True,
        opened_at=OPENED,
        changed_at=NOW - timedelta(minutes=5),
        **columns,
    )
    for item in ITEMS:
        Item.objects.create(
            case=made,
            number=item["number"],
            measure=item["measure"],
            identifier_type="email",
            identifier_value=item["identifier"]["value"],
            data_kinds=item["data_kinds"],
            description=item["description"],
            desired="preserved",
            actual=columns.get("actual", ""),
        )
    return made


def letter(
    made: Case,
    kind: str,
    direction: str,
    generation: int,
    stage: str,
    body: dict[str, Any],
    answers: tuple[str, ...] = (),
) -> Letter:
    """A letter with its frozen bytes and the receipts of its stage."""
    own, other = "xa-247", made.peer_id
    sender, recipient = (own, other) if direction == "out" else (other, own)
    key = uuid.uuid4()
    content = {
        "schema": "comity-letter/1",
        "kind": kind,
        "id": str(key),
        "case": {"requesting": made.reference, "requested": made.peer_reference or None},
        "generation": generation,
        "from": sender,
        "to": recipient,
        "written_at": canonical.instant_text(OPENED),
        "expires_at": canonical.instant_text(OPENED + timedelta(days=30)),
        "answers": list(answers),
        "people": [
            {
                "part": "drafter",
                "name": "Asel Demeuova",
                "post": "Investigator",
                "at": canonical.instant_text(OPENED),
            },
            {
                "part": "signatory",
                "name": "Marat Zhunisov",
                "post": "Head of division",
                "at": canonical.instant_text(OPENED),
            },
        ],
        "limits": [],
        "attachments": [],
        "body": body,
    }
    row = Letter.objects.create(
        id=key,
        kind=kind,
        direction=direction,
        peer=made.peer,
        case_reference=made.reference,
        generation=generation,
        stage=stage,
        canonical=canonical.write(content),
        sha256="ab" * 32,
        bytes=48213,
        sealed_sha256="cd" * 32,
        report=REPORT if direction == "in" else None,
        urgent=True,
        frozen_at=OPENED,
        sealed_at=OPENED,
        received_at=OPENED + timedelta(minutes=1),
        stage_at=NOW - timedelta(hours=5),
        expires_at=OPENED + timedelta(days=30),
    )
    for kind_of_receipt in ("RELAY_REMMD_ACCEPTANCE", "DELIVERY"):
        Receipt.objects.create(
            letter=row,
            kind=kind_of_receipt,
            issued_by=recipient,
            note="comity-receipt/1\n{}\n\n— demo\n",
            at=OPENED,
        )
    return row


def questions(made: Case) -> list[Letter]:
    """What the other side asks of a case of ours: a supplement, a consultation, conditions."""
    said = {"items": [{"number": 1}], "text": "Please say more about the account."}
    gap = {"field": "necessity", "cite": "uncc:art_42__para_3__point_e"}
    condition = {"id": "confidential", "cite": "uncc:art_40__para_28", "text": "Not to be shown in public."}
    bodies = {
        "supplement_asked": said | {"deficiencies": [gap]},
        "consultation": said | {"by": "requested", "about": "refusal"},
        "conditions_offered": said | {"conditions": [condition]},
    }
    return [
        letter(made, kind, "in", n, "retrieved", body) for n, (kind, body) in enumerate(bodies.items(), 3)
    ]


def consultation(made: Case, about: str = "refusal") -> None:
    """Both sides consulted about item 1 of a case."""
    body = {"items": [{"number": 1}], "text": "Could it be done on conditions?"}
    asked = letter(made, "consultation", "out", 2, "delivered", body | {"by": made.side, "about": about})
    other = "requesting" if made.side == "requested" else "requested"
    letter(made, "consultation_reply", "in", 2, "retrieved", body | {"by": other}, (str(asked.id),))


REPORT = {
    "verdict": "passed",
    "time_source": "peer",
    "revocation_known_until": canonical.instant_text(NOW + timedelta(days=20)),
    "steps": [
        {"n": n, "id": name, "verdict": "passed", "code": None, "text": text}
        for n, (name, text) in enumerate(
            (
                ("encryption", "The package was decrypted for this authority."),
                ("container", "The container has the determined form."),
                ("manifest", "The manifest lists every file."),
                ("files", "Every file has the size and hash of the manifest."),
                ("signature", "The seal covers every file."),
                ("certificate", "The seal certificate is of the authority’s own CA."),
                ("revocation", "The certificate was not revoked."),
                ("time", "The time-stamp is valid."),
                ("letter", "The letter is from the authority that sealed it."),
            ),
            start=1,
        )
    ],
    "files": [],
    "signatures": [],
}


def exhibit(made: Case, number: int, name: str, content: bytes, who: Official) -> Exhibit:
    """An exhibit with custody over both States."""
    digest = sha256(content).hexdigest()
    stored = store_content.write(io.BytesIO(content))
    row = Exhibit.objects.create(
        id=uuid.uuid4(),
        number=f"{made.reference}-E{number}",
        case_reference=made.reference,
        item_number=1,
        raw_name=name,
        source="Demonstration mail provider",
        media_type="text/plain",
        data_kind="traffic",
        bytes=len(content),
        sha256=digest,
        wrapped_key=stored.wrapped_key,
        origin="xb-247",
        taken_in_at=NOW - timedelta(hours=4),
    )
    for n, part in enumerate(stored.segments):
        row.segments.create(position=n, bytes=part.bytes, ciphertext_sha256=part.ciphertext_sha256)
    previous = None
    for n, (act, authority, person) in enumerate(
        (
            ("received", "xb-247", "Merdan Ataev"),
            ("hashed", "xb-247", "Merdan Ataev"),
            ("sent", "xb-247", "Ogulnar Saparova"),
            ("received_abroad", "xa-247", who.full_name),
        ),
        start=1,
    ):
        at = NOW - timedelta(hours=6 - n)
        record = {
            "schema": "comity-custody/1",
            "exhibit": str(row.id),
            "n": n,
            "act": act,
            "at": canonical.instant_text(at),
            "by": {"name": person, "post": "Custodian", "authority": authority},
            "sha256": digest,
            "bytes": len(content),
            "note": "",
            "previous": previous,
        }
        CustodyRecord.objects.create(
            exhibit=row, n=n, act=act, at=at, record=record, foreign=authority != "xa-247"
        )
        previous = sha256(canonical.write(record)).hexdigest()
    return row


def build() -> dict[str, Any]:
    """Two cases, their letters, clocks, orders, exhibits and ledger entries; the directory must be filled."""
    who = people()
    peer = Authority.objects.exclude(own=True).get(id="xb-247")
    seller = provider()
    asked = case(
        ASKED,
        "requesting",
        peer,
        peer_reference="XB-2026-000001",
        draft=draft(),
        preparation="sent",
        actual="preserved",
        sent_generation=1,
        received_generation=2,
        drafter=who["drafter"],
    )
    was_asked = case(
        WAS_ASKED,
        "requested",
        peer,
        peer_reference="XB-2026-000009",
        actual="registered",
        received_generation=1,
        executing_officer=who["duty"],
    )
    Access.objects.create(
        case=was_asked,
        official=who["drafter"],
        reason="Prepares the result",
        given_by=who["duty"],
        given_at=OPENED,
    )
    request = letter(asked, "request", "out", 1, "retrieved", draft())
    letter(
        asked,
        "preservation_done",
        "in",
        2,
        "delivered",
        {
            "reference": "XB-2026-000001",
            "items": [{"number": 1, "actual": "preserved", "note": ""}],
            "preserved_at": canonical.instant_text(OPENED),
            "until": canonical.instant_text(NOW + timedelta(days=58)),
            "clock": {"id": "preservation_minimum", "cite": CITE},
        },
    )
    letter(
        asked,
        "path_disclosure",
        "in",
        3,
        "retrieved",
        {
            "items": [{"number": 1}],
            "text": "The mail came through two providers in other States.",
            "path": [
                {
                    "state": state,
                    "provider": name,
                    "identifier": "relay.example, 192.0.2.17",
                    "period": {"from": "2026-06-03T01:00:00Z", "to": "2026-06-03T02:00:00Z"},
                }
                for state, name in (("XB", "Relay of mail"), ("UZ", "Mail of the steppe"))
            ],
            "withheld": None,
        },
    )
    arrived = letter(was_asked, "request", "in", 1, "delivered", draft())
    Clock.objects.create(
        case_reference=ASKED,
        kind="preservation_minimum",
        cite=CITE,
        of="requested",
        starts_at=OPENED,
        due_at=OPENED + timedelta(days=60),
    )
    Clock.objects.create(
        case_reference=WAS_ASKED,
        kind="execution",
        cite="uncc:art_40__para_24",
        of="requested",
        starts_at=OPENED - timedelta(days=58),
        due_at=NOW + timedelta(hours=20),
    )
    entry = entries.append("case_opened", ASKED, {"what": "case_opened"}, now=OPENED)
    Event.objects.create(case=asked, at=OPENED, kind="case_opened", by=who["drafter"], entry=entry)
    Event.objects.create(
        case=asked,
        at=OPENED + timedelta(hours=1),
        kind="request_signed",
        params={"generation": 1},
        by=who["signatory"],
        letter=request.id,
    )
    Event.objects.create(
        case=asked,
        at=NOW - timedelta(hours=5),
        kind="preservation_received",
        params={"until": canonical.instant_text(NOW + timedelta(days=58))},
    )
    Limit.objects.create(
        case=asked, limit="stated_purpose_only", cite="uncc:art_40__para_19", letter=request.id, since=NOW
    )
    order = Order.objects.create(
        id=uuid.uuid4(),
        number=f"{WAS_ASKED}-O1",
        case_reference=WAS_ASKED,
        item_number=1,
        kind="preserve",
        provider=seller,
        issuing_body="Point of contact of State XA",
        legal_basis="Code of Criminal Procedure, article 1 (invented)",
        necessity="The account’s owner can empty it at any time (invented).",
        proportionality="One account; nothing is disclosed (invented).",
        starts_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(days=80),
        generation=1,
        state="received",
        prepared_at=NOW - timedelta(hours=1),
        prepared_by=who["duty"],
        issued_at=NOW - timedelta(hours=1),
        issued_by=who["duty"],
    )
    Identifier.objects.create(order=order, number=1, type="email", value="a.login@mail.example")
    shown = exhibit(asked, 1, "access.log", b"03:12:04 login a.login@mail.example\n" * 40, who["duty"])
    draft_case = case(
        "XA-2026-000003", "requesting", peer, draft=draft(), preparation="draft", drafter=who["drafter"]
    )
    review = case(
        "XA-2026-000004",
        "requesting",
        peer,
        draft=draft(contents=CONTENTS | {"intention_to_request": "A request for access will follow."}),
        preparation="in_review",
        drafter=who["drafter"],
    )
    Item.objects.filter(case__in=[draft_case, review]).delete()
    for each in Case.objects.all():
        words.keep(each)
    return {
        "people": who,
        "asked": asked,
        "was_asked": was_asked,
        "draft": draft_case,
        "review": review,
        "request": request,
        "arrived": arrived,
        "exhibit": shown,
        "entry": entry,
        "order": order,
    }


CONFIRMING = {
    "purpose": "confirmation",
    "post": "Head of the point of contact",
    "hours": "24/7",
    "time_zone": "UTC",
    "languages": ["en"],
    "telephone": "+999 1 000",
    "email": "",
    "address": "",
}


def prepared_result(
    who: dict[str, Official], reference: str = "XA-2026-000009", theirs: str = "XB-2026-000012"
) -> Case:
    """A case of the requested side whose result waits for its release by a second person."""
    peer = Authority.objects.get(id="xb-247")
    made = case(
        reference,
        "requested",
        peer,
        peer_reference=theirs,
        actual="in_execution",
        received_generation=1,
        executing_officer=who["duty"],
    )
    produced = exhibit(made, 1, "mailbox.mbox", b"From a.login@mail.example\n" * 9, who["duty"])
    made.draft = {
        "prepared_by": who["duty"].pk,
        "authenticity": "Exact copies of what the provider holds.",
        "limits": [{"id": "stated_purpose_only", "cite": "uncc:art_40__para_19", "text": None}],
        "items": [{"number": 1, "actual": "executed", "note": "", "exhibits": [str(produced.id)]}],
    }
    made.save()
    return made


def emergencies(rows: dict[str, Any]) -> None:
    """An emergency whose data wait to be released, and one of this side's that nobody validated."""
    who, peer = rows["people"], rows["asked"].peer
    peer.contacts = [*peer.contacts, CONFIRMING]
    peer.save()
    made = rows["in_danger"] = prepared_result(who, "XA-2026-000030", "XB-2026-000030")
    made.items.update(measure=AVERT, desired="executed")
    asked = letter(made, "request", "in", 1, "delivered", draft(items=ITEMS[:1], emergency=EMERGENCY))
    Emergency.objects.create(
        case=made,
        request=asked.pk,
        asked_at=NOW - timedelta(minutes=20),
        particulars=EMERGENCY,
        validation="later",
        due_at=NOW + timedelta(hours=47),
    )
    columns = {"peer_reference": "XB-2026-000031", "preparation": "sent", "sent_generation": 1}
    rows["lapsed"] = case("XA-2026-000031", "requesting", peer, actual="executed", **columns)
    sent = letter(
        rows["lapsed"], "request", "out", 1, "retrieved", draft(items=ITEMS[:1], emergency=EMERGENCY)
    )
    Emergency.objects.create(
        case=rows["lapsed"],
        request=sent.pk,
        asked_at=NOW - timedelta(hours=50),
        particulars=EMERGENCY,
        validation="later",
        due_at=NOW - timedelta(hours=2),
        lapsed_at=NOW - timedelta(hours=2),
        disclosed=sent.pk,
        disclosed_at=NOW - timedelta(hours=49),
    )


def drafting(rows: dict[str, Any]) -> None:
    """What stands beside the drafts: two versions, an open and a resolved comment, a template."""
    drafter, signatory, made = rows["people"]["drafter"], rows["people"]["signatory"], rows["draft"]
    changed = draft(
        contents=CONTENTS | {"facts": "Somebody entered the servers."}, urgent=False, items=ITEMS[:1]
    )
    for number, body in enumerate((changed, made.draft), start=1):
        DraftVersion.objects.create(
            case=made, number=number, begun_at=NOW, at=NOW, by=drafter, origin="saved", body=body
        )
    for held in (made, rows["review"]):
        remark = {"case": held, "at": NOW, "by": signatory, "version": 2}
        Comment.objects.create(field="facts", text="On which day?", **remark)
        Comment.objects.create(text="Shorter, please.", resolved_at=NOW, resolved_by=drafter, **remark)
    Template.objects.create(
        name="Access to a bank",
        instrument="uncc",
        measure="preserve_data",
        contents={"necessity": CONTENTS["necessity"]},
        at=NOW,
        by=drafter,
    )


PERSON = "Сәуле Нұрғалиқызы Әбдірахманова"
SAFE = "uncc:art_40__para_29"


def attendance(rows: dict[str, Any]) -> None:
    """A document to be served, a person who came and is under safe conduct, one who is asked to come in a
    draft, and a request that would touch the person who came.
    """
    peer, signatory = rows["asked"].peer, rows["people"]["signatory"]
    service = {
        "document": "Summons to the main hearing",
        "address": "1 Example Street, Example City",
        "way": "personal",
        "procedure": "Against a signed receipt",
        "language": "kk",
        "by": canonical.instant_text(NOW + timedelta(days=20)),
        "hearing_at": canonical.instant_text(NOW + timedelta(days=60)),
    }
    wish = {
        "role": "witness",
        "before": "District court of the capital",
        "place": "Hall 2",
        "begins_at": canonical.instant_text(NOW - timedelta(days=20)),
        "ends_at": None,
        "expenses": "Journey, stay and loss of earnings are paid in advance.",
        "safe_conduct": SAFE,
    }
    to_serve = _about_person("XA-2026-000021", "requested", peer, "serve_documents", "in_execution", service)
    for outcome, served, days in (("not_found", False, 3), ("handed", True, 1)):
        Attempt.objects.create(
            item=to_serve.items.get(),
            happened_at=NOW - timedelta(days=days),
            place="1 Example Street, Example City",
            server="Bailiff of the district court",
            way="personal",
            outcome=outcome,
            served=served,
            note="Against a signed receipt" if served else "",
            by=rows["people"]["duty"],
            at=NOW,
        )
    came = _about_person("XA-2026-000022", "requesting", peer, "appear_voluntarily", "executed", wish)
    told = {
        "informed_at": canonical.instant_text(OPENED),
        "by": "Investigator",
        "answer": "consents",
        "answered_at": canonical.instant_text(OPENED),
        "note": "",
    }
    item = {"number": 1, "actual": "executed", "note": "", "exhibits": [], "appearance": told}
    body = {
        "reference": "XB-2026-000022",
        "whole": True,
        "items": [item],
        "custody": [],
        "authenticity": "Certified by the authority that executed it.",
    }
    letter(came, "result", "in", 2, "retrieved", body)
    SafeConduct.objects.create(
        item=came.items.get(),
        cite=SAFE,
        arrived_at=NOW - timedelta(days=21),
        released_at=NOW - timedelta(days=18),
        released_by="District court of the capital",
        period="P15D",
        ends_at=NOW - timedelta(days=2),
        by=signatory,
        at=NOW,
    )
    touched = _about_person("XA-2026-000023", "requested", peer, "extradite", "registered", {})
    wished = _about_person("XA-2026-000024", "requesting", peer, "appear_voluntarily", "", {})
    target = {"type": "person", "value": PERSON}
    drafted = {"number": 1, "identifier": target, "data_kinds": [], "period": None, "description": "Witness"}
    wished.draft = draft(measure="appear_voluntarily", items=[drafted | {"appearance": wish}])
    wished.preparation, wished.drafter, wished.sent_generation = "draft", rows["people"]["drafter"], 0
    wished.save()
    rows |= {"to_serve": to_serve, "came": came, "touched": touched, "wished": wished}


def _about_person(
    reference: str, side: str, peer: Authority, measure: str, actual: str, particulars: dict[str, Any]
) -> Case:
    """A case about one person, whose treaty gives safe conduct."""
    rule = {"id": "safe_conduct", "cite": SAFE, "duration": "P15D", "from": "release_notice"}
    made = case(reference, side, peer, sent_generation=1, actual=actual)
    made.opinion = OPINION | {"clocks": [rule | {"of": "requesting", "outcome": "applies"}]}
    made.facts, made.heading = made.facts | {"measure": measure}, "A witness at the main hearing"
    made.save()
    made.items.exclude(number=1).delete()
    made.items.update(
        measure=measure,
        identifier_type="person",
        identifier_value=PERSON,
        data_kinds=[],
        description="Witness at the main hearing",
        particulars=particulars,
        desired="executed",
        actual=actual,
    )
    return made


def preparing(rows: dict[str, Any]) -> None:
    """A postponement that waits for its signature, and information that came back unsigned."""
    drafter, signatory = rows["people"]["drafter"], rows["people"]["signatory"]
    columns = {"kind": "information", "drafter": drafter, "preparation": "", "sent_generation": 0}
    told = case("XA-2026-000025", "requesting", rows["asked"].peer, **columns)
    said = {"heading": told.heading, "text": "Three accounts were found.", "words": "Until the trial begins."}
    back = {"returned_by": signatory, "returned_at": NOW, "reason": "Name the bank."}
    words_of = [*said.items(), ("restrictions", "confidential")]
    grounds = [("items", "1"), ("ground", "uncc:art_40__para_27"), ("text", "Proceedings are going on.")]
    for name, of, act, entered, more in (
        ("returned", told, "send_information", words_of, back),
        ("postponing", rows["was_asked"], "postpone_execution", grounds, {}),
    ):
        rows[name] = Prepared.objects.create(
            case=of,
            act=act,
            entered=[list(pair) for pair in entered],
            by=drafter,
            at=NOW,
            sent=of.sent_generation,
            received=of.received_generation,
            **more,
        )


def spoken(rows: dict[str, Any]) -> None:
    """A request made by telephone, its minute and the letter that confirms it; a hearing of a witness."""
    peer, duty = rows["asked"].peer, rows["people"]["duty"]
    rows["minute"] = case("XA-2026-000026", "requested", peer, actual="registered")
    OralRequest.objects.create(
        case=rows["minute"],
        made_at=OPENED,
        means="telephone",
        person_name="Merdan Ataev",
        person_post="Duty officer",
        number="+000 00 000000",
        called_back=True,
        asked="To preserve two mailboxes before they are emptied.",
        urgency="The account is being emptied.",
        agreed="Our duty officer agreed.",
        items=[{"identifier": item["identifier"], "data_kinds": item["data_kinds"]} for item in ITEMS],
        form="oral_then_written",
        cite=ORALLY,
        by=duty,
        at=OPENED,
    )
    told = {
        "made_at": canonical.instant_text(OPENED - timedelta(minutes=5)),
        "means": "telephone",
        "asked_by": {"name": "Merdan Ataev", "post": "Duty officer"},
        "asked_of": {"name": duty.full_name, "post": duty.post},
        "asked": "To preserve the mailbox before it is emptied.",
        "urgency": "The account is being emptied.",
        "cite": ORALLY,
    }
    columns = {"peer_reference": "XB-2026-000014", "received_generation": 1}
    rows["confirming"] = case("XA-2026-000027", "requested", peer, **columns)
    written = draft(items=ITEMS[:1], oral=told)
    letter(rows["confirming"], "oral_confirmation", "in", 1, "delivered", written)
    hearing = HEARING | {"items": [{"number": 1}], "text": "As proposed.", "by": "requesting"}
    rows["hearing"] = letter(rows["asked"], "hearing_agreed", "in", 9, "delivered", hearing)


def not_arrived(rows: dict[str, Any]) -> None:
    """A letter of ours that the other node did not take in time, and one of its that was not understood."""
    failed = letter(rows["asked"], "request", "out", 50, "failed", draft(items=ITEMS[:1]))
    failed.receipts.all().delete()
    failed.refusal_code, failed.travelling, failed.attempts = "timed_out", "letters/x.age", 1441
    failed.tried_at, failed.tried_code = NOW - timedelta(hours=5), "peer_away"
    failed.save()
    Receipt.objects.create(
        letter=failed,
        kind="RELAY_REMMD_FAILURE",
        issued_by="xa-247",
        note="comity-receipt/1\n{}\n\n— demo\n",
        at=NOW - timedelta(hours=5),
    )
    refused = letter(rows["asked"], "request", "in", 50, "refused", {})
    refused.kind, refused.case_reference, refused.canonical = "", "", None
    refused.refusal_code, refused.report = "newer_version", None
    refused.save()
    rows["failed"], rows["refused"] = failed, refused


def alerting(rows: dict[str, Any]) -> None:
    """An emergency that nobody reacted to in time, what else waits for the duty officer, and an address."""
    from comity.node.alerts import raising
    from comity.node.alerts.models import Address, Kind, Message

    case, duty = rows["was_asked"], rows["people"]["duty"]
    case.facts["emergency"] = True
    at = NOW - timedelta(minutes=12)
    rows["alert"] = raising.raise_alert(Kind.REQUEST_ARRIVED, case.reference, now=at, case=case)
    raising.go_on(NOW - timedelta(minutes=7))
    raising.raise_alert(Kind.CLOCK_NEARS_END, ASKED, now=NOW, case=rows["asked"])
    raising.raise_alert(Kind.LETTER_ARRIVED, ASKED, now=NOW, case=rows["asked"])
    address = Address.objects.create(
        official=duty, way="mail", address="d.ospanova@state-xa.example", verified_at=OPENED
    )
    Message.objects.create(
        address=address,
        way="mail",
        purpose="alerts",
        state="failed",
        last_code="550",
        attempts=1,
        at=at,
        due_at=at,
    )
    case.refresh_from_db()


def administration(rows: dict[str, Any]) -> None:
    """What an administrator did: a body of the State, somebody who works there and left, changed roles."""
    from comity.node.administration import acts
    from comity.node.webhooks import signing
    from comity.node.webhooks.models import Delivery, Endpoint

    keeper = rows["people"]["keeper"]
    names = {"en": "Bureau of investigations", "kk": "Тергеу бюросы", "ru": "Бюро расследований"}
    bureau = acts.add_organisation(keeper, "bureau", kind="competent_body", names=names, now=OPENED)
    made, _ = acts.add_official(
        keeper,
        "aigul",
        full_name="Aigul Sadykova",
        post="Investigator for particularly important cases",
        roles=["drafter"],
        organisation=bureau,
        now=OPENED,
    )
    acts.change_official(keeper, made, roles=["drafter", "executing_officer"], now=NOW)
    acts.close_account(keeper, made, now=NOW)
    rows["endpoint"] = Endpoint.objects.create(
        url="https://register.ministry.example/comity",
        events=["letter.received", "clock.ran_out"],
        official=rows["people"]["duty"],
        secret=signing.sealed(signing.new_secret()),
        made_by=keeper,
        made_at=OPENED,
        failures=2,
    )
    for state, code in (("delivered", ""), ("waiting", "503")):
        Delivery.objects.create(
            endpoint=rows["endpoint"],
            event="letter.received",
            case_reference=ASKED,
            body="{}",
            at=NOW,
            state=state,
            attempts=2,
            last_code=code,
        )


def drilled(rows: dict[str, Any]) -> list[Drill]:
    """Drills with xb-247: answered and not, asked and to be answered."""
    peer, people = rows["asked"].peer, rows["people"]
    arranging.arrange(people["keeper"], peer, takes_every=7, asks_every=30, now=NOW)
    note = asking.send(peer, None, now=NOW).note
    Drill.objects.all().delete()
    told = {"id": "-", "peer": peer, "answer_by": NOW + timedelta(hours=1), "note": note, "reached": note}
    for days, ours, state, seconds in (
        (0, False, "reached", None),
        (0, True, "waiting", None),
        (1, True, "silent", None),
        (20, True, "answered", 95),
        (40, True, "answered", 610),
        (60, True, "unreached", None),
        (20, False, "answered", 41),
    ):
        at = NOW - timedelta(days=days, minutes=3)
        after = at + timedelta(seconds=seconds) if seconds else None
        done = {"answered_at": after, "seconds": seconds, "answer": note if seconds else "", "arrived_at": at}
        by = people["duty"] if seconds and not ours else None
        changes = {"id": uuid.uuid4(), "answer_by": at + timedelta(hours=1), "sent_at": at, "by": by}
        Drill.objects.create(**told | done | changes, ours=ours, state=state)
    return list(Drill.objects.all()[:4])


def reported(people: dict[str, Official]) -> Report:
    """A report of the public, with a question to the reporter. What it says is invented."""
    said = {"kind": "unknown", "what": "Somebody took over my mailbox.", "where": "a.login@mail.example"}
    more: dict[str, Any] = {"about_us": False, "files": [], "clean": True, "language": "en"}
    report, _code = receiving.receive(said, "by telephone, after six", **more, now=NOW)
    triage.ask_reporter(people["duty"], report.pk, "Since when?", now=NOW)
    return report
