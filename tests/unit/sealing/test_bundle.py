from __future__ import annotations

import io
import random
from copy import deepcopy
from functools import partial

import pytest
from tests import packages
from tests.bundles import EXHIBIT, LETTER_ID, LOG, Parts, custody, judged, letter_package

from comity import canonical
from comity.proofs import cosignatures
from comity.proofs.receipts import ReceiptName
from comity.sealing.manifest import Kind
from comity.sealing.sources import PackageFile, in_memory
from comity.sealing.steps.renewal import RENEWED


def why(parts: Parts) -> tuple[str, str | None]:
    report = judged(parts.sealed())
    step = next(step for step in report.steps if step.verdict != "passed")
    return step.id, step.code


def test_a_whole_bundle_passes_with_letters_receipts_ledger_and_custody():
    report = judged(Parts().sealed())
    assert [step.id for step in report.steps[8:]] == ["letters", "receipts", "ledger", "custody"]
    assert report.verdict == "passed", report.as_dict()["steps"]
    as_json = report.as_dict()
    assert [each["by"] for each in as_json["signatures"]] == ["kz-247", "tm-247"]
    assert as_json["custody"][0]["file"] == "exhibits/TM-2026-000001-E1/access.log"
    assert [each["act"] for each in as_json["custody"][0]["records"]] == [
        "received",
        "sent",
        "received_abroad",
        "exported",
    ]


def test_without_anchors_a_bundle_is_undecided_and_never_passes():
    report = packages.judged(Parts().sealed(), trust=None)
    assert report.verdict == "indeterminate"
    assert set(report.codes) == {"trust_unknown"}


def test_without_the_other_authoritys_anchors_its_letter_is_undecided():
    report = packages.judged(Parts().sealed())
    assert report.verdict != "passed"
    assert "inner_letter_undecided" in report.codes


def test_a_letter_that_another_authority_sealed_is_refused():
    assert why(Parts(letter_signer="kz-247")) == ("letters", "inner_letter_failed")


def test_a_changed_letter_inside_is_found_although_the_bundle_is_sealed_anew():
    files = Parts().files()
    name = f"letters/{LETTER_ID}.asice"
    inner = bytearray(files[name])
    inner[200] ^= 1
    assert why(Parts(replaced={name: bytes(inner)})) == ("letters", "inner_letter_failed")


def test_a_bundle_inside_a_bundle_is_refused():
    inner = Parts().sealed()
    assert why(Parts(replaced={f"letters/{LETTER_ID}.asice": inner})) == ("letters", "inner_letter_failed")


def renewed(container: bytes, times: int = 1) -> bytes:
    """The container sealed again so often."""
    for _ in range(times):
        file = PackageFile(RENEWED, "application/vnd.etsi.asic-e+zip", partial(io.BytesIO, container))
        container = packages.sealed([file], kind=Kind.RENEWAL)
    return container


def with_letter(change):
    name = f"letters/{LETTER_ID}.asice"
    return Parts(replaced={name: change(Parts().files()[name])})


@pytest.mark.parametrize("times", [1, 4])
def test_a_letter_that_was_sealed_again_proves_itself_in_a_bundle(times):
    report = judged(with_letter(lambda first: renewed(first, times)).sealed())
    assert report.verdict == "passed", report.as_dict()
    assert len([each for each in report.signatures if each.get("in", "").startswith("letters/")]) == times + 1


@pytest.mark.parametrize(
    "change",
    [
        lambda first: renewed(first, 5),
        lambda first: renewed(Parts().sealed()),
        lambda first: renewed(first[:200] + bytes([first[200] ^ 1]) + first[201:]),
        lambda first: renewed(packages.sealed()),
    ],
    ids=["five times", "a bundle inside", "a changed byte", "another document"],
)
def test_what_else_was_sealed_again_is_refused_in_a_bundle(change):
    assert why(with_letter(change)) == ("letters", "inner_letter_failed")


def test_a_receipt_of_someone_else_is_refused():
    assert why(Parts(receipt_signer="zz-247")) == ("receipts", "note_unsigned")


def test_a_receipt_under_another_name_is_refused():
    files = Parts().files()
    note = files[f"receipts/{LETTER_ID}.DELIVERY.note"]
    renamed = Parts(replaced={f"receipts/{LETTER_ID}.RETRIEVAL.note": note})
    assert why(renamed) == ("receipts", "receipt_misplaced")


def test_a_receipt_for_a_letter_that_is_not_there_is_refused():
    parts = Parts(left_out=(f"letters/{LETTER_ID}.asice",))
    assert why(parts) == ("receipts", "receipt_misplaced")


def test_receipts_of_both_parties_about_the_same_container_pass():
    other = Parts(receipt_signer="tm-247", receipt=ReceiptName.SUBMISSION_ACCEPTANCE).files()
    name = f"receipts/{LETTER_ID}.SUBMISSION_ACCEPTANCE.note"
    # The letter is sealed anew each time, so both receipts must come from one making.
    mixed = Parts(replaced={name: other[name]})
    assert why(mixed) == ("receipts", "receipt_misplaced")


def test_a_ledger_that_another_authority_keeps_is_refused():
    assert why(Parts(ledger_keeper="tm-247")) == ("ledger", "note_unsigned")


def test_a_record_that_the_ledger_does_not_prove_is_refused():
    assert why(Parts(ledgered=2)) == ("custody", "custody_unproved")


def test_a_foreign_record_that_its_authority_never_told_is_refused():
    assert why(Parts(told=1)) == ("custody", "custody_unproved")


def test_an_altered_record_breaks_the_chain():
    parts = Parts()
    altered = deepcopy(parts.records)
    altered[1]["note"] = "nothing happened"
    parts.replaced[f"custody/{EXHIBIT}.json"] = canonical.write(altered)
    assert why(parts) == ("custody", "custody_broken")


def test_a_missing_record_breaks_the_chain():
    parts = Parts()
    parts.replaced[f"custody/{EXHIBIT}.json"] = canonical.write(parts.records[1:])
    assert why(parts) == ("custody", "custody_broken")


def test_an_exchanged_exhibit_is_found_by_its_custody():
    parts = Parts(replaced={"exhibits/TM-2026-000001-E1/access.log": LOG + b"one more line\n"})
    assert why(parts) == ("custody", "exhibit_unaccounted")


def test_an_exhibit_without_custody_is_refused():
    assert why(Parts(replaced={"exhibits/E2/x": b"x"})) == ("custody", "exhibit_unaccounted")


def test_an_exhibit_that_was_destroyed_needs_no_content():
    records = custody([("received", "kz-247"), ("destroyed", "kz-247")])
    parts = Parts(records=records, told=0, left_out=("exhibits/TM-2026-000001-E1/access.log",))
    assert judged(parts.sealed()).verdict == "passed"


# how the other authority went on

HANDED = [("received", "kz-247"), ("sent", "kz-247"), ("exported", "kz-247")]
WENT_ON = [("received_abroad", "tm-247"), ("used", "tm-247")]
CONTINUATION = f"custody/{EXHIBIT}.tm-247.json"


def went_on(
    chain: list[tuple[str, str]] = WENT_ON, *, told: int = 2, name: str = CONTINUATION, **changes: str
) -> Parts:
    """kz-247 gave the exhibit and goes on with it; tm-247 received it and went on as it tells."""
    ours = custody(HANDED)
    theirs = [record | changes for record in custody([*HANDED[:2], *chain])[2:]]
    return Parts(records=ours, told=0, tells=theirs[:told], replaced={name: canonical.write(theirs)})


def test_a_chain_that_spans_both_authorities_is_proved_both_ways_from_the_hand_over():
    report = judged(went_on().sealed())
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert [[each["act"] for each in one["records"]] for one in report.custody] == [
        ["received", "sent", "exported"],
        ["received_abroad", "used"],
    ]
    assert report.custody[1]["of"] == "tm-247"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (went_on(told=1), "custody_unproved"),
        (went_on(told=0), "custody_unproved"),
        (went_on(previous="0" * 64), "exhibit_unaccounted"),
        (went_on(note="never told", told=0), "custody_broken"),
        (went_on(name=f"custody/{EXHIBIT}.kz-247.json"), "exhibit_unaccounted"),
        (went_on(name="custody/00000000-0000-4000-8000-000000000000.tm-247.json"), "exhibit_unaccounted"),
        (went_on([("received_abroad", "tm-247"), ("used", "zz-247")]), "exhibit_unaccounted"),
        (went_on([("received_abroad", "tm-247"), ("destroyed", "tm-247"), ("used", "tm-247")], told=3),
         "custody_broken"),
    ],
)  # fmt: skip
def test_a_continuation_that_was_not_told_or_does_not_go_on_from_the_chain_is_refused(parts, code):
    assert why(parts) == ("custody", code)


@pytest.mark.parametrize("name", ["ledger/checkpoint.note", "ledger/proofs.json"])
def test_a_bundle_without_its_ledger_proofs_is_refused(name):
    assert why(Parts(left_out=(name,))) == ("ledger", "entry_missing")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("ledger/proofs.json", b"{}", "ledger_unreadable"),
        ("ledger/proofs.json", b'[{"what":"x"}]', "ledger_unreadable"),
        ("ledger/proofs.json", b"[ ]", "bundle_unreadable"),
        ("ledger/checkpoint.note", b"no note", "note_malformed"),
        (f"custody/{EXHIBIT}.json", b"7", "custody_record_malformed"),
        (f"custody/{EXHIBIT}.json", b"[]", "custody_broken"),
    ],
)
def test_parts_of_a_bundle_that_cannot_be_read_are_refused(name, data, code):
    assert why(Parts(replaced={name: data}))[1] == code


def cosigned(signer: str, changed: str = "") -> bytes:
    """The bundle's checkpoint with the word of another authority under it, perhaps on another text."""
    note = Parts().files()["ledger/checkpoint.note"]
    text = note.decode().partition("\n\n")[0] + "\n"
    line = cosignatures.cosign(text + changed, packages.authority(signer).log, packages.NOW)
    return note + line.encode()


def ledger_step(parts: Parts):
    return next(step for step in judged(parts.sealed()).steps if step.id == "ledger")


def test_the_witnesses_of_the_ledger_are_named():
    alone = ledger_step(Parts())
    assert (alone.verdict, alone.as_dict()["values"]["witnesses"]) == ("passed", "")
    seen = ledger_step(Parts(replaced={"ledger/checkpoint.note": cosigned("tm-247")}))
    assert (seen.verdict, seen.as_dict()["values"]["witnesses"]) == ("passed", "tm-247.comity")
    own = ledger_step(Parts(replaced={"ledger/checkpoint.note": cosigned("kz-247")}))
    assert own.as_dict()["values"]["witnesses"] == "", "nobody is a witness of their own ledger"


def test_a_cosignature_of_another_text_is_refused():
    parts = Parts(replaced={"ledger/checkpoint.note": cosigned("tm-247", "another\n")})
    assert why(parts) == ("ledger", "cosignature_wrong")


def test_custody_under_another_name_is_refused():
    parts = Parts()
    parts.replaced["custody/other.json"] = canonical.write(parts.records)
    assert why(parts) == ("custody", "exhibit_unaccounted")


def test_custody_in_a_letter_that_is_no_list_confirms_nothing():
    assert why(Parts(letter_changes={"body": {"custody": 7}})) == ("custody", "custody_unproved")


def test_a_random_changed_byte_of_a_bundle_never_passes():
    bundle = Parts().sealed()
    choice = random.Random(44)
    for _ in range(60):
        position = choice.randrange(len(bundle))
        changed = bytearray(bundle)
        changed[position] ^= 1 << choice.randrange(8)
        assert judged(bytes(changed)).verdict == "failed", position


def letter_code(letter, attachments, **changes):
    data = letter_package(letter, attachments, packages.authority("tm-247"))
    report = packages.judged(data, trust=packages.anchors(packages.key_folder("tm-247")), **changes)
    return next((step.code for step in report.steps if step.verdict != "passed"), None)


def letter_parts():
    parts = Parts()
    name = "exhibits/TM-2026-000001-E1/access.log"
    return parts.letter(name), {name: LOG}


def test_a_whole_letter_passes():
    assert letter_code(*letter_parts()) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"from": "kz-247"}, "letter_not_of_sealer"),
        ({"schema": "comity-letter/0"}, "letter_unreadable"),
        ({"schema": "comity-letter/2"}, "newer_version"),
        ({"to": None}, "letter_unreadable"),
        ({"attachments": []}, "letter_parts_differ"),
        ({"attachments": [None]}, "letter_parts_differ"),
    ],
)
def test_a_letter_that_contradicts_its_package_is_refused(change, code):
    letter, attachments = letter_parts()
    assert letter_code(letter | change, attachments) == code


def test_an_attachment_that_the_letter_does_not_name_is_refused():
    letter, attachments = letter_parts()
    assert letter_code(letter, attachments | {"exhibits/extra.bin": b"x"}) == "letter_parts_differ"


def test_another_kind_of_package_is_no_letter_of_a_bundle():
    files = packages.sealed(kind=Kind.FILES, signer=packages.authority("tm-247"))
    assert why(Parts(replaced={f"letters/{LETTER_ID}.asice": files})) == ("letters", "inner_letter_failed")


@pytest.mark.parametrize(
    ("files", "about", "code"),
    [
        ({}, {}, "letter_unreadable"),
        ({"letter.json": b'{"schema": "comity-letter/1"}'}, {}, "letter_unreadable"),
        ({"letter.json": b"[]"}, {}, "letter_unreadable"),
        ({"letter.json": True}, {"letter": "another"}, "letter_parts_differ"),
        ({"letter.json": True}, {}, "letter_parts_differ"),
    ],
)
def test_a_package_that_only_says_it_is_a_letter_is_refused(files, about, code):
    letter, _ = letter_parts()
    whole = canonical.write(letter)
    entries = [in_memory(n, "application/json", whole if data is True else data) for n, data in files.items()]
    data = packages.sealed(entries, kind=Kind.LETTER, about=about, signer=packages.authority("tm-247"))
    report = packages.judged(data, trust=packages.anchors(packages.key_folder("tm-247")))
    assert next(step.code for step in report.steps if step.verdict != "passed") == code
