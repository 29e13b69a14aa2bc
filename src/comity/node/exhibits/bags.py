"""An exhibit as a bag (BagIt 1.0, RFC 8493) in a tar file, made while it is read.

The manifest stands before the content, from the size and hash that the exhibit's row holds; so nothing is
kept in memory and nothing plain touches a disk. What the bag says besides (custody, CASE/UCO) are tag files.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from comity import canonical
from comity.node.exhibits import case_uco, custody
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.names import internal_name
from comity.terms import ComityError, gettext_noop

MEDIA_TYPE = "application/x-tar"
_BLOCK = 1024 * 1024


class ContentCutOffError(ComityError):
    """The content that is stored is not as long as its record says."""

    code = "content_cut_off"
    message = gettext_noop("The content of exhibit {number} is not as long as its record says.")
    next_step = gettext_noop("Run comity node check; restore the exhibit from a backup.")


def bag(exhibit: Exhibit, content: BinaryIO, now: datetime) -> Iterator[bytes]:
    """The tar file, piece by piece; the last piece comes only if the whole content did."""
    name = internal_name(exhibit.raw_name, exhibit.number).rpartition("/")[2]
    tags = _tags(exhibit, name, now)
    tags["tagmanifest-sha256.txt"] = "".join(
        f"{sha256(data).hexdigest()}  {path}\n" for path, data in tags.items()
    ).encode()
    for path, data in tags.items():
        yield _header(exhibit, path, len(data), now) + data + _padding(len(data))
    yield _header(exhibit, f"data/{name}", exhibit.bytes, now)
    read = 0
    with content:
        while block := content.read(_BLOCK):
            read += len(block)
            yield block
    if read != exhibit.bytes:
        raise ContentCutOffError(number=exhibit.number)
    yield _padding(read) + bytes(2 * tarfile.BLOCKSIZE)


def _tags(exhibit: Exhibit, name: str, now: datetime) -> dict[str, bytes]:
    about = {
        "Bagging-Date": now.date().isoformat(),
        "External-Identifier": exhibit.number,
        "Payload-Oxum": f"{exhibit.bytes}.1",
        "Source-Organization": exhibit.origin,
    }
    files = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{key}: {value}\n" for key, value in about.items()),
        "manifest-sha256.txt": f"{exhibit.sha256}  data/{name}\n",
    }
    if exhibit.sha512:
        files["manifest-sha512.txt"] = f"{exhibit.sha512}  data/{name}\n"
    return {path: text.encode() for path, text in files.items()} | {
        "custody.json": canonical.write(custody.chain(exhibit)),
        "case.jsonld": canonical.write(case_uco.document(exhibit)),
    }


def _header(exhibit: Exhibit, path: str, size: int, now: datetime) -> bytes:
    entry = tarfile.TarInfo(f"{exhibit.number}/{path}")
    entry.size, entry.mode, entry.mtime = size, 0o444, int(now.timestamp())
    return entry.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
