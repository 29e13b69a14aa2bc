"""Folders walked by a process of its own while the rest is loaded: the same files, the same refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from comity.sealing import walking
from comity.sealing.collecting import from_paths
from comity.sealing.sources import SourceUnreadableError
from comity.sealing.walking import Ahead


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    names = "first/b", "first/a/2", "first/a/1", "first/a-", "first/\u044b/\u0456.txt", "first/c", "second/x"
    for size, name in enumerate(names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    (tmp_path / os.fsdecode(b"second/\xff")).write_bytes(b"")
    (tmp_path / "second/none").mkdir()
    return [tmp_path / "first", tmp_path / "second"]


def listed(paths: list[Path], ahead: Ahead | None = None) -> list[tuple[str, int | None, str | None]]:
    return [(file.name, file.bytes, file.path) for file in from_paths(paths, ahead)]


def begun(paths: list[Path]) -> Ahead:
    return Ahead([str(path) for path in paths])


def test_files_come_in_the_order_of_their_names_part_by_part(folders):
    found = [(name, size) for name, size, _ in listed(folders[:1])]
    assert found == [
        ("first/a/1", 2),
        ("first/a/2", 1),
        ("first/a-", 3),
        ("first/b", 0),
        ("first/c", 5),
        ("first/\u044b/\u0456.txt", 4),
    ]
    assert all(Path(path or "").stat().st_size == size for _, size, path in listed(folders))


def test_what_is_found_ahead_is_what_is_found_here(folders, monkeypatch):
    here = listed(folders)
    with begun(folders) as ahead:
        monkeypatch.setattr(walking, "walk", None)
        assert listed(folders, ahead) == here


def test_folders_in_another_order_than_they_were_walked_are_walked_here(folders):
    with begun(folders) as ahead:
        assert listed(folders[::-1], ahead) == listed(folders[::-1])


def test_a_link_is_refused_by_its_path_whoever_walks(folders):
    (folders[0] / "a" / "3").symlink_to("1")
    with begun(folders) as begun_ahead:
        for ahead in (begun_ahead, None):
            with pytest.raises(SourceUnreadableError, match=r"first/a/3.*no ordinary file"):
                listed(folders, ahead)


def test_where_the_process_is_killed_the_walk_is_done_here(folders):
    with begun(folders) as ahead:
        assert ahead._process is not None
        ahead._process.kill()
        assert listed(folders, ahead) == listed(folders)


def test_the_process_is_gone_when_nobody_wants_it_any_more(folders):
    with begun(folders) as ahead:
        pass
    assert ahead._process is not None
    assert ahead._process.returncode is not None
    assert ahead._found is not None
    assert ahead._found.closed


def test_where_no_process_can_be_begun_the_walk_is_done_here(folders, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with begun([*folders, Path("nothing"), folders[0] / "b"]) as ahead:
        assert listed(folders, ahead) == listed(folders)


def test_names_are_read_ahead_as_they_are_here(folders):
    code = """
import sys
from pathlib import Path
from comity.sealing.collecting import from_paths
from comity.sealing.walking import Ahead
with Ahead(sys.argv[1:]) as ahead:
    paths = list(map(Path, sys.argv[1:]))
    print([file.path for file in from_paths(paths, ahead)] == [file.path for file in from_paths(paths)])
"""
    command = [sys.executable, "-c", code, *map(str, folders)]
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=plain)
    assert done.stdout == "True\n"


def test_the_command_loads_what_seals_only_while_folders_are_walked():
    code = """
import sys
from comity.cli import parser
parser("seal")
print(sorted({"pydantic", "lxml", "cryptography", "asn1crypto"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
