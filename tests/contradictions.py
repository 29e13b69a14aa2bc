"""Contradictions, each planted alone in a sound letter: what it is called, the letter, the change.

The tests find each under its name, and the test vectors publish them (LETTER-5).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

from tests import samples

Change = Callable[[dict[str, Any]], object]
Planted = tuple[str, Callable[[], dict[str, Any]], Change]


def the_same_person_drafts_and_signs(letter: dict[str, Any]) -> None:
    letter["people"][1]["name"] = "  officer a OF kz "


def another_attachment(letter: dict[str, Any], **change: Any) -> None:
    letter["attachments"].append(letter["attachments"][0] | {"exhibit": None} | change)


def named(name: str) -> Change:
    return lambda letter: another_attachment(letter, name=name)


PLANTED: list[Planted] = [
    ("own_recipient", samples.request, lambda v: v.update(to="kz-247")),
    ("expiry_before_writing", samples.request, lambda v: v.update(expires_at=v["written_at"])),
    ("answers_wrong", samples.request, lambda v: v.update(answers=[v["id"]])),
    ("answers_wrong", samples.result, lambda v: v.update(answers=v["answers"] * 2)),
    ("limit_repeated", samples.request, lambda v: v.update(limits=v["limits"] * 2)),
    ("signatory_missing", samples.result, lambda v: v["people"].pop()),
    ("signatory_missing", samples.result, lambda v: v["people"][0].update(part="signatory")),
    ("drafter_missing", samples.request, lambda v: v["people"].pop(0)),
    ("four_eyes_missing", samples.request, the_same_person_drafts_and_signs),
    ("people_after_writing", samples.request, lambda v: v["people"][1].update(at="2026-11-22T03:12:01Z")),
    ("case_number_missing", samples.request, lambda v: v["case"].update(requesting=None)),
    ("case_number_differs", samples.result, lambda v: v["case"].update(requested="TM-2026-000002")),
    ("answers_missing", samples.refusal, lambda v: v.update(answers=[])),
    ("items_misnumbered", samples.request, lambda v: v["body"]["items"][1].update(number=3)),
    ("items_misnumbered", samples.registration, lambda v: v["body"]["items"].reverse()),
    ("items_misnumbered", samples.registration, lambda v: v["body"]["items"][1].update(number=1)),
    (
        "validation_unclear",
        samples.in_emergency,
        lambda v: v["body"]["emergency"]["validation"].pop("within_hours"),
    ),
    (
        "validation_unclear",
        samples.in_emergency,
        lambda v: v["body"]["emergency"]["validation"].update(state="given"),
    ),
    (
        "validation_ahead",
        partial(samples.said, "emergency_validated"),
        lambda v: v["body"].update(decided_at="2026-11-22T03:12:01Z"),
    ),
    ("period_reversed", samples.request,
     lambda v: v["body"]["items"][0]["period"].update(to="2026-10-01T00:00:00Z")),
    ("preservation_reversed", samples.preservation_done,
     lambda v: v["body"].update(until=v["body"]["preserved_at"])),
    ("extension_past", partial(samples.said, "extension_asked"),
     lambda v: v["body"].update(until=v["written_at"])),
    ("extension_past", partial(samples.said, "extension_granted"),
     lambda v: v["body"].update(until=v["written_at"])),
    ("path_unclear", partial(samples.said, "path_disclosure"), lambda v: v["body"].update(path=[])),
    ("path_unclear", partial(samples.said, "path_disclosure"),
     lambda v: v["body"].update(withheld={"cite": "uncc:art_40__para_22"})),
    ("period_reversed", partial(samples.said, "path_disclosure"),
     lambda v: v["body"]["path"][0]["period"].update(to="2026-10-01T00:00:00Z")),
    ("attachment_repeated", samples.result,
     lambda v: another_attachment(v, name="Exhibits/tm-2026-000001-e1/ACCESS.log")),
    ("attachment_name_unsafe", samples.result, named("../access.log")),
    ("attachment_name_unsafe", samples.result, named("/etc/passwd")),
    ("attachment_name_unsafe", samples.result, named("Letter.JSON")),
    ("attachment_name_unsafe", samples.result, named("meta-inf/manifest.xml")),
    ("attachment_name_unsafe", samples.result, named("_comity/manifest.json")),
    ("attachment_name_unsafe", samples.result, named("exhibits//access.log")),
    ("attachment_name_unsafe", samples.result, named("exhibits/и\u0306.log")),
    ("exhibits_differ", samples.result, lambda v: v["body"]["items"][0].update(exhibits=[])),
    ("custody_differs", samples.result, lambda v: v["body"].update(custody=[])),
    ("custody_gap", samples.result, lambda v: v["body"]["custody"].pop(0)),
    ("custody_link_broken", samples.result, lambda v: v["body"]["custody"][1].update(note="altered")),
    ("custody_content_differs", samples.result, lambda v: v["attachments"][0].update(bytes=52_134)),
]  # fmt: skip


def planted(make: Callable[[], dict[str, Any]], change: Change) -> dict[str, Any]:
    """The letter with its contradiction."""
    value = deepcopy(make())
    change(value)
    return value
