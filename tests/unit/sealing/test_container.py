from __future__ import annotations

import io
import os
import zipfile
from hashlib import sha256

import pytest
from tests import packages

from comity.sealing.container import (
    FileDiffersError,
    PackageFile,
    SourceChangedError,
    TooManyFilesError,
    in_memory,
    write_container,
)
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.reading import Package
from comity.sealing.refusals import EntryDuplicatedError, NameClashError, NameUnsafeError


def test_a_package_says_what_it_holds_in_the_order_given():
    package = Package(io.BytesIO(packages.sealed()))
    assert package.names == [
        "mimetype",
        "exhibits/access.log",
        "дәлел.txt",
        "_comity/manifest.json",
        "META-INF/manifest.xml",
        "META-INF/signatures0.xml",
    ]
    assert package.is_own_form


def test_the_writer_reports_the_size_of_what_it_wrote():
    out = io.BytesIO()
    signer = packages.authority()
    with PlainFlow(out) as flow:
        sealed = write_container(
            flow, packages.two_files(), kind=Kind.FILES, about={"n": 1}, signer=signer, now=packages.NOW
        )
    assert sealed.bytes == len(out.getvalue())
    assert sealed.manifest.about == {"n": 1}


def test_an_ordinary_zip_reader_sees_the_same_files():
    with zipfile.ZipFile(io.BytesIO(packages.sealed())) as zipped:
        assert zipped.testzip() is None
        assert zipped.read("дәлел.txt").decode() == "сәлем\n"
        assert zipped.namelist()[0] == "mimetype"


class _Counted(io.BytesIO):
    """Counts the bytes that are read out of it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.count = 0

    def readinto(self, buffer) -> int:
        count = super().readinto(buffer)
        self.count += count
        return count


@pytest.mark.parametrize("size", [0, 1, 65_000, (1 << 20) - 70, 1 << 20, 3 << 20, (5 << 20) + 77])
def test_every_byte_is_read_once_and_every_length_verifies(size):
    sources = [_Counted(bytes(range(256)) * (size >> 8) + b"x" * (size & 255)) for _ in range(2)]
    files = [PackageFile(f"{n}", "text/plain", lambda s=s: s) for n, s in enumerate(sources)]  # type: ignore[misc]
    plain = packages.sealed(files)
    assert [source.count for source in sources] == [size, size]
    assert packages.judged(plain).verdict == "passed"
    with zipfile.ZipFile(io.BytesIO(plain)) as zipped:
        assert zipped.testzip() is None


@pytest.mark.parametrize("size", [4, 6])
def test_a_file_that_grows_or_shrinks_while_it_is_sealed_is_refused(size):
    changing = PackageFile("a", "text/plain", lambda: io.BytesIO(b"x" * size), bytes=5)
    with pytest.raises(SourceChangedError):
        packages.sealed([changing])


@pytest.mark.parametrize("data", [b"", b"y" * 100, b"y" * (3 << 20)])
def test_a_file_that_is_not_the_one_to_be_sealed_is_refused(data):
    other = PackageFile("a", "text/plain", lambda: io.BytesIO(data), sha256=sha256(b"x").hexdigest())
    with pytest.raises(FileDiffersError):
        packages.sealed([other])


@pytest.mark.parametrize(
    "name",
    [
        "../a",
        "/a",
        "a/../b",
        "a//b",
        "",
        "a\\b",
        "C:a",
        "a\x00b",
        "a\u202eb",
        "mimetype",
        "META-INF/x",
        "_comity/x",
        "meta-inf/x",
        " a",
        "a/",
    ],
)
def test_a_name_that_could_leave_its_folder_or_deceive_is_never_written(name):
    with pytest.raises(NameUnsafeError):
        packages.sealed([in_memory(name, "text/plain", b"")])


@pytest.mark.parametrize(
    ("one", "two"), [("a", "A"), ("é", "E\u0301"), ("straße", "STRASSE"), ("a", "a/b"), ("A/x", "a/y")]
)
def test_names_that_some_disks_cannot_keep_apart_are_never_written(one, two):
    with pytest.raises(NameClashError):
        packages.sealed([in_memory(one, "text/plain", b""), in_memory(two, "text/plain", b"")])


def test_a_name_twice_is_never_written():
    with pytest.raises(EntryDuplicatedError):
        packages.sealed([in_memory("a", "text/plain", b""), in_memory("a", "text/plain", b"")])


def test_more_files_than_a_container_holds_are_refused():
    with pytest.raises(TooManyFilesError):
        packages.sealed([in_memory(f"{n}", "text/plain", b"") for n in range(1001)])


def test_a_thousand_files_and_none_are_both_sealed_and_verified():
    for count in (0, 1000):
        files = [in_memory(f"{n:04}.txt", "text/plain", b"%d" % n) for n in range(count)]
        assert packages.judged(packages.sealed(files)).verdict == "passed"


class _Zeros(io.RawIOBase):
    """A stream of zeros of any length that costs no disk."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        take = min(self._left, size if size >= 0 else self._left)
        self._left -= take
        return bytes(take)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_file_beyond_four_gibibytes_is_sealed_with_zip64_and_verified(tmp_path):
    size = (4 << 30) + 5
    big = PackageFile("big.img", "application/octet-stream", lambda: _Zeros(size))  # type: ignore[arg-type]
    path = tmp_path / "big.asice"
    with path.open("w+b") as out:
        with PlainFlow(_Sparse(out)) as flow:  # type: ignore[arg-type]
            write_container(
                flow,
                [big, in_memory("after.txt", "text/plain", b"after")],
                kind=Kind.FILES,
                about={},
                signer=packages.authority(),
                now=packages.NOW,
            )
        out.truncate(out.tell())
    with path.open("rb") as package:
        from comity.sealing.verification import verify

        report = verify(package, trust=packages.anchors(), identities=None, as_of=packages.NOW)
    assert report.verdict == "passed"
    assert report.files[0].bytes == size
    with zipfile.ZipFile(path) as zipped:
        assert zipped.getinfo("big.img").file_size == size
        assert zipped.read("after.txt") == b"after"


class _Sparse:
    """Writes pieces of zeros as holes."""

    def __init__(self, out) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        if len(data) >= 4096 and not any(data[:4096]) and not any(data):
            self._out.seek(len(data), os.SEEK_CUR)
            return len(data)
        return self._out.write(data)

    def seek(self, place: int) -> int:
        return self._out.seek(place)

    def tell(self) -> int:
        return self._out.tell()
