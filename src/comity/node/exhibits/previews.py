"""Previews of exhibits: pictures drawn in a sandbox, shown on an origin of their own, never the file itself.

What is privileged and not cleared, and what nobody opens alone, has none. Looking at one is opening the
exhibit: custody says so before anything is drawn.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.core import signing

from comity.letters import pictures
from comity.node.accounts.models import Official
from comity.node.exhibits import closing, openings, viewing
from comity.node.exhibits.models import Exhibit, Opening
from comity.node.exhibits.reading import open_exhibit
from comity.terms import ComityError, gettext_noop

LASTS = timedelta(minutes=5)
"""How long a ticket lets a preview be shown."""
_SALT = "comity.node.exhibits.previews"
_SWITCHES = (
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=1024"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "an AppArmor profile with “userns,” for the node's Python"
        " (or sysctl kernel.apparmor_restrict_unprivileged_userns=0)",
    ),
)
"""Settings of the kernel that bar user namespaces: the file, its barring value, the remedy."""
_MOST_DRAWN = 64 << 20
_SIGNS = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"RIFF", "webp"),
)
"""How a content begins; what somebody said of it does not count."""


class PreviewBarredError(ComityError):
    """The exhibit is closed, or opened by two people only."""

    code = "preview_barred"
    message = gettext_noop("Exhibit {number} has no preview: it is closed or opened by two people only.")
    next_step = gettext_noop("Open it by the way that its page shows, if you may.")


class NoPreviewError(ComityError):
    """Nothing could be drawn of the content within the bounds."""

    code = "no_preview"
    message = gettext_noop("No preview can be drawn of exhibit {number}.")
    next_step = gettext_noop("Make a working copy and look at it with the tool for its kind.")


class SandboxMissingError(ComityError):
    """The system does not let the drawing be bounded, so nothing is drawn."""

    code = "sandbox_missing"
    message = gettext_noop("This machine cannot draw previews in a sandbox, so it draws none.")
    next_step = gettext_noop("Ask the administrator to allow user namespaces to the node.")


def begin(official: Official, exhibit: Exhibit, *, purpose: str, now: datetime) -> Opening:
    """Open an exhibit for a preview; the custody record ``opened`` names the purpose.

    Raises PreviewBarredError, NoPreviewError for what is of no kind that is drawn, and what opening raises.
    """
    _demand_free(exhibit)
    _kind(exhibit)
    return openings.begin(official, exhibit, purpose=f"preview, {purpose}", now=now)


def ticket(opening: Opening) -> str:
    """What shows the preview once more within ``LASTS``: it goes in the body of a form, into no address."""
    return signing.TimestampSigner(salt=_SALT).sign(str(opening.pk))


def opened(text: str, now: datetime) -> Opening | None:
    """The opening that a ticket stands for; None for one that is forged, too old, or of somebody gone."""
    try:
        pk = UUID(signing.TimestampSigner(salt=_SALT).unsign(text, max_age=LASTS))
    except (signing.BadSignature, ValueError):
        return None
    standing = Opening.objects.select_related("exhibit", "by").filter(pk=pk, expires_at__gt=now)
    return standing.filter(copy=None, by__is_active=True).first()


def draw(opening: Opening) -> list[bytes]:
    """The pages as PNG; whether the exhibit may be opened is asked anew."""
    exhibit = opening.exhibit
    _demand_free(exhibit)
    closing.demand_may_open(opening.by, exhibit)
    kind = _kind(exhibit)
    most = pictures.MOST_TEXT if kind == "text" else pictures.MOST_BYTES
    with open_exhibit(exhibit) as stream:
        found = _drawn(kind, stream.read(most))
    if not found:
        raise NoPreviewError(number=exhibit.number)
    return found


def hindrances() -> list[str]:
    """What keeps this machine from drawing in a sandbox, each with its remedy; empty where it can."""
    try:
        _drawn(pictures.BOUNDS, b"")
    except SandboxMissingError:
        found = [remedy for path, barring, remedy in _SWITCHES if _reads(path) == barring]
        return found or ["the container or service must permit unshare(CLONE_NEWUSER)"]
    return []


def _reads(path: str) -> str:
    try:
        return Path(path).read_text("ascii").strip()
    except OSError:
        return ""


def _demand_free(exhibit: Exhibit) -> None:
    if closing.closed([exhibit.pk]) or viewing.by_two([exhibit.pk]):
        raise PreviewBarredError(number=exhibit.number)


def _kind(exhibit: Exhibit) -> str:
    with open_exhibit(exhibit) as stream:
        head = stream.read(4096)
    kind = next((name for sign, name in _SIGNS if head.startswith(sign)), "")
    if kind == "webp" and head[8:12] != b"WEBP":
        kind = ""
    if not kind and head and b"\0" not in head and _is_text(head):
        return "text"
    if not kind or exhibit.bytes > pictures.MOST_BYTES:
        raise NoPreviewError(number=exhibit.number)
    return kind


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == 4096  # a letter cut in two
    return True


def _drawn(kind: str, data: bytes) -> list[bytes]:
    """Run the drawing in its own process with nothing of ours but the path of the code."""
    passed = {name: os.environ[name] for name in ("PYTHONPATH", "PATH") if name in os.environ}
    command = [sys.executable, "-m", "comity.letters.pictures", kind]
    try:
        done = subprocess.run(  # noqa: S603 -- our own module; the content goes to its standard input
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=passed,
            timeout=pictures.SECONDS + 10, check=False, close_fds=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return []
    if done.returncode == pictures.NO_BOUNDS:
        raise SandboxMissingError
    return _pages(done.stdout) if done.returncode == 0 else []


def _pages(drawn: bytes) -> list[bytes]:
    pages: list[bytes] = []
    if len(drawn) > _MOST_DRAWN:
        return pages
    place = 0
    while place < len(drawn) and len(pages) < pictures.MOST_PAGES:
        size = int.from_bytes(drawn[place : place + 4])
        pages.append(drawn[place + 4 : place + 4 + size])
        place += 4 + size
    return pages
