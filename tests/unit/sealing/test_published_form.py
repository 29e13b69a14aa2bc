"""The tree and the codes that docs/sealing.md publishes are those by which packages are made and judged."""

from __future__ import annotations

import base64
import importlib
import io
import pkgutil
import re
from hashlib import sha256
from urllib.parse import quote

from tests.unit.spec.clauses import ROOT, SEALING

import comity.sealing
from comity.sealing import xades
from comity.sealing.case import UndecidedError
from comity.sealing.reading import Package
from comity.sealing.refusals import PackageRefusedError
from comity.terms import ComityError

TEXT = SEALING.read_text()
KEPT = ROOT / "docs" / "spec" / "vectors" / "kept" / "container.asice"


def tree() -> list[str]:
    """The lines of the tree in clause 4.5; those of each file begin with a star."""
    block = TEXT.partition("\n4.5 ")[2].partition("```xml\n")[2].partition("```")[0]
    return [line.strip() for line in block.splitlines()]


def filled(files: list[dict[str, str]], parts: dict[str, str]) -> str:
    """The file that the tree makes of its parts."""
    made = []
    for line in tree():
        each = files if line.startswith("*") else [parts]
        made += [re.sub(r"\{([a-z0-9_]+)\}", lambda m, of=of: of[m[1]], line.lstrip("* ")) for of in each]
    return "".join(made)


def test_the_published_tree_makes_the_kept_signature_byte_for_byte():
    package = Package(io.BytesIO(KEPT.read_bytes()))
    written = package.read("META-INF/signatures0.xml", 1 << 20)
    signed = xades.read(written, "META-INF/signatures0.xml")
    types = re.findall(r"<xades:MimeType>([^<]+)<", written.decode())
    files = [
        {"n": str(n), "uri": quote(each.name), "sha256": coded(each.value), "media_type": types[n]}
        for n, each in enumerate(signed.references)
    ]
    parts = {
        "algorithm": signed.algorithm,
        "properties_sha256": re.findall(r"<ds:DigestValue>([^<]+)<", written.decode())[len(files)],
        "signature": coded(signed.value),
        "certificate": coded(signed.certificate),
        "certificate_sha256": coded(sha256(signed.certificate).digest()),
        "created_at": f"{signed.signed_at:%Y-%m-%dT%H:%M:%SZ}",
        "token": coded(signed.token),
        "issuer": coded(signed.certificates[0]),
        "response": coded(signed.answers[0]),
    }
    assert filled(files, parts) == written.decode()


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def every(kind: type[ComityError]) -> set[str]:
    """The codes of all that derive from it, wherever they are defined."""
    for module in pkgutil.walk_packages(comity.sealing.__path__, "comity.sealing."):
        importlib.import_module(module.name)
    found, left = set(), [kind]
    while left:
        left += (below := left.pop().__subclasses__())
        found |= {each.code for each in below}
    return found


def test_every_code_of_a_refused_or_undecided_package_is_published():
    known = every(PackageRefusedError) | every(UndecidedError)
    published = set(re.findall(r"`([a-z_0-9]+)`", TEXT))
    assert known - published == set()


def test_every_code_in_the_table_exists():
    known = every(ComityError)
    table = TEXT.partition("\n9.4 ")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| [^|]+ \| `([a-z_]+)` \|", table, re.M)
    assert len(rows) > 60
    assert set(rows) - known == set()
