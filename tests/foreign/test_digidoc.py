"""libdigidocpp, the reference implementation behind several States' signatures, judges our containers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests import packages
from tests.hostile import zips

from comity.sealing.sources import in_memory

pytest.importorskip("pydigidoc", reason="libdigidocpp (pydigidoc) is not installed")
from tests.foreign import trusted_list

pytestmark = pytest.mark.foreign


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digidoc")
    signer = trusted_list.write(folder / "settings", packages.key_folder(), packages.NOW)
    (folder / "signer.der").write_bytes(signer)

    def asked(*containers: bytes) -> list[dict[str, object]]:
        paths = []
        for number, data in enumerate(containers):
            paths.append(folder / f"{number}.asice")
            paths[-1].write_bytes(data)
        command = [sys.executable, str(Path(__file__).with_name("ask_digidoc.py"))]
        command += [str(folder / "settings"), str(folder / "signer.der"), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return asked


def test_our_container_is_valid_for_libdigidocpp(ask):
    (answer,) = ask(packages.sealed())
    assert answer["valid"], answer
    assert answer["profile"] == "BES/time-stamp"
    assert answer["files"] == ["exhibits/access.log", "дәлел.txt", "_comity/manifest.json"]
    assert answer["time"] == "2026-11-22T03:12:00Z"


def test_a_changed_file_and_a_foreign_authority_are_not_valid_for_libdigidocpp(ask):
    files = zips.entries(packages.sealed([in_memory("a.txt", "text/plain", b"evidence")]))
    changed = zips.rebuilt(files | {"a.txt": b"evidenze"})
    stranger = packages.sealed(signer=packages.authority("zz-247"))
    answers = ask(changed, stranger)
    assert [answer["valid"] for answer in answers] == [False, False]
