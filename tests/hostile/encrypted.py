"""Hostile encryption: age files that deviate from the format, through the whole reader of a package."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tests import packages
from tests.hostile.classes import Hostile, sound

from comity.sealing.age import header, payload, recipients
from comity.sealing.age.header import Stanza, encode

ENCRYPTED: list[Hostile] = []
FILE_KEY = bytes(range(16))
_IDENTITY = recipients.HybridIdentity(bytes(range(32)))
_OLDER = recipients.X25519Identity(bytes(range(1, 33)))
IDENTITIES = [str(_IDENTITY), str(_OLDER)]
"""The reader holds one of each kind."""
_NONCE = bytes(16)
_LOW_ORDER = bytes(32)
"""The point 0 (RFC 7748, 6.1): the shared secret is zero whoever exchanges."""


def encrypted(code: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Enter a class under its function's name."""

    def entered(make: Callable[[], bytes]) -> Callable[[], bytes]:
        ENCRYPTED.append(Hostile(make.__name__, code, make))
        return make

    return entered


@cache
def _sealed() -> bytes:
    """The payload of the sound package."""
    out = io.BytesIO()
    flow = payload.Encrypting(out, FILE_KEY)
    flow.write(sound())
    flow.close()
    return out.getvalue()


def own() -> Stanza:
    """The stanza that the reader's hybrid identity opens."""
    return _IDENTITY.recipient.wrap(FILE_KEY)


def under(*stanzas: Stanza, body: bytes | None = None) -> bytes:
    """A file with these stanzas, its MAC right."""
    return header.write(list(stanzas), FILE_KEY) + (_sealed() if body is None else body)


def respelled(change: Callable[[bytes], bytes]) -> bytes:
    """The sound file with its head spelled another way, the MAC made for the new spelling."""
    covered = header.INTRO + own().as_bytes() + b"---"
    changed = change(covered)
    return changed + b" " + encode(header._mac(changed, FILE_KEY)).encode() + b"\n" + _sealed()


def chunks(*pieces: tuple[bytes, bool]) -> bytes:
    """A payload of these pieces, each with whether its nonce says that it is the last."""
    aead = ChaCha20Poly1305(HKDF(SHA256(), 32, salt=_NONCE, info=b"payload").derive(FILE_KEY))
    sealed = (
        aead.encrypt(at.to_bytes(11, "big") + bytes([last]), piece, None)
        for at, (piece, last) in enumerate(pieces)
    )
    return _NONCE + b"".join(sealed)


def the_sound_file() -> bytes:
    """What all start from: it passes."""
    return under(own(), Stanza("unknown", ("x",), b"grease"))


@encrypted("not_for_this_identity")
def a_recipient_of_an_unknown_kind_alone() -> bytes:
    return under(Stanza("unknown", ("x",), bytes(32)))


@encrypted("recipients_mixed")
def hybrid_and_older_recipients() -> bytes:
    return under(own(), _OLDER.recipient.wrap(FILE_KEY))


@encrypted("encryption_passphrase_not_alone")
def a_passphrase_beside_a_recipient() -> bytes:
    return under(own(), recipients.Passphrase(b"x", work=1).wrap(FILE_KEY))


@encrypted("encryption_stanzas_too_many")
def five_hundred_and_thirteen_recipients() -> bytes:
    return under(own(), *[Stanza("unknown", (), b"")] * 512)


@encrypted("encryption_header_too_large")
def a_head_of_more_than_a_mebibyte() -> bytes:
    return under(own(), *[Stanza("unknown", ("x" * (1 << 12),), b"")] * 300)


@encrypted("encryption_line_endless")
def a_head_without_a_line_end() -> bytes:
    return header.INTRO + b"-> " + b"x" * (2 << 20)


@encrypted("encryption_recipient_missing")
def no_recipient_at_all() -> bytes:
    return under()


@encrypted("encryption_header_malformed")
def a_double_space_in_a_stanza() -> bytes:
    return respelled(lambda head: head.replace(b"-> mlkem", b"->  mlkem"))


@encrypted("encryption_line_too_long")
def a_stanza_whose_line_is_too_long() -> bytes:
    long = b"-> unknown\n" + b"A" * 68 + b"\n"
    return respelled(lambda head: head.replace(b"---", long + b"---"))


@encrypted("encryption_base64")
def a_share_with_unused_bits_set() -> bytes:
    def change(head: bytes) -> bytes:
        at = head.index(b"\n---")
        return head[: at - 1] + bytes([head[at - 1] + 1]) + head[at:]

    return respelled(change)


@encrypted("encryption_base64_padded")
def a_padded_body() -> bytes:
    return respelled(lambda head: head.replace(b"\n---", b"=\n---"))


@encrypted("encryption_line_ending")
def a_head_with_line_ends_of_another_system() -> bytes:
    intro = len(header.INTRO)
    return respelled(lambda head: head[:intro] + head[intro:].replace(b"\n", b"\r\n"))


@encrypted("not_a_container")
def a_first_line_with_the_line_end_of_another_system() -> bytes:
    return respelled(lambda head: head.replace(header.INTRO, header.INTRO[:-1] + b"\r\n"))


@encrypted("encryption_header_changed")
def a_mac_of_another_head() -> bytes:
    head = header.write([own()], FILE_KEY)
    at = head.rindex(b" ") + 3
    return head[:at] + (b"B" if head[at : at + 1] == b"A" else b"A") + head[at + 1 :] + _sealed()


@encrypted("encryption_header_changed")
def a_recipient_added_on_the_way() -> bytes:
    stanza = _OLDER.recipient.wrap(FILE_KEY)
    more = Stanza("unknown", ("y",), b"").as_bytes()
    return under(stanza).replace(b"---", more + b"---", 1)


@encrypted("encryption_share_weak")
def a_share_of_low_order() -> bytes:
    return under(Stanza("X25519", (encode(_LOW_ORDER),), bytes(32)))


@encrypted("encryption_hybrid_share_weak")
def a_hybrid_share_whose_curve_half_is_of_low_order() -> bytes:
    share = header.decode(own().arguments[0])[:-32] + _LOW_ORDER
    return under(Stanza("mlkem768x25519", (encode(share),), bytes(32)))


@encrypted("encryption_share_length")
def a_share_that_is_too_short() -> bytes:
    return under(Stanza("X25519", (encode(bytes(31)),), bytes(32)))


@encrypted("encryption_share_length")
def a_hybrid_share_of_the_older_length() -> bytes:
    return under(Stanza("mlkem768x25519", (encode(bytes(32)),), bytes(32)))


@encrypted("encryption_wrapped_key_length")
def a_wrapped_key_that_is_too_long() -> bytes:
    return under(Stanza(own().kind, own().arguments, bytes(48)))


@encrypted("encryption_arguments")
def a_stanza_with_a_second_argument() -> bytes:
    return under(Stanza(own().kind, (*own().arguments, "x"), own().body))


@encrypted("encryption_broken")
def a_chunk_with_a_changed_bit() -> bytes:
    whole = bytearray(the_sound_file())
    whole[-40] ^= 1
    return bytes(whole)


@encrypted("encryption_broken")
def a_byte_behind_the_last_chunk() -> bytes:
    return the_sound_file() + b"\0"


@encrypted("encryption_trailing")
def a_chunk_behind_the_last() -> bytes:
    full = secrets.token_bytes(payload.CHUNK)
    return under(own(), body=chunks((full, True), (b"more", True)))


@encrypted("encryption_last_chunk_empty")
def a_last_chunk_with_nothing_in_it() -> bytes:
    full = secrets.token_bytes(payload.CHUNK)
    return under(own(), body=chunks((full, False), (b"", True)))


@encrypted("cut_off")
def a_payload_without_its_last_chunk() -> bytes:
    full = secrets.token_bytes(payload.CHUNK)
    return under(own(), body=chunks((full, False)))


@encrypted("cut_off")
def a_head_that_ends_inside_a_stanza() -> bytes:
    return the_sound_file()[:200]


@encrypted("cut_off")
def a_head_with_nothing_behind_it() -> bytes:
    return under(own(), body=b"")


def judged(data: bytes) -> packages.Report:
    """The report on an encrypted package."""
    return packages.judged(data, identities=IDENTITIES)
