"""Hostile renewals of what remains of an erased container: other remains, altered ones, too many seals."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from tests import bundles, packages
from tests.hostile.classes import MANIFEST, hostile, sound
from tests.hostile.parts import renewal, with_parts
from tests.hostile.zips import entries

from comity import canonical
from comity.sealing import remains
from comity.sealing.manifest import Kind
from comity.shapes import decode_base64, encode_base64


@cache
def document(of: str = bundles.LETTER_ID) -> bytes:
    """What remains of a letter that kz-247 sealed, with one attachment."""
    letter = bundles.Parts(letter_signer="kz-247", letter_changes={"id": of}).letter("exhibits/access.log")
    letter |= {"from": "kz-247", "to": "tm-247"}
    attachments = {"exhibits/access.log": bundles.LOG}
    sealed = bundles.letter_package(letter, attachments, packages.authority())
    return remains.keep(io.BytesIO(sealed))


def around(inner: bytes, name: str = remains.DOCUMENT, **more: bytes) -> bytes:
    """A renewal of remains that holds these bytes."""
    return renewal(inner, name, Kind.REMAINS, **more)


def renewed(times: int = 1) -> bytes:
    """The document, sealed again so many times."""
    sealed = around(document())
    for _ in range(times - 1):
        sealed = around(sealed, remains.SEALED_AGAIN)
    return sealed


def altered(part: str, change: Any) -> bytes:
    """The document with one part changed."""
    parts = canonical.read(document())
    return canonical.write(parts | {part: encode_base64(change(decode_base64(parts[part])))})


@hostile("remains_failed")
def a_renewal_of_altered_remains() -> bytes:
    return around(altered("letter", lambda data: data.replace(b"result", b"refusal")))


@hostile("remains_failed")
def a_renewal_of_remains_under_the_seal_of_another_letter() -> bytes:
    other = canonical.read(document("2b7d1f60-0c35-4a67-9e7d-5a3f0a9d1c22"))
    return around(canonical.write(canonical.read(document()) | {"signature": other["signature"]}))


@hostile("remains_failed")
def a_renewal_of_remains_that_are_none() -> bytes:
    return around(b'{"letter":""}')


@hostile("remains_failed")
def an_older_renewal_of_altered_remains() -> bytes:
    inner = around(altered("manifest", lambda data: data.replace(b"access", b"excess")))
    return around(inner, remains.SEALED_AGAIN)


@hostile("renewed_too_often")
def remains_sealed_again_five_times() -> bytes:
    return renewed(5)


@hostile("renewal_unreadable")
def a_renewal_of_remains_and_a_container() -> bytes:
    return around(document(), **{"sealed.asice": sound()})


@hostile("renewal_unreadable")
def a_renewal_of_a_container_that_holds_remains() -> bytes:
    return renewal(renewed())


@hostile("renewal_unreadable")
def a_renewal_of_a_whole_container_as_remains() -> bytes:
    return around(sound(), remains.SEALED_AGAIN)


@hostile("renewal_unreadable")
def a_renewal_of_containers_that_holds_remains_beside_none() -> bytes:
    return renewal(document(), remains.DOCUMENT)


@hostile("renewed_failed")
def remains_in_the_place_of_a_container() -> bytes:
    return renewal(document())


def with_form(base: bytes, said: bytes, instead: bytes) -> bytes:
    return with_parts(base, **{MANIFEST: entries(base)[MANIFEST].replace(said, instead)})


@hostile("manifest_unreadable")
def a_renewal_of_remains_in_the_form_of_every_other_package() -> bytes:
    return with_form(renewed(), b"comity-manifest/2", b"comity-manifest/1")


@hostile("manifest_unreadable")
def a_package_of_files_in_the_form_of_renewals_of_remains() -> bytes:
    return with_form(sound(), b"comity-manifest/1", b"comity-manifest/2")
