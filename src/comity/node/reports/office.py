"""Documents of office programs (Office Open XML) without properties, names of authors and times of changes.

Receives the bytes of a container; returns another with the same text. Reads no more than bounds allow, and
opens nothing that a document refers to.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from lxml import etree

MOST_PARTS, MOST_UNPACKED = 4000, 128 << 20
_BEGINNING = (1980, 1, 1, 0, 0, 0)
_PICTURES = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}
_NAMES = (
    *("author", "initials", "userId", "providerId", "name", "displayName", "userName"),
    *("date", "dateUtc", "dateTime", "dT", "dt", "created"),
)
"""Attributes that say who changed or remarked what, and when, on the elements that do so."""
_WANTED = ("author", "name", "initials", "userId", "providerId", "displayName", "userName")
"""Those that the form wants."""
_OF_CHANGES = re.compile(
    r"(comment|commentEx|commentExtensible|cm|reply|cmAuthor|author|header|fileSharing|ins|del|moveFrom|moveTo|rPrChange|pPrChange|sectPrChange|"
    r"tblPrChange|tcPrChange|trPrChange|tblGridChange|numberingChange|cellIns|cellDel|cellMerge|person|"
    r"presenceInfo|threadedComment|moveFromRangeStart|moveToRangeStart)"
)
_AUTHORS = re.compile(r"xl/(comments\d*|comments/comment\d*)\.xml")
_DROPPED = re.compile(r"(docProps/(thumbnail\..*|custom\.xml)|.*/printerSettings\d*\.bin)", re.IGNORECASE)
_EMPTIED = re.compile(r"docProps/(core|app)\.xml", re.IGNORECASE)
_STAYS = re.compile(r".*/(embeddings/.+|vbaProject\.bin|activeX/.+)", re.IGNORECASE)
_MEDIA = re.compile(r".*/media/[^/]+", re.IGNORECASE)
_GONE = ("rsids", "rsidRoot", "rsid", "absPath")
"""Elements that tell of the making alone: revisions, and the folder in which a workbook was kept."""
_TEMPLATE, _PLAIN_TEMPLATE = "/attachedTemplate", "Normal.dotm"
"""The relationship to a template, whose folder bears the name of a user."""


class TooLargeInsideError(ValueError):
    """The container unpacks to more than is read."""


def strip(data: bytes, redraw: Callable[[bytes, str], bytes]) -> tuple[bytes, list[str]]:
    """The container written anew; ``redraw`` makes a picture without data about itself."""
    out, left = io.BytesIO(), set()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = old.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise TooLargeInsideError
        for part in parts:
            if _DROPPED.fullmatch(part.filename) or part.is_dir():
                continue
            if _STAYS.fullmatch(part.filename):
                left.add("embedded_objects")
            elif _MEDIA.fullmatch(part.filename) and _ending(part.filename) not in _PICTURES:
                left.add("pictures_inside")
            # zipfile reads no more of a part than the size it declares, which was bounded above
            new.writestr(
                zipfile.ZipInfo(part.filename, _BEGINNING), _part(part.filename, old.read(part), redraw)
            )
    return out.getvalue(), sorted(left)


def _part(name: str, data: bytes, redraw: Callable[[bytes, str], bytes]) -> bytes:
    ending = _ending(name)
    if ending in _PICTURES:
        return redraw(data, _PICTURES[ending])
    if ending not in (".xml", ".rels"):
        return data
    reader = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data, reader)
    if root.getroottree().docinfo.doctype:
        raise ValueError
    if _EMPTIED.fullmatch(name):
        for child in list(root):
            root.remove(child)
    for element in list(root.iter(etree.Element)):
        _bare(element, is_author=bool(_AUTHORS.fullmatch(name)))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def _ending(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()


def _bare(element: etree._Element, *, is_author: bool) -> None:
    """Take the attributes that tell who and when, and what leads to a part that is not there any more."""
    local = etree.QName(element).localname
    for attribute in list(element.attrib):
        plain = etree.QName(attribute).localname
        if plain.startswith("rsid") or (plain in _NAMES and _OF_CHANGES.fullmatch(local)):
            if plain in _WANTED:
                element.set(attribute, "-")
            else:
                del element.attrib[attribute]
    if local == "Relationship" and (element.get("Type") or "").endswith(_TEMPLATE):
        element.set("Target", _PLAIN_TEMPLATE)
    if is_author and local == "author":
        element.text = "-"
    parent = element.getparent()
    if parent is None:
        return
    target = element.get("Target") or element.get("PartName") or ""
    leads = local in ("Relationship", "Override") and _DROPPED.fullmatch(target.lstrip("/"))
    if leads or local in _GONE:
        parent.remove(element)
