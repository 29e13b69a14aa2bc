"""More than a thousand files: one pack with an index, signed as one object (docs/sealing.md, clause 17)."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from hashlib import sha256

import pytest
from tests import packages
from tests.hostile import packs

from comity.sealing import disclosing, encryption, opening, packing, writing
from comity.sealing.container import TooManyFilesError
from comity.sealing.manifest import Kind
from comity.sealing.packing import INDEX, PACK, PackedFile
from comity.sealing.refusals import EntryDuplicatedError, FileChangedError, NameClashError
from comity.sealing.sources import FileDiffersError, PackageFile, SourceChangedError, in_memory
from comity.sealing.verification import examined

COUNT = 1001


def many() -> list[PackageFile]:
    """A thousand and one small files, every seventh empty, the last the longest."""
    files = [in_memory(f"box/{n:04}.txt", "text/plain", b"%d\n" % n * (n % 7)) for n in range(COUNT - 1)]
    return [*files, in_memory("дәлел.bin", "application/octet-stream", bytes(range(256)) * 9000)]


@cache
def sealed() -> bytes:
    return packages.sealed(many(), disclosable=True)


def test_more_than_a_thousand_files_are_packed_and_each_is_verified():
    report = packages.judged(sealed())
    assert report.verdict == "passed"
    assert [(file.name, file.sha256) for file in report.files] == [
        (file.name, sha256(file.open().read()).hexdigest()) for file in many()
    ]
    with zipfile.ZipFile(io.BytesIO(sealed())) as zipped:
        assert zipped.namelist()[:3] == ["mimetype", PACK, INDEX]
        assert zipped.testzip() is None
        assert zipped.read(PACK) == b"".join(file.open().read() for file in many())
        manifest = json.loads(zipped.read("_comity/manifest.json"))
        line = zipped.read(INDEX).splitlines()[0]
    assert manifest["packed"]["files"] == COUNT
    assert list(json.loads(line)) == ["bytes", "media_type", "name", "salt", "sha256"]


def test_a_thousand_files_stay_entries_and_say_nothing_of_a_pack():
    with zipfile.ZipFile(io.BytesIO(packages.sealed(many()[:1000]))) as zipped:
        assert "packed" not in json.loads(zipped.read("_comity/manifest.json"))
        assert PACK not in zipped.namelist()


def test_an_encrypted_pack_is_verified_and_taken_out(tmp_path):
    signer = packages.authority()
    package = tmp_path / "p.asice.age"
    writing.seal(package, many(), about={}, signer=signer, now=packages.NOW, recipients=[signer.recipient])
    with examined(
        package, trust=packages.anchors(), identities=[signer.identity], as_of=packages.NOW
    ) as case:
        assert case.report.verdict == "passed"
        opening.take_out(case, tmp_path / "out")
    for file in many():
        assert (tmp_path / "out" / file.name).read_bytes() == file.open().read()


def test_single_files_of_a_pack_are_shown_and_proved_alone(tmp_path):
    chosen = ["box/0008.txt", "дәлел.bin"]
    with examined(
        io.BytesIO(sealed()), trust=packages.anchors(), identities=None, as_of=packages.NOW
    ) as case:
        disclosing.disclose(tmp_path / "part.asice", case, chosen)
    report = packages.judged((tmp_path / "part.asice").read_bytes())
    assert report.verdict == "passed"
    assert [file.name for file in report.files] == chosen
    assert str(COUNT) in report.steps[2].text


def test_a_package_that_changed_behind_its_verification_is_not_taken_out(tmp_path):
    data = bytearray(sealed())
    with examined(
        io.BytesIO(sealed()), trust=packages.anchors(), identities=None, as_of=packages.NOW
    ) as case:
        data[data.index(bytes(range(256)))] ^= 1
        case.package._stream = io.BytesIO(data)
        with pytest.raises(FileChangedError):
            opening.take_out(case, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (in_memory("box/0001.txt", "text/plain", b""), EntryDuplicatedError),
        (in_memory("BOX/0001.txt", "text/plain", b""), NameClashError),
        (PackageFile("x", "text/plain", lambda: io.BytesIO(b"12"), bytes=1), SourceChangedError),
        (PackageFile("x", "text/plain", lambda: io.BytesIO(b"12"), bytes=3), SourceChangedError),
        (PackageFile("x", "text/plain", lambda: io.BytesIO(b"12"), sha256="0" * 64), FileDiffersError),
    ],
)
def test_what_no_container_takes_no_pack_takes(last, error):
    with pytest.raises(error):
        packages.sealed([*many(), last])


def test_only_files_are_packed_and_not_more_than_a_pack_holds(monkeypatch):
    with pytest.raises(TooManyFilesError):
        packages.sealed(many(), kind=Kind.LETTER)
    monkeypatch.setattr(packing, "FILES", COUNT - 1)
    with pytest.raises(TooManyFilesError):
        packages.sealed(many())


def test_a_line_is_the_canonical_json_of_its_values():
    from comity import canonical

    file = PackedFile("дәлел/a b.txt", "text/plain", 0, "0" * 64, "A" * 43 + "=")
    values = {
        "bytes": 0, "media_type": "text/plain", "name": file.name, "salt": file.salt, "sha256": file.sha256
    }  # fmt: skip
    line = packing.line_of(file.name, file.media_type, file.bytes, file.sha256, file.salt)
    assert line == canonical.write(values) + b"\n"
    assert packing.read(line).files == [file]


def test_a_changed_file_is_named_before_the_seal_is_looked_at():
    report = packages.judged(packs.with_sound_crc(b"x"))
    assert (report.steps[3].code, report.steps[4].code) == ("file_changed", "not_reached")
    assert "0000.txt" in report.steps[3].text


def test_the_pack_survives_encryption_of_its_container():
    out = io.BytesIO()
    signer = packages.authority()
    encryption.encrypt(io.BytesIO(sealed()), out, [signer.recipient])
    assert packages.judged(out.getvalue(), identities=[signer.identity]).verdict == "passed"


SIZES = (0, 3, 0, 0, 7, 1, 12, 0)


@pytest.mark.parametrize("piece", [1, 2, 3, 10, 23, 100])
@pytest.mark.parametrize("changed", [None, *range(len(SIZES))])
def test_each_file_of_a_pack_is_hashed_however_the_pack_is_cut(piece, changed):
    content = bytes(range(sum(SIZES)))
    starts = [sum(SIZES[:n]) for n in range(len(SIZES))]
    files = [
        PackedFile(str(n), "text/plain", size, sha256(content[start : start + size]).hexdigest(), "")
        for n, (start, size) in enumerate(zip(starts, SIZES, strict=True))
    ]
    if changed is not None:
        files[changed] = files[changed]._replace(sha256="0" * 64)

    def take() -> None:
        checking = packing.Checking(files)
        for at in range(0, len(content), piece):
            checking.update(memoryview(content)[at : at + piece])
        checking.end()

    if changed is None:
        take()
    else:
        with pytest.raises(FileChangedError, match=f"“{changed}”"):
            take()


def test_a_file_that_did_not_end_with_its_pack_is_named():
    checking = packing.Checking([PackedFile("x", "text/plain", 2, sha256(b"12").hexdigest(), "")])
    checking.update(memoryview(b"1"))
    with pytest.raises(FileChangedError):
        checking.end()
