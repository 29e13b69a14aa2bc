from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from tests import packages

from comity.sealing import keys, revocation, timestamp, trust
from comity.sealing.sources import in_memory
from comity.sealing.trust import Trust
from comity.sealing.verification import verify


def codes(report):
    return [(step.id, step.code) for step in report.steps if step.code and step.code != "not_reached"]


def test_an_untouched_package_passes_every_step():
    report = packages.judged(packages.sealed())
    assert [(step.n, step.id, step.verdict) for step in report.steps] == [
        (1, "encryption", "passed"),
        (2, "container", "passed"),
        (3, "manifest", "passed"),
        (4, "files", "passed"),
        (5, "signature", "passed"),
        (6, "time", "passed"),
        (7, "certificate", "passed"),
        (8, "revocation", "passed"),
    ]
    as_json = report.as_dict()
    assert as_json["verdict"] == "passed"
    assert as_json["time_source"] == "own"
    assert as_json["revocation_known_until"] == "2026-11-23T03:12:00Z"
    assert as_json["files"][1]["name"] == "дәлел.txt"
    assert as_json["signatures"][0]["by"] == "kz-247"


def test_without_anchors_the_verdict_is_indeterminate():
    report = packages.judged(packages.sealed(), trust=None)
    assert report.verdict == "indeterminate"
    assert set(report.codes) == {"trust_unknown"}


def test_a_package_never_brings_its_own_anchors():
    stranger = packages.sealed(signer=packages.authority("zz-247"))
    report = packages.judged(stranger)
    assert report.verdict == "indeterminate"
    assert set(report.codes) == {"signer_unknown"}


def test_a_seal_under_another_authoritys_name_fails():
    imposter = keys.load(packages.key_folder("zz-247"))
    object.__setattr__(imposter, "description", packages.authority().description)
    report = packages.judged(packages.sealed(signer=imposter))
    assert codes(report) == [("time", "certificate_untrusted")]


def test_a_seal_of_another_known_authority_under_this_name_fails():
    imposter = keys.load(packages.key_folder("tm-247"))
    object.__setattr__(imposter, "description", packages.authority().description)
    both = packages.anchors(packages.key_folder(), packages.key_folder("tm-247"))
    assert codes(packages.judged(packages.sealed(signer=imposter), trust=both)) == [
        ("certificate", "certificate_untrusted")
    ]


def test_time_from_another_authoritys_service_is_called_so():
    tm = packages.authority("tm-247")
    package = packages.sealed(stamp=lambda data: timestamp.issue(data, tm.time_service, packages.NOW))
    both = packages.anchors(packages.key_folder(), packages.key_folder("tm-247"))
    assert packages.judged(package, trust=both).time_source == "peer"
    assert codes(packages.judged(package)) == [("time", "certificate_untrusted")]


def test_time_from_a_service_that_seals_nothing_is_independent():
    clock = packages.authority("xx-time")
    anchor = next(iter(trust.load(packages.key_folder("xx-time"))))
    only_time = trust.TrustedAuthority(
        anchor.description, anchor.ca, {"tsa.crt": anchor.certificates["tsa.crt"]}
    )
    package = packages.sealed(stamp=lambda data: timestamp.issue(data, clock.time_service, packages.NOW))
    known = Trust({**packages.anchors().authorities, "xx-time": only_time})
    assert packages.judged(package, trust=known).time_source == "independent"


def test_a_certificate_that_had_ended_when_the_seal_was_made_fails():
    late = packages.NOW + timedelta(days=1200)
    report = packages.judged(packages.sealed(now=late), as_of=late)
    assert codes(report) == [("certificate", "certificate_expired")]


def test_a_seal_made_in_time_is_good_long_after_its_certificate_ended():
    later = packages.NOW + timedelta(days=3000)
    assert packages.judged(packages.sealed(), as_of=later).verdict == "passed"


def test_a_time_stamp_that_outlived_its_own_protection_proves_nothing():
    report = packages.judged(packages.sealed(), as_of=packages.NOW + timedelta(days=6000))
    assert report.verdict == "indeterminate"
    assert codes(report) == [("time", "timestamp_outlived")]


def test_a_time_stamp_of_the_future_fails():
    report = packages.judged(packages.sealed(), as_of=packages.NOW - timedelta(minutes=6))
    assert codes(report) == [("time", "timestamp_in_future")]


def test_a_seal_that_claims_a_later_time_than_its_stamp_fails():
    earlier = packages.NOW - timedelta(minutes=10)
    service = packages.authority().time_service
    package = packages.sealed(stamp=lambda data: timestamp.issue(data, service, earlier))
    assert codes(packages.judged(package)) == [("time", "signing_time_contradicted")]


def answer(revoked_at=None, now=packages.NOW, responder=None):
    own = packages.authority()
    return revocation.issue(
        own.seal.certificate, own.ca, responder or own.revocation_service, now, revoked_at
    )


def test_a_certificate_revoked_before_the_stamp_fails():
    package = packages.sealed(answer=answer(revoked_at=packages.NOW - timedelta(hours=1)))
    assert codes(packages.judged(package)) == [("revocation", "certificate_revoked")]


def test_a_certificate_revoked_after_the_stamp_was_still_good():
    after = packages.NOW + timedelta(minutes=1)
    package = packages.sealed(answer=answer(revoked_at=after, now=after))
    assert packages.judged(package).verdict == "passed"


def test_an_answer_that_had_ended_before_the_stamp_says_nothing():
    later = packages.NOW + timedelta(days=2)
    report = packages.judged(packages.sealed(now=later, answer=answer()), as_of=later)
    assert report.verdict == "indeterminate"
    assert codes(report) == [("revocation", "revocation_unknown")]


def test_only_a_responder_may_answer_about_revocation():
    package = packages.sealed(answer=answer(responder=packages.authority().seal))
    assert codes(packages.judged(package)) == [("revocation", "certificate_purpose")]


def test_only_a_time_service_may_stamp():
    own = packages.authority()
    package = packages.sealed(stamp=lambda data: timestamp.issue(data, own.seal, packages.NOW))
    assert codes(packages.judged(package)) == [("time", "certificate_purpose")]


def test_a_stamp_over_something_else_fails():
    service = packages.authority().time_service
    package = packages.sealed(stamp=lambda data: timestamp.issue(data + b"x", service, packages.NOW))
    assert codes(packages.judged(package)) == [("time", "timestamp_broken")]


@pytest.mark.parametrize("name", ["tls", "tsa", "ocsp", "ca"])
def test_a_key_of_another_purpose_can_never_seal(name):
    own = packages.authority()
    object.__setattr__(own, "seal", keys.signer(packages.key_folder(), name))
    assert codes(packages.judged(packages.sealed(signer=own))) == [("certificate", "certificate_purpose")]


def test_a_sentence_can_be_said_in_another_language():
    step = packages.judged(packages.sealed()).as_dict()["steps"][6]
    assert step["template"].format(**step["values"]) == step["text"]
    assert step["values"]["state"] == "KZ"


def test_a_time_stamp_whose_algorithm_has_ended_proves_nothing():
    report = packages.judged(packages.sealed(), as_of=datetime(2036, 2, 1, tzinfo=UTC))
    assert (report.verdict, codes(report)) == ("indeterminate", [("time", "timestamp_outlived")])


def test_an_issuing_certificate_that_is_not_the_anchor_is_refused():
    own = packages.authority()
    object.__setattr__(own, "ca", packages.authority("zz-247").ca)
    assert codes(packages.judged(packages.sealed(signer=own))) == [("certificate", "certificate_untrusted")]


def test_an_answer_of_the_future_is_refused():
    package = packages.sealed(answer=answer(now=packages.NOW + timedelta(hours=1)))
    assert codes(packages.judged(package)) == [("revocation", "revocation_broken")]


def test_a_package_on_a_disk_is_verified_by_its_path(tmp_path):
    (tmp_path / "p.asice").write_bytes(packages.sealed())
    settings = {"trust": packages.anchors(), "identities": None, "as_of": packages.NOW}
    assert verify(tmp_path / "p.asice", **settings).verdict == "passed"


def twin(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    return encode_dss_signature(r, ec.SECP256R1().group_order - s)


class _Twin:
    """A key that gives the other of the two valid signatures."""

    def __init__(self, signer: keys.Signer) -> None:
        self.certificate, self._signer, self.algorithm = signer.certificate, signer, signer.algorithm

    def sign(self, message: bytes) -> bytes:
        return twin(self._signer.sign(message))


@pytest.mark.parametrize(
    ("name", "step"),
    [("seal", "signature"), ("time_service", "time"), ("revocation_service", "revocation")],
)
def test_the_valid_twin_of_a_signature_value_is_found(name, step):
    own = packages.authority()
    object.__setattr__(own, name, _Twin(getattr(own, name)))
    assert codes(packages.judged(packages.sealed(signer=own))) == [(step, "form_not_determined")]


def flipped(package: bytes, position: int, mask: int) -> bytes:
    return package[:position] + bytes([package[position] ^ mask]) + package[position + 1 :]


def small_package() -> bytes:
    return packages.sealed([in_memory("a.txt", "text/plain", b"evidence")])


def test_a_random_changed_byte_never_passes():
    package = small_package()
    random_source = random.Random(20261122)
    for _ in range(400):
        position = random_source.randrange(len(package))
        mask = random_source.randrange(1, 256)
        report = packages.judged(flipped(package, position, mask))
        assert report.verdict == "failed", (position, mask)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_every_byte_changed_never_passes():
    package = small_package()
    for position in range(len(package)):
        for mask in (1 << position % 8, 0xFF):
            report = packages.judged(flipped(package, position, mask))
            assert report.verdict == "failed", (position, mask)


def test_every_cut_is_found():
    package = small_package()
    for length in range(0, len(package), 97):
        assert packages.judged(package[:length]).verdict == "failed", length


def test_whatever_follows_is_found():
    for more in (b"\0", b"PK\x05\x06" + bytes(18), small_package()):
        assert packages.judged(small_package() + more).verdict == "failed"
