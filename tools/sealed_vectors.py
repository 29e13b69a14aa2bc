"""Vectors of sealed letters: a sound one, and ones that are wrong in one place each, as chance made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from tools.letter_vectors import result
from tools.vector_forms import NOW, OTHER, Vectors, case, vectors

from comity import canonical
from comity.conformance import forging
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.keys import Authority
from comity.sealing.manifest import Kind
from comity.sealing.sources import in_memory

FOLDER = "letters"
_FORM = b"%PDF-1.7\n%%EOF\n"
_FORMS = {f"letter.{language}.pdf": _FORM + language.encode() + b"\n" for language in ("en", "kk", "ru")}


@dataclass(frozen=True, slots=True)
class _Wrong:
    """How a letter is sealed otherwise than a sound one, and the code of its refusal."""

    name: str
    file: str
    code: str | None
    seal: Callable[[Authority], bytes]


def keep(folder: Path, own: Authority) -> None:
    """Seal each letter that is missing."""
    (folder / FOLDER).mkdir(exist_ok=True)
    for each in _LETTERS:
        path = folder / FOLDER / f"{each.file}.asice"
        if not path.exists():
            path.write_bytes(each.seal(own))


def make(folder: Path) -> Vectors:
    """The list: each file, its SHA-256 and the code of the first step that fails."""
    cases = []
    for each in _LETTERS:
        data = (folder / FOLDER / f"{each.file}.asice").read_bytes()
        digest = sha256(data).hexdigest()
        cases.append(case(each.name, each.code, file=f"{FOLDER}/{each.file}.asice", sha256=digest))
    about = "Sealed letters in kept/, under the anchors in kept/keys, as of `as_of`."
    clauses = "sealing:4.4 sealing:6.1 sealing:7.1 sealing:9.4 sealing:11 WIRE-21"
    return vectors(clauses, about, cases, as_of=canonical.instant_text(NOW))


def _sealed(own: Authority, *, letter: Vectors | None = None, forms: int = 3) -> bytes:
    data = canonical.write(letter or result())
    files = [in_memory("letter.json", "application/json", data)]
    files += [in_memory(name, "application/pdf", form) for name, form in list(_FORMS.items())[:forms]]
    out = BytesIO()
    with PlainFlow(out) as flow:
        write_container(flow, files, kind=Kind.LETTER, about={}, signer=own, now=NOW)
    return out.getvalue()


def _with(name: str, change: Callable[[Authority], Any]) -> Callable[[Authority], bytes]:
    return lambda own: _sealed(replace(own, **{name: change(own)}))


def _exchanged(own: Authority) -> bytes:
    return forging.exchanged(_sealed(own), _FORMS["letter.ru.pdf"])


def _a_stranger(name: str) -> Callable[[Authority], Any]:
    return lambda own: getattr(forging.stranger(own.description, NOW), name)


def _other_bytes(name: str) -> Callable[[Authority], Any]:
    return lambda own: forging.of_other_bytes(getattr(own, name))


_LETTERS = [
    _Wrong("a sound letter", "sound", None, _sealed),
    _Wrong(
        "a file that was exchanged for one of the same size and CRC-32",
        "exchanged",
        "file_changed",
        _exchanged,
    ),
    _Wrong("a seal of other bytes", "seal", "signature_broken", _with("seal", _other_bytes("seal"))),
    _Wrong(
        "a time-stamp of other bytes",
        "stamp",
        "timestamp_broken",
        _with("time_service", _other_bytes("time_service")),
    ),
    _Wrong(
        "a stranger's time-stamp",
        "stamp-of-stranger",
        "certificate_untrusted",
        _with("time_service", _a_stranger("time_service")),
    ),
    _Wrong(
        "a stranger's seal", "seal-of-stranger", "certificate_untrusted", _with("seal", _a_stranger("seal"))
    ),
    _Wrong(
        "an answer about revocation of other bytes",
        "answer",
        "revocation_broken",
        _with("revocation_service", _other_bytes("revocation_service")),
    ),
    _Wrong("no Russian form", "form", "letter_parts_differ", partial(_sealed, forms=2)),
    _Wrong(
        "a letter of another authority",
        "of-another",
        "letter_not_of_sealer",
        partial(_sealed, letter=result() | {"from": OTHER, "to": "xc-vectors"}),
    ),
    _Wrong(
        "a letter of a later form",
        "later",
        "newer_version",
        partial(_sealed, letter=result() | {"schema": "comity-letter/2"}),
    ),
]
