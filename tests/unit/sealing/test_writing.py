"""Sealing into a file: encrypted on its way, whole or not at all."""

from __future__ import annotations

import errno
import io
import threading
from pathlib import Path

import pytest
from tests import packages

from comity.sealing import encryption, writing
from comity.sealing import flow as flows
from comity.sealing.age import payload
from comity.sealing.durable import DiskFullError
from comity.sealing.flow import BUFFER, Flow, PlainFlow
from comity.sealing.sources import PackageFile, in_memory
from comity.sealing.verification import verify


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


@pytest.mark.parametrize("boundary", [1 << 16, 1 << 20])
@pytest.mark.parametrize("before", range(112, 120))
def test_a_number_that_lies_across_a_boundary_is_filled_in_and_no_nonce_used_twice(
    tmp_path, monkeypatch, boundary, before
):
    """The second file's CRC-32 lies 114 bytes behind the first file, 4 bytes long."""
    sealed: list[tuple[int, bool]] = []
    plain_seal = payload._Chunks.seal

    def counted(chunks, index, plain, target, *, last):
        sealed.append((index, last))
        plain_seal(chunks, index, plain, target, last=last)

    monkeypatch.setattr(payload._Chunks, "seal", counted)
    files = [
        in_memory("a", "text/plain", bytes(boundary - before)),
        in_memory("b", "text/plain", b"evidence" * (9 << 16)),
    ]
    sealed_at(tmp_path / "p.asice.age", files, [packages.authority().recipient])
    assert len(sealed) == len(set(sealed)) == len({index for index, _ in sealed})
    with (tmp_path / "p.asice.age").open("rb") as package:
        report = verify(
            package, trust=packages.anchors(), identities=[packages.authority().identity], as_of=packages.NOW
        )
    assert report.verdict == "passed"


class _Short(Flow):
    """A disk with room for one buffer."""

    def _put(self, data: memoryview, at: int, *, last: bool) -> None:
        if at:
            raise OSError(errno.ENOSPC, "no room")


def test_a_write_that_fails_on_its_thread_is_raised_and_is_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(encryption, "encrypting", lambda out, to: _Short(out))
    big = PackageFile("a.bin", "text/plain", lambda: io.BytesIO(bytes(8 << 20)))
    with pytest.raises(DiskFullError):
        sealed_at(tmp_path / "p.asice.age", [big], [packages.authority().recipient])
    assert list(tmp_path.iterdir()) == []


def test_two_pieces_are_written_at_once_and_each_lands_at_its_place(tmp_path, monkeypatch):
    """The first waits until the second is written: with one thread it would wait for ever."""
    written, plain_write = threading.Event(), flows._write_at

    def delayed(handle, data, place):
        if place == 6:
            assert written.wait(timeout=30)
        plain_write(handle, data, place)
        written.set()

    monkeypatch.setattr(flows, "_write_at", delayed)
    data = bytes(BUFFER) + b"\x01" * BUFFER + b"\x02" * 5
    with (tmp_path / "out").open("w+b") as out:
        out.write(b"before")
        with PlainFlow(out) as flow:
            flow.write(data)
        out.write(b"behind")
    assert (tmp_path / "out").read_bytes() == b"before" + data + b"behind"


def test_what_can_only_be_written_in_order_is(tmp_path):
    """A file that is appended to has no place but its end; a stranger's stream may want to see all."""

    class Seen(io.RawIOBase):
        kept = b""

        def writable(self):
            return True

        def write(self, data):
            self.kept += bytes(data)
            return len(data)

    data = bytes(BUFFER) + b"\x01" * BUFFER + b"\x02" * 5
    seen, recipient = Seen(), packages.authority().recipient
    encryption.encrypt(io.BytesIO(data), seen, [recipient])
    (tmp_path / "out").write_bytes(b"before")
    with (tmp_path / "out").open("ab") as out:
        assert flows.Sink(out).threads == 1
        encryption.encrypt(io.BytesIO(data), out, [recipient])
    for encrypted in (seen.kept, (tmp_path / "out").read_bytes().removeprefix(b"before")):
        assert encryption.opened(io.BytesIO(encrypted), [packages.authority().identity]).read() == data


def test_all_files_are_found_before_the_package_is_begun_beside_them(tmp_path):
    def found():
        yield in_memory("first", "text/plain", b"1")
        assert list(tmp_path.iterdir()) == []
        yield in_memory("second", "text/plain", b"2")

    writing.seal(tmp_path / "p", found(), about={}, signer=packages.authority(), now=packages.NOW)
