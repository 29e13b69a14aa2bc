"""signxml, another implementation of XML signatures, checks ours against the published XAdES schema."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import unquote

import pytest
from tests import packages
from tests.hostile import zips

from comity.sealing.keys import read_certificate
from comity.sealing.sources import in_memory

pytest.importorskip("signxml", reason="signxml is not installed")
from signxml.exceptions import InvalidDigest
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

pytestmark = pytest.mark.foreign


def verified(package: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(package)) as zipped:
        results = XAdESVerifier().verify(
            zipped.read("META-INF/signatures0.xml"),
            x509_cert=read_certificate(packages.key_folder() / "seal.crt"),
            uri_resolver=lambda uri: zipped.read(unquote(uri)),
            expect_config=XAdESSignatureConfiguration(expect_references=True, require_x509=True),
        )
    return len(results)


def test_signxml_finds_our_signature_valid_and_of_the_published_schema():
    assert verified(packages.sealed([in_memory("a.txt", "text/plain", b"evidence")])) == 3


def test_signxml_finds_a_changed_file():
    files = zips.entries(packages.sealed([in_memory("a.txt", "text/plain", b"evidence")]))
    with pytest.raises(InvalidDigest):
        verified(zips.rebuilt(files | {"a.txt": b"evidenze"}))
