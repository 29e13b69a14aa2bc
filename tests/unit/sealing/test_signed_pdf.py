"""A national token's signature inside the readable form: what a tool may append, and what it may not."""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer
from pyhanko.sign import fields
from tests import samples
from tests.national import NOW, NationalAuthority

from comity.letters.rendering import Names, render_letter
from comity.letters.schema import read_value
from comity.sealing import national, pdf_update, signed_pdf
from comity.sealing.refusals import PackageRefusedError

NAME = "letter.kk.pdf"


@pytest.fixture(scope="module")
def authority() -> NationalAuthority:
    return NationalAuthority()


@pytest.fixture(scope="module")
def letter() -> bytes:
    """A readable form as it is shown."""
    return render_letter(read_value(samples.request()), "kk", Names())


@pytest.fixture(scope="module")
def signed(authority: NationalAuthority, letter: bytes) -> bytes:
    return authority.sign_pdf(letter)


def wrong(data: bytes, letter: bytes) -> str:
    """The last part of the code with which the reading process answers; empty where it found a signature."""
    try:
        pdf_update.find(data, len(letter))
    except pdf_update.NotAcceptedError as error:
        return str(error)
    except Exception:
        return "unreadable"
    return ""


def refused(data: bytes, readable: dict[str, bytes]) -> str:
    with pytest.raises(PackageRefusedError) as caught:
        signed_pdf.read_signed_pdf(data, readable)
    return caught.value.code


def test_a_signature_over_the_whole_form_is_found_and_is_whose_it_says(
    authority: NationalAuthority, letter: bytes, signed: bytes
) -> None:
    found = signed_pdf.read_signed_pdf(signed, {"letter.en.pdf": b"%PDF of another", NAME: letter})
    assert (found.name, found.base) == (NAME, len(letter))
    roots = national.anchors([authority.pem])
    whose = national.check_trusted(found.signature, found.covered, roots, NOW)
    assert (whose.name, signed.startswith(letter)) == ("DANIYAR OMAROV", True)
    with pytest.raises(national.NationalOfOtherBytesError):
        national.check_signed(found.signature, found.covered + b" ")


def test_poppler_finds_the_same_signature(signed: bytes, tmp_path: Path) -> None:
    if not shutil.which("pdfsig"):
        pytest.skip("pdfsig (poppler-utils) is not installed")
    file = tmp_path / "signatory.pdf"
    file.write_bytes(signed)
    told = subprocess.run(
        ["pdfsig", "-nocert", str(file)], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    for line in ("Signature is Valid", "Total document signed", "ETSI.CAdES.detached", "DANIYAR OMAROV"):
        assert line in told
    assert told.count("Signature #") == 1


# --- what stands in the same update as the signature


def _action(writer: IncrementalPdfFileWriter) -> None:
    code = generic.TextStringObject("app.alert('x')")
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): code}
    )
    writer.update_root()


def _page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.find_page_for_modification(0)[0].get_object()


def _overlay(writer: IncrementalPdfFileWriter, kind: str = "/FreeText") -> None:
    """An annotation over the words: what is read is not what was shown."""
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 600, 800)))
    note = writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name(kind),
                pdf_name("/Rect"): box,
                pdf_name("/Contents"): generic.TextStringObject("Other words"),
                pdf_name("/A"): generic.DictionaryObject({pdf_name("/S"): pdf_name("/Launch")}),
            }
        )
    )
    page = _page(writer)
    page["/Annots"] = generic.ArrayObject([*page.get("/Annots", []), note])
    writer.update_container(page)


def _other_words(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT (Other words) Tj ET"))
    writer.update_container(page)


def _shadow(writer: IncrementalPdfFileWriter) -> None:
    """The page's own words replaced where they stand."""
    writer.mark_update(_page(writer).raw_get("/Contents").reference)
    stream = writer.get_object(_page(writer).raw_get("/Contents").reference)
    stream._encoded_data, stream._data = None, b"BT (Other words) Tj ET"


def _another_field(writer: IncrementalPdfFileWriter) -> None:
    fields.append_signature_field(writer, fields.SigFieldSpec("Signature2", on_page=0))


def _field(writer: IncrementalPdfFileWriter, **more: Any) -> str:
    """The signature's field with something more in it."""
    fields.append_signature_field(writer, fields.SigFieldSpec("Signature1", on_page=0))
    field = writer.root["/AcroForm"]["/Fields"][0]
    field.update({pdf_name(f"/{name}"): value for name, value in more.items()})
    writer.update_container(field)
    return "Signature1"


def _field_with_action(writer: IncrementalPdfFileWriter) -> str:
    return _field(writer, AA=generic.DictionaryObject({pdf_name("/E"): generic.DictionaryObject()}))


def _form_that_computes(writer: IncrementalPdfFileWriter) -> str:
    name = _field(writer)
    writer.root["/AcroForm"]["/XFA"] = generic.TextStringObject("<xdp/>")
    writer.update_container(writer.root["/AcroForm"])
    return name


def _unused_object(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(generic.StreamObject(stream_data=b"waits for a reader that mends cross-references"))


@pytest.mark.parametrize(
    "prepare",
    [
        *(_action, _overlay, functools.partial(_overlay, kind="/Link"), _other_words, _shadow),
        *(_another_field, _field_with_action, _form_that_computes, _unused_object),
    ],
)
def test_whatever_else_the_same_update_brings_is_refused(
    authority: NationalAuthority, letter: bytes, prepare: Callable[[IncrementalPdfFileWriter], Any]
) -> None:
    assert wrong(authority.sign_pdf(letter, prepare=prepare), letter) == "changed"


def test_a_signature_that_is_drawn_over_the_page_is_refused(
    authority: NationalAuthority, letter: bytes
) -> None:
    assert wrong(authority.sign_pdf(letter, box=(0, 0, 600, 800)), letter) == "visible"


def test_a_signature_of_another_profile_is_refused(authority: NationalAuthority, letter: bytes) -> None:
    other = authority.sign_pdf(letter, subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    assert wrong(other, letter) == "profile"


# --- what stands before, behind and around it


def _updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], Any]) -> bytes:
    writer, out = IncrementalPdfFileWriter(io.BytesIO(pdf)), io.BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


def test_a_change_behind_the_signature_and_one_hidden_before_it_are_refused(
    authority: NationalAuthority, letter: bytes, signed: bytes
) -> None:
    assert wrong(_updated(signed, _overlay), letter) == "revisions"
    assert wrong(authority.sign_pdf(_updated(letter, _other_words)), letter) == "revisions"
    assert wrong(authority.sign_pdf(signed, field="Signature2"), letter) == "revisions"
    assert wrong(_updated(letter, _overlay), letter) == "signatures"


def test_another_document_behind_the_letter_that_calls_itself_the_first_is_refused(
    authority: NationalAuthority, letter: bytes
) -> None:
    other = _document(b"Other words", at=len(letter))
    both = authority.sign_pdf(letter + other)
    assert both.startswith(letter)
    assert wrong(both, letter) == "revisions"


def _document(words: bytes, at: int) -> bytes:
    """A PDF of one page that begins at this place of a file."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(words), words),
    ]
    out, places = b"\n", []
    for number, each in enumerate(objects, start=1):
        places.append(at + len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n\r\n" % place for place in places)
    xref = b"xref\n0 5\n0000000000 65535 f\r\n" + table + b"trailer\n<</Size 5/Root 1 0 R>>\n"
    return out + xref + b"startxref\n%d\n%%%%EOF\n" % (at + len(out))


def test_bytes_that_the_signature_does_not_cover_are_refused(letter: bytes, signed: bytes) -> None:
    assert wrong(signed + b"% more\n", letter) == "uncovered"
    found = pdf_update.find(signed, len(letter))
    start, end = found["start"], found["end"]
    range_ = b"/ByteRange [0 %d %d %d" % (start, end, len(signed) - end)
    assert range_ in signed
    later = b"/ByteRange [0 %d %d %d" % (start, end + 1, len(signed) - end - 1)
    assert wrong(signed.replace(range_, later), letter) == "uncovered"
    before = b"/ByteRange [0 %d %d %d" % (start - 1, end, len(signed) - end)
    assert wrong(signed.replace(range_, before), letter) == "uncovered"
    filled = signed[: end - 3] + b"ab" + signed[end - 1 :]  # where zeros fill the signature's place
    assert wrong(filled, letter) == "uncovered"


def test_a_form_that_can_be_filled_in_already_or_has_more_than_one_revision_is_refused(
    authority: NationalAuthority, letter: bytes
) -> None:
    twice = _updated(letter, lambda writer: writer.update_root())
    assert wrong(authority.sign_pdf(twice), twice) == "revisions"
    empty = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject()})
    form = _rewritten(letter, lambda writer: writer.root.update({pdf_name("/AcroForm"): empty}))
    assert wrong(authority.sign_pdf(form), form) == "changed"


def test_what_is_broken_or_encrypted_is_refused(
    authority: NationalAuthority, letter: bytes, signed: bytes
) -> None:
    place = signed.rindex(b"startxref") + len(b"startxref\n")
    assert wrong(signed[:place] + b"9" + signed[place + 1 :], letter) == "unreadable"
    assert wrong(signed.replace(b"trailer", b"tr\0iler"), letter) == "unreadable"
    assert wrong(letter + b"no PDF at all", letter) == "signatures"
    encrypted = _rewritten(letter, lambda writer: writer.encrypt("owner", ""))
    opened = authority.sign_pdf(encrypted, prepare=lambda writer: writer.encrypt(""))
    assert opened.startswith(encrypted)
    assert wrong(opened, encrypted) == "unreadable"


def _rewritten(letter: bytes, change: Callable[[PdfFileWriter], Any]) -> bytes:
    writer, out = copy_into_new_writer(PdfFileReader(io.BytesIO(letter))), io.BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


# --- what is refused before it is read, and what would read for ever


def test_what_is_not_this_letter_is_refused_before_it_is_read(
    authority: NationalAuthority, letter: bytes, signed: bytes
) -> None:
    other = render_letter(read_value(samples.result()), "kk", Names())
    assert refused(signed, {NAME: other}) == "signed_pdf_of_another"
    assert refused(signed, {NAME: letter, "letter.ru.pdf": letter}) == "signed_pdf_of_another"
    assert refused(signed, {NAME: b""}) == "signed_pdf_of_another"
    assert refused(letter, {NAME: letter}) == "signed_pdf_signatures"
    assert refused(signed + bytes(signed_pdf.UPDATE_LIMIT), {NAME: letter}) == "signed_pdf_too_large"
    assert refused(bytes(signed_pdf.LIMIT + 1), {NAME: letter}) == "signed_pdf_too_large"


def test_a_reader_that_runs_out_of_memory_or_time_is_ended(
    letter: bytes, signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(_bomb(letter), {NAME: letter}) == "signed_pdf_unbounded"
    assert refused(_nested(letter), {NAME: letter}) == "signed_pdf_unbounded"
    greedy = f"from comity.sealing import pdf_update; pdf_update._limit(); bytes({signed_pdf.MEMORY})"
    run = subprocess.run([sys.executable, "-c", greedy], stderr=subprocess.PIPE, timeout=60, check=False)
    assert b"MemoryError" in run.stderr
    monkeypatch.setattr(signed_pdf, "SECONDS", 0.01)
    assert refused(signed, {NAME: letter}) == "signed_pdf_unbounded"


def _bomb(letter: bytes) -> bytes:
    """An update whose cross-references grow to 900 MiB when they are read."""
    megabytes = 900
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = ((megabytes << 20) % 65521) << 16 | 1
    table = b"\x78\xda" + block * megabytes + b"\x03\x00" + checksum.to_bytes(4)
    place = letter.rindex(b"startxref") + len(b"startxref\n")
    before = int(letter[place:].split()[0])
    head = b"<</Type/XRef/Size 177/W[1 4 2]/Root 176 0 R/Prev %d/Filter/FlateDecode/Length %d>>" % (
        before,
        len(table),
    )
    update = b"\n200 0 obj\n" + head + b"stream\n" + table + b"\nendstream\nendobj\n"
    return letter + update + b"startxref\n%d\n%%%%EOF\n" % (len(letter) + 1)


def _nested(letter: bytes) -> bytes:
    """An update whose trailer holds lists in lists without end."""
    depth = 200_000
    trailer = b"trailer\n<</Size 177/Root 176 0 R/X %s%s>>\n" % (b"[" * depth, b"]" * depth)
    return letter + b"\nxref\n0 0\n" + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(letter) + 1)


# --- whose name it is


@pytest.mark.parametrize(
    ("certificate", "letter", "agree"),
    [
        ("DANIYAR OMAROV", "Daniyar Omarov", True),
        ("ОМАРОВ ДАНИЯР СЕРІКҰЛЫ", "Данияр Омаров", True),
        ("Омаров Данияр", "Данияр Серікұлы Омаров", True),
        ("ОМАРОВ ДАНИЯР", "Daniyar Omarov", False),
        ("Omarov", "Daniyar Omarov", False),
        ("Daniyar Seitov", "Daniyar Omarov", False),
        ("Omarov", "OMAROV", True),
        ("", "", False),
        ("", "Daniyar Omarov", False),
    ],
)
def test_names_agree_where_their_words_do_and_no_script_is_guessed(
    certificate: str, letter: str, agree: bool
) -> None:
    assert national.names_agree(certificate, letter) is agree
