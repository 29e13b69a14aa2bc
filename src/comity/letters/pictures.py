"""Pictures of a document's pages, made where it can do no harm: ``python -m comity.letters.pictures KIND``.

Receives the content on standard input; writes each page as PNG behind its length (4 bytes, big-endian).
Before it looks at the content, the process gives up the network and whatever it need not have: it writes no
file, has bounded memory and time, and reads what it was given from memory. What the content refers to is
never fetched. Without these bounds it draws nothing (exit status 3).
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from typing import Any

KINDS = ("pdf", "png", "jpg", "gif", "webp", "text")
BOUNDS = "bounds"
"""Instead of a kind: nothing is drawn, the exit status says whether the system grants the bounds."""
MOST_BYTES = 32 << 20
MOST_PAGES = 20
MOST_TEXT = 64 << 10
"""Bytes of a text that are shown."""
SECONDS = 20
NO_BOUNDS, NOTHING_DRAWN = 3, 4
_MEMORY = 2 << 30
_OPEN_FILES = 64
_NAMESPACES = 0x10000000 | 0x40000000 | 0x08000000  # user, network, IPC (linux/sched.h)
_NO_NEW_PRIVILEGES = 38  # linux/prctl.h
_PICTURE = """#set page(width: auto, height: auto, margin: 0pt)
#image(sys.inputs.content, format: sys.inputs.format, width: 16cm)"""
_PAGE = """#set page(width: auto, height: auto, margin: 0pt)
#image(sys.inputs.content, format: "pdf", page: int(sys.inputs.page), width: 16cm)"""
_TEXT = """#set page(width: 18cm, height: 25cm, margin: 1cm)
#set text(size: 9pt)
#raw(read(sys.inputs.content), block: true)"""


def main() -> int:
    """Draw what comes on standard input; the exit status says how it went."""
    kind = sys.argv[1]
    if kind == BOUNDS:
        return 0 if bound() else NO_BOUNDS
    import typst  # before the bounds: what it loads is ours, not the content

    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if kind not in KINDS or len(data) > MOST_BYTES:
        return NOTHING_DRAWN
    file = os.memfd_create("content")
    os.write(file, _shown(data) if kind == "text" else data)
    if not bound():
        return NO_BOUNDS
    drawn = 0
    for number in range(1, MOST_PAGES + 1):
        inputs = {"content": f"/{file}", "format": kind, "page": str(number)}
        try:
            source: Any = {"pdf": _PAGE, "text": _TEXT}.get(kind, _PICTURE).encode()
            made: bytes | list[bytes] = typst.compile(
                source,
                root="/proc/self/fd",
                format="png",
                ppi=110,
                ignore_system_fonts=True,
                sys_inputs=inputs,
            )
        except (RuntimeError, typst.TypstError):  # damaged, or no such page
            break
        for page in [made] if isinstance(made, bytes) else made[:MOST_PAGES]:
            sys.stdout.buffer.write(len(page).to_bytes(4) + page)
            drawn += 1
        if kind != "pdf":
            break
    sys.stdout.buffer.flush()
    return 0 if drawn else NOTHING_DRAWN


def _shown(data: bytes) -> bytes:
    from comity.letters.document import visible

    return visible(data[:MOST_TEXT].decode("utf-8", "replace").replace("\r\n", "\n")).encode()


def bound() -> bool:
    """Give up network, files and further rights of this process; whether the system let us."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NAMESPACES) != 0 or libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    return True


if __name__ == "__main__":
    sys.exit(main())
