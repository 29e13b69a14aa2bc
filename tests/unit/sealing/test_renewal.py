"""Containers that are sealed again before their proof ends, in simulated time."""

from __future__ import annotations

import copy
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import packages
from tests.hostile import classes

from comity.sealing import algorithms, keys, longterm, renewing, trust
from comity.sealing.refusals import RenewedTooOftenError
from comity.sealing.trust import Trust
from comity.sealing.verification import examined

YEARS = [2026, 2040, 2054, 2068, 2082, 2096]
"""The time-stamp certificate lives 15 years: each time the container is sealed again in the year before."""


def at(year: int) -> datetime:
    return datetime(year, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Key folders of one authority, each with a CA of its own; the later ones know the former CAs."""
    folders: list[Path] = []
    for year in YEARS:
        folder = tmp_path_factory.mktemp("keys") / "kz-247"
        keys.create_authority(
            folder, id="kz-247", name="Point of contact (fictional)", state="KZ", now=at(year)
        )
        (folder / "former").mkdir()
        for number, earlier in enumerate(folders):
            (folder / "former" / f"{number}.crt").write_bytes((earlier / "ca.crt").read_bytes())
        folders.append(folder)
    return folders


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The allow-list as it would be if its algorithms held until 2200."""
    table = copy.deepcopy(algorithms._table())
    for row in [*table["digest"], *table["signature"]]:
        row["until"] = date(2200, 12, 31)
    monkeypatch.setattr(algorithms, "_table", lambda: table)
    return table


def renewed(container: bytes, folder: Path, now: datetime, out: Path, anchors: Trust) -> bytes:
    with examined(io.BytesIO(container), trust=anchors, identities=None, as_of=now) as case:
        renewing.renew(out, case, signer=keys.load(folder), now=now)
    return out.read_bytes()


def chain(generations: list[Path], count: int, tmp_path: Path) -> tuple[bytes, Trust]:
    """A container of 2026 that was sealed again ``count`` times."""
    container = packages.sealed(signer=keys.load(generations[0]), now=at(YEARS[0]))
    anchors = trust.load(generations[0])
    for n in range(1, count + 1):
        anchors = trust.load(generations[n])
        container = renewed(container, generations[n], at(YEARS[n]), tmp_path / f"{n}.asice", anchors)
    return container, anchors


@pytest.mark.usefixtures("lasting")
def test_a_container_sealed_again_four_times_proves_its_first_seal(generations, tmp_path):
    container, anchors = chain(generations, 4, tmp_path)
    report = packages.judged(container, trust=anchors, as_of=at(2090))
    assert report.verdict == "passed", report.as_dict()["steps"]
    held = report
    for year in reversed(YEARS[:4]):
        held = held.holds
        assert held.signatures[0]["stamped_at"] == f"{year}-06-01T00:00:00Z"
    assert [file.name for file in held.files] == ["exhibits/access.log", "дәлел.txt"]
    assert report.as_dict()["holds"]["holds"]["kind"] == "renewal"
    assert report.as_dict()["proof_ends"].startswith("2097-")


@pytest.mark.usefixtures("lasting")
def test_a_fifth_time_is_refused_by_writer_and_reader(generations, tmp_path, monkeypatch):
    container, _ = chain(generations, 4, tmp_path)
    anchors = trust.load(generations[5])
    with pytest.raises(RenewedTooOftenError):
        renewed(container, generations[5], at(2096), tmp_path / "5.asice", anchors)
    assert not (tmp_path / "5.asice").exists()
    monkeypatch.setattr(renewing, "RENEWALS", 99)
    deep = renewed(container, generations[5], at(2096), tmp_path / "5.asice", anchors)
    report = packages.judged(deep, trust=anchors, as_of=at(2097))
    assert (report.verdict, report.codes) == ("failed", ["renewed_failed"])
    assert "more than 4 times" in report.steps[-1].text


@pytest.mark.usefixtures("lasting")
def test_without_a_renewal_in_time_the_proof_is_gone(generations, tmp_path):
    container = packages.sealed(signer=keys.load(generations[0]), now=at(2026))
    anchors = trust.load(generations[1])
    assert packages.judged(container, trust=anchors, as_of=at(2040)).verdict == "passed"
    late = packages.judged(container, trust=anchors, as_of=at(2042))
    assert (late.verdict, late.codes) == ("indeterminate", ["timestamp_outlived"])
    with pytest.raises(renewing.RenewalRefusedError):
        renewed(container, generations[1], at(2042), tmp_path / "late.asice", anchors)


@pytest.mark.usefixtures("lasting")
def test_who_seals_again_too_late_all_the_same_proves_nothing(generations, tmp_path, monkeypatch):
    container = packages.sealed(signer=keys.load(generations[0]), now=at(2026))
    anchors = trust.load(generations[1])
    with examined(io.BytesIO(container), trust=anchors, identities=None, as_of=at(2040)) as case:
        renewing.renew(tmp_path / "late.asice", case, signer=keys.load(generations[1]), now=at(2042))
    report = packages.judged((tmp_path / "late.asice").read_bytes(), trust=anchors, as_of=at(2043))
    assert (report.verdict, report.codes) == ("indeterminate", ["renewed_undecided"])


def test_an_algorithm_that_ends_takes_the_proof_with_it_unless_sealed_again(generations, lasting, tmp_path):
    """A container of another maker under SHA-512, and SHA-512 ends in 2030."""
    next(row for row in lasting["digest"] if row["id"] == "sha-512")["until"] = date(2030, 12, 31)
    foreign = classes.foreign_package({"a.txt": b"evidence"}, digest=classes.signing.SHA512)
    old = next(iter(packages.anchors()))
    new = next(iter(trust.load(generations[0])))
    anchors = Trust({"kz-247": trust.TrustedAuthority(new.description, new.ca, former=(old.ca,))})
    again = renewed(foreign, generations[0], at(2028), tmp_path / "again.asice", anchors)
    assert packages.judged(foreign, trust=anchors, as_of=at(2029)).verdict == "passed"
    ended = packages.judged(foreign, trust=anchors, as_of=at(2031))
    assert (ended.verdict, ended.codes) == ("indeterminate", ["timestamp_outlived"])
    assert packages.judged(again, trust=anchors, as_of=at(2031)).verdict == "passed"


def test_as_of_a_past_time_the_verdict_is_that_of_then():
    package = packages.sealed()
    assert packages.judged(package, as_of=at(2030)).verdict == "passed"
    assert packages.judged(package, as_of=at(2036)).codes == ["timestamp_outlived"]
    before = packages.judged(package, as_of=packages.NOW - timedelta(days=1))
    assert "timestamp_in_future" in before.codes


def test_the_end_of_a_proof_is_read_without_any_anchor():
    ending = longterm.proof_ends(io.BytesIO(packages.sealed()))
    assert ending == datetime(2035, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert ending == packages.judged(packages.sealed()).proof_ends
    assert not longterm.is_due(ending, at(2034))
    assert longterm.is_due(ending, at(2035))
    assert not longterm.is_due(ending, at(2036))


@pytest.mark.parametrize(("table", "last_day"), [("digest", 2029), ("signature", 2030), ("", 2041)])
def test_who_seals_knows_the_end_that_a_look_at_the_container_finds(lasting, generations, table, last_day):
    """The certificate of the time-stamp service ends in 2041; each kind of algorithm may end before."""
    for row in lasting[table] if table else ():
        row["until"] = date(last_day, 5, 31)
    authority = keys.load(generations[0])
    container = packages.sealed(signer=authority, now=at(2026))
    told = longterm.sealed_ends(authority.time_service, at(2026))
    assert told == longterm.proof_ends(io.BytesIO(container))
    assert told.year == last_day


def test_the_verdict_says_what_it_does_not_promise():
    told = packages.judged(packages.sealed()).as_dict()["limits"]
    assert [each["text"].split(":")[0] for each in told] == [
        "That the time is right",
        "That the certificate was not revoked later",
        "Any proof after 2035-12-31T23",
    ]


def test_former_authorities_are_exported_with_the_anchors(generations, tmp_path):
    trust.export(trust.load(generations[2]), tmp_path / "out")
    again = next(iter(trust.load(tmp_path / "out" / "kz-247")))
    assert len(again.former) == 2
    assert (tmp_path / "out" / trust.FINGERPRINTS).read_text("utf-8").count("former ca") == 2
