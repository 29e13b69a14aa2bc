"""Files without the data about themselves that they carry: ``python -m comity.node.reports.stripping KIND``.

Receives the content on standard input; writes a line of JSON (``left``: what could not be removed) and the
new content behind it. Before it looks at the content, the process gives up the network, files and further
rights (pictures.bound): memory and time are bounded, whatever a content unpacks to. What a file shows is not
changed, and what it shows may tell who made it: that is for the reporter to see.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from comity.letters import pictures
from comity.node.reports import office

KINDS = ("jpeg", "png", "webp", "pdf", "docx", "xlsx", "pptx")
MOST_BYTES = 32 << 20
MOST_PIXELS = 60_000_000
NOT_STRIPPED = 4
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_SAVING = {"jpeg": {"quality": 92}, "png": {}, "webp": {"quality": 92, "method": 2}}
Stripped = tuple[bytes, list[str]]


def main() -> int:
    """Strip what comes on standard input; the exit status says how it went."""
    kind = sys.argv[1]
    strip = STRIPPING.get(kind)
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if strip is None or len(data) > MOST_BYTES:
        return NOT_STRIPPED
    _load(kind)
    if not pictures.bound():
        return pictures.NO_BOUNDS
    try:
        clean, left = strip(data)
    except Exception:  # damaged, locked or too large when unpacked: it is not passed on as stripped
        return NOT_STRIPPED
    sys.stdout.buffer.write(json.dumps({"left": left}).encode() + b"\n" + clean)
    sys.stdout.buffer.flush()
    return 0


def picture(data: bytes, kind: str) -> Stripped:
    """The picture drawn anew: its points, turned as it was meant to be seen, and nothing else."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as opened:
            left = ["only_first_picture"] if getattr(opened, "n_frames", 1) > 1 else []
            opened.load()
            turned = ImageOps.exif_transpose(opened)
    see_through = "transparency" in turned.info or turned.mode in ("RGBA", "LA", "PA")
    plain = turned.convert("L" if turned.mode == "L" else "RGBA" if see_through and kind != "jpeg" else "RGB")
    clean = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    out = io.BytesIO()
    clean.save(out, _FORMATS[kind], **_SAVING[kind])
    return out.getvalue(), left


def pdf(data: bytes) -> Stripped:
    """The document written anew without properties, attachments, scripts and authors of remarks."""
    import pikepdf

    left: list[str] = []
    with pikepdf.open(io.BytesIO(data)) as opened:
        if opened.is_encrypted:
            raise ValueError
        if "/Info" in opened.trailer:
            del opened.trailer.Info
        for name in ("/Metadata", "/AF", "/OpenAction", "/AA", "/PieceInfo", "/Collection"):
            if name in opened.Root:
                del opened.Root[name]
        names = opened.Root.get("/Names")
        for name in ("/EmbeddedFiles", "/JavaScript"):
            if names is not None and name in names:
                del names[name]
        for each in opened.objects:
            for inner in _within(each):
                left += _bare(inner)
        out = io.BytesIO()
        opened.save(out, static_id=True)
    return out.getvalue(), sorted(set(left))


_OF_OBJECTS = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/JS")
_OF_REMARKS = ("/T", "/M", "/CreationDate", "/NM")


def _within(each: object) -> Iterator[object]:
    """An object and what is written inside it; what it only refers to is an object of the list itself."""
    import pikepdf

    waiting = [each]
    while waiting:
        found = waiting.pop()
        yield found
        inner: list[object] = []
        if isinstance(found, pikepdf.Array):
            inner = list(found)
        elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            inner = [found[name] for name in found.keys()]  # noqa: SIM118 -- a stream iterates otherwise
        waiting += [one for one in inner if isinstance(one, pikepdf.Object) and not one.is_indirect]


def _bare(each: object) -> list[str]:
    """Take from one object of a document what tells of its making; what cannot be taken."""
    import pikepdf

    if not isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
        return []
    for name in _OF_OBJECTS:
        if name in each:
            del each[name]
    if "/Subtype" in each and "/Rect" in each:
        _bare_remark(each)
    if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == pikepdf.Name.Image:
        return _bare_picture(each)
    return ["signature"] if each.get("/Type") == pikepdf.Name.Sig or "/ByteRange" in each else []


def _bare_remark(each: Any) -> None:
    """A remark on a page without its author, its times and the file it holds; a form's field stays."""
    import pikepdf

    if each.Subtype != pikepdf.Name.Widget:
        for name in _OF_REMARKS:
            if name in each:
                del each[name]
    if each.Subtype == pikepdf.Name.FileAttachment and "/FS" in each:
        del each["/FS"]


def _bare_picture(each: Any) -> list[str]:
    import pikepdf

    named = each.get("/Filter")
    filters = list(named) if isinstance(named, pikepdf.Array) else [named]
    if filters == [pikepdf.Name.DCTDecode]:
        parameters = each.get("/DecodeParms")
        clean = jpeg_without_remarks(each.read_raw_bytes())
        each.write(clean, filter=pikepdf.Name.DCTDecode, decode_parms=parameters)
        return []
    packed = (pikepdf.Name.DCTDecode, pikepdf.Name.JPXDecode)
    return ["pictures_inside"] if any(each in packed for each in filters) else []


def jpeg_without_remarks(data: bytes) -> bytes:
    """A JPEG without the segments of applications (but 0 and 14: colour) and comments; no point changes."""
    kept, place = bytearray(data[:2]), 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, size = data[place + 1], 2 + int.from_bytes(data[place + 2 : place + 4])
        if marker == 0xDA:  # the points begin
            break
        if marker not in (*range(0xE1, 0xEE), 0xEF, 0xFE):
            kept += data[place : place + size]
        place += size
    return bytes(kept + data[place:])


def _office(data: bytes) -> Stripped:
    return office.strip(data, lambda inner, kind: picture(inner, kind)[0])


STRIPPING: dict[str, Callable[[bytes], Stripped]] = {
    "jpeg": lambda data: picture(data, "jpeg"),
    "png": lambda data: picture(data, "png"),
    "webp": lambda data: picture(data, "webp"),
    "pdf": pdf,
    "docx": _office,
    "xlsx": _office,
    "pptx": _office,
}


def _load(kind: str) -> None:
    """Before the bounds: what it loads is ours, not the content."""
    if kind == "pdf":
        import pikepdf  # noqa: F401
    else:
        from PIL import Image

        Image.init()


if __name__ == "__main__":
    sys.exit(main())
