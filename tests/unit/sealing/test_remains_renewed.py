"""What remains of an erased container is sealed again before its proof ends, in simulated time."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from tests import bundles, packages
from tests.bundles import LETTER_ID, Parts, judged
from tests.hostile.remains import around, document, renewed
from tests.unit.sealing.test_renewal import YEARS, at
from tests.unit.sealing.test_renewal import generations as generations
from tests.unit.sealing.test_renewal import lasting as lasting

from comity import canonical, cli
from comity.sealing import keys, longterm, manifest, remains, renewing, trust
from comity.sealing.refusals import ManifestUnreadableError, RenewalUnreadableError, RenewedTooOftenError
from comity.sealing.verification import examined_or_remains


def remains_of(folder, now):
    letter = {"id": LETTER_ID, "from": "kz-247", "to": "tm-247"}
    whole = Parts(letter_changes=letter).letter("access.log")
    sealed = bundles.letter_package(whole, {"access.log": bundles.LOG}, keys.load(folder), now=now)
    return remains.keep(io.BytesIO(sealed))


def chain(generations, count, tmp_path):
    """Remains of 2026 that were sealed again ``count`` times, and the anchors of the last year."""
    kept, anchors = remains_of(generations[0], at(YEARS[0])), trust.load(generations[0])
    for n in range(1, count + 1):
        anchors, now = trust.load(generations[n]), at(YEARS[n])
        kept = again(kept, generations[n], now, tmp_path / f"{n}.asice", anchors)
    return kept, anchors


def again(kept, folder, now, out, anchors):
    signer = keys.load(folder)
    with examined_or_remains(io.BytesIO(kept), trust=anchors, identities=None, as_of=now) as case:
        renewing.renew(out, case, signer=signer, now=now)
    return out.read_bytes()


@pytest.mark.usefixtures("lasting")
def test_remains_sealed_again_four_times_prove_the_first_seal(generations, tmp_path):
    kept, anchors = chain(generations, 4, tmp_path)
    report = packages.judged(kept, trust=anchors, as_of=at(2090))
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert report.steps[-1].id == "renewed"
    assert "erased" in report.steps[-1].text
    held = report
    for year in reversed(YEARS[:4]):
        held = held.holds
        assert held.signatures[0]["stamped_at"] == f"{year}-06-01T00:00:00Z"
    assert (held.kind, [file.name for file in held.files]) == ("letter", ["letter.json"])
    assert report.as_dict()["proof_ends"].startswith("2097-")


@pytest.mark.usefixtures("lasting")
def test_as_of_a_time_between_each_generation_counts_and_an_unrenewed_document_ends(generations, tmp_path):
    kept, anchors = chain(generations, 2, tmp_path)
    assert packages.judged(kept, trust=anchors, as_of=at(2060)).verdict == "passed"
    assert packages.judged(kept, trust=anchors, as_of=at(2050)).codes[0] == "timestamp_in_future"
    ended = packages.judged(kept, trust=anchors, as_of=at(2071))
    assert (ended.verdict, ended.codes) == ("indeterminate", ["timestamp_outlived"])
    alone = remains_of(generations[0], at(2026))
    assert remains.verify(alone, trust=anchors, as_of=at(2040)).verdict == "passed"
    late = remains.verify(alone, trust=anchors, as_of=at(2042))
    assert (late.verdict, late.codes) == ("indeterminate", ["timestamp_outlived"])
    with pytest.raises(renewing.RenewalRefusedError):
        again(alone, generations[1], at(2042), tmp_path / "late.asice", anchors)


@pytest.mark.usefixtures("lasting")
def test_remains_sealed_again_too_late_stay_undecided(generations, tmp_path):
    alone, anchors = remains_of(generations[0], at(2026)), trust.load(generations[1])
    case = remains.examine(alone, trust=anchors, as_of=at(2040))
    renewing.renew(tmp_path / "late.asice", case, signer=keys.load(generations[1]), now=at(2042))
    report = packages.judged((tmp_path / "late.asice").read_bytes(), trust=anchors, as_of=at(2043))
    assert (report.verdict, report.codes) == ("indeterminate", ["remains_undecided"])
    unknown = packages.judged((tmp_path / "late.asice").read_bytes(), trust=None, as_of=at(2043))
    assert set(unknown.codes) == {"trust_unknown"}


@pytest.mark.usefixtures("lasting")
def test_a_fifth_time_is_refused_by_the_writer_and_by_who_looks_inside(generations, tmp_path, monkeypatch):
    kept, _ = chain(generations, 4, tmp_path)
    letter = canonical.read(remains.letter_of(remains.document_in(io.BytesIO(kept))))
    assert letter["id"] == LETTER_ID
    anchors = trust.load(generations[5])
    with pytest.raises(RenewedTooOftenError):
        again(kept, generations[5], at(2096), tmp_path / "5.asice", anchors)
    monkeypatch.setattr(renewing, "RENEWALS", 99)
    deep = again(kept, generations[5], at(2096), tmp_path / "5.asice", anchors)
    report = packages.judged(deep, trust=anchors, as_of=at(2097))
    assert (report.verdict, report.codes) == ("failed", ["renewed_too_often"])
    with pytest.raises(RenewedTooOftenError):
        remains.document_in(io.BytesIO(deep))


def test_a_reader_of_the_first_form_alone_leaves_it_undecided(monkeypatch):
    """As the releases before did: a later form of the manifest is never “failed”."""
    read, package = manifest.parse, renewed()

    def first_alone(data):
        found = read(data)
        if found.schema_ != manifest.FIRST:
            raise ManifestUnreadableError
        return found

    monkeypatch.setattr(manifest, "parse", first_alone)
    monkeypatch.setattr(manifest, "SCHEMA", manifest.FIRST)
    report = packages.judged(package)
    assert (report.verdict, report.codes[0]) == ("indeterminate", "newer_version")
    assert packages.judged(packages.sealed()).verdict == "passed"


def test_what_holds_no_remains_is_not_looked_into():
    with pytest.raises(RenewalUnreadableError):
        remains.document_in(io.BytesIO(packages.sealed()))


def test_an_algorithm_that_ends_takes_the_remains_with_it_unless_sealed_again(generations, lasting, tmp_path):
    alone, anchors = remains_of(generations[0], at(2026)), trust.load(generations[1])
    for row in [*lasting["digest"], *lasting["signature"]]:
        row["until"] = date(2040, 12, 31)
    case = remains.examine(alone, trust=anchors, as_of=at(2040))
    assert case.report.proof_ends == datetime(2040, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert longterm.is_due(case.report.proof_ends, at(2040))


def bundle(**files):
    """A court bundle in which the letter's container was erased."""
    whole = Parts().files()
    inner = whole[f"letters/{LETTER_ID}.asice"]
    note = f"receipts/{LETTER_ID}.DELIVERY.note"
    kept = files or {f"remains/{LETTER_ID}.json": remains.keep(io.BytesIO(inner))}
    moved = {f"remains/{LETTER_ID}.DELIVERY.note": whole[note]}
    left = tuple({f"letters/{LETTER_ID}.asice", note} - kept.keys())
    return Parts(replaced=kept | moved, left_out=left).sealed()


def why(data):
    step = next(step for step in judged(data).steps if step.verdict != "passed")
    return step.id, step.code


def test_a_bundle_carries_what_remains_with_its_receipts_and_the_custody_it_told_of():
    report = judged(bundle())
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert "only what remains" in report.steps[8].text
    assert {each.get("in") for each in report.signatures} == {None, f"remains/{LETTER_ID}.json"}


def test_a_bundle_carries_remains_that_were_sealed_again():
    report = judged(bundle(**{f"remains/{LETTER_ID}.asice": sealed_again(kept_of_tm())}))
    assert report.verdict == "passed", report.as_dict()["steps"]


def kept_of_tm():
    return remains.keep(io.BytesIO(Parts().files()[f"letters/{LETTER_ID}.asice"]))


def sealed_again(data):
    return around(data)


OTHER = "2b7d1f60-0c35-4a67-9e7d-5a3f0a9d1c22"


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        (f"remains/{OTHER}.json", kept_of_tm, "remains_of_another"),
        (f"remains/{OTHER}.asice", lambda: sealed_again(kept_of_tm()), "remains_of_another"),
        (f"remains/{LETTER_ID}.json.asice", lambda: sealed_again(kept_of_tm()), "remains_of_another"),
        (f"letters/{LETTER_ID}.asice", lambda: sealed_again(kept_of_tm()), "remains_of_another"),
        (
            f"remains/{LETTER_ID}.asice",
            lambda: Parts().files()[f"letters/{LETTER_ID}.asice"],
            "remains_of_another",
        ),
        (f"remains/{LETTER_ID}.asice", lambda: sealed_again(b"{}"), "inner_letter_failed"),
        (f"remains/{LETTER_ID}.json", lambda: b'{"letter":""}', "inner_letter_failed"),
        (f"remains/{LETTER_ID}.asice", lambda: renewed(5), "inner_letter_failed"),
    ],
)
def test_other_remains_altered_ones_and_those_in_a_letters_place_are_refused(name, make, code):
    assert why(bundle(**{name: make()})) == ("letters", code)


def test_a_document_beside_the_container_of_the_same_letter_is_refused():
    whole = Parts().files()[f"letters/{LETTER_ID}.asice"]
    both = {f"letters/{LETTER_ID}.asice": whole, f"remains/{LETTER_ID}.json": kept_of_tm()}
    files = Parts().files() | both
    assert why(Parts(replaced=files).sealed()) == ("letters", "inner_letter_failed")


def test_commands_verify_seal_again_and_open_what_remains(tmp_path, capsys):
    (tmp_path / "kept.json").write_bytes(document())
    key = str(packages.key_folder())
    command = ["reseal", str(tmp_path / "kept.json"), "--key", key, "--trust", key]
    assert cli.main([*command, "-o", str(tmp_path / "1.asice")]) == 0
    again = ["reseal", str(tmp_path / "1.asice"), "--key", key, "--trust", key]
    assert cli.main([*again, "-o", str(tmp_path / "2.asice")]) == 0
    for name in ("kept.json", "1.asice", "2.asice"):
        assert cli.main(["verify", str(tmp_path / name), "--trust", key]) == 0, name
    out = str(tmp_path / "out")
    assert cli.main(["open", str(tmp_path / "2.asice"), "--trust", key, "-o", out]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.json"]
    letter = (tmp_path / "out" / "letter.json").read_bytes()
    assert canonical.read(letter)["from"] == "kz-247"
    capsys.readouterr()
