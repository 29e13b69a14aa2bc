"""Files lose what they say of their making, in a process that can do no harm; what is hostile is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any, cast

import pikepdf
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comity.node.reports import cleaning, office, stripping

TRACE = "Mira Traceable"
PARTS = {
    "[Content_Types].xml": (
        '<Types><Override PartName="/docProps/custom.xml"/><Override PartName="/word/document.xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships><Relationship Target="docProps/thumbnail.jpeg"/>'
        '<Relationship Target="word/document.xml"/></Relationships>'
    ),
    "docProps/core.xml": f"<core><creator>{TRACE}</creator></core>",
    "docProps/custom.xml": f"<custom>{TRACE}</custom>",
    "docProps/thumbnail.jpeg": TRACE,
    "word/document.xml": (
        f'<w:document xmlns:w="urn:w"><w:p w:rsidR="00AB"><w:ins w:author="{TRACE}" w:date="2027">'
        "<w:t>kept text</w:t></w:ins></w:p></w:document>"
    ),
    "word/comments.xml": (
        f'<w:comments xmlns:w="urn:w"><w:comment w:author="{TRACE}" w:initials="MT" w:id="1">said'
        "</w:comment></w:comments>"
    ),
}


def picture(kind: str) -> bytes:
    made, out = Image.new("RGB", (8, 4), (200, 30, 30)), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = TRACE  # ImageDescription, Artist
    exif[0x0112] = 6  # turned
    more: dict[str, Any] = {"exif": exif}
    if kind == "png":
        more["pnginfo"] = PngInfo()
        more["pnginfo"].add_text("Author", TRACE)
    if kind == "jpeg":
        more["comment"] = TRACE
    made.save(out, kind, **more)
    return out.getvalue()


def document() -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.docinfo["/Author"] = TRACE
    with made.open_metadata() as kept:
        kept["dc:creator"] = [TRACE]
    made.attachments["inner.txt"] = TRACE.encode()
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{TRACE}')")
    remark = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], T=TRACE
    )
    photo = made.make_stream(
        picture("jpeg"), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=8, Height=4
    )
    photo.Filter, photo.ColorSpace, photo.BitsPerComponent = pikepdf.Name.DCTDecode, pikepdf.Name.DeviceRGB, 8
    made.pages[0].obj.Annots = pikepdf.Array([made.make_indirect(remark)])
    made.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=photo))
    made.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def container(parts: dict[str, str | bytes] = PARTS) -> bytes:  # type: ignore[assignment]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def unpacked(data: bytes) -> bytes:
    """Everything that a search could find in a file, unpacked where it is packed."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            return data + b"".join(opened.read(each) for each in opened.namelist())
    if data.startswith(b"%PDF"):
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(data)) as opened:
            opened.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return data + out.getvalue()
    return data


MAKING: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: picture("jpeg"),
    "png": lambda: picture("png"),
    "webp": lambda: picture("webp"),
    "pdf": document,
    "docx": container,
}


@pytest.mark.parametrize("kind", MAKING)
def test_what_a_file_says_of_its_making_is_gone(kind: str) -> None:
    data = MAKING[kind]()
    assert TRACE.encode() in unpacked(data)  # or the search would prove nothing
    assert cleaning.kind_of(io.BytesIO(data)) == kind
    clean, left = stripping.STRIPPING[kind](data)
    assert TRACE.encode() not in unpacked(clean)
    assert left == []
    assert cleaning.kind_of(io.BytesIO(clean)) == kind


def test_the_process_of_its_own_does_the_same_and_passes_nothing_damaged() -> None:
    done = cleaning.strip("pdf", document())
    assert done is not None
    assert TRACE.encode() not in unpacked(done[0])
    assert cleaning.strip("pdf", b"%PDF-1.7 damaged") is None


def test_a_picture_is_turned_as_it_was_seen() -> None:
    clean, _ = stripping.picture(picture("jpeg"), "jpeg")
    with Image.open(io.BytesIO(clean)) as opened:
        assert opened.size == (4, 8)
        assert not opened.getexif()


def test_a_document_keeps_its_pages_and_text_and_loses_scripts_and_files_inside() -> None:
    clean, _ = stripping.pdf(document())
    with pikepdf.open(io.BytesIO(clean)) as opened:
        assert len(opened.pages) == 1
        assert "/OpenAction" not in opened.Root
        assert not opened.attachments
    text, _ = stripping.STRIPPING["docx"](container())
    assert b"kept text" in unpacked(text)
    assert b"thumbnail" not in unpacked(text)
    assert b"custom.xml" not in unpacked(text)
    assert b"2027" not in unpacked(text)
    assert b"rsidR" not in unpacked(text)


def test_a_document_that_is_written_another_way_loses_the_same() -> None:
    with pikepdf.open(io.BytesIO(document())) as made:
        page, out = made.pages[0].obj, io.BytesIO()
        page.Annots = pikepdf.Array(
            [pikepdf.Dictionary(cast(Any, page.Annots[0]))]
        )  # in the page, no object of its own
        page.Resources.XObject.P.Filter = pikepdf.Array([pikepdf.Name.DCTDecode])
        del made.docinfo["/Author"]
        made.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    clean, left = stripping.pdf(out.getvalue())
    assert TRACE.encode() in unpacked(out.getvalue())
    assert TRACE.encode() not in unpacked(clean)
    assert left == []
    with pikepdf.open(io.BytesIO(clean)) as opened:
        photo = pikepdf.PdfImage(cast(Any, opened.pages[0].obj.Resources.XObject.P)).as_pil_image()
        assert photo.size == (8, 4)


WORKBOOK: dict[str, str | bytes] = {
    "[Content_Types].xml": '<Types><Override PartName="/xl/workbook.xml"/></Types>',
    "xl/workbook.xml": (
        f'<workbook xmlns:x="urn:x"><fileSharing userName="{TRACE}"/><x:absPath url="C:/Users/{TRACE}/"/>'
        '<sheets><sheet name="Sheet1"/></sheets></workbook>'
    ),
    "xl/persons/person.xml": (
        f'<personList><person displayName="{TRACE}" id="1" userId="{TRACE}" providerId="AD"/></personList>'
    ),
    "xl/threadedComments/threadedComment1.xml": (
        '<ThreadedComments><threadedComment ref="A1" dT="2027-03-01" personId="1"/></ThreadedComments>'
    ),
}


def test_a_workbook_names_neither_who_remarked_nor_the_folder_it_lay_in() -> None:
    assert TRACE.encode() in unpacked(container(WORKBOOK))
    clean, left = stripping.STRIPPING["xlsx"](container(WORKBOOK))
    assert TRACE.encode() not in unpacked(clean)
    assert b"2027" not in unpacked(clean)
    assert b"Sheet1" in unpacked(clean)
    assert left == []


def test_a_text_names_neither_its_template_nor_when_it_was_remarked_on() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    parts: dict[str, str | bytes] = {
        **PARTS,
        "word/_rels/settings.xml.rels": (
            f'<Relationships><Relationship Id="r1" Type="{kind}" Target="file:///C:/{TRACE}/a.dotx" '
            'TargetMode="External"/></Relationships>'
        ),
        "word/commentsExtensible.xml": (
            '<w:all xmlns:w="urn:w"><w:commentExtensible w:dateUtc="2027-03-01"/></w:all>'
        ),
    }
    clean, _ = stripping.STRIPPING["docx"](container(parts))
    assert TRACE.encode() not in unpacked(clean)
    assert b"2027" not in unpacked(clean)
    assert b'Id="r1"' in unpacked(clean), "what the settings refer to is still there"


def test_a_picture_inside_that_cannot_be_drawn_anew_is_named() -> None:
    _, left = stripping.STRIPPING["docx"](container({**PARTS, "word/media/image1.tiff": TRACE}))
    assert left == ["pictures_inside"]


def test_what_stays_is_named() -> None:
    _, left = stripping.STRIPPING["docx"](container({**PARTS, "word/embeddings/one.bin": "x"}))
    assert left == ["embedded_objects"]
    out = io.BytesIO()
    frames = [Image.new("RGB", (2, 2), (n, 0, 0)) for n in (1, 200)]
    frames[0].save(out, "webp", save_all=True, append_images=frames[1:])
    assert stripping.picture(out.getvalue(), "webp")[1] == ["only_first_picture"]


def test_a_photo_taken_into_an_office_document_is_drawn_anew() -> None:
    clean, _ = stripping.STRIPPING["docx"](container({**PARTS, "word/media/image1.jpeg": picture("jpeg")}))
    assert TRACE.encode() not in unpacked(clean)


@pytest.mark.parametrize(
    "parts",
    [
        {**PARTS, "word/big.xml": b"\0" * (office.MOST_UNPACKED + 1)},
        {**PARTS, **{f"word/{n}.xml": "<a/>" for n in range(office.MOST_PARTS)}},
    ],
)
def test_containers_that_unpack_to_too_much_are_not_unpacked(parts: Any) -> None:
    with pytest.raises(office.TooLargeInsideError):
        office.strip(container(parts), lambda data, kind: data)


def test_a_container_that_lies_about_its_sizes_gives_no_more_than_it_said() -> None:
    data = container({"word/document.xml": b"<a>" + b" " * 100_000 + b"</a>"})
    lying = data.replace((100_007).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(zipfile.BadZipFile):
        office.strip(lying, lambda data, kind: data)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "1"><!ENTITY c "&b;&b;">]><a>&c;</a>',
        '<!DOCTYPE a SYSTEM "http://evil.example/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    ],
)
def test_parts_with_entities_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        office.strip(container({"word/document.xml": text}), lambda data, kind: data)


def test_a_picture_of_endless_points_is_not_drawn() -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "png")
    with pytest.raises(Image.DecompressionBombWarning):
        stripping.picture(out.getvalue(), "png")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"MZ\0\1", ""),
        (b"PK\x03\x04" + b"\0" * 40, ""),
        (b"", ""),
        (b"\xff\xfe\xfd", ""),
        (b"<html><script>", "text"),
        (b"RIFF\0\0\0\0WAVE", "wav"),
        (b"RIFF\0\0\0\0AVI ", ""),
        (b"\0\0\0\x18ftypmp42", "mp4"),
        (container({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "xlsx"),
    ],
)
def test_the_kind_is_what_the_content_is(data: bytes, kind: str) -> None:
    assert cleaning.kind_of(io.BytesIO(data)) == kind
