"""Many files of a disk, read and hashed by a process of its own: the same bytes, the same refusals."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import zipfile
from collections import deque
from hashlib import sha256
from pathlib import Path

import pytest
from tests import packages
from tests.processes import gone

from comity.sealing import ahead, collecting, packing, writing
from comity.sealing.gathering import Gathering, ReaderLostError
from comity.sealing.sources import (
    FileDiffersError,
    PackageFile,
    SourceChangedError,
    SourceUnreadableError,
    in_memory,
)

SIZES = (0, 1, 5000, ahead.SLOT - 5001, ahead.SLOT, ahead.SLOT + 1, 0, 9 * ahead.SLOT + 17, 3)
"""Files that end with a slot, fill one, go across several, and go round all of them."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "evidence"
    made.mkdir()
    for n, size in enumerate(SIZES):
        (made / f"{n}.bin").write_bytes(os.urandom(size))
    return made


def listed(folder: Path) -> deque[tuple[PackageFile, int]]:
    return deque((file, file.bytes or 0) for file in collecting.from_paths([folder]))


def gathered(files: deque[tuple[PackageFile, int]]) -> tuple[bytes, list[tuple[str, int, str]]]:
    ended: list[tuple[str, int, str]] = []
    with Gathering(files, lambda file, size, digest: ended.append((file.name, size, digest.hex()))) as source:
        return io.BufferedReader(source).read(), ended


def test_the_bytes_come_one_file_after_the_other_each_with_its_digest(folder):
    data = [file.open().read() for file, _ in listed(folder)]
    content, ended = gathered(listed(folder))
    assert content == b"".join(data)
    assert ended == [
        (f"evidence/{n}.bin", len(each), sha256(each).hexdigest()) for n, each in enumerate(data)
    ]


def test_files_that_fill_their_slots_to_the_last_byte_end_too(tmp_path):
    (tmp_path / "a").write_bytes(bytes(2 * ahead.SLOT))
    (tmp_path / "b").write_bytes(b"")
    content, ended = gathered(listed(tmp_path / "a") + listed(tmp_path / "b"))
    assert (len(content), [name for name, _, _ in ended]) == (2 * ahead.SLOT, ["a", "b"])


@pytest.mark.parametrize("n", [0, 2, 7])
@pytest.mark.parametrize("by", [-1, 1])
def test_a_file_that_grew_or_shrank_is_named(folder, n, by):
    files = listed(folder)
    path = folder / f"{n}.bin"
    path.write_bytes(bytes(SIZES[n] + by) if SIZES[n] + by >= 0 else b"more")
    with pytest.raises(SourceChangedError, match=rf"evidence/{n}\.bin"):
        gathered(files)


@pytest.mark.parametrize("instead", ["nothing", "a link", "a folder"])
def test_what_is_no_file_any_more_is_not_read(folder, instead):
    files = listed(folder)
    path = folder / "4.bin"
    path.rename(folder / "moved")
    if instead == "a link":
        path.symlink_to(folder / "moved")
    elif instead == "a folder":
        path.mkdir()
    with pytest.raises(SourceUnreadableError, match=r"4\.bin"):
        gathered(files)


def test_a_reader_that_is_killed_is_no_end_of_the_files(folder):
    with Gathering(listed(folder), lambda *_: None) as source:
        process = source._process
        assert process is not None
        process.kill()
        process.wait()
        with pytest.raises(ReaderLostError):
            list(iter(lambda: source.read(1 << 20), b""))


def test_who_stops_reading_leaves_no_process_behind(folder):
    with Gathering(listed(folder), lambda *_: None) as source:
        source.read(1)
    assert source._process is not None
    assert source._process.returncode is not None


def test_a_seal_that_is_killed_leaves_no_reader_behind(folder):
    code = """
import os, signal, sys
from collections import deque
from pathlib import Path
from comity.sealing.collecting import from_paths
from comity.sealing.gathering import Gathering
files = deque((file, file.bytes) for file in from_paths([Path(sys.argv[1])]))
reader = Gathering(files, lambda *_: None)
reader.read(1)
print(reader._process.pid, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""
    pipe, command = subprocess.PIPE, [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        reader = int(process.stdout.readline())
        assert not gone(reader, seconds=1)  # more is to be read than there is memory to share
        process.communicate("\n")
    assert process.returncode == -signal.SIGKILL
    assert gone(reader, seconds=60)


def test_a_file_that_is_not_the_one_asked_for_is_named(folder):
    file, size = listed(folder)[2]
    other = PackageFile(file.name, file.media_type, file.open, sha256="0" * 64, path=file.path)
    with packing.pack(deque([(other, size)]), packing.Lines()) as source, pytest.raises(FileDiffersError):
        source.read(1)


def test_what_has_no_path_is_read_by_this_process(folder):
    files = listed(folder)
    files.append((in_memory("m", "text/plain", b"m"), 1))
    with packing.pack(files, packing.Lines()) as source:
        assert isinstance(source, packing.Packing)


def test_a_folder_of_more_than_a_thousand_files_is_sealed_so(folder, tmp_path, monkeypatch):
    inner = folder / "дәлел"
    inner.mkdir()
    for n in range(1000):
        (inner / f"{n:04}.txt").write_bytes(b"%d\n" % n * (n % 7))
    monkeypatch.setattr(packing, "Packing", None)  # the other way of reading is not gone
    files = list(collecting.from_paths([folder]))
    package = tmp_path / "p.asice"
    writing.seal(package, files, about={}, signer=packages.authority(), now=packages.NOW)
    assert packages.judged(package.read_bytes()).verdict == "passed"
    with zipfile.ZipFile(package) as zipped:
        assert zipped.read(packing.PACK) == b"".join(file.open().read() for file in files)
    assert [file.name for file in files] == sorted((f.name for f in files), key=lambda name: name.split("/"))
