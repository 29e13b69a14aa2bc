"""Hostile renewals of what remains of an erased container: other remains, altered ones, too many seals."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from tests import bundles, packages
from tests.hostile.classes import hostile, sound
from tests.hostile.parts import renewal

from comity import canonical
from comity.sealing import remains
from comity.shapes import decode_base64, encode_base64


@cache
def document(of: str = bundles.LETTER_ID) -> bytes:
    """What remains of a letter that kz-247 sealed, with one attachment."""
    letter = bundles.Parts(letter_signer="kz-247", letter_changes={"id": of}).letter("exhibits/access.log")
    letter |= {"from": "kz-247", "to": "tm-247"}
    attachments = {"exhibits/access.log": bundles.LOG}
    sealed = bundles.letter_package(letter, attachments, packages.authority())
    return remains.keep(io.BytesIO(sealed))


def renewed(times: int = 1) -> bytes:
    """The document, sealed again so many times."""
    sealed = renewal(document(), name=remains.DOCUMENT)
    for _ in range(times - 1):
        sealed = renewal(sealed, name=remains.SEALED_AGAIN)
    return sealed


def altered(part: str, change: Any) -> bytes:
    """The document with one part changed."""
    parts = canonical.read(document())
    return canonical.write(parts | {part: encode_base64(change(decode_base64(parts[part])))})


@hostile("remains_failed")
def a_renewal_of_altered_remains() -> bytes:
    return renewal(altered("letter", lambda data: data.replace(b"result", b"refusal")), remains.DOCUMENT)


@hostile("remains_failed")
def a_renewal_of_remains_under_the_seal_of_another_letter() -> bytes:
    other = canonical.read(document("2b7d1f60-0c35-4a67-9e7d-5a3f0a9d1c22"))
    return renewal(
        canonical.write(canonical.read(document()) | {"signature": other["signature"]}), "remains.json"
    )


@hostile("remains_failed")
def a_renewal_of_remains_that_are_none() -> bytes:
    return renewal(b'{"letter":""}', remains.DOCUMENT)


@hostile("remains_failed")
def an_older_renewal_of_altered_remains() -> bytes:
    inner = renewal(altered("manifest", lambda data: data.replace(b"access", b"excess")), remains.DOCUMENT)
    return renewal(inner, remains.SEALED_AGAIN)


@hostile("renewed_too_often")
def remains_sealed_again_five_times() -> bytes:
    return renewed(5)


@hostile("renewal_unreadable")
def a_renewal_of_remains_and_a_container() -> bytes:
    return renewal(document(), remains.DOCUMENT, **{"sealed.asice": sound()})


@hostile("renewal_unreadable")
def a_renewal_of_a_container_that_holds_remains() -> bytes:
    return renewal(renewed())


@hostile("renewal_unreadable")
def a_renewal_of_a_whole_container_as_remains() -> bytes:
    return renewal(sound(), remains.SEALED_AGAIN)


@hostile("renewed_failed")
def remains_in_the_place_of_a_container() -> bytes:
    return renewal(document())
