"""The peers' endpoint: a small WSGI application behind mutual TLS, with no page and no session.

``POST /letters/<id>`` announces a letter (202: send it; 200: the signed answer), ``PUT /letters/<id>`` hands
its container over, ``POST /receipts`` hands over a receipt about a letter of ours, ``POST /keys`` tells the
peer's next transport key. Whoever connects is known
by certificate; an error is JSON with a stable code.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db import close_old_connections
from django.utils import timezone

from comity.delivery.envelope import Envelope, EnvelopeMalformedError, read_envelope
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange import announcing, incoming, receipts
from comity.node.exchange.tls import fingerprint
from comity.terms import ComityError, gettext_noop

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

NOTE = "text/plain; charset=utf-8"
_RECEIPT_BYTES = 1_000_000
_LETTER = re.compile(r"/letters/([0-9a-f-]{36})")
_log = logging.getLogger(__name__)

Answer = tuple[HTTPStatus, str, bytes]


class PeerUnknownError(ComityError):
    """The certificate of the connection is no confirmed peer's."""

    code = "peer_unknown"
    message = gettext_noop("The certificate belongs to no authority of this node's directory.")
    next_step = gettext_noop("Exchange cards first: comity node directory card DIR")


class NotServedError(ComityError):
    """The address or method is none of this endpoint."""

    code = "not_served"
    message = gettext_noop("This address serves letters, receipts and keys of peers only.")
    next_step = gettext_noop("Use POST or PUT /letters/<id>, POST /receipts or POST /keys.")


_STATUS = {
    PeerUnknownError.code: HTTPStatus.FORBIDDEN,
    NotServedError.code: HTTPStatus.NOT_FOUND,
    receipts.ReceiptConflictError.code: HTTPStatus.CONFLICT,
    receipts.ReceiptForeignError.code: HTTPStatus.CONFLICT,
    announcing.KeyNoticeOutdatedError.code: HTTPStatus.CONFLICT,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
}


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request of a peer."""
    peer_id = "-"
    try:
        peer = _peer(environ)
        peer_id = peer.id
        status, media_type, body = _serve(environ, peer)
        code = "ok"
    except ComityError as error:
        status, media_type, body = _problem(error)
        code = error.code
    except Exception:
        _log.exception("a peer's request failed")
        status, media_type, body = _problem(ComityError())
        code = "unexpected"
    finally:
        close_old_connections()
    _log.info("%s %s of %s: %s %s", environ["REQUEST_METHOD"], _route(environ), peer_id, int(status), code)
    headers = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
    start_response(f"{int(status)} {status.phrase}", headers)
    return [body]


def _peer(environ: WSGIEnvironment) -> Authority:
    peer = known.by_fingerprint(fingerprint(environ["gunicorn.socket"].getpeercert(binary_form=True)))
    if peer is None:
        raise PeerUnknownError
    return peer


def _serve(environ: WSGIEnvironment, peer: Authority) -> Answer:
    route, method, now = _route(environ), environ["REQUEST_METHOD"], timezone.now()
    if route == "/receipts" and method == "POST":
        receipts.keep(_body(environ), peer, now)
        return HTTPStatus.NO_CONTENT, NOTE, b""
    if route == "/keys" and method == "POST":
        announcing.learn(_body(environ), peer, now)
        return HTTPStatus.NO_CONTENT, NOTE, b""
    if route == "/letters" and method in ("POST", "PUT"):
        envelope = _envelope(environ)
        if method == "PUT":
            return HTTPStatus.OK, NOTE, incoming.accept(environ["wsgi.input"], envelope, peer, now)
        note = incoming.answer_offer(envelope, peer, now)
        return (HTTPStatus.ACCEPTED, NOTE, b"") if note is None else (HTTPStatus.OK, NOTE, note)
    raise NotServedError


def _route(environ: WSGIEnvironment) -> str:
    path = environ.get("PATH_INFO", "")
    return "/letters" if _LETTER.fullmatch(path) else path if path in ("/receipts", "/keys") else "other"


def _envelope(environ: WSGIEnvironment) -> Envelope:
    try:
        data = base64.b64decode(environ.get("HTTP_COMITY_ENVELOPE", ""), validate=True)
    except binascii.Error:
        raise EnvelopeMalformedError(where="envelope", why="it is not base64") from None
    envelope = read_envelope(data)
    if environ["PATH_INFO"] != f"/letters/{envelope.letter}":
        raise EnvelopeMalformedError(where="letter", why="the address names another letter")
    return envelope


def _body(environ: WSGIEnvironment) -> bytes:
    data: bytes = environ["wsgi.input"].read(_RECEIPT_BYTES + 1)
    if len(data) > _RECEIPT_BYTES:
        raise NotServedError
    return data


def _problem(error: ComityError) -> Answer:
    temporary = HTTPStatus.SERVICE_UNAVAILABLE if error.temporary else HTTPStatus.BAD_REQUEST
    status = HTTPStatus.INTERNAL_SERVER_ERROR if type(error) is ComityError else temporary
    body = json.dumps(error.as_dict(), ensure_ascii=False).encode()
    return _STATUS.get(error.code, status), "application/json", body
