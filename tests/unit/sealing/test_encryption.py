from __future__ import annotations

import errno
import io

import pyrage
import pytest
from tests import packages

from comity.sealing import encryption
from comity.sealing.age import header
from comity.sealing.age.recipients import PassphraseWorkError, X25519Identity
from comity.sealing.refusals import CutOffError

DATA = bytes(range(256)) * 1024


def encrypted(*ids: str, data: bytes = DATA) -> bytes:
    out = io.BytesIO()
    recipients = [packages.authority(each).recipient for each in ids or ("kz-247",)]
    encryption.encrypt(io.BytesIO(data), out, recipients)
    return out.getvalue()


def opened(data: bytes, id: str = "kz-247") -> bytes:
    out = io.BytesIO()
    encryption.decrypt(io.BytesIO(data), out, [packages.authority(id).identity])
    return out.getvalue()


def test_each_recipient_opens_what_was_encrypted():
    data = encrypted("kz-247", "tm-247")
    assert encryption.is_encrypted(data)
    assert opened(data, "kz-247") == opened(data, "tm-247") == DATA


def test_nobody_else_opens_it():
    with pytest.raises(encryption.NotForThisIdentityError):
        opened(encrypted("tm-247"))


def test_every_cut_and_every_changed_byte_is_found():
    data = encrypted(data=b"evidence" * 20_000)
    for length in (len(data) - 1, 65_000, 230, 100, 30):
        with pytest.raises((encryption.EncryptionBrokenError, CutOffError)):
            opened(data[:length])
    for position in range(0, len(data), 4001):
        changed = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        with pytest.raises((encryption.EncryptionBrokenError, encryption.NotForThisIdentityError)):
            opened(changed)


def test_a_cut_between_two_chunks_is_told_as_such():
    data = encrypted(data=bytes(2 * 65536))
    with pytest.raises(CutOffError):
        opened(data[: -(65536 + 16)])


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 1 << 20, (1 << 20) + 1, 4 << 20, 5_000_001])
def test_any_size_goes_through_and_can_be_read_at_any_place(size):
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    ciphertext = encrypted(data=data)
    assert opened(ciphertext) == data
    stream = encryption.opened(io.BytesIO(ciphertext), [packages.authority().identity])
    for start in (size - 3, 0, size // 2):
        stream.seek(max(0, start))
        assert stream.read(70_000) == data[max(0, start) :][:70_000]


def test_hybrid_and_older_recipients_do_not_stand_in_one_file():
    older = str(X25519Identity.generate().recipient)
    with pytest.raises(encryption.RecipientsMixedError):
        encryption.encrypt(io.BytesIO(DATA), io.BytesIO(), [packages.authority().recipient, older])


def test_another_implementation_and_ours_open_each_others_files():
    identity = pyrage.x25519.Identity.generate()
    out = io.BytesIO()
    encryption.encrypt(io.BytesIO(DATA), out, [str(identity.to_public())])
    assert pyrage.decrypt(out.getvalue(), [identity]) == DATA
    theirs = io.BytesIO(pyrage.encrypt(DATA, [identity.to_public()]))
    assert encryption.opened(theirs, [str(identity)]).read() == DATA


def test_a_secret_under_a_passphrase_opens_with_that_passphrase_alone():
    data = encryption.encrypt_with_passphrase(b"secret", b"correct horse battery staple")
    assert encryption.decrypt_with_passphrase(data, b"correct horse battery staple") == b"secret"
    with pytest.raises(encryption.NotForThisIdentityError):
        encryption.decrypt_with_passphrase(data, b"another")


def test_a_changed_byte_inside_is_found_by_who_reads_there_and_only_then():
    data = encrypted(data=bytes(3 << 20))
    at = len(data) // 2
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    stream = encryption.opened(io.BytesIO(changed), [packages.authority().identity])
    assert stream.read(10) == bytes(10)
    with pytest.raises(encryption.EncryptionBrokenError):
        stream.read()


@pytest.mark.parametrize("text", ["age1nonsense", "", "AGE-SECRET-KEY-1X"])
def test_what_is_no_recipient_is_refused(text):
    with pytest.raises(encryption.RecipientUnreadableError):
        encryption.encrypt(io.BytesIO(b""), io.BytesIO(), [text])


def test_what_is_no_identity_is_refused():
    with pytest.raises(encryption.IdentityUnreadableError):
        encryption.decrypt(io.BytesIO(encrypted()), io.BytesIO(), ["nonsense"])


class _Trickle(io.RawIOBase):
    """A stream that only knows how to read a little at a time."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, 1000))


def test_a_stream_that_gives_a_little_at_a_time_is_encrypted_whole():
    out = io.BytesIO()
    encryption.encrypt(_Trickle(DATA), out, [packages.authority().recipient])
    assert opened(out.getvalue()) == DATA


class _Full(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        raise OSError(errno.ENOSPC, "no room")


def test_a_full_disk_stays_a_full_disk():
    with pytest.raises(OSError, match="no room") as while_encrypting:
        encryption.encrypt(io.BytesIO(DATA), _Full(), [packages.authority().recipient])
    with pytest.raises(OSError, match="no room") as while_decrypting:
        encryption.decrypt(io.BytesIO(encrypted()), _Full(), [packages.authority().identity])
    assert while_encrypting.value.errno == while_decrypting.value.errno == errno.ENOSPC


def test_a_sealed_package_verifies_through_its_encryption_and_only_with_the_identity():
    out = io.BytesIO()
    encryption.encrypt(io.BytesIO(packages.sealed()), out, [packages.authority("tm-247").recipient])
    package = out.getvalue()
    identity = packages.authority("tm-247").identity
    assert packages.judged(package, identities=[identity]).verdict == "passed"
    without = packages.judged(package)
    assert (without.verdict, without.steps[0].code) == ("indeterminate", "identity_needed")
    wrong = packages.judged(package, identities=[packages.authority().identity])
    assert (wrong.verdict, wrong.steps[0].code) == ("failed", "not_for_this_identity")
    changed = package[:-1] + bytes([package[-1] ^ 1])
    assert packages.judged(changed, identities=[identity]).steps[0].code == "encryption_broken"


@pytest.mark.parametrize("work", ["19", "0", "01", "x"])
def test_a_passphrase_that_costs_too_much_is_refused_before_it_is_tried(work):
    stanza = header.Stanza("scrypt", (header.encode(bytes(16)), work), bytes(32))
    data = header.write([stanza], bytes(16))
    with pytest.raises(PassphraseWorkError):
        encryption.decrypt_with_passphrase(data, b"x")
