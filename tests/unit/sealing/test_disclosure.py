"""Single files of a package, proved without the others."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from tests import packages
from tests.hostile import zips

from comity import canonical
from comity.sealing import disclosing, opening
from comity.sealing.verification import examined

LOG = "exhibits/access.log"


def whole() -> bytes:
    return packages.sealed(disclosable=True)


def shown(path: Path, package: bytes, *names: str) -> bytes:
    with examined(io.BytesIO(package), trust=packages.anchors(), identities=None, as_of=packages.NOW) as case:
        assert case.report.verdict == "passed", case.report.as_dict()
        disclosing.disclose(path, case, names)
    return path.read_bytes()


@pytest.mark.parametrize("name", [LOG, "дәлел.txt"])
def test_one_file_is_proved_without_the_others(name, tmp_path):
    part = shown(tmp_path / "part.asice", whole(), name)
    report = packages.judged(part)
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert [file.name for file in report.files] == [name]
    assert (report.kind, report.by, report.own_form) == ("disclosure", "kz-247", True)
    assert report.steps[2].text == "1 of 2 files of a package of “kz-247” are shown, each with its proof."


def test_nothing_of_the_other_files_goes_along(tmp_path):
    package = whole()
    files = {
        each["name"]: each for each in canonical.read(zips.entries(package)["_comity/manifest.json"])["files"]
    }
    part = shown(tmp_path / "part.asice", package, "дәлел.txt")
    hidden = files[LOG]
    for secret in (
        LOG.encode(),
        hidden["sha256"].encode(),
        base64.b64encode(bytes.fromhex(hidden["sha256"])),
        bytes.fromhex(hidden["sha256"]),
        hidden["salt"].encode(),
        hidden["crc32"].encode(),
        b"sign-in",
    ):
        assert secret not in part
    assert hidden["leaf"].encode() in part  # the salted hash, from which nothing can be guessed


def test_every_byte_of_a_disclosed_package_counts(tmp_path):
    part = shown(tmp_path / "part.asice", whole(), "дәлел.txt")
    passed = [
        at
        for at in range(0, len(part), 7)
        if packages.judged(part[:at] + bytes([part[at] ^ 0x20]) + part[at + 1 :]).verdict == "passed"
    ]
    assert passed == []


def test_the_files_of_a_disclosed_package_are_taken_out(tmp_path):
    part = shown(tmp_path / "part.asice", whole(), LOG)
    with examined(io.BytesIO(part), trust=packages.anchors(), identities=None, as_of=packages.NOW) as case:
        opening.take_out(case, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").rglob("*.log")] == ["access.log"]


def test_a_package_without_a_seal_of_its_root_is_shown_whole_or_not_at_all(tmp_path):
    with pytest.raises(disclosing.NotDisclosableError):
        shown(tmp_path / "part.asice", packages.sealed(), LOG)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_the_package_does_not_hold_is_named(tmp_path):
    with pytest.raises(disclosing.FileNotInPackageError, match=r"nothing\.txt"):
        shown(tmp_path / "part.asice", whole(), "nothing.txt")
    assert list(tmp_path.iterdir()) == []
