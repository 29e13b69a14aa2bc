"""The C2SP test vectors of the age format: what each file must give, and how each bad one must fail."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from comity.sealing.age import header, payload, recipients

FOLDER = Path(__file__).parent / "age_vectors"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.name != "README.md")


@dataclass
class Vector:
    file: bytes
    expect: str = ""
    payload: str | None = None
    identities: list[recipients.Identity] = field(default_factory=list)


def read(name: str) -> Vector:
    head, _, file = (FOLDER / name).read_bytes().partition(b"\n\n")
    vector = Vector(file)
    for line in head.decode().splitlines():
        key, _, value = line.partition(": ")
        if key == "expect":
            vector.expect = value
        elif key == "payload":
            vector.payload = value
        elif key == "identity":
            vector.identities.append(recipients.parse_identity(value))
        elif key == "passphrase":
            vector.identities.append(recipients.Passphrase(value.encode()))
        elif key == "compressed":
            vector.file = zlib.decompress(file)
        else:
            assert key in {"file key", "comment"}, key
    return vector


def outcome(vector: Vector) -> tuple[str, bytes]:
    source, out = io.BytesIO(vector.file), io.BytesIO()
    try:
        head = header.read(source)
        key = recipients.unwrap(head.stanzas, vector.identities)
        if key is None:
            return "no match", b""
        head.check(key)
        for piece in payload.opened_chunks(source, key):
            out.write(piece)
    except header.HeaderChangedError:
        return "HMAC failure", b""
    except header.HeaderRefusedError:
        return "header failure", b""
    except payload.PayloadBrokenError:
        return "payload failure", out.getvalue()
    return "success", out.getvalue()


def test_there_are_vectors_of_every_outcome():
    assert len(NAMES) > 100
    assert {read(name).expect for name in NAMES} == {
        "success",
        "no match",
        "HMAC failure",
        "header failure",
        "payload failure",
    }


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    vector = read(name)
    result, plain = outcome(vector)
    assert result == vector.expect
    if vector.payload:
        assert sha256(plain).hexdigest() == vector.payload


@pytest.mark.parametrize("name", NAMES)
def test_who_seeks_reads_the_same(name):
    vector = read(name)
    result, plain = outcome(vector)
    source = io.BytesIO(vector.file)
    try:
        head = header.read(source)
        key = recipients.unwrap(head.stanzas, vector.identities)
        if key is None:
            return
        head.check(key)
        stream = payload.Opened(source, key)
        read_whole = stream.read()
    except (header.HeaderRefusedError, payload.PayloadBrokenError):
        assert result != "success"
        return
    assert (result, read_whole) == ("success", plain)
    for start in (0, 1, len(plain) // 2, max(0, len(plain) - 3)):
        stream.seek(start)
        assert stream.read(70_000) == plain[start : start + 70_000]


@pytest.mark.parametrize("name", NAMES)
def test_a_header_has_one_spelling(name):
    vector = read(name)
    source = io.BytesIO(vector.file)
    try:
        head = header.read(source)
    except header.HeaderRefusedError:
        return
    written = header.INTRO + b"".join(stanza.as_bytes() for stanza in head.stanzas) + b"---"
    assert written == head.covered
    assert vector.file.startswith(written + b" " + header.encode(head.mac).encode() + b"\n")
