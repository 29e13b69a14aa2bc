from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from comity.node import config, durable, store


@pytest.fixture(autouse=True)
def folders():
    durable.make_directories(config.current().store)
    durable.make_directories(config.current().arriving)


def everything():
    return sorted(p.name for p in config.current().store.rglob("*") if p.is_file())


def test_what_is_put_is_read_back():
    assert store.put("letters/one/abc.age", io.BytesIO(b"sealed")) == 6
    with store.open("letters/one/abc.age") as stored:
        assert stored.read() == b"sealed"
    assert list(store.keys("letters/one")) == ["letters/one/abc.age"]


def test_what_is_stored_is_never_overwritten():
    store.put("a/b", io.BytesIO(b"first"))
    with pytest.raises(durable.FileExistsAlreadyError):
        store.put("a/b", io.BytesIO(b"second"))
    with store.open("a/b") as stored:
        assert stored.read() == b"first"
    assert everything() == ["b"]


def test_a_finished_file_is_adopted_without_copying(tmp_path):
    finished = config.current().arriving / "finished"
    finished.write_bytes(b"sealed")
    inode = finished.stat().st_ino
    store.adopt("a/c", finished)
    assert not finished.exists()
    assert (config.current().store / "a/c").stat().st_ino == inode
    finished.write_bytes(b"other")
    with pytest.raises(durable.FileExistsAlreadyError):
        store.adopt("a/c", finished)


def test_a_missing_object_is_named_and_deleting_it_is_no_error():
    with pytest.raises(store.ObjectMissingError, match="letters/none"):
        store.open("letters/none")
    store.delete("letters/none")


@pytest.mark.parametrize(
    "key", ["../secret", "/etc/passwd", "a/../b", "a//b", "", ".hidden", "a/.b", "A", "a\n"]
)
def test_keys_never_leave_the_store(key):
    with pytest.raises(store.ObjectMissingError):
        store.put(key, io.BytesIO(b""))


class FillsUp(io.BytesIO):
    """A source whose reader finds the disk full."""

    def read(self, size=-1):
        if self.tell():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(size)


def test_a_full_disk_leaves_nothing_half_done():
    with pytest.raises(durable.DiskFullError):
        store.put("a/full", FillsUp(b"x" * (3 << 20)))
    assert everything() == []
    store.put("a/full", io.BytesIO(b"later"))


def test_a_really_full_disk_is_told_as_such(tmp_path):
    """A process of its own, with a limit on the size of files, as a disk that fills up (EFBIG)."""
    script = textwrap.dedent("""
        import io, resource, signal, sys
        from pathlib import Path
        from comity.node import durable
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        try:
            with durable.new_file(Path(sys.argv[1]) / "big") as out:
                for _ in range(8):
                    out.write(b"x" * (1 << 20))
        except durable.DiskFullError as error:
            print(error.code)
    """)
    ran = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True)
    assert ran.stdout == "disk_full\n"
    assert list(tmp_path.iterdir()) == []


def test_a_failed_sync_stops_the_process_and_keeps_nothing(tmp_path):
    script = textwrap.dedent("""
        import errno, os, sys
        from pathlib import Path
        from comity.node import durable
        def broken(descriptor):
            raise OSError(errno.EIO, "Input/output error")
        os.fsync = broken
        with durable.new_file(Path(sys.argv[1]) / "lost") as out:
            out.write(b"x")
        print("acknowledged")
    """)
    ran = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False
    )
    assert ran.returncode == durable.EXIT_DISK_BROKEN
    assert "acknowledged" not in ran.stdout
    assert not (tmp_path / "lost").exists()


def test_file_and_directory_are_synced_before_put_returns(monkeypatch):
    synced = []
    real = os.fsync

    def record(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    store.put("new/object", io.BytesIO(b"x"))
    folder = str(config.current().store / "new")
    assert synced[-1] == folder, "the name is synced last"
    assert any(".object." in name for name in synced), "and the content before"


def test_what_killed_processes_left_is_forgotten_and_what_is_being_written_is_not():
    folder = config.current().store / "a"
    folder.mkdir()
    store.put("a/kept", io.BytesIO(b"x"))
    for name, at in ((".old.partial", 1000), (".new.partial", 3000)):
        (folder / name).write_bytes(b"begun")
        os.utime(folder / name, (at, at))
    os.utime(folder / "kept", (1000, 1000))
    store.forget_unfinished(2000)
    assert everything() == [".new.partial", "kept"]


def test_bulk_data_leaves_the_reserve_free(monkeypatch):
    durable.ensure_room(config.current().store, 1)
    with pytest.raises(durable.DiskFullError):
        durable.ensure_room(config.current().store, 1 << 60)


def test_keys_stand_in_the_order_of_their_folders_and_unfinished_ones_are_left_out():
    for key in ("letters/b/2", "letters/b-c/1", "letters/b/1", "letters/a/9"):
        store.put(key, io.BytesIO(b"x"))
    (config.current().store / "letters" / "b" / ".3.partial").write_bytes(b"x")
    assert list(store.keys("letters")) == ["letters/a/9", "letters/b/1", "letters/b/2", "letters/b-c/1"]
    assert list(store.keys("letters/b")) == ["letters/b/1", "letters/b/2"]
    assert list(store.keys("letters/none")) == []
    assert list(store.every_key()) == list(store.keys("letters"))
