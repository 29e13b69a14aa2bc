from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from comity.sealing import algorithms
from comity.sealing.refusals import AlgorithmForbiddenError

AT = datetime(2026, 11, 22, tzinfo=UTC)
P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
RSA, ED = rsa.generate_private_key(65537, 3072), ed25519.Ed25519PrivateKey.generate()
SIGNED = [
    ("ecdsa-sha-256", P256, lambda m: P256.sign(m, ec.ECDSA(hashes.SHA256()))),
    ("ecdsa-sha-384", P384, lambda m: P384.sign(m, ec.ECDSA(hashes.SHA384()))),
    ("rsa-sha-256", RSA, lambda m: RSA.sign(m, padding.PKCS1v15(), hashes.SHA256())),
    ("rsa-sha-384", RSA, lambda m: RSA.sign(m, padding.PKCS1v15(), hashes.SHA384())),
    ("rsa-sha-512", RSA, lambda m: RSA.sign(m, padding.PKCS1v15(), hashes.SHA512())),
    ("ed25519", ED, ED.sign),
]


@pytest.mark.parametrize(("name", "key", "sign"), SIGNED, ids=[name for name, _, _ in SIGNED])
def test_each_listed_algorithm_holds_for_its_key_and_message_alone(name, key, sign):
    algorithm = algorithms.signature(name, purpose="seal", at=AT)
    public, signature = key.public_key(), sign(b"message")
    assert algorithm.holds(public, signature, b"message")
    assert not algorithm.holds(public, signature, b"another")
    carried = algorithms.to_xml(signature, public)
    assert algorithm.holds(public, algorithms.from_xml(carried, public), b"message")
    others = [other for other in (P256, RSA, ED) if type(other) is not type(key)]
    assert not any(algorithm.holds(other.public_key(), signature, b"message") for other in others)
    algorithms.check_key(public, purpose="seal", at=AT)


@pytest.mark.parametrize(
    "name", ["ecdsa-sha-1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "", "none", "md5"]
)
def test_what_is_not_listed_is_refused(name):
    with pytest.raises(AlgorithmForbiddenError):
        algorithms.signature(name, purpose="seal", at=AT)
    with pytest.raises(AlgorithmForbiddenError):
        algorithms.digest(name, purpose="seal", at=AT)


def test_a_listed_algorithm_ends_on_its_day():
    last = datetime(2035, 12, 31, 23, 59, tzinfo=UTC)
    assert algorithms.signature("ecdsa-sha-256", purpose="seal", at=last)
    with pytest.raises(AlgorithmForbiddenError, match="ecdsa-sha-256 is not accepted for seal at 2036-01-01"):
        algorithms.signature("ecdsa-sha-256", purpose="seal", at=datetime(2036, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256K1())],
    ids=["short", "another curve"],
)
def test_a_short_key_or_another_curve_is_refused(key):
    with pytest.raises(AlgorithmForbiddenError):
        algorithms.check_key(key.public_key(), purpose="seal", at=AT)


def test_a_malformed_ecdsa_value_is_a_wrong_signature_and_no_error():
    algorithm = algorithms.signature("ecdsa-sha-256", purpose="seal", at=AT)
    for raw in (b"", b"\0" * 63, b"\0" * 64, b"\xff" * 64, b"\0" * 65):
        assert not algorithm.holds(P256.public_key(), algorithms.from_xml(raw, P256.public_key()), b"message")
