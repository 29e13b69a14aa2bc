"""The register of hostile packages, and what their makers share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from lxml import etree
from tests import packages
from tests.hostile import signing
from tests.hostile.signing import XADES
from tests.hostile.zips import MIMETYPE, Raw, entries, rebuilt

SIGNATURE, MANIFEST, MANIFEST_XML = (
    "META-INF/signatures0.xml",
    "_comity/manifest.json",
    "META-INF/manifest.xml",
)
LOG = "exhibits/access.log"


@dataclass(frozen=True)
class Hostile:
    """A class of hostile package and the stable code of its refusal."""

    name: str
    code: str
    make: Callable[[], bytes]


CLASSES: list[Hostile] = []


def hostile(code: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Enter a class under its function's name."""

    def entered(make: Callable[[], bytes]) -> Callable[[], bytes]:
        CLASSES.append(Hostile(make.__name__, code, make))
        return make

    return entered


@cache
def sound() -> bytes:
    """A package with nothing wrong."""
    return packages.sealed()


def sound_raws() -> list[Raw]:
    return [Raw(name, data) for name, data in entries(sound()).items()]


def with_files(**changes: bytes | None) -> bytes:
    """The sound package with files exchanged, added or (None) removed, in a faultless container."""
    files = {name: data for name, data in (entries(sound()) | changes).items() if data is not None}
    return rebuilt(files)


def foreign_raws(files: dict[str, bytes] | None = None) -> list[Raw]:
    chosen = files or {"a.txt": b"evidence", "b.txt": b"more evidence"}
    signed = {"mimetype": MIMETYPE, **chosen, SIGNATURE: signing.foreign(chosen)}
    return [Raw(name, data) for name, data in signed.items()]


def with_signature(change: Callable[[etree._Element], None]) -> bytes:
    return with_files(**{SIGNATURE: signing.changed(entries(sound())[SIGNATURE], change)})


def foreign_package(files: dict[str, bytes] | None = None, **settings: object) -> bytes:
    chosen = files or {"a.txt": b"evidence"}
    signature = signing.foreign(chosen, **settings)  # type: ignore[arg-type]
    return rebuilt({"mimetype": MIMETYPE, **chosen, SIGNATURE: signature})


def removed(root: etree._Element, name: str) -> None:
    element = next(root.iter(f"{XADES}{name}"))
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
