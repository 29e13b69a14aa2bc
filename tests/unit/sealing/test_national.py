"""A national token's signature beside the seal: over these bytes, by whom; every other file has its code."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.national import NOW, NationalAuthority

from comity.sealing import national

LETTER = b"the bytes of letter.json"


@pytest.fixture(scope="module")
def authority() -> NationalAuthority:
    return NationalAuthority()


def trusted(authority: NationalAuthority, signature: bytes, letter: bytes = LETTER) -> Any:
    return national.check_trusted(signature, letter, national.anchors([authority.pem]), NOW)


def test_a_signature_over_the_letter_by_a_known_authority_is_whose_it_says(
    authority: NationalAuthority,
) -> None:
    found = trusted(authority, authority.sign(LETTER))
    assert "DANIYAR OMAROV" in found.subject
    assert "National authority" in found.issuer


def refused(code: str, authority: NationalAuthority, signature: bytes) -> None:
    with pytest.raises(national.PackageRefusedError) as caught:
        trusted(authority, signature)
    assert caught.value.code == code


def test_a_signature_over_other_bytes_is_refused(authority: NationalAuthority) -> None:
    refused("national_of_other_bytes", authority, authority.sign(b"another letter"))


def test_a_certificate_of_another_day_is_refused(authority: NationalAuthority) -> None:
    past = {"valid_until": NOW - dt.timedelta(days=1)}
    refused("national_expired", authority, authority.sign(LETTER, **past))
    coming = {"valid_from": NOW + dt.timedelta(days=1)}
    refused("national_expired", authority, authority.sign(LETTER, **coming))


def test_an_authority_of_ones_own_making_is_refused(authority: NationalAuthority) -> None:
    refused("national_untrusted", authority, NationalAuthority().sign(LETTER))


def test_a_certificate_for_something_else_is_refused(authority: NationalAuthority) -> None:
    refused("national_usage", authority, authority.sign(LETTER, signs=False))


def test_a_huge_file_is_refused_before_it_is_read(authority: NationalAuthority) -> None:
    refused("national_too_large", authority, b"0" * (national.LIMIT + 1))


@pytest.mark.parametrize("data", [b"", b"0", b"0\x80", b"%PDF-1.7", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_signature_is_refused(authority: NationalAuthority, data: bytes) -> None:
    refused("national_unreadable", authority, data)


def test_a_signature_that_brings_its_own_content_is_refused(authority: NationalAuthority) -> None:
    refused("national_unreadable", authority, authority.sign(LETTER, detached=False))


def test_a_changed_byte_is_found(authority: NationalAuthority) -> None:
    signature = bytearray(authority.sign(LETTER))
    signature[-5] ^= 1
    with pytest.raises(national.PackageRefusedError):
        trusted(authority, bytes(signature))
