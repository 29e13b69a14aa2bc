"""Folders walked by a process of its own while the rest is loaded: the same files, the same refusals."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests import packages
from tests.processes import gone

from comity.sealing import walking, writing
from comity.sealing.collecting import from_paths
from comity.sealing.gathering import Gathering
from comity.sealing.refusals import NameUnsafeError
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


def test_where_the_process_can_do_nothing_the_walk_is_done_here(folders, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with begun(folders) as ahead:
        assert ahead._process is not None
        assert listed(folders, ahead) == listed(folders)


def test_where_the_process_is_killed_no_file_is_left_out_in_silence(tmp_path):
    for n in range(3000):  # more than the pipe and its reader hold
        (tmp_path / f"{n // 100}").mkdir(exist_ok=True)
        (tmp_path / f"{n // 100}" / f"{n:0200}").touch()
    with begun([tmp_path]) as ahead:
        assert ahead._process is not None
        fcntl.fcntl(ahead._found, fcntl.F_SETPIPE_SZ, 1 << 16)
        files = from_paths([tmp_path], ahead)
        next(files)
        ahead._process.kill()
        with pytest.raises(SourceUnreadableError, match="ended before its time"):
            list(files)


def test_what_is_found_is_taken_while_the_walk_goes_on(tmp_path):
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "a").touch()
    code = """
import time
from comity.sealing import walking
walk = walking.walk
def slowly(folder):
    yield from walk(folder)
    time.sleep(600)
walking.walk = slowly
walking._main(["."])
"""
    with begun([tmp_path]) as ahead, still_walking(tmp_path, code) as process:
        ahead._process, own = process, ahead._process
        assert next(from_paths([tmp_path], ahead)).path == str(tmp_path / "first" / "a")
        assert process.poll() is None
        ahead._process = own


def test_a_seal_that_is_killed_leaves_no_process_behind(tmp_path):
    endless = tmp_path / "endless.py"
    endless.write_text(f"""
import sys, time
sys.path.insert(0, {str(Path(walking.__file__).parents[2])!r})
from comity.sealing import walking
walking.walk = lambda _: time.sleep(600)
walking._main(["."])
""")
    code = """
import os, signal, sys
from comity.sealing import walking
walking.__file__ = sys.argv[1]
ahead = walking.Ahead(["."])
print(ahead._process.pid, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""
    pipe, command = subprocess.PIPE, [sys.executable, "-c", code, str(endless)]
    with subprocess.Popen(command, cwd=tmp_path, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        walker = int(process.stdout.readline())
        assert not gone(walker, seconds=1)
        process.communicate("\n")
    assert process.returncode == -signal.SIGKILL
    assert gone(walker, seconds=60)


@contextmanager
def still_walking(folder: Path, code: str) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdin=pipe, stdout=pipe)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_link_in_the_place_of_a_folder_is_not_followed(folders, tmp_path):
    (tmp_path / "link").symlink_to(folders[0])
    with pytest.raises(OSError, match="link"):
        list(walking.walk(str(tmp_path / "link")))


def test_a_folder_exchanged_for_a_link_leads_nowhere_else(folders, tmp_path):
    """Whoever may write to what is sealed shows nothing that only who seals it may read."""
    (folders[0] / "a" / "s").mkdir()
    (folders[0] / "a" / "s" / "3").touch()
    (tmp_path / "secret" / "s").mkdir(parents=True)
    (tmp_path / "secret" / "s" / "key").touch()
    (tmp_path / "secret" / "1").write_bytes(bytes(2))
    before = list(from_paths([folders[0]]))
    found = walking.walk(str(folders[0]))
    assert next(found) == ("a/", [("1", 2), ("2", 1)])
    (folders[0] / "a").rename(tmp_path / "moved")
    (folders[0] / "a").symlink_to(tmp_path / "secret")
    assert next(found) == ("a/s/", [("3", 0)]), "what was found stays open"
    assert before[0].name == "first/a/1"
    with pytest.raises(SourceUnreadableError, match="first/a/1"):
        before[0].open()
    with pytest.raises(SourceUnreadableError, match="first/a/1"):
        Gathering(deque((file, file.bytes or 0) for file in before), lambda *_: None).read(1)


def test_the_way_to_the_folder_that_was_named_may_lead_over_links(folders, tmp_path):
    (tmp_path / "way").symlink_to(tmp_path)
    over = listed([tmp_path / "way" / "first"])
    assert [(name, size) for name, size, _ in over] == [(name, size) for name, size, _ in listed(folders[:1])]
    assert all(file.open().read() is not None for file in from_paths([tmp_path / "way" / "first"]))


def test_walking_holds_no_folder_open_afterwards(folders):
    held = len(list(Path("/proc/self/fd").iterdir()))
    list(walking.walk(str(folders[0])))
    left = walking.walk(str(folders[0]))
    next(left)
    left.close()
    for file in from_paths([folders[0]]):
        file.open().close()
    assert len(list(Path("/proc/self/fd").iterdir())) == held


def test_a_file_that_goes_while_it_is_listed_is_named_with_its_folder(folders, monkeypatch):
    class Going:
        """Every file of the folder is gone before it is asked for its size."""

        def __init__(self, folder: int) -> None:
            self._entries = list(scandir(folder))

        def __enter__(self) -> list[os.DirEntry[str]]:
            for entry in self._entries:
                if entry.is_file():
                    (folders[0] / "a" / entry.name).unlink()
            return self._entries

        def __exit__(self, *_: object) -> None:
            pass

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", Going)
    with pytest.raises(SourceUnreadableError, match=r"first/a/\d”.*No such file"):
        listed([folders[0] / "a"])


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Path]]:
    """Makes folders inside each other, so many, with a file in the last."""

    def made(depth: int) -> Path:
        monkeypatch.chdir(tmp_path)
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        Path("x").touch()
        os.chdir(tmp_path)
        return tmp_path / "d"

    yield made
    monkeypatch.chdir("/")
    subprocess.run(["/bin/rm", "-rf", str(tmp_path)], check=True)  # Python's own way is not deep enough


@pytest.mark.parametrize("here", [False, True])
def test_folders_however_deep_are_walked_and_refused_by_their_name(tmp_path, deep, here):
    folder = deep(1500)
    with begun([folder]) as ahead:
        (file,) = from_paths([folder], None if here else ahead)
    assert file.name == "d/" * 1500 + "x"
    with pytest.raises(NameUnsafeError):
        writing.seal(tmp_path / "p", [file], about={}, signer=packages.authority(), now=packages.NOW)
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("here", [False, True])
def test_folders_deeper_than_the_system_can_name_them_are_refused(deep, here):
    folder = deep(2500)
    with begun([folder]) as ahead, pytest.raises(SourceUnreadableError, match="File name too long"):
        listed([folder], None if here else ahead)


def test_the_process_is_gone_when_nobody_wants_it_any_more(folders):
    with begun(folders) as ahead:
        pass
    assert ahead._process is not None
    assert ahead._process.returncode is not None
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
