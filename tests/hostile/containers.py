"""Hostile containers: faults of the ZIP file itself."""

from __future__ import annotations

import struct

from tests.hostile.classes import LOG, foreign_raws, hostile, sound, sound_raws, with_files
from tests.hostile.zips import MIMETYPE, Raw, zipped

# The container


@hostile("entry_duplicated")
def duplicate_entry() -> bytes:
    raws = sound_raws()
    return zipped([*raws[:2], Raw(LOG, b"other"), *raws[2:]])


@hostile("overlap")
def two_lines_over_the_same_bytes() -> bytes:
    raws = sound_raws()
    return zipped([*raws, Raw("twin", b"", central={"offset": 0})])


@hostile("overlap")
def entries_nested_in_one_another() -> bytes:
    inner = zipped([Raw("inner", b"x" * 50)])
    outer = Raw("outer", inner)
    start = 30 + len("mimetype") + len(MIMETYPE) + 30 + len("outer")
    return zipped([Raw("mimetype", MIMETYPE), outer, Raw("inner", b"x" * 50, central={"offset": start})])


@hostile("gap")
def bytes_between_entries() -> bytes:
    raws = sound_raws()
    raws[2].gap = b"hidden"
    return zipped(raws)


@hostile("gap")
def an_entry_that_the_directory_hides() -> bytes:
    raws = sound_raws()
    return zipped([*raws, Raw("hidden", b"evidence", hidden=True)])


@hostile("leading_bytes")
def something_before_the_container() -> bytes:
    return zipped(sound_raws(), before=b"#!/bin/sh\n")


@hostile("trailing_bytes")
def something_after_the_container() -> bytes:
    return sound() + b"trailer"


@hostile("form_not_determined")
def an_archive_comment() -> bytes:
    return zipped(sound_raws(), after=b"comment", end={"comment": 7})


@hostile("end_ambiguous")
def two_ends() -> bytes:
    first = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0, 0, 0, 0, 22)
    return zipped([*sound_raws()], after=b"")[:-22] + first + sound()[-22:]


@hostile("cut_off")
def cut_off() -> bytes:
    return sound()[:-100]


@hostile("not_a_container")
def another_kind_of_file() -> bytes:
    return b"%PDF-1.7\n" + b"x" * 500


@hostile("cut_off")
def nothing() -> bytes:
    return b"PK"


@hostile("too_many_entries")
def too_many_entries() -> bytes:
    return zipped([Raw("mimetype", MIMETYPE), *(Raw(f"{n}", b"") for n in range(3000))])


@hostile("header_mismatch")
def a_count_of_lines_that_is_wrong() -> bytes:
    return zipped(sound_raws(), end={"here": 7, "count": 7})


@hostile("entry_unsupported")
def a_second_disk() -> bytes:
    return zipped(sound_raws(), end={"here": 5})


@hostile("name_unsafe")
def a_path_out_of_the_folder() -> bytes:
    return zipped([*sound_raws(), Raw("../../etc/cron.d/job", b"x")])


@hostile("name_unsafe")
def an_absolute_path() -> bytes:
    return zipped([*sound_raws(), Raw("/etc/passwd", b"x")])


@hostile("name_unsafe")
def a_backslash_path() -> bytes:
    return zipped([*sound_raws(), Raw("..\\boot.ini", b"x")])


@hostile("name_unsafe")
def a_name_that_reads_backwards() -> bytes:
    return zipped([*sound_raws(), Raw("invoice\u202efdp.exe", b"x")])


@hostile("name_unsafe")
def a_name_in_no_encoding() -> bytes:
    return zipped([*sound_raws(), Raw(b"\xff\xfe", b"x")])


@hostile("name_unsafe")
def a_name_whose_encoding_is_not_said() -> bytes:
    return zipped([*sound_raws(), Raw("é", b"x", flags=0)])


@hostile("name_unsafe")
def a_folder_entry() -> bytes:
    return zipped([*sound_raws(), Raw("folder/", b"")])


@hostile("name_clash")
def names_that_differ_in_case() -> bytes:
    return zipped([*sound_raws(), Raw("Exhibits/access.log", b"x")])


@hostile("name_clash")
def names_that_differ_in_unicode_form() -> bytes:
    return zipped([*sound_raws(), Raw("\u00e9", b"x"), Raw("e\u0301", b"x")])


@hostile("name_clash")
def a_file_that_is_also_a_folder() -> bytes:
    return zipped([*sound_raws(), Raw("exhibits", b"x")])


def changed_header(where: str, **values: int | bytes) -> bytes:
    raws = sound_raws()
    getattr(raws[1], where).update(values)
    return zipped(raws)


@hostile("header_mismatch")
def a_local_name_that_differs() -> bytes:
    return changed_header("local", name=b"exhibits/another.l")


@hostile("header_mismatch")
def a_local_size_that_differs() -> bytes:
    return changed_header("local", size=5)


@hostile("header_mismatch")
def a_local_checksum_that_differs() -> bytes:
    return changed_header("local", crc=1)


@hostile("header_mismatch")
def a_local_method_that_differs() -> bytes:
    return changed_header("local", method=8)


@hostile("header_mismatch")
def a_zip64_field_for_a_small_file() -> bytes:
    return changed_header("central", extra=struct.pack("<2HQ", 1, 8, 5))


@hostile("header_mismatch")
def a_second_name_in_an_extra_field() -> bytes:
    extra = struct.pack("<2HBI", 0x7075, 5 + 4, 1, 0) + b"evil"
    return changed_header("central", extra=extra)


@hostile("form_not_determined")
def an_extra_field() -> bytes:
    return changed_header("local", extra=struct.pack("<2H4s", 0x9999, 4, b"data"))


@hostile("form_not_determined")
def an_entry_comment() -> bytes:
    return changed_header("central", comment=b"hidden words")


@hostile("form_not_determined")
def an_entry_that_says_it_is_a_link() -> bytes:
    return changed_header("central", attributes=0o120777 << 16)


@hostile("form_not_determined")
def another_time_in_the_headers() -> bytes:
    raws = sound_raws()
    raws[1].local["time"] = raws[1].central["time"] = 5
    return zipped(raws)


@hostile("entry_unsupported")
def an_encrypted_entry() -> bytes:
    raws = sound_raws()
    raws[1].flags |= 1
    return zipped(raws)


@hostile("entry_unsupported")
def an_unknown_compression() -> bytes:
    raws = sound_raws()
    raws[1].method = 14
    return zipped(raws)


@hostile("content_damaged")
def a_checksum_that_is_wrong_in_both_headers() -> bytes:
    raws = foreign_raws()
    raws[1].local["crc"] = raws[1].central["crc"] = 1
    return zipped(raws)


@hostile("expands_too_much")
def a_compressed_bomb() -> bytes:
    raws = foreign_raws({"bomb": bytes(1), "a": b"a"})
    raws[1] = Raw("bomb", bytes(200 << 20), method=8)
    return zipped(raws)


@hostile("content_damaged")
def a_compressed_bomb_that_lies_about_its_size() -> bytes:
    raws = foreign_raws({"bomb": bytes(1), "a": b"a"})
    small = {"size": 1000}
    raws[1] = Raw("bomb", bytes(20 << 20), method=8, local=dict(small), central=dict(small))
    return zipped(raws)


@hostile("content_damaged")
def bytes_behind_the_compressed_content() -> bytes:
    raws = foreign_raws()
    raws[1].method = 8
    packed = raws[1].packed() + b"hidden"

    class Longer(Raw):
        def packed(self) -> bytes:
            return packed

    raws[1] = Longer("a.txt", raws[1].data, method=8)
    return zipped(raws)


@hostile("mimetype_wrong")
def no_media_type() -> bytes:
    return zipped(sound_raws()[1:])


@hostile("mimetype_wrong")
def another_media_type() -> bytes:
    return with_files(mimetype=b"application/vnd.etsi.asic-s+zip")


@hostile("mimetype_wrong")
def a_compressed_media_type() -> bytes:
    raws = sound_raws()
    raws[0].method = 8
    return zipped(raws)
