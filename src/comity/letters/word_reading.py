"""The texts in a Word document that came back from editing.

Receives bytes that anybody may have made; returns the texts of the fields it recognises and names what it
does not. Bounded, no macro, no embedded object, nothing that points outside the file, no tracked change; the
document is read as data by our own walk and never opened by an office program.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lxml import etree

from comity.letters.word import BOOKMARK, NOTE, TAG
from comity.sealing import xml
from comity.terms import ComityError, gettext_noop

LARGEST = 2 * 1024 * 1024
"""Bytes of an uploaded document."""
MOST_PARTS = 200
LARGEST_PART = 8 * 1024 * 1024
LARGEST_WHOLE = 32 * 1024 * 1024
"""Bytes of one part, and of all parts together, once unpacked."""
_SHOWN = 300
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_ACTIVE = ("vbaproject", "vbadata", "activex", "embeddings/", "customui")
_CHANGES = tuple(f"{_W}{name}" for name in ("ins", "del", "moveFrom", "moveTo"))
_ENCRYPTED = 0x1
LOST = {
    "drawing": "picture",
    "pict": "picture",
    "object": "picture",
    "AlternateContent": "picture",
    "tbl": "table",
    "footnoteReference": "note",
    "endnoteReference": "note",
    "commentReference": "comment",
    "oMath": "formula",
    "headerReference": "header",
    "footerReference": "header",
    "altChunk": "part",
    "subDoc": "part",
}
"""What a document may hold that a field cannot, by the name of its element."""
_DRAWN = frozenset({"drawing", "pict", "object", "AlternateContent"})


class WordTooLargeError(ComityError):
    """The document is larger than any draft's texts, or unpacks to more."""

    code = "word_too_large"
    message = gettext_noop("The document is too large to be the texts of a draft.")
    next_step = gettext_noop("Copy the texts into a newly exported document, without pictures.")


class WordUnreadableError(ComityError):
    """The bytes are no Word document of the usual form."""

    code = "word_unreadable"
    message = gettext_noop("The file cannot be read as a Word document (DOCX).")
    next_step = gettext_noop("Save it in Word as “Word document (.docx)” and choose that file.")


class WordActiveError(ComityError):
    """The document carries a program, an embedded object, or a pointer to something outside it."""

    code = "word_active"
    message = gettext_noop("The document holds macros, embedded objects or links to the outside: {what}.")
    next_step = gettext_noop("Remove them, links to web and e-mail addresses too, and save it again.")


class WordChangesTrackedError(ComityError):
    """The document has tracked changes that nobody accepted or rejected."""

    code = "word_changes_tracked"
    message = gettext_noop("The document holds tracked changes, so it is not certain what it says.")
    next_step = gettext_noop("Accept or reject every change in Word, save the document and choose it again.")


@dataclass(frozen=True, slots=True)
class Edited:
    """What came back: texts by field, passages that belong to no field, kinds of things left out."""

    texts: dict[str, str]
    unrecognised: tuple[str, ...]
    lost: tuple[str, ...]


def read_texts(data: bytes, fields: Collection[str]) -> Edited:
    """The texts of the fields that the document has; a field that it lacks is absent.

    Raises WordTooLargeError, WordUnreadableError, WordActiveError or WordChangesTrackedError.
    """
    body = _body(_main_part(_unpack(data)))
    if next(body.iter(*_CHANGES), None) is not None:
        raise WordChangesTrackedError
    names = {etree.QName(each).localname for each in body.iter()}
    lost = tuple(dict.fromkeys(LOST[name] for name in LOST if name in names))
    for drawn in [each for each in body.iter() if etree.QName(each).localname in _DRAWN]:
        around = drawn.getparent()
        if around is not None:
            around.remove(drawn)  # the words inside a picture are part of it
    walk = _Walk(frozenset(fields), set(_tags(body)))
    for block in body:
        walk.block(block)
    return Edited(walk.result(), tuple(walk.unrecognised), lost)


class _Walk:
    """Through the blocks of the body, from heading to heading."""

    def __init__(self, fields: frozenset[str], tags: set[str]) -> None:
        self.fields = fields
        self.tags = tags
        self.under = ""
        self.texts: dict[str, str] = {}
        self.loose: dict[str, list[str]] = {}
        self.unrecognised: list[str] = []

    def block(self, block: etree._Element) -> None:
        """One paragraph, control or table."""
        if block.tag == f"{_W}sdt":
            self._control(block)
        elif block.tag == f"{_W}p":
            self._paragraph(block)
        else:
            self._report(_text(block))

    def _control(self, control: etree._Element) -> None:
        field = _field(control)
        if field in self.fields and field not in self.texts:
            self.texts[field] = _text(control)
        else:
            self._report(_text(control))

    def _paragraph(self, paragraph: etree._Element) -> None:
        heading = _heading(paragraph)
        if heading is not None:
            self.under = heading if heading in self.fields else ""
            return
        controls = [one for one in paragraph.iter(f"{_W}sdt") if _field(one) in self.fields]
        if controls:
            for control in controls:
                self._control(control)
        elif self.under and self.under not in self.tags:
            self.loose.setdefault(self.under, []).append("" if _is_note(paragraph) else _text(paragraph))
        elif not _is_note(paragraph):
            self._report(_text(paragraph))

    def _report(self, text: str) -> None:
        if text.strip():
            self.unrecognised.append(text.strip()[:_SHOWN])

    def result(self) -> dict[str, str]:
        """The texts by field: those of controls; under a heading that lost its control what stands there."""
        return {field: "\n".join(lines) for field, lines in self.loose.items()} | self.texts


def _tags(body: etree._Element) -> Iterator[str]:
    return (_field(control) for control in body.iter(f"{_W}sdt"))


def _field(control: etree._Element) -> str:
    """The field that a control's tag names, or nothing."""
    tag = control.find(f"{_W}sdtPr/{_W}tag")
    name = "" if tag is None else str(tag.get(f"{_W}val", ""))
    return name.removeprefix(TAG) if name.startswith(TAG) else ""


def _heading(paragraph: etree._Element) -> str | None:
    """The field that a heading's bookmark names."""
    for mark in paragraph.iter(f"{_W}bookmarkStart"):
        name = str(mark.get(f"{_W}name", ""))
        if name.startswith(BOOKMARK):
            return name.removeprefix(BOOKMARK)
    return None


def _is_note(paragraph: etree._Element) -> bool:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return style is not None and style.get(f"{_W}val") in (NOTE, "Title")


def _text(block: etree._Element) -> str:
    """The words of a block, a paragraph a line."""
    paragraphs = [block] if block.tag == f"{_W}p" else list(block.iter(f"{_W}p"))
    if not paragraphs:  # a control inside a line
        paragraphs = [block]
    return "\n".join("".join(_words(one)) for one in paragraphs).strip()


def _words(paragraph: etree._Element) -> Iterator[str]:
    for part in paragraph.iterfind(f".//{_W}r/*"):  # the signs of runs; a stop of the ruler is none
        match etree.QName(part).localname:
            case "t":
                yield part.text or ""
            case "tab":
                yield "\t"
            case "noBreakHyphen":
                yield "\u2011"
            case "br" | "cr":
                yield "\n"


def _unpack(data: bytes) -> dict[str, bytes]:
    """Every part by its name, within the bounds."""
    if len(data) > LARGEST:
        raise WordTooLargeError
    try:
        with ZipFile(BytesIO(data)) as file:
            entries = file.infolist()
            _demand_ordinary(entries)
            return {entry.filename: _read(file, entry) for entry in entries}
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError, OSError):
        raise WordUnreadableError from None


def _demand_ordinary(entries: list[ZipInfo]) -> None:
    names = [entry.filename.casefold() for entry in entries]
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_PARTS or total > LARGEST_WHOLE:
        raise WordTooLargeError
    if any(entry.file_size > LARGEST_PART for entry in entries):
        raise WordTooLargeError
    odd = any(
        entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED)
        for entry in entries
    )
    if odd or len(set(names)) != len(names) or any(_leads_out(name) for name in names):
        raise WordUnreadableError
    active = sorted({mark.strip("/") for mark in _ACTIVE for name in names if mark in name})
    if active:
        raise WordActiveError(what=", ".join(active))


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _read(file: ZipFile, entry: ZipInfo) -> bytes:
    """A part's bytes; never more than its entry says, whatever the stream holds."""
    with file.open(entry) as part:
        data = part.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise WordUnreadableError
    return data


def _main_part(parts: dict[str, bytes]) -> bytes:
    """The document itself, once nothing beside it points outside or carries a program."""
    for name, data in parts.items():
        if name.endswith(".rels"):
            _demand_inside(data, name)
    types = _parse(parts.get("[Content_Types].xml"), "[Content_Types].xml")
    declared = {str(each.get("PartName")): str(each.get("ContentType")) for each in types}
    if any("macroenabled" in str(each.get("ContentType")).casefold() for each in types):
        raise WordActiveError(what="macros")
    main = [name for name, of in declared.items() if of == _MAIN]
    if len(main) != 1:
        raise WordUnreadableError
    return parts.get(main[0].removeprefix("/")) or b""


def _demand_inside(data: bytes, name: str) -> None:
    for relation in _parse(data, name):
        if relation.get("TargetMode", "Internal") != "Internal":
            raise WordActiveError(what=str(relation.get("Target", ""))[:_SHOWN])


def _parse(data: bytes | None, name: str) -> etree._Element:
    try:
        return xml.parse(data or b"", name)
    except ComityError:
        raise WordUnreadableError from None


def _body(data: bytes) -> etree._Element:
    body = _parse(data, "document").find(f"{_W}body")
    if body is None:
        raise WordUnreadableError
    return body
