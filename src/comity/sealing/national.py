"""The signatory's own signature by a national token: detached CAdES over letter.json (``signatory.p7s``).

Receives the bytes of both and the anchors; returns whose signature it is; never asks a network. Whether the
bytes are signed is a fact of the container (step ``national``). Whether the certificate is to be believed is
the reader's: each State has its own anchors for national certificates, and a package brings none.
pyHanko is loaded when there is such a signature: that takes longer than verifying a package (LETTER-9).
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, pem
from asn1crypto import x509 as asn1

from comity.sealing.refusals import PackageRefusedError
from comity.terms import gettext_noop

logging.getLogger("pyhanko.sign.validation").setLevel(logging.ERROR)  # an unknown issuer is an answer here

NATIONAL = "signatory.p7s"
MEDIA_TYPE = "application/pkcs7-signature"
LIMIT = 256 << 10
"""Bytes of a detached signature with its certificates."""
_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_NAMES = ("common_name", "surname", "given_name")


class NationalUnreadableError(PackageRefusedError):
    """The file is no detached CMS signature by one signer."""

    code = "national_unreadable"
    message = gettext_noop("The file is not a detached signature (CAdES, .p7s) by one person.")


class NationalTooLargeError(PackageRefusedError):
    """More bytes than a detached signature has."""

    code = "national_too_large"
    message = gettext_noop("The signature file is larger than {limit} bytes.")


class NationalOfOtherBytesError(PackageRefusedError):
    """A signature over something else than this letter, or a broken one."""

    code = "national_of_other_bytes"
    message = gettext_noop("The national signature is not over this letter.")


class NationalExpiredError(PackageRefusedError):
    """The certificate was not valid when the letter was written."""

    code = "national_expired"
    message = gettext_noop("The national certificate of {subject} is not valid on this day.")


class NationalUsageError(PackageRefusedError):
    """The certificate is not meant for signing documents."""

    code = "national_usage"
    message = gettext_noop("The national certificate of {subject} is not for signing documents.")


class NationalUntrustedError(PackageRefusedError):
    """No anchor known here has issued the certificate."""

    code = "national_untrusted"
    message = gettext_noop("No authority known here issued the national certificate of {subject}.")


@dataclass(frozen=True, slots=True)
class NationalSignature:
    """Whose signature it is, as its certificate says."""

    subject: str
    name: str
    """The person's names in the subject, as they are written there."""
    issuer: str
    serial: str
    valid_from: datetime
    valid_until: datetime


def anchors(pems: Sequence[bytes]) -> list[asn1.Certificate]:
    """The certificates in PEM files of national authorities; ValueError for what is none."""
    found = []
    for data in pems:
        for kind, _headers, der in pem.unarmor(data, multiple=True):  # type: ignore[no-untyped-call]
            if kind == "CERTIFICATE":
                found.append(asn1.Certificate.load(der, strict=True))  # type: ignore[no-untyped-call]
    return found


def check_signed(signature: bytes, letter: bytes) -> NationalSignature:
    """Whether the signature is over exactly the letter's bytes, by the certificate in it."""
    signed = _read(signature)
    status = _validated(signed, letter, trust_roots=[])
    if not (status.intact and status.valid):
        raise NationalOfOtherBytesError
    try:
        return _whose(status.signing_cert)
    except ValueError as error:  # a certificate whose fields are no text or no time
        raise NationalUnreadableError from error


def _whose(certificate: asn1.Certificate) -> NationalSignature:
    validity = certificate["tbs_certificate"]["validity"]
    return NationalSignature(
        subject=str(certificate.subject.human_friendly)[:300],
        name=_person(certificate)[:300],
        issuer=str(certificate.issuer.human_friendly)[:300],
        serial=f"{certificate.serial_number:x}",
        valid_from=validity["not_before"].native,
        valid_until=validity["not_after"].native,
    )


def names_agree(certificate: str, letter: str) -> bool:
    """Whether the names in a certificate and in a letter are the same words.

    Compared are the words, in any order and in any case; one may have more of them than the other (a
    patronymic, say), but at least two are the same, or all. Another script or spelling is another name:
    transliteration is not guessed.
    """
    one, other = _words(certificate), _words(letter)
    shared = one & other
    return bool(shared) and shared in (one, other) and (len(shared) > 1 or one == other)


def check_trusted(
    signature: bytes, letter: bytes, roots: Sequence[asn1.Certificate], at: datetime
) -> NationalSignature:
    """That, and whether an anchor stands behind a certificate for signing that was valid at that time."""
    found = check_signed(signature, letter)
    if not found.valid_from <= at <= found.valid_until:
        raise NationalExpiredError(subject=found.subject)
    signed = _read(signature)
    _check_usage(extract_certificate(signed), found.subject)
    others = [each.chosen for each in signed["certificates"] if each.name == "certificate"]
    status = _validated(
        signed, letter, trust_roots=list(roots), moment=at, revocation_mode="soft-fail", other_certs=others
    )
    if not status.trusted:
        raise NationalUntrustedError(subject=found.subject)
    return found


def extract_certificate(signed: cms.SignedData) -> asn1.Certificate:
    """The signer's certificate."""
    from pyhanko.sign.general import extract_certificate_info

    return extract_certificate_info(signed).signer_cert


def _person(certificate: asn1.Certificate) -> str:
    """Common name, surname and given names of the subject, each word once (RFC 5280, 4.1.2.4)."""
    subject = certificate.subject.native
    told = " ".join(str(subject[part]) for part in _NAMES if isinstance(subject.get(part), str))
    return " ".join(dict.fromkeys(told.split()))


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", name).casefold()))


def _check_usage(certificate: asn1.Certificate, subject: str) -> None:
    usage = certificate.key_usage_value
    allowed = usage.native if usage is not None else set()
    if not allowed & {"digital_signature", "non_repudiation"} or certificate.ca:
        raise NationalUsageError(subject=subject)


def _read(signature: bytes) -> cms.SignedData:
    """One detached SignedData by one signer; anything else is refused before it is looked at."""
    from pyhanko.sign.general import extract_signer_info

    if len(signature) > LIMIT:
        raise NationalTooLargeError(limit=LIMIT)
    try:
        content = cms.ContentInfo.load(signature, strict=True)  # type: ignore[no-untyped-call]
        if content["content_type"].native != "signed_data":
            raise NationalUnreadableError
        signed = content["content"]
        signer = extract_signer_info(signed)
        detached = signed["encap_content_info"]["content"].native is None
        if not detached or signer["digest_algorithm"]["algorithm"].native not in _DIGESTS:
            raise NationalUnreadableError
        extract_certificate(signed)
    except PackageRefusedError:
        raise
    except Exception as error:
        raise NationalUnreadableError from error
    return signed  # type: ignore[no-any-return]


def _validated(signed: cms.SignedData, letter: bytes, **context: Any) -> Any:
    """The library's status; it is asynchronous, and a caller's thread may already have a loop of its own."""
    import asyncio

    from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    usage = KeyUsageConstraints(
        key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
    )
    question = async_validate_detached_cms(
        letter,
        signed,
        signer_validation_context=ValidationContext(allow_fetching=False, **context),
        key_usage_settings=usage,
    )
    try:
        with ThreadPoolExecutor(max_workers=1) as aside:
            return aside.submit(asyncio.run, question).result()
    except Exception as error:
        raise NationalOfOtherBytesError from error
