"""The published test vectors: they are what the code makes, and the code judges each as it says."""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from hashlib import sha256

import pytest
from jsonschema import Draft202012Validator
from tests.unit.spec import clauses
from tools import make_vectors
from tools.make_vectors import TARGET

from comity import canonical
from comity.delivery import consignment
from comity.delivery.envelope import Envelope, read_envelope
from comity.delivery.incoming import Accept, Known, Refuse, Repeat, judge_arrival
from comity.directory import cards
from comity.directory.entries import path_of, read_entry
from comity.letters.schema import parse
from comity.letters.validation import find_problems, require_sound
from comity.orders import form, verification
from comity.proofs import cosignatures, drills, merkle, transport_keys
from comity.proofs.checkpoints import open_checkpoint, origin
from comity.proofs.entries import commit, leaf_hash
from comity.proofs.notes import Verifier
from comity.proofs.receipts import verify_receipt
from comity.sealing import encryption, keys, trust
from comity.sealing.manifest import ManifestFile
from comity.sealing.verification import verify
from comity.terms import ComityError, Verdict

KEPT = TARGET / "kept"


@cache
def published(name):
    return json.loads((TARGET / name).read_bytes())


def cases(name):
    return [
        pytest.param(case, id=f"{case.get('file', '')} {case['name']}".strip())
        for case in published(name)["cases"]
    ]


def code_of(judge):
    """The code with which something is refused, and what it gives where it is not."""
    try:
        return None, judge()
    except ComityError as error:
        return error.code, None


def data(case, name="bytes"):
    return base64.b64decode(case[name])


def edited(case, whole=None):
    whole, edit = whole or (KEPT / case.get("file", make_vectors.CONTAINER)).read_bytes(), case["edit"]
    if edit is None:
        return whole
    return whole[: edit["at"]] + data(edit, "insert") + whole[edit["at"] + edit["remove"] :]


def test_the_vectors_are_what_the_code_makes():
    made = make_vectors.derive(KEPT)
    assert {path.name for path in TARGET.glob("*.json")} == set(made)
    for name, text in made.items():
        assert (TARGET / name).read_bytes() == text, f"{name}: tools.make_vectors writes it anew"


def test_every_file_names_clauses_that_exist_and_has_right_and_wrong_ones():
    found, _ = clauses.written(clauses.documents())
    profile = clauses.SEALING.read_text()
    for path in TARGET.glob("*.json"):
        document = published(path.name)
        for clause in document["clauses"]:
            name, _, number = clause.partition(":")
            assert f"\n{number} " in profile or f"## {number}. " in profile if number else name in found
        assert len({(case.get("file"), case["name"]) for case in document["cases"]}) == len(document["cases"])


@pytest.mark.parametrize("case", cases("canonical.json"))
def test_canonical(case):
    assert code_of(lambda: canonical.read_canonical(data(case)))[0] == case["code"]


@pytest.mark.parametrize("case", cases("envelope.json"))
def test_envelope(case):
    assert code_of(lambda: read_envelope(data(case)))[0] == case["code"]


@pytest.mark.parametrize("case", cases("arrival.json"))
def test_arrival(case):
    asked = published("arrival.json")["asked"]
    judged = judge_arrival(
        Envelope.model_validate(case["envelope"]),
        own_id=asked["own"],
        peer_id=asked["peer"],
        known=Known(**case["known"]) if case["known"] else None,
        now=canonical.read_instant(asked["now"]),
        max_bytes=asked["max_bytes"],
    )
    expected = {"wanted": Accept(), "repeat": Repeat()}.get(case["answer"], Refuse(case["answer"]))
    assert judged == expected


def test_entries_and_roots():
    tree, leaves = published("tree.json"), []
    for each in tree["entries"]:
        commitment = commit(base64.b64decode(each["salt"]), each["content"])
        leaves.append(leaf_hash(commitment))
        assert (commitment.hex(), leaves[-1].hex()) == (each["commitment"], each["leaf"])
    assert [merkle.root_of(leaves[:size]).hex() for size in range(len(leaves) + 1)] == tree["roots"]


@pytest.mark.parametrize("case", cases("tree.json"))
def test_paths(case):
    tree = published("tree.json")
    roots, path = (
        [bytes.fromhex(each) for each in tree["roots"]],
        [bytes.fromhex(each) for each in case["path"]],
    )
    size = case["size"]

    def judge():
        if case["proves"] == "inclusion":
            leaf = bytes.fromhex(tree["entries"][case["index"]]["leaf"])
            merkle.check_inclusion(leaf, case["index"], size, path, roots[size])
        else:
            merkle.check_consistency(case["old"], roots[case["old"]], size, roots[size], path)

    assert code_of(judge)[0] == case["code"]


@pytest.mark.parametrize("case", cases("checkpoint.json"))
def test_checkpoint(case):
    said = published("checkpoint.json")
    verifier, ledger = Verifier.parse(said["verifier"]), origin(said["authority"])
    assert code_of(lambda: open_checkpoint(case["note"].encode(), verifier, ledger))[0] == case["code"]


@pytest.mark.parametrize("case", cases("cosignature.json"))
def test_cosignature(case):
    witness = Verifier.parse(published("cosignature.json")["witness"])
    code, found = code_of(lambda: cosignatures.read(case["note"].encode(), [witness]))
    assert code == case["code"]
    if code is None:
        assert [canonical.instant_text(each.at) for each in found] == [case["at"]] * (case["at"] is not None)


@pytest.mark.parametrize("case", cases("receipt.json"))
def test_receipt(case):
    verifier = Verifier.parse(published("receipt.json")["verifier"])
    assert code_of(lambda: verify_receipt(case["note"].encode(), verifier))[0] == case["code"]


FORMS = {
    form.model_fields["format"].default: form
    for form in (drills.Drill, drills.Answer, drills.Record, drills.DeskStanding)
}


@pytest.mark.parametrize("case", cases("drill.json"))
def test_drill(case):
    verifier = Verifier.parse(published("drill.json")["verifier"])
    note = case["note"].encode()
    assert code_of(lambda: drills.read(note, verifier, FORMS[case["form"]]))[0] == case["code"]


def test_the_notes_of_one_drill_name_one_another():
    said = {case["name"]: case["note"].encode() for case in published("drill.json")["cases"]}
    verifier = Verifier.parse(published("drill.json")["verifier"])

    def read(name, form):
        return drills.read(said[name], verifier, form)

    drill, record = read("a drill", drills.Drill), read("the record of when it came", drills.Record)
    for name in ("the word that it arrived", "a person's answer"):
        assert read(name, drills.Answer).drill_sha256 == drills.digest(said["a drill"])
    assert record.answer_sha256 == drills.digest(said["a person's answer"])
    times = [canonical.read_instant(each) for each in (drill.sent_at, record.received_at)]
    assert drills.seconds_between(*times) == record.seconds
    told = read("what a desk tells", drills.DeskStanding)
    times = [canonical.read_instant(each) for each in (told.since, told.at)]
    assert times[1] - times[0] == drills.COUNTED


@pytest.mark.parametrize("case", cases("letter.json"))
def test_letter(case):
    code, letter = code_of(lambda: parse(data(case)))
    assert code == case["code"]
    if code is None:
        assert letter.as_bytes() == data(case), "what is absent is not written"


@pytest.mark.parametrize("case", cases("letters.json"))
def test_letter_of_each_kind(case):
    letter = parse(data(case))
    problems = find_problems(letter)
    assert letter.as_bytes() == data(case)
    assert {problem.code for problem in problems} == ({case["problem"]} if case["code"] else set())
    assert code_of(lambda: require_sound(letter))[0] == case["code"]


@pytest.mark.parametrize("case", [*cases("letter.json"), *cases("letters.json")])
def test_the_published_schema_alone_judges_the_form_of_a_letter(case):
    schema = json.loads((TARGET.parent / "letter.schema.json").read_bytes())
    understood = Draft202012Validator(schema).is_valid(json.loads(data(case)))
    assert understood == (case["code"] in (None, "letter_unsound", "json_not_canonical"))


@pytest.mark.parametrize("case", cases("card.json"))
def test_card(case):
    card = edited(case, data(published("card.json"), "whole"))
    code, read = code_of(lambda: cards.read_card(card))
    assert code == case["code"]
    if case["edit"] is None:
        assert canonical.write(read.as_json()) == card
        assert cards.fingerprint(card) == published("card.json")["fingerprint"]


@pytest.mark.parametrize("case", cases("entry.json"))
def test_entry(case):
    code, entry = code_of(lambda: read_entry(edited(case, data(published("entry.json"), "whole"))))
    assert code == case["code"]
    if code is None:
        assert path_of(entry.state, entry.id) == published("entry.json")["path"]


@pytest.mark.parametrize("case", cases("transport_key.json"))
def test_transport_key(case):
    verifier = Verifier.parse(published("transport_key.json")["verifier"])
    assert code_of(lambda: transport_keys.open_notice(case["note"].encode(), verifier))[0] == case["code"]


@pytest.mark.parametrize("case", cases("consignment.json"))
def test_consignment(case):
    assert code_of(lambda: consignment.read_list(data(case)))[0] == case["code"]


def test_the_files_of_a_consignment_are_named_after_what_is_in_them():
    document = published("consignment.json")
    assert sorted(consignment.read_list(data(document["cases"][0])).names) == document["files"]


@pytest.mark.parametrize("case", cases("order.json"))
def test_order(case):
    authority, seal = published("order.json")["authority"], keys.read_certificate(KEPT / "keys" / "seal.crt")

    def judge():
        if case["signature"] is None:
            return form.read(data(case))
        return verification.verify(data(case), case["signature"], seal, authority)

    assert code_of(judge)[0] == case["code"]


def test_an_exported_order_carries_the_signed_one():
    document = published("order.json")
    carried = verification.open_envelope(data(document, "exported"))
    assert carried in [(data(case), case["signature"]) for case in document["cases"] if case["code"] is None]


def test_manifest():
    document = published("manifest.json")
    leaves = []
    for case in document["cases"]:
        more = {"media_type": "text/plain", "crc32": "00000000"}
        line = {name: case[name] for name in ("name", "bytes", "sha256", "salt", "leaf")} | more
        leaves.append(bytes.fromhex(ManifestFile.model_validate(line).derived_leaf()))
        assert leaves[-1].hex() == case["leaf"]
    assert merkle.root_of(leaves).hex() == document["root"]


@pytest.mark.parametrize("case", cases("container.json"))
def test_container(case):
    as_of = canonical.read_instant(published("container.json")["as_of"])
    report = verify(io.BytesIO(edited(case)), trust=trust.load(KEPT / "keys"), identities=None, as_of=as_of)
    assert (report.verdict is Verdict.PASSED) == (case["code"] is None)
    assert next(iter(report.codes), None) == case["code"]


@pytest.mark.parametrize("case", cases("sealed.json"))
def test_sealed_letter(case):
    container = (KEPT / case["file"]).read_bytes()
    assert sha256(container).hexdigest() == case["sha256"]
    as_of = canonical.read_instant(published("sealed.json")["as_of"])
    report = verify(io.BytesIO(container), trust=trust.load(KEPT / "keys"), identities=None, as_of=as_of)
    assert (report.verdict is Verdict.PASSED) == (case["code"] is None)
    assert next(iter(report.codes), None) == case["code"]


@pytest.mark.parametrize("case", cases("encrypted.json"))
def test_encrypted(case):
    out = io.BytesIO()
    code, _ = code_of(lambda: encryption.decrypt(io.BytesIO(edited(case)), out, [case["identity"]]))
    assert code == case["code"]
    if code is None:
        assert out.getvalue() == data(case, "plain")
