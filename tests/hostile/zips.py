"""Writes ZIP files with any fault on purpose, straight from APPNOTE and without the code under test."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO

MIMETYPE = b"application/vnd.etsi.asic-e+zip"


@dataclass
class Raw:
    """One entry; ``local`` and ``central`` replace fields of the headers by name."""

    name: str | bytes
    data: bytes
    method: int = 0
    flags: int = 0x0800
    local: dict[str, int | bytes] = field(default_factory=dict)
    central: dict[str, int | bytes] = field(default_factory=dict)
    gap: bytes = b""
    descriptor: bool = False
    hidden: bool = False
    """Left out of the central directory."""

    def packed(self) -> bytes:
        if self.method != 8:
            return self.data
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.data) + packer.flush()

    def values(self) -> dict[str, int | bytes]:
        name = self.name.encode() if isinstance(self.name, str) else self.name
        return {
            "version": 20,
            "flags": self.flags | (8 if self.descriptor else 0),
            "method": self.method,
            "time": 0,
            "date": 0x21,
            "crc": zlib.crc32(self.data),
            "packed": len(self.packed()),
            "size": len(self.data),
            "name": name,
            "extra": b"",
            "comment": b"",
            "attributes": 0,
            "disk": 0,
        }


@dataclass
class Replaced(Raw):
    """An entry whose packed bytes are not what its headers promise."""

    written: bytes = b""

    def packed(self) -> bytes:
        return self.written


def entries(package: bytes) -> dict[str, bytes]:
    """The files of a sound package, by an ordinary reader."""
    with zipfile.ZipFile(BytesIO(package)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def rebuilt(files: dict[str, bytes]) -> bytes:
    """A faultless container of stored files: what an attacker with care would write."""
    return zipped([Raw(name, data) for name, data in files.items()])


def zipped(
    raws: list[Raw], *, before: bytes = b"", after: bytes = b"", end: dict[str, int] | None = None
) -> bytes:
    """The container with every fault the entries ask for."""
    out = BytesIO()
    out.write(before)
    lines = []
    for raw in raws:
        out.write(raw.gap)
        offset = out.tell()
        known = raw.values()
        if raw.descriptor:
            known |= {"crc": 0, "packed": 0, "size": 0}
        out.write(_local(known | raw.local) + raw.packed())
        if raw.descriptor:
            whole = raw.values()
            out.write(struct.pack("<4s3I", b"PK\x07\x08", whole["crc"], whole["packed"], whole["size"]))
        if not raw.hidden:
            lines.append(_central(raw.values() | {"offset": offset} | raw.central))
    start = out.tell()
    central = b"".join(lines)
    out.write(central)
    last = {"here": len(lines), "count": len(lines), "size": len(central), "start": start, "comment": 0} | (
        end or {}
    )
    out.write(
        struct.pack(
            "<4s4H2IH",
            b"PK\x05\x06",
            0,
            0,
            last["here"],
            last["count"],
            last["size"],
            last["start"],
            last["comment"],
        )
    )
    out.write(after)
    return out.getvalue()


def _local(v: dict[str, int | bytes]) -> bytes:
    name, extra = v["name"], v["extra"]
    assert isinstance(name, bytes)
    assert isinstance(extra, bytes)
    return (
        struct.pack(
            "<4s5H3I2H",
            b"PK\x03\x04",
            v["version"],
            v["flags"],
            v["method"],
            v["time"],
            v["date"],
            v["crc"],
            v["packed"],
            v["size"],
            len(name),
            len(extra),
        )
        + name
        + extra
    )


def _central(v: dict[str, int | bytes]) -> bytes:
    name, extra, comment = v["name"], v["extra"], v["comment"]
    assert isinstance(name, bytes)
    assert isinstance(extra, bytes)
    assert isinstance(comment, bytes)
    return (
        struct.pack(
            "<4s6H3I5H2I",
            b"PK\x01\x02",
            v["version"],
            v["version"],
            v["flags"],
            v["method"],
            v["time"],
            v["date"],
            v["crc"],
            v["packed"],
            v["size"],
            len(name),
            len(extra),
            len(comment),
            v["disk"],
            0,
            v["attributes"],
            v["offset"],
        )
        + name
        + extra
        + comment
    )
