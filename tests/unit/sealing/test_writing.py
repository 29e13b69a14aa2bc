"""Sealing into a file: encrypted on its way, whole or not at all."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import pytest
from tests import packages

from comity.sealing import encryption, writing
from comity.sealing.container import PackageFile
from comity.sealing.durable import DiskFullError
from comity.sealing.flow import Flow


def sealed_at(path: Path, files: list[PackageFile], recipients: list[str]) -> None:
    writing.seal(path, files, about={}, signer=packages.authority(), now=packages.NOW, recipients=recipients)


def test_while_it_is_encrypted_nothing_plain_is_stored(tmp_path):
    held: set[str] = set()

    def opened() -> io.BytesIO:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.exists()]
        held.update(str(link.readlink()) for link in links)
        return io.BytesIO(b"evidence" * 400_000)

    package = tmp_path / "p.asice.age"
    sealed_at(package, [PackageFile("a.bin", "text/plain", opened)], [packages.authority().recipient])
    written = [name for name in held if name.startswith(str(tmp_path))]
    assert len(written) == 1
    assert written[0].endswith(".partial")
    assert b"evidence" not in package.read_bytes()
    plain = encryption.opened(io.BytesIO(package.read_bytes()), [packages.authority().identity]).read()
    assert packages.judged(plain).verdict == "passed"


def test_a_source_that_fails_leaves_nothing(tmp_path):
    def opened() -> io.BytesIO:
        raise OSError(errno.EIO, "worn out")

    files = [*packages.two_files(), PackageFile("a.bin", "text/plain", opened)]
    with pytest.raises(Exception, match="worn out"):
        sealed_at(tmp_path / "p.asice.age", files, [packages.authority().recipient])
    assert list(tmp_path.iterdir()) == []


class _Short(Flow):
    """A disk with room for one buffer."""

    def _put(self, data: memoryview, at: int, *, last: bool) -> None:
        if at:
            raise OSError(errno.ENOSPC, "no room")


def test_a_write_that_fails_on_its_thread_is_raised_and_is_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(encryption, "encrypting", lambda out, to: _Short())
    big = PackageFile("a.bin", "text/plain", lambda: io.BytesIO(bytes(8 << 20)))
    with pytest.raises(DiskFullError):
        sealed_at(tmp_path / "p.asice.age", [big], [packages.authority().recipient])
    assert list(tmp_path.iterdir()) == []
