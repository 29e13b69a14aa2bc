from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from asn1crypto import cms, core, ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import ocsp as responses
from tests import packages

from comity.sealing import certificates, der, revocation, timestamp
from comity.sealing.certificates import Purpose
from comity.sealing.refusals import (
    CertificateExpiredError,
    CertificatePurposeError,
    CertificateUnreadableError,
    CertificateUntrustedError,
    RevocationBrokenError,
    TimestampBrokenError,
)
from comity.terms import ComityError

NOW = packages.NOW


def key(name: str) -> ec.EllipticCurvePrivateKey:
    loaded = load_pem_private_key((packages.key_folder() / f"{name}.key").read_bytes(), None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return loaded


def answer(status: responses.OCSPCertStatus, times: int = 1) -> bytes:
    """A response by another maker's code."""
    own = packages.authority()
    builder = responses.OCSPResponseBuilder()
    for _ in range(times):
        builder = builder.add_response(
            own.seal.certificate, own.ca, hashes.SHA1(), status, NOW, NOW + timedelta(hours=1), None, None
        )
    responder = own.revocation_service.certificate
    builder = builder.responder_id(responses.OCSPResponderEncoding.HASH, responder)
    builder = builder.certificates([responder, own.ca])
    return builder.sign(key("ocsp"), hashes.SHA256()).public_bytes(Encoding.DER)


def checked(data: bytes) -> revocation.Answer:
    own = packages.authority()
    return revocation.check(data, own.seal.certificate, own.ca)


def test_a_response_of_another_maker_is_read_but_is_not_the_determined_form():
    found = checked(answer(responses.OCSPCertStatus.GOOD))
    assert found.revoked_at is None
    assert not found.is_own_form


@pytest.mark.parametrize("revoked_at", [None, NOW - timedelta(days=3)])
def test_what_the_own_services_write_is_what_a_library_makes_of_it(revoked_at):
    """DER has one form for each value: taken apart and put together again, nothing is another."""
    own = packages.authority()
    response = revocation.issue(own.seal.certificate, own.ca, own.revocation_service, NOW, revoked_at)
    basic = ocsp.OCSPResponse.load(response, strict=True)["response_bytes"]["response"].parsed
    token = cms.ContentInfo.load(timestamp.issue(b"stamped", own.time_service, NOW), strict=True)
    info = token["content"]["encap_content_info"]["content"].parsed
    for written in (basic, basic["tbs_response_data"], token, info):
        assert written.copy().dump(force=True) == written.dump()
    assert checked(response).revoked_at == revoked_at
    assert checked(response).is_own_form


def test_a_responder_that_knows_nothing_confirms_nothing():
    with pytest.raises(RevocationBrokenError):
        checked(answer(responses.OCSPCertStatus.UNKNOWN))


def test_a_responder_that_refuses_confirms_nothing():
    refused = responses.OCSPResponseBuilder.build_unsuccessful(responses.OCSPResponseStatus.TRY_LATER)
    with pytest.raises(RevocationBrokenError):
        checked(refused.public_bytes(Encoding.DER))


def changed(edit) -> bytes:
    """A response changed in its unsigned or signed parts, without a new signature."""
    response = ocsp.OCSPResponse.load(answer(responses.OCSPCertStatus.GOOD))
    basic = response["response_bytes"]["response"].parsed
    edit(basic)
    rebuilt = {
        "response_type": "basic_ocsp_response",
        "response": ocsp.BasicOCSPResponse.load(basic.dump(force=True)),
    }
    return ocsp.OCSPResponse({"response_status": "successful", "response_bytes": rebuilt}).dump()


def test_a_response_without_its_responders_certificate_is_refused():
    with pytest.raises(RevocationBrokenError):
        checked(changed(lambda basic: basic.__setitem__("certs", [])))


def test_a_changed_status_is_refused():
    def edit(basic) -> None:
        later = NOW + timedelta(days=9)
        basic["tbs_response_data"]["produced_at"] = later

    with pytest.raises(RevocationBrokenError):
        checked(changed(edit))


def token(edit) -> bytes:
    """A token changed without a new signature."""
    content = cms.ContentInfo.load(timestamp.issue(b"bytes", packages.authority().time_service, NOW))
    edit(content["content"])
    return content.dump(force=True)


def no_certificates(signed) -> None:
    signed["certificates"] = []


def no_signers(signed) -> None:
    signed["signer_infos"] = []


def no_attributes(signed) -> None:
    signed["signer_infos"][0]["signed_attrs"] = []


def an_attribute_twice(signed) -> None:
    attributes = signed["signer_infos"][0]["signed_attrs"]
    attributes.append(attributes[0].copy())


@pytest.mark.parametrize("edit", [no_certificates, no_signers, no_attributes, an_attribute_twice])
def test_a_token_that_lacks_or_repeats_a_part_is_refused(edit):
    with pytest.raises(TimestampBrokenError):
        timestamp.check(token(edit), b"bytes")


@pytest.mark.parametrize(
    "data", [b"", b"\x30\x00", core.Integer(5).dump(), cms.ContentInfo({"content_type": "data"}).dump()]
)
def test_what_is_no_token_is_refused(data):
    with pytest.raises(TimestampBrokenError):
        timestamp.check(data, b"bytes")


def test_an_unsigned_attribute_is_not_the_determined_form():
    def edit(signed) -> None:
        value = {"type": "1.2.3.4", "values": [core.Integer(1)]}
        signed["signer_infos"][0]["unsigned_attrs"] = [value]

    assert not timestamp.check(token(edit), b"bytes").is_own_form


def issued(extension: x509.ExtensionType, *, critical: bool) -> x509.Certificate:
    """A seal's certificate with one more extension, from our authority."""
    own = packages.authority().seal.certificate
    builder = x509.CertificateBuilder(
        issuer_name=own.issuer, subject_name=own.subject, public_key=own.public_key(), serial_number=7
    )
    builder = builder.not_valid_before(NOW - timedelta(1)).not_valid_after(NOW + timedelta(1))
    for each in own.extensions:
        builder = builder.add_extension(each.value, critical=each.critical)
    return builder.add_extension(extension, critical=critical).sign(key("ca"), hashes.SHA256())


def test_a_critical_extension_that_is_not_understood_is_refused():
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    anchors = [packages.authority().ca]
    certificates.check_issued(issued(unknown, critical=False), anchors, Purpose.SEAL, NOW)
    with pytest.raises(CertificatePurposeError):
        certificates.check_issued(issued(unknown, critical=True), anchors, Purpose.SEAL, NOW)


def test_a_certificate_whose_two_statements_of_its_algorithm_differ_is_unreadable():
    data = bytearray(certificates.der(packages.authority().seal.certificate))
    oid = bytes.fromhex("2a8648ce3d040302")
    data[data.rindex(oid) + 7] = 3
    with pytest.raises(CertificateUnreadableError):
        certificates.load(bytes(data), "seal")
    with pytest.raises(CertificateUnreadableError):
        certificates.load(b"nonsense", "seal")


UNREADABLE = {
    "a key of no known kind": ("2a8648ce3d0201", "2a8748ce3d0201"),
    "a version that there is not": ("a003020102", "a003020112"),
    "an extension twice": ("0603551d0f", "0603551d13"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_certificate_of_which_a_part_cannot_be_read_is_unreadable(what):
    data = certificates.der(packages.authority().seal.certificate)
    there, instead = map(bytes.fromhex, UNREADABLE[what])
    assert data.count(there) == 1
    with pytest.raises(CertificateUnreadableError):
        certificates.load(data.replace(there, instead), "seal")


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_whatever_is_changed_in_a_certificate_it_is_read_or_refused():
    data = certificates.der(packages.authority().seal.certificate)
    found = {told(lambda each=each: bool(certificates.load(each, "seal"))) for each in changed_each(data)}
    assert found == {True, "certificate_unreadable"}


def test_a_token_is_written_as_a_library_for_any_structure_writes_it():
    issued = timestamp.issue(b"bytes", packages.authority().time_service, NOW)
    assert cms.ContentInfo.load(issued).dump(force=True) == issued


def told(check) -> object:
    """What a check finds, or the code with which it refuses."""
    try:
        return check()
    except ComityError as error:
        return error.code


def own_token() -> bytes:
    return timestamp.issue(b"bytes", packages.authority().time_service, NOW)


def own_answer(revoked_at=None) -> bytes:
    own = packages.authority()
    return revocation.issue(own.seal.certificate, own.ca, own.revocation_service, NOW, revoked_at)


def by_the_library(patch: pytest.MonkeyPatch) -> None:
    """Nothing is taken for what this software writes."""
    for room in (timestamp, revocation):
        patch.setattr(room, "_read_own", lambda *_: None)


def told_by_both(check, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    ours = told(check)
    with monkeypatch.context() as patch:
        by_the_library(patch)
        return ours, told(check)


@pytest.mark.parametrize("revoked_at", [None, NOW - timedelta(days=3)])
def test_what_this_software_writes_is_read_as_the_library_reads_it(revoked_at, monkeypatch):
    own = packages.authority()
    assert timestamp._read_own(own_token(), b"bytes") is not None
    assert revocation._read_own(own_answer(revoked_at), own.seal.certificate, own.ca) is not None
    token, response = own_token(), own_answer(revoked_at)
    for check in (lambda: timestamp.check(token, b"bytes"), lambda: checked(response)):
        ours, other = told_by_both(check, monkeypatch)
        assert ours == other
        assert ours.is_own_form


@pytest.mark.parametrize("text", ["99991231235959-0100", "00010101000000+0100", "20261122031200"])
def test_a_time_with_an_offset_beyond_every_calendar_or_without_a_zone_is_refused(text, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(der, "moment", lambda at: der.element(0x18, text.encode()))
        token, response = own_token(), own_answer()
    assert told_by_both(lambda: timestamp.check(token, b"bytes"), monkeypatch) == ("timestamp_broken",) * 2
    assert told_by_both(lambda: checked(response), monkeypatch) == ("revocation_broken",) * 2


def test_large_certificates_are_not_kept_in_memory():
    """Whoever seals brings them: as many as are kept would be as much as they like."""
    service, own = packages.authority().time_service, packages.authority()
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), bytes(5000))
    large = (
        x509.CertificateBuilder()
        .subject_name(service.certificate.subject)
        .issuer_name(own.ca.subject)
        .public_key(service.certificate.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(unknown, critical=False)
        .sign(key("tsa"), hashes.SHA256())
    )
    kept = [certificates._issued_once, certificates._read_once, revocation._identifier, revocation._subject]
    before = [each.cache_info().currsize for each in kept]
    again = certificates.load(certificates.der(large), "timestamp")
    assert not certificates._issued(again, own.ca)
    with pytest.raises(RevocationBrokenError):
        revocation.check(own_answer(), again, own.ca)
    assert [each.cache_info().currsize for each in kept] == before


def test_a_token_is_read_alike_by_both_whatever_is_changed_in_it(monkeypatch):
    token = own_token()
    for changed_token in changed_each(token):
        ours, other = told_by_both(lambda data=changed_token: timestamp.check(data, b"bytes"), monkeypatch)
        assert ours == other
        assert isinstance(ours, str) or not ours.is_own_form
    assert told_by_both(lambda: timestamp.check(token, b"other"), monkeypatch) == ("timestamp_broken",) * 2


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_an_answer_is_read_alike_by_both_whatever_is_changed_in_it(monkeypatch):
    responder = packages.authority().revocation_service.certificate
    for changed_answer in changed_each(own_answer()):
        ours, other = told_by_both(lambda data=changed_answer: checked(data), monkeypatch)
        assert ours == other
        assert isinstance(ours, str) or ours.certificate != responder  # who issued it is judged elsewhere


def changed_each(data: bytes) -> Iterator[bytes]:
    """One bit changed in every third byte, a byte cut off, and one too many."""
    for at in range(0, len(data), 3):
        yield data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
    yield data[:-1]
    yield data + b"\x00"


def test_the_twin_of_a_signature_is_not_the_determined_form(monkeypatch):
    """(r, n - s) verifies as (r, s) does; only the lower is the form."""
    service = packages.authority().time_service
    signed, twins = service.sign, []

    def twin(data: bytes) -> bytes:
        r, s = decode_dss_signature(signed(data))
        twins.append(s)
        return encode_dss_signature(r, service.certificate.public_key().curve.group_order - s)

    monkeypatch.setattr(type(service), "sign", lambda _, data: twin(data))
    token = own_token()
    ours, other = told_by_both(lambda: timestamp.check(token, b"bytes"), monkeypatch)
    assert twins
    assert ours == other
    assert not ours.is_own_form


def test_who_is_an_anchor_and_when_it_was_valid_is_asked_of_the_same_certificate_each_time():
    own = packages.authority()
    seal, ca = own.seal.certificate, own.ca
    assert certificates.check_issued(seal, [ca], Purpose.SEAL, NOW) == ca
    with pytest.raises(CertificateUntrustedError):
        certificates.check_issued(seal, [], Purpose.SEAL, NOW)
    with pytest.raises(CertificateUntrustedError):
        certificates.check_issued(seal, [own.time_service.certificate], Purpose.SEAL, NOW)
    with pytest.raises(CertificateExpiredError):
        certificates.check_issued(seal, [ca], Purpose.SEAL, seal.not_valid_after_utc + timedelta(seconds=1))
