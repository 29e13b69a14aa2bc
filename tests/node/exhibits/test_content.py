"""Contents are stored encrypted, in segments, and come back exactly as they were."""

from __future__ import annotations

import errno
import hashlib
import io
import random

import pytest

from comity.node import config, durable, folders, store
from comity.node.exhibits import content
from comity.sealing import encryption


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch, keys: object) -> None:
    durable.make_directories(config.current().arriving)
    durable.make_directories(config.current().store)
    monkeypatch.setattr(content, "SEGMENT_BYTES", 100_000)


@pytest.mark.parametrize("size", [0, 1, 99_999, 100_000, 100_001, 200_000, 250_123])
def test_what_was_written_is_read_again(size: int) -> None:
    data = random.Random(size).randbytes(size)
    stored = content.write(io.BytesIO(data))
    assert (stored.bytes, stored.sha256) == (size, hashlib.sha256(data).hexdigest())
    assert [each.bytes for each in stored.segments] == ([100_000] * (size // 100_000) + [size % 100_000])[
        : max(1, -(-size // 100_000))
    ]
    with content.read(stored.wrapped_key, [each.ciphertext_sha256 for each in stored.segments]) as stream:
        assert stream.read() == data


def test_no_plain_byte_and_no_key_lies_in_the_store() -> None:
    secret = b"the customer's password is swordfish" * 200
    stored = content.write(io.BytesIO(secret))
    files = [store.open(key).read() for key in store.keys("segments")]
    assert files
    assert all(b"swordfish" not in file for file in files)
    assert b"AGE-SECRET-KEY" not in stored.wrapped_key
    assert b"swordfish" in secret  # the search itself can find it


def test_a_segment_is_named_by_the_hash_of_its_ciphertext() -> None:
    stored = content.write(io.BytesIO(b"x" * 150_000))
    for segment in stored.segments:
        with store.open(content.segment_key(segment.ciphertext_sha256)) as file:
            assert hashlib.sha256(file.read()).hexdigest() == segment.ciphertext_sha256


def test_without_the_storage_key_an_exhibit_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyrage

    stored = content.write(io.BytesIO(b"evidence"))
    other = str(pyrage.x25519.Identity.generate())
    monkeypatch.setattr(folders, "storage_identity", lambda node: other)
    with pytest.raises(encryption.NotForThisIdentityError):
        content.read(stored.wrapped_key, [each.ciphertext_sha256 for each in stored.segments])


def test_a_changed_segment_is_not_read_as_if_nothing_had_happened() -> None:
    stored = content.write(io.BytesIO(b"evidence" * 1000))
    path = config.current().store / content.segment_key(stored.segments[0].ciphertext_sha256)
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    with (
        content.read(stored.wrapped_key, [stored.segments[0].ciphertext_sha256]) as stream,
        pytest.raises(encryption.EncryptionBrokenError),
    ):
        stream.read()


def test_a_full_disk_is_told_as_such_and_leaves_no_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(content._Hashed, "write", full)
    with pytest.raises(durable.DiskFullError):
        content.write(io.BytesIO(b"evidence"))
    assert list(store.keys("segments")) == []
