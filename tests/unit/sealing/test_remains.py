"""What stays of an erased container proves that the letter was sealed, and no byte of it can be changed."""

from __future__ import annotations

import io

import pytest
from tests import bundles, packages
from tests.bundles import LETTER_ID, LOG, Parts

from comity import canonical, cli
from comity.sealing import remains, trust
from comity.shapes import decode_base64, encode_base64


@pytest.fixture(scope="module")
def container():
    return Parts().files()[f"letters/{LETTER_ID}.asice"]


@pytest.fixture(scope="module")
def kept(container):
    return remains.keep(io.BytesIO(container))


def judged(data, **changes):
    both = packages.anchors(packages.key_folder(), packages.key_folder("tm-247"))
    return remains.verify(data, **({"trust": both, "as_of": packages.NOW} | changes))


def test_what_remains_passes_and_holds_nothing_of_an_attachment(kept):
    report = judged(kept)
    assert (report.verdict, report.by, report.kind) == ("passed", "tm-247", "letter")
    assert [(step.n, step.id) for step in report.steps] == [
        (3, "manifest"), (5, "signature"), (6, "time"), (7, "certificate"), (8, "revocation"),
        (9, "letter"),
    ]  # fmt: skip
    parts = canonical.read(kept)
    assert not any(LOG in decode_base64(parts[name]) for name in ("letter", "manifest", "signature"))


def test_without_anchors_it_is_undecided(kept):
    report = judged(kept, trust=None)
    assert (report.verdict, set(report.codes)) == ("indeterminate", {"trust_unknown"})


@pytest.mark.parametrize("part", ["letter", "manifest", "signature"])
def test_a_changed_part_is_found(kept, part):
    parts = canonical.read(kept)
    whole = decode_base64(parts[part])
    for at in range(7, len(whole), max(1, len(whole) // 23)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert judged(canonical.write(parts | {part: encode_base64(changed)})).verdict == "failed", at


def test_another_letter_under_the_same_seal_is_found(kept):
    other = canonical.write(
        canonical.read(decode_base64(canonical.read(kept)["letter"])) | {"kind": "refusal"}
    )
    data = canonical.write(canonical.read(kept) | {"letter": encode_base64(other)})
    assert judged(data).steps[0].code == "manifest_unreadable"


@pytest.mark.parametrize("data", [b"", b"{}", b'{"letter":"x"}', packages.sealed()])
def test_what_is_no_such_document_is_refused(data):
    assert judged(data).verdict == "failed"


def test_the_command_verifies_it(kept, tmp_path, capsys):
    (tmp_path / "kept.json").write_bytes(kept)
    trust.export([*packages.anchors(packages.key_folder("tm-247"))], tmp_path / "trust")
    command = ["verify", str(tmp_path / "kept.json"), "--as-of", "2026-11-22T03:12:00Z"]
    assert cli.main([*command, "--trust", str(tmp_path / "trust")]) == 0
    assert "erased" in capsys.readouterr().out
    assert cli.main(command) == 1


def test_a_package_of_another_kind_leaves_nothing_to_prove():
    with pytest.raises(Exception, match="letter"):
        remains.keep(io.BytesIO(bundles.packages.sealed()))
