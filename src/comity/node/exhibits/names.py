"""Names of files as letters and bundles carry them: internal names, never what an outsider chose."""

from __future__ import annotations

import re
import unicodedata

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80
_KEPT = 255
_NUL, _SYMBOL_FOR_NUL = "\x00", "\u2400"


def kept_name(raw_name: str) -> str:
    """The name as it came, as a row keeps it: its last 255 characters, NUL by its symbol.

    PostgreSQL has no NUL in a text and holds a column to its length.
    """
    return raw_name.replace(_NUL, _SYMBOL_FOR_NUL)[-_KEPT:]


def internal_name(raw_name: str, number: str) -> str:
    """``exhibits/<number>/<name>`` with a name that is safe on every file system.

    The name as it came is kept in the exhibit's row; here only ASCII letters, digits, dot, hyphen and
    underscore of it remain, never a leading dot, and at most 80 characters.
    """
    plain = unicodedata.normalize("NFKD", raw_name.replace("\\", "/").rpartition("/")[2])
    safe = _UNSAFE.sub("_", plain).lstrip("._-")
    stem, dot, ending = safe.rpartition(".")
    if dot and len(safe) > _LONGEST:
        safe = f"{stem[: _LONGEST - len(ending) - 1]}.{ending}"
    return f"exhibits/{number}/{safe[:_LONGEST].rstrip('.') or 'content'}"
