"""Authorities and packages for the tests of the sealing room; all names are fictional."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from comity.sealing import keys, trust
from comity.sealing.container import PackageFile, in_memory, write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.keys import Authority
from comity.sealing.manifest import Kind
from comity.sealing.report import Report
from comity.sealing.trust import Trust
from comity.sealing.verification import verify

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


@cache
def _made(id: str) -> Path:
    folder = Path(mkdtemp(prefix="comity-keys-")) / id
    name = f"Point of contact {id} (fictional)"
    keys.create_authority(folder, id=id, name=name, state=id[:2].upper(), now=NOW)
    return folder


def key_folder(id: str = "kz-247") -> Path:
    """A pilot authority's key folder, made once in a run; the State is what the id begins with."""
    return _made(id)


def authority(id: str = "kz-247") -> Authority:
    """The authority of ``key_folder``."""
    return keys.load(key_folder(id))


def anchors(*folders: Path) -> Trust:
    """Trust in each of the folders (default: kz-247 alone)."""
    known = [each for folder in folders or (key_folder(),) for each in trust.load(folder)]
    return Trust({each.id: each for each in known})


def two_files() -> list[PackageFile]:
    """A log and a text, one with a Kazakh name."""
    return [
        in_memory("exhibits/access.log", "text/plain", b"2026-11-20T22:01:07Z 192.0.2.7 sign-in\n" * 20),
        in_memory("дәлел.txt", "text/plain", "сәлем\n".encode()),
    ]


def sealed(files: list[PackageFile] | None = None, **changes: Any) -> bytes:
    """A package of ``two_files`` sealed by kz-247 at NOW."""
    out = io.BytesIO()
    settings = {"kind": Kind.FILES, "about": {}, "signer": authority(), "now": NOW} | changes
    with PlainFlow(out) as flow:
        write_container(flow, two_files() if files is None else files, **settings)
    return out.getvalue()


def judged(data: bytes, **changes: Any) -> Report:
    """The report on a package under trust in kz-247."""
    settings = {"trust": anchors(), "identities": None, "as_of": NOW} | changes
    return verify(io.BytesIO(data), **settings)
