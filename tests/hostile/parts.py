"""Hostile parts and renewals: files that the root does not prove, older containers that do not hold."""

from __future__ import annotations

import io
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests import packages
from tests.hostile.classes import LOG, MANIFEST, MANIFEST_XML, SIGNATURE, hostile, sound
from tests.hostile.zips import entries, rebuilt

from comity import canonical
from comity.sealing import disclosing
from comity.sealing.manifest import Kind
from comity.sealing.sources import in_memory
from comity.sealing.verification import examined

ROOT, ROOT_SIGNATURE, DISCLOSED = "_comity/root.json", "_comity/root.xml", "_comity/disclosed.json"
TEXT = "дәлел.txt"


@cache
def disclosable() -> bytes:
    return packages.sealed(disclosable=True)


@cache
def part(*names: str, of: bytes | None = None) -> bytes:
    """The named files of the disclosable package (default: the text)."""
    with (
        tempfile.TemporaryDirectory() as folder,
        examined(
            io.BytesIO(of or disclosable()), trust=packages.anchors(), identities=None, as_of=packages.NOW
        ) as case,
    ):
        path = Path(folder) / "part.asice"
        disclosing.disclose(path, case, names or (TEXT,))
        return path.read_bytes()


def with_parts(base: bytes, **changes: bytes | None) -> bytes:
    return rebuilt({name: data for name, data in (entries(base) | changes).items() if data is not None})


def reproved(base: bytes, change: Any) -> bytes:
    """The part with another document of proofs."""
    proofs = canonical.read(entries(base)[DISCLOSED])
    change(proofs)
    return with_parts(base, **{DISCLOSED: canonical.write(proofs)})


@hostile("file_changed")
def a_disclosed_file_with_other_content() -> bytes:
    data = entries(part())[TEXT]
    return with_parts(part(), **{TEXT: data[:-2] + b"?\n"})


@hostile("disclosure_unproved")
def a_disclosed_file_of_another_name() -> bytes:
    files = {"other.txt" if name == TEXT else name: data for name, data in entries(part()).items()}
    return reproved(rebuilt(files), lambda proofs: proofs[0].update(name="other.txt"))


@hostile("disclosure_unproved")
def a_disclosed_file_with_a_forged_digest() -> bytes:
    return reproved(part(), lambda proofs: proofs[0].update(sha256="0" * 64))


@hostile("disclosure_unproved")
def a_disclosed_file_with_another_salt() -> bytes:
    return reproved(part(), lambda proofs: proofs[0].update(salt="A" * 43 + "="))


@hostile("disclosure_unproved")
def a_disclosed_file_at_another_place() -> bytes:
    return reproved(part(), lambda proofs: proofs[0].update(index=0))


@hostile("disclosure_unproved")
def a_disclosed_file_at_no_place() -> bytes:
    return reproved(part(), lambda proofs: proofs[0].update(index=7))


@hostile("disclosure_unproved")
def a_proof_that_is_longer_than_the_tree() -> bytes:
    return reproved(part(), lambda proofs: proofs[0]["path"].append("0" * 64))


@hostile("disclosure_unproved")
def a_proof_without_its_path() -> bytes:
    return reproved(part(), lambda proofs: proofs[0]["path"].clear())


@hostile("disclosure_unproved")
def a_disclosed_package_that_shows_nothing() -> bytes:
    return with_parts(part(), **{DISCLOSED: b"[]", TEXT: None})


@hostile("disclosure_unproved")
def proofs_in_another_order() -> bytes:
    return reproved(part(LOG, TEXT), lambda proofs: proofs.reverse())


@hostile("manifest_unreadable")
def proofs_with_an_unknown_key() -> bytes:
    return reproved(part(), lambda proofs: proofs[0].update(note="seen by the court"))


@hostile("manifest_unreadable")
def a_disclosed_file_with_a_reserved_name() -> bytes:
    return reproved(part(), lambda proofs: proofs[0].update(name="META-INF/x"))


@hostile("manifest_unreadable")
def a_disclosed_file_that_climbs_out() -> bytes:
    return reproved(part(), lambda proofs: proofs[0].update(name="../x"))


@hostile("entry_unsigned")
def a_file_beside_the_disclosed_ones() -> bytes:
    return with_parts(part(), **{"planted.txt": b"planted"})


@hostile("entry_missing")
def a_disclosed_file_that_is_not_there() -> bytes:
    return with_parts(part(), **{TEXT: None})


@hostile("entry_missing")
def a_disclosed_package_without_its_root() -> bytes:
    return with_parts(part(), **{ROOT: None})


@hostile("entry_unsigned")
def a_disclosed_package_with_a_manifest_too() -> bytes:
    return with_parts(part(), **{MANIFEST: entries(disclosable())[MANIFEST]})


@hostile("disclosure_unproved")
def a_root_of_another_package() -> bytes:
    return with_parts(part(), **{ROOT: entries(packages.sealed(disclosable=True))[ROOT]})


@hostile("file_changed")
def a_root_that_was_never_sealed() -> bytes:
    stated = canonical.read(entries(part())[ROOT]) | {"created_at": "2025-01-01T00:00:00Z"}
    return with_parts(part(), **{ROOT: canonical.write(stated)})


@hostile("manifest_mismatch")
def the_seal_of_the_whole_package_over_a_part() -> bytes:
    return with_parts(part(), **{SIGNATURE: entries(disclosable())[SIGNATURE]})


@hostile("form_not_determined")
def a_disclosed_package_with_other_media_types() -> bytes:
    listed = entries(part())[MANIFEST_XML].replace(b"application/octet-stream", b"text/plain")
    return with_parts(part(), **{MANIFEST_XML: listed})


@hostile("manifest_mismatch")
def a_root_that_contradicts_the_manifest() -> bytes:
    stated = canonical.read(entries(disclosable())[ROOT]) | {"files": 3}
    return with_parts(disclosable(), **{ROOT: canonical.write(stated)})


@hostile("entry_missing")
def a_root_without_its_seal() -> bytes:
    return with_parts(disclosable(), **{ROOT_SIGNATURE: None})


@hostile("entry_unsigned")
def a_seal_of_the_root_without_the_root() -> bytes:
    return with_parts(disclosable(), **{ROOT: None})


@hostile("file_changed")
def another_seal_of_the_same_root() -> bytes:
    seal = entries(packages.sealed(disclosable=True))[ROOT_SIGNATURE]
    return with_parts(disclosable(), **{ROOT_SIGNATURE: seal})


def renewal(inner: bytes, name: str = "sealed.asice", kind: Kind = Kind.RENEWAL, **more: bytes) -> bytes:
    files = {name: inner, **more}
    listed = [in_memory(each, "application/octet-stream", data) for each, data in files.items()]
    return packages.sealed(listed, kind=kind)


@hostile("renewal_unreadable")
def a_renewal_with_a_second_file() -> bytes:
    return renewal(sound(), **{"note.txt": b"beside"})


@hostile("renewal_unreadable")
def a_renewal_under_another_name() -> bytes:
    return renewal(sound(), name="older.asice")


@hostile("renewed_failed")
def a_renewal_of_something_else() -> bytes:
    return renewal(b"no container at all")


@hostile("renewed_failed")
def a_renewal_of_a_changed_container() -> bytes:
    return renewal(sound().replace(b"192.0.2.7", b"192.0.2.8"))


@hostile("renewed_failed")
def a_renewal_six_deep() -> bytes:
    container = sound()
    for _ in range(6):
        container = renewal(container)
    return container


@hostile("renewed_failed")
def a_renewal_of_an_unsealed_container() -> bytes:
    return renewal(with_parts(sound(), **{SIGNATURE: None}))
