"""The story on the requesting side."""

from __future__ import annotations

from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from comity.demonstration import cast
from comity.demonstration.deeds.checks import decision_clock_runs, preservation_clock_runs, receipts_prove
from comity.demonstration.deeds.telling import (
    WAITING,
    Told,
    case_here,
    deed,
    expect,
    in_words,
    label,
    official,
    refused,
    the_case,
)
from comity.letters.schema import parse
from comity.node.casework import drafts, opinions, running
from comity.node.casework.acts.export_bundle import export_bundle
from comity.node.casework.acts.open_case import open_case
from comity.node.casework.acts.open_letter import open_letter
from comity.node.casework.acts.save_draft import draft_follow_up, save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.models import Case, Preparation
from comity.node.directory import known
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.exhibits import bundle, custody, reading
from comity.node.exhibits.models import Bundle, BundleState, Exhibit
from comity.proofs.custody import check_chain, read_records

DRAFTER, SIGNATORY, CUSTODIAN = "aigerim", "daniyar", "madina"


@deed
def find_the_basis(now: datetime) -> Told:
    """Facts give an opinion; a case is opened on it."""
    case = the_case()
    if case is None:
        told = cast.case()
        facts = {**told["facts"], "measure": told["measure"], "as_of": now.date().isoformat()}
        peer = known.find(cast.node("tm")["id"])
        open_case(official(DRAFTER), peer=peer, heading=told["heading"], facts=facts, now=now)
        return WAITING
    opinion = opinions.form({**case.facts, "measure": cast.case()["measure"]}, now)
    expect(opinion["recommended"] is not None, "a treaty carries the request")
    clock = opinions.clock(opinion, running.PRESERVATION)
    required = [each for each in opinion["contents"] if each["need"] == "required"]
    addressee, basis = opinion["addressee"], drafts.basis(opinion)
    return Told(
        True,
        [
            f"basis: {', '.join(label(cite) for cite in basis)}",
            f"addressee: {in_words(addressee['role'])} ({label(addressee['cite'])})",
            f"required contents: {', '.join(in_words(each['field']) for each in required)}",
            f"data stay preserved for {clock['duration']} at least ({label(clock['cite'])})",
            *(
                f"no ground of refusal: {in_words(each['id'])} ({label(each['cite'])})"
                for each in opinion["barred_grounds"]
            ),
        ],
    )


@deed
def leave_something_out(now: datetime) -> Told:
    """A draft without one required field: the check names it with its provision, and review is refused.

    When the story is long past this, the same check is made on the same draft beside the case.
    """
    case = case_here()
    left_out = cast.case()["left_out"]
    facts = {**case.facts, "measure": cast.case()["measure"]}
    opinion = opinions.form(facts, now)
    written = _written(opinion, without=left_out)
    if case.preparation == Preparation.DRAFT and case.sent_generation == 0:
        save_draft(official(DRAFTER), case, written, now=now)
        refused("draft_incomplete", lambda: submit_for_review(official(DRAFTER), case, now=now))
    case.draft = drafts.merge(drafts.begin(facts, opinion), written)
    missing = [each for each in drafts.problems(case) if each.is_required]
    names = [each.field for each in missing]
    expect(names == [f"contents.{left_out}"], "the check names the missing field and no other")
    cite = label(str(missing[0].cite))
    return Told(True, [f"the check names what is missing: {in_words(left_out)} ({cite})"])


@deed
def complete_and_submit(now: datetime) -> Told:
    """The draft is completed and goes to review."""
    case = case_here()
    if case.sent_generation == 0 and case.preparation == Preparation.DRAFT:
        _complete(case, now)
    return Told(True, ["the completed draft is in review"])


@deed
def sign(now: datetime, generation: int) -> Told:
    """Four eyes: the drafter cannot sign; a second person can."""
    case = case_here()
    proved = []
    if case.preparation == Preparation.IN_REVIEW and case.sent_generation < generation:
        refused("four_eyes", lambda: sign_request(official(DRAFTER), case, now=now))
        proved = ["the drafter cannot sign: four eyes"]
        sign_request(official(SIGNATORY), case, now=now)
    expect(_sent(generation).kind == "request", "the letter is a request")
    return Told(True, [*proved, f"signed by a second person, generation {generation}"])


@deed
def wait_for_delivery(now: datetime, generation: int) -> Told:
    """Signed receipts of acceptance and delivery came back, and each proves itself."""
    letter = _sent(generation)
    return receipts_prove(letter, ("RELAY_REMMD_ACCEPTANCE", "DELIVERY"))


@deed
def wait_for_registration(now: datetime, generation: int) -> Told:
    """The other side's reference is here."""
    registrations = _received("registration")
    if registrations.count() < generation:
        return WAITING
    case = case_here()
    expect(bool(case.peer_reference), "the registration told its reference")
    return Told(True, [f"registered there as {case.peer_reference}"])


@deed
def wait_for_preservation(now: datetime) -> Told:
    """The report of preservation arrived; the clock of the law runs here too."""
    if not _received("preservation_done").exists():
        return WAITING
    return preservation_clock_runs(case_here())


@deed
def request_access(now: datetime) -> Told:
    """The request for access to what was preserved, drafted and in review."""
    case = case_here()
    told = cast.case()
    if case.sent_generation == 1 and case.preparation in (Preparation.SIGNED, Preparation.SENT):
        case = draft_follow_up(official(DRAFTER), case, told["follow_up"], now=now)
    if case.sent_generation == 1 and case.preparation == Preparation.DRAFT:
        _complete(case, now)
    expect(case_here().facts["measure"] == told["follow_up"], "the further request asks for access")
    basis = (case_here().draft or {})["basis"]
    return Told(True, [f"request for access drafted ({', '.join(label(cite) for cite in basis)})"])


@deed
def wait_for_decision_clock(now: datetime) -> Told:
    """Since the request for access is received, preservation lasts until the decision."""
    return decision_clock_runs(case_here())


@deed
def wait_for_result(now: datetime) -> Told:
    """The result arrived, was verified before anything is shown, and its exhibits are stored here."""
    letter = _received("result").first()
    if letter is None:
        return WAITING
    exhibits = list(Exhibit.objects.filter(case_reference=case_here().reference).order_by("number"))
    if len(exhibits) < len(parse(bytes(letter.canonical)).attachments):
        return WAITING
    expect((letter.report or {}).get("verdict") == "passed", "the container was verified on arrival")
    for exhibit in exhibits:
        expect(
            _rehashed(exhibit) == (exhibit.sha256, exhibit.bytes), f"{exhibit.number} is stored as announced"
        )
        chain = read_records(custody.chain(exhibit))
        expect(not check_chain(chain), f"the custody of {exhibit.number} is whole over both States")
        expect([each.act for each in chain][-1] in ("received_abroad", "exported"), "custody goes on here")
    case = case_here()
    limits = [f"{in_words(each.limit)} ({label(each.cite)})" for each in case.limits.all()]
    expect(bool(limits), "limits on use came with the result")
    hashes = {str(each.id): each.sha256 for each in exhibits}
    return Told(
        True,
        [
            f"{len(exhibits)} exhibits verified and taken in, custody whole over both States",
            f"limits on use: {', '.join(limits)}",
        ],
        {"exhibits": hashes, "actual": case.actual},
    )


@deed
def read_the_result(now: datetime) -> Told:
    """An official opens the result."""
    letter = _received("result").get()
    if letter.stage == Stage.DELIVERED:
        open_letter(official(DRAFTER), letter, now=now)
    expect(_received("result").get().stage == Stage.RETRIEVED, "the letter is marked as opened")
    return Told(True, ["the result was opened by an official"])


@deed
def export_for_the_court(now: datetime, target: str) -> Told:
    """The custodian exports the court bundle; the file is handed out."""
    case = case_here()
    made = Bundle.objects.filter(case_reference=case.reference).first()
    if made is None:
        export_bundle(official(CUSTODIAN), case, now=now)
        return WAITING
    if made.state != BundleState.READY:
        return WAITING
    path = Path(target)
    path.parent.mkdir(exist_ok=True)
    with bundle.opened(made) as plain, path.open("wb") as out:
        while piece := plain.read(1024 * 1024):
            out.write(piece)
    expect(path.stat().st_size == made.bytes, "the bundle was handed out whole")
    return Told(True, [f"court bundle of {made.bytes} bytes, sealed and verified"])


def _complete(case: Case, now: datetime) -> None:
    case = save_draft(official(DRAFTER), case, _written(case.opinion or {}), now=now)
    submit_for_review(official(DRAFTER), case, now=now)


def _written(opinion: dict[str, Any], without: str = "") -> dict[str, Any]:
    """What the drafter writes: what the opinion asks for, in the cast's words."""
    told = cast.case()
    asked = {each["field"] for each in opinion["contents"]} - {without}
    return {
        "contents": {field: text for field, text in told["contents"].items() if field in asked},
        "items": [{**item, "period": None} for item in told["items"]],
        "urgent": True,
        "confidential": True,
        "no_user_notice": True,
    }


def _sent(generation: int) -> Letter:
    found = Letter.objects.filter(direction=Direction.OUT, kind="request").order_by("generation")
    letters = list(found)
    expect(len(letters) >= generation, f"request {generation} was signed")
    return letters[generation - 1]


def _received(kind: str) -> Any:
    arrived = Letter.objects.filter(direction=Direction.IN, kind=kind)
    return arrived.exclude(stage__in=(Stage.ACCEPTED, Stage.REFUSED)).order_by("generation")


def _rehashed(exhibit: Exhibit) -> tuple[str, int]:
    with reading.open_exhibit(exhibit) as stream:
        digest = file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    return digest, exhibit.bytes
