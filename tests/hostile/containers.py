"""Hostile containers: faults of the ZIP file itself."""

from __future__ import annotations

import struct

from tests.hostile.classes import LOG, foreign_raws, hostile, sound, sound_raws, with_files
from tests.hostile.zips import MIMETYPE, Raw, Replaced, zipped

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
    raws[1] = Replaced("a.txt", raws[1].data, method=8, written=raws[1].packed() + b"hidden")
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


@hostile("gap")
def a_line_that_the_count_hides() -> bytes:
    return zipped(sound_raws(), end={"here": 5, "count": 5})


@hostile("cut_off")
def a_directory_that_reaches_beyond_its_end() -> bytes:
    return zipped(sound_raws(), end={"size": 100_000})


@hostile("gap")
def bytes_between_the_directory_and_its_end() -> bytes:
    whole = sound()
    return whole[:-22] + b"hidden" + whole[-22:]


@hostile("too_large")
def a_directory_full_of_comments() -> bytes:
    return zipped([Raw(f"{n}", b"", central={"comment": bytes(60_000)}) for n in range(200)])


@hostile("header_mismatch")
def a_torn_extra_field() -> bytes:
    return changed_header("central", extra=b"\x99")


@hostile("header_mismatch")
def a_stored_entry_of_two_sizes() -> bytes:
    return changed_header("central", packed=3)


@hostile("overlap")
def a_line_that_points_into_another_entry() -> bytes:
    return changed_header("central", offset=3)


@hostile("header_mismatch")
def a_local_header_without_its_mark() -> bytes:
    whole = sound()
    second = whole.index(b"PK\x03\x04", 4)
    return whole[:second] + b"PK\x03\x05" + whole[second + 4 :]


@hostile("gap")
def something_before_that_looks_like_an_entry() -> bytes:
    return zipped(sound_raws(), before=b"PK\x03\x04 and more")


@hostile("mimetype_wrong")
def an_extra_field_before_the_media_type() -> bytes:
    raws = foreign_raws()
    raws[0].local["extra"] = struct.pack("<2H4s", 0x9999, 4, b"data")
    return zipped(raws)


@hostile("gap")
def a_descriptor_of_no_known_size() -> bytes:
    raws = foreign_raws()
    raws[1].descriptor = True
    raws[2].gap = b"12345"
    return zipped(raws)


@hostile("header_mismatch")
def a_descriptor_that_contradicts_the_directory() -> bytes:
    raws = foreign_raws()
    raws[1].descriptor = True
    raws[1].central["crc"] = 7
    return zipped(raws)


@hostile("content_damaged")
def compressed_content_that_is_none() -> bytes:
    raws = foreign_raws()
    raws[1] = Replaced("a.txt", raws[1].data, method=8, written=b"\xff" * 40)
    return zipped(raws)


@hostile("content_damaged")
def two_mebibytes_behind_the_compressed_content() -> bytes:
    raws = foreign_raws()
    written = Raw("a.txt", raws[1].data, method=8).packed() + bytes(2 << 20)
    raws[1] = Replaced("a.txt", raws[1].data, method=8, written=written)
    return zipped(raws)


def zip64_end(**changes: int) -> bytes:
    """The sound container with ZIP64 end records that it does not need."""
    whole = sound()
    here, count, size, start = struct.unpack("<2H2I", whole[-14:-2])
    position = len(whole) - 22
    v = {
        "own": 44,
        "disk": 0,
        "count": count,
        "size": size,
        "start": start,
        "at": position,
        "disks": 1,
    } | changes
    end64 = struct.pack(
        "<4sQ2H2I4Q", b"PK\x06\x06", v["own"], 45, 45, v["disk"], 0, here, v["count"], v["size"], v["start"]
    )
    return whole[:-22] + end64 + struct.pack("<4sIQI", b"PK\x06\x07", 0, v["at"], v["disks"]) + whole[-22:]


@hostile("form_not_determined")
def zip64_records_that_are_not_needed() -> bytes:
    return zip64_end()


@hostile("header_mismatch")
def a_zip64_count_that_contradicts() -> bytes:
    return zip64_end(count=9)


@hostile("header_mismatch")
def a_zip64_place_that_contradicts() -> bytes:
    return zip64_end(start=0)


@hostile("header_mismatch")
def a_zip64_locator_to_elsewhere() -> bytes:
    return zip64_end(at=10)


@hostile("header_mismatch")
def a_zip64_end_on_another_disk() -> bytes:
    return zip64_end(disks=2)
