"""The origin of previews: one address, which takes a ticket and gives a page of pictures without script.

It has no session and no cookie, and knows nobody but by the ticket.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from django.db import close_old_connections
from django.utils import timezone, translation
from django.utils.translation import gettext

from comity.node.exhibits import previews
from comity.node.exhibits.models import Opening
from comity.terms import ComityError

_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "sandbox; default-src 'none'; img-src data:; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
]
_MOST = 4096
Answer = Callable[[str, list[tuple[str, str]]], Any]


def application(environ: dict[str, Any], answer: Answer) -> Iterable[bytes]:
    """One request of its own: what the database keeps open of the one before is not used."""
    close_old_connections()
    try:
        return show(environ, answer)
    finally:
        close_old_connections()


def show(environ: dict[str, Any], answer: Answer) -> Iterable[bytes]:
    """Show the preview of a ticket; 404 for everything else."""
    opening = _opening(environ)
    if opening is None:
        answer("404 Not Found", _HEADERS)
        return [b""]
    with translation.override(opening.by.language):
        try:
            body, status = _page(opening, previews.draw(opening)), "200 OK"
        except ComityError as error:
            body, status = _said(opening, str(error)), "409 Conflict"
    answer(status, _HEADERS)
    return [body]


def _opening(environ: dict[str, Any]) -> Opening | None:
    length = environ.get("CONTENT_LENGTH") or ""
    if environ["REQUEST_METHOD"] != "POST" or not length.isdecimal() or not 0 < int(length[:9]) <= _MOST:
        return None
    said = parse_qs(environ["wsgi.input"].read(int(length)).decode("ascii", "replace"))
    return previews.opened(said.get("ticket", [""])[0], timezone.now())


def _page(opening: Opening, pages: list[bytes]) -> bytes:
    shown = [
        f'<p><img alt="{html.escape(gettext("Page"))} {number}" src="data:image/png;base64,'
        f'{base64.b64encode(page).decode()}"></p>'
        for number, page in enumerate(pages, start=1)
    ]
    return _said(opening, gettext("Pictures drawn of it; the original was not changed."), *shown)


def _said(opening: Opening, sentence: str, *more: str) -> bytes:
    number = html.escape(opening.exhibit.number)
    head = f'<!doctype html><html lang="{translation.get_language()}"><title>{number}</title>'
    return "\n".join([head, f"<h1>{number}</h1><p>{html.escape(sentence)}</p>", *more]).encode()
