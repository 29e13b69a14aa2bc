from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests import packages
from tests.hostile import zips

from comity.sealing import opening
from comity.sealing.durable import AlreadyThereError
from comity.sealing.reading import Package
from comity.sealing.refusals import EntryUnsupportedError, PackageRefusedError
from comity.sealing.verification import examined


def test_a_package_that_changes_after_its_verification_gives_nothing(tmp_path):
    package = io.BytesIO(packages.sealed())
    with examined(package, trust=packages.anchors(), identities=None, as_of=packages.NOW) as case:
        assert case.report.verdict == "passed"
        changed = package.getvalue().replace(b"sign-in", b"sign-on")
        package.seek(0)
        package.write(changed)
        with pytest.raises(PackageRefusedError):
            opening.take_out(case, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_files_are_taken_out_as_they_were_and_for_the_owner_alone(tmp_path):
    package = io.BytesIO(packages.sealed())
    with examined(package, trust=packages.anchors(), identities=None, as_of=packages.NOW) as case:
        opening.take_out(case, tmp_path / "out")
        with pytest.raises(AlreadyThereError):
            opening.take_out(case, tmp_path / "out")
    written = {path.relative_to(tmp_path / "out"): path for path in (tmp_path / "out").rglob("*.*")}
    assert set(written) == {Path("exhibits/access.log"), Path("дәлел.txt")}
    assert written[Path("дәлел.txt")].read_text() == "сәлем\n"
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in written.values())


def test_a_package_that_is_cut_after_its_verification_gives_nothing(tmp_path):
    package = io.BytesIO(packages.sealed())
    with examined(package, trust=packages.anchors(), identities=None, as_of=packages.NOW) as case:
        package.truncate(300)
        with pytest.raises(PackageRefusedError):
            opening.take_out(case, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_only_a_stored_entry_can_be_read_in_place():
    package = Package(
        io.BytesIO(zips.zipped([zips.Raw("mimetype", zips.MIMETYPE), zips.Raw("a", b"a" * 9, method=8)]))
    )
    assert package.section("mimetype").read() == zips.MIMETYPE
    with pytest.raises(EntryUnsupportedError):
        package.section("a")
