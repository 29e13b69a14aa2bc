"""Hostile packs: many files in one entry, whose index or content was changed (docs/sealing.md, clause 17)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from tests import packages
from tests.hostile.classes import MANIFEST, hostile
from tests.hostile.zips import entries, rebuilt

from comity import canonical
from comity.sealing import packing
from comity.sealing.packing import INDEX, PACK
from comity.sealing.sources import in_memory


@cache
def sound_pack() -> bytes:
    """A package of 1,002 small files with nothing wrong."""
    return packages.sealed([in_memory(f"{n:04}.txt", "text/plain", b"%d" % n) for n in range(1002)])


def with_lines(change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """The index changed; the manifest says what then is true of it."""
    files = dict(entries(sound_pack()))
    files[INDEX] = b"".join(line + b"\n" for line in change(files[INDEX].splitlines()))
    try:
        packed = packing.Packed(
            [packing.PackedFile(**json.loads(line)) for line in files[INDEX].splitlines()]
        )
    except (TypeError, ValueError):
        return rebuilt(files)
    manifest = json.loads(files[MANIFEST])
    manifest["packed"] = {"files": len(packed.files), "root": packed.root}
    return rebuilt(files | {MANIFEST: canonical.write(manifest)})


def with_pack(change: Callable[[bytes], bytes]) -> bytes:
    """The pack changed, and nothing else."""
    files = dict(entries(sound_pack()))
    return rebuilt(files | {PACK: change(files[PACK])})


@hostile("manifest_mismatch")
def a_pack_that_was_cut() -> bytes:
    return with_pack(lambda pack: pack[:-1])


@hostile("manifest_mismatch")
def a_pack_with_something_behind() -> bytes:
    return with_pack(lambda pack: pack + b"x")


@hostile("manifest_mismatch")
def a_pack_in_another_order() -> bytes:
    return with_pack(lambda pack: pack[1:] + pack[:1])


@hostile("manifest_mismatch")
def an_index_in_another_order() -> bytes:
    files = dict(entries(sound_pack()))
    lines = files[INDEX].splitlines(keepends=True)
    return rebuilt(files | {INDEX: b"".join([lines[1], lines[0], *lines[2:]])})


@hostile("manifest_mismatch")
def an_index_that_lacks_a_file() -> bytes:
    files = dict(entries(sound_pack()))
    return rebuilt(files | {INDEX: b"".join(files[INDEX].splitlines(keepends=True)[:-1])})


@hostile("manifest_mismatch")
def an_index_of_larger_files() -> bytes:
    return with_lines(lambda lines: [lines[0].replace(b'"bytes":1,', b'"bytes":2,'), *lines[1:]])


@hostile("manifest_mismatch")
def an_index_of_files_that_overlap() -> bytes:
    return with_lines(lambda lines: [*lines, lines[-1].replace(b"1001.txt", b"1002.txt")])


@hostile("name_clash")
def an_index_with_names_that_differ_in_case() -> bytes:
    return with_lines(
        lambda lines: [
            lines[0].replace(b"0000.txt", b"a.txt"),
            lines[1].replace(b"0001.txt", b"A.txt"),
            *lines[2:],
        ]
    )


@hostile("entry_duplicated")
def an_index_with_a_name_twice() -> bytes:
    return with_lines(lambda lines: [lines[0].replace(b"0000", b"0001"), *lines[1:]])


@hostile("manifest_unreadable")
def an_index_with_an_unsafe_name() -> bytes:
    return with_lines(lambda lines: [lines[0].replace(b"0000", b"../0"), *lines[1:]])


@hostile("manifest_mismatch")
def an_index_with_a_reserved_name() -> bytes:
    return with_lines(lambda lines: [lines[0].replace(b"0000.txt", b"META-INF/x"), *lines[1:]])


@hostile("manifest_unreadable")
def an_index_that_is_not_canonical() -> bytes:
    return with_lines(lambda lines: [lines[0].replace(b'"bytes":', b'"bytes": '), *lines[1:]])


@hostile("manifest_unreadable")
def an_index_with_a_size_below_nothing() -> bytes:
    return with_lines(lambda lines: [lines[0].replace(b'"bytes":1', b'"bytes":-1'), *lines[1:]])


@hostile("manifest_unreadable")
def an_index_whose_last_line_is_torn() -> bytes:
    files = dict(entries(sound_pack()))
    return rebuilt(files | {INDEX: files[INDEX][:-1]})


@hostile("form_not_determined")
def a_pack_of_few_files() -> bytes:
    files = dict(entries(sound_pack()))
    changed = with_lines(lambda lines: lines[:10])
    few = dict(entries(changed))
    return rebuilt(files | few | {PACK: files[PACK][:10]})


@hostile("file_changed")
def a_file_in_a_pack_that_was_changed() -> bytes:
    return with_sound_crc(b"x")


def with_sound_crc(first: bytes) -> bytes:
    """The first packed file changed; every checksum of container and manifest is right for it."""
    from isal import isal_zlib

    files = dict(entries(sound_pack()))
    pack = first + files[PACK][1:]
    manifest = json.loads(files[MANIFEST])
    manifest["files"][0]["crc32"] = f"{isal_zlib.crc32(pack):08x}"
    return rebuilt(files | {PACK: pack, MANIFEST: canonical.write(manifest)})
