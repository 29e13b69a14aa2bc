"""What a disk may hold that is no package."""

from __future__ import annotations

import os

import pytest

from comity import cli
from comity.cli import courier


def test_packages_are_found_by_their_ending_in_the_folder_alone(tmp_path):
    for name in ("b.asice.age", "a.asice.age", "notes.txt", "System Volume Information"):
        (tmp_path / name).touch()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "c.asice.age").touch()
    assert [path.name for path in courier._packages(tmp_path)] == ["a.asice.age", "b.asice.age"]
    assert list(courier._packages(tmp_path / "notes.txt")) == [tmp_path / "notes.txt"]


def test_a_disk_without_packages_or_with_too_many_is_refused(tmp_path):
    with pytest.raises(courier.NoPackageError):
        list(courier._packages(tmp_path))
    for n in range(courier.MOST_PACKAGES + 1):
        (tmp_path / f"{n}.asice.age").touch()
    with pytest.raises(courier.NoPackageError):
        list(courier._packages(tmp_path))


def test_links_pipes_and_folders_are_not_opened(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("kept")
    link, pipe, folder = (tmp_path / name for name in ("l.asice.age", "p.asice.age", "f.asice.age"))
    link.symlink_to(secret)
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (link, pipe, folder, tmp_path / "absent.asice.age"):
        with pytest.raises(courier.NoPackageError):
            courier._open(path)
    with courier._open(secret) as stream:
        assert stream.read() == b"kept"


def test_a_link_to_a_folder_is_no_disk(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    with pytest.raises(courier.NoPackageError):
        courier._open(next(iter(courier._packages(tmp_path / "link"))))


def test_the_end_of_a_time_without_its_beginning_is_wrong_use(tmp_path, capsys):
    said = ["--to", "xb-247", "--username", "x", "--again-until", "2027-01-01T00:00:00Z"]
    with pytest.raises(SystemExit) as ended:
        cli.main(["courier", "pack", str(tmp_path), str(tmp_path / "out"), *said])
    assert ended.value.code == 2
    assert "--again-since" in capsys.readouterr().err
