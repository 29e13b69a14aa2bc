"""The peers' endpoint: a small WSGI application behind mutual TLS, with no page and no session (WIRE-4).

``POST /letters/<id>`` announces a letter (202: send it, from the byte that ``Comity-Offset`` names; 200: the
signed answer), ``PUT /letters/<id>`` hands its container over, whole or the bytes of ``Content-Range``,
``POST /receipts`` hands over a receipt about a letter of ours, ``POST /letters/several`` and ``POST
/receipts/several`` do so with several small ones at once, ``POST /keys`` tells the peer's next transport
key, ``POST /drills`` and ``POST /drills/answers`` bring drills and answers to ours. Whoever connects is known
by certificate; an error is JSON with a stable code, and with ``Retry-After`` where the peer has used up what
it may bring or the node's own clock cannot be believed.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db import close_old_connections
from django.utils import timezone

from comity.delivery import several
from comity.delivery.envelope import Envelope, EnvelopeMalformedError, read_envelope
from comity.node import durable
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.drills import answering, arranging, asking
from comity.node.exchange import allowances, announcing, incoming, keeping, proving, unfinished
from comity.node.exchange.tls import fingerprint
from comity.node.ledger import wall_clock
from comity.node.witnesses import cosigning, heads, own
from comity.terms import ComityError, gettext_noop

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

NOTE = "text/plain; charset=utf-8"
_RECEIPT_BYTES = 1_000_000
OFFSET, SEVERAL = "Comity-Offset", "Comity-Several"
_RANGE = re.compile(r"bytes (\d{1,16})-(\d{1,16})/(\d{1,16})")
_LETTER = re.compile(r"/letters/([0-9a-f-]{36})")
_ENTRIES = re.compile(r"/letters/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/entries")
_HEAD_OF = re.compile(r"/witness/checkpoint/([a-z0-9-]{1,50})")
_LETTERS, _RECEIPTS = "/letters/several", "/receipts/several"
_ROUTES = (
    "/receipts",
    _LETTERS,
    _RECEIPTS,
    "/keys",
    "/drills",
    "/drills/answers",
    "/witness/add-checkpoint",
    "/checkpoint",
)
_DRILL_BYTES = 10_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer is told; ``offset``: from which byte on more is wanted, ``wait``: seconds to come again."""

    status: HTTPStatus
    media_type: str = NOTE
    body: bytes = b""
    offset: int | None = None
    wait: int | None = None

    def headers(self) -> list[tuple[str, str]]:
        """What stands above the body."""
        said = [("Content-Type", self.media_type), ("Content-Length", str(len(self.body)))]
        said.append((SEVERAL, str(several.MOST)))
        said += [(OFFSET, str(self.offset))] if self.offset is not None else []
        return said + ([("Retry-After", str(self.wait))] if self.wait is not None else [])


class PeerUnknownError(ComityError):
    """The certificate of the connection is no confirmed peer's."""

    code = "peer_unknown"
    message = gettext_noop("The certificate belongs to no authority of this node's directory.")
    next_step = gettext_noop("Exchange cards first: comity node directory card DIR")


class NotServedError(ComityError):
    """The address or method is none of this endpoint (WIRE-4)."""

    code = "not_served"
    message = gettext_noop("This address serves letters, receipts and keys of peers only.")
    next_step = gettext_noop("Use POST or PUT /letters/<id>, POST /receipts or POST /keys.")


_STATUS = {
    known.AuthorityUnknownError.code: HTTPStatus.NOT_FOUND,
    proving.LetterUnknownError.code: HTTPStatus.NOT_FOUND,
    PeerUnknownError.code: HTTPStatus.FORBIDDEN,
    NotServedError.code: HTTPStatus.NOT_FOUND,
    keeping.ReceiptConflictError.code: HTTPStatus.CONFLICT,
    keeping.ReceiptForeignError.code: HTTPStatus.CONFLICT,
    announcing.KeyNoticeOutdatedError.code: HTTPStatus.CONFLICT,
    allowances.PeerLettersQuotaError.code: HTTPStatus.TOO_MANY_REQUESTS,
    allowances.PeerBytesQuotaError.code: HTTPStatus.TOO_MANY_REQUESTS,
    allowances.PeerUnopenedQuotaError.code: HTTPStatus.TOO_MANY_REQUESTS,
    answering.DrillNotAcceptedError.code: HTTPStatus.FORBIDDEN,
    answering.DrillTooSoonError.code: HTTPStatus.TOO_MANY_REQUESTS,
    answering.DrillConflictError.code: HTTPStatus.CONFLICT,
    asking.DrillUnknownError.code: HTTPStatus.NOT_FOUND,
    unfinished.OffsetDiffersError.code: HTTPStatus.CONFLICT,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
}


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request of a peer."""
    peer_id = "-"
    try:
        peer = _peer(environ)
        peer_id = peer.id
        with durable.disk_told():
            answer = _serve(environ, peer)
        code = "ok"
    except ComityError as error:
        answer = _problem(error)
        code = error.code
    except Exception:
        _log.exception("a peer's request failed")
        answer = _problem(ComityError())
        code = "unexpected"
    finally:
        close_old_connections()
    status = answer.status
    _log.info("%s %s of %s: %s %s", environ["REQUEST_METHOD"], _route(environ), peer_id, int(status), code)
    start_response(f"{int(status)} {status.phrase}", answer.headers())
    return [answer.body]


def _peer(environ: WSGIEnvironment) -> Authority:
    connection = environ["gunicorn.socket"]
    shown = fingerprint(connection.getpeercert(binary_form=True))
    peer = known.by_fingerprint(shown, timezone.now())  # the clock by which the handshake was judged
    if peer is None:
        connection.unwanted = True
        raise PeerUnknownError
    return peer


def _serve(environ: WSGIEnvironment, peer: Authority) -> Answer:
    route, method = _route(environ), environ["REQUEST_METHOD"]
    if method == "GET":
        return _shown(environ["PATH_INFO"], peer)
    now = wall_clock.now()
    if route == "/receipts" and method == "POST":
        _keep_receipt(_body(environ), peer, now)
        return Answer(HTTPStatus.NO_CONTENT)
    if route in (_LETTERS, _RECEIPTS) and method == "POST":
        return _each(_letters(environ, peer, now) if route == _LETTERS else _receipts(environ, peer, now))
    if route == "/keys" and method == "POST":
        allowances.demand(peer, now)
        allowances.charge(peer, now, letters=1)
        announcing.learn(_body(environ), peer, now)
        return Answer(HTTPStatus.NO_CONTENT)
    if route in ("/drills", "/drills/answers") and method == "POST":
        allowances.demand(peer, now)
        allowances.charge(peer, now, letters=1)  # a refused one too: its signature was checked
        heard = answering.receive if route == "/drills" else asking.hear_answer
        return Answer(HTTPStatus.OK, body=heard(_body(environ, _DRILL_BYTES), peer, now))
    if route == "/letters" and method in ("POST", "PUT"):
        envelope = _envelope(environ)
        said: bytes | int
        if method == "PUT":
            said = incoming.accept(environ["wsgi.input"], envelope, peer, now, _part(environ, envelope))
        else:
            said = incoming.answer_offer(envelope, peer, now)
        return _answer(said)
    if route == "/witness/add-checkpoint" and method == "POST":
        found = cosigning.add_checkpoint(_body(environ, cosigning.MAX_BYTES), now)
        return Answer(found.status, found.media_type, found.body)
    raise NotServedError


def _shown(path: str, peer: Authority) -> Answer:
    """Our head and tiles (C2SP tlog-tiles), what is known of another's ledger, entries of its letters."""
    asked = _ENTRIES.fullmatch(path)
    if asked or path == "/drills":  # it is worked for: it costs as much as a letter, whatever the answer
        now = wall_clock.now()
        allowances.demand(peer, now)
        allowances.charge(peer, now, letters=1)
        if asked is None:
            return Answer(HTTPStatus.OK, body=arranging.tell(peer, now))
        return Answer(HTTPStatus.OK, "application/json", proving.shown_to(peer, asked[1]).as_bytes())
    asked = _HEAD_OF.fullmatch(path)
    if asked:
        head = heads.largest(known.find(asked[1]))
        return Answer(HTTPStatus.OK, body=head.note.encode()) if head else Answer(HTTPStatus.NO_CONTENT)
    if path == "/checkpoint" and (checkpoint := own.published()) is not None:
        return Answer(HTTPStatus.OK, body=own.cosigned_note(checkpoint).encode())
    if (tile := own.tile(path)) is not None:
        return Answer(HTTPStatus.OK, "application/octet-stream", tile)
    raise NotServedError


def _keep_receipt(note: bytes, peer: Authority, now: datetime) -> None:
    """Keep a receipt; one that contradicts an earlier one stands in the ledger, so it counts as a letter."""
    allowances.demand(peer, now)
    try:
        keeping.keep(note, peer, now)
    except keeping.ReceiptConflictError:
        allowances.charge(peer, now, letters=1)
        raise


def _letters(environ: WSGIEnvironment, peer: Authority, now: datetime) -> list[Answer]:
    """What each of several letters is answered (WIRE-25)."""
    allowances.demand(peer, now)  # first: of a body that is refused anyway nothing is read
    brought: list[tuple[Envelope, bytes]] = []
    try:
        brought.extend(several.read_letters(environ["wsgi.input"]))  # all or nothing of a body can be read
    except ComityError:
        allowances.charge(peer, now, size=sum(len(container) for _, container in brought))
        raise
    return [_answer(said) for said in incoming.accept_several(brought, peer, now)]


def _answer(said: bytes | int | ComityError) -> Answer:
    if isinstance(said, ComityError):
        return _problem(said)
    if isinstance(said, int):
        return Answer(HTTPStatus.ACCEPTED, offset=said)
    return Answer(HTTPStatus.OK, body=said)


def _receipts(environ: WSGIEnvironment, peer: Authority, now: datetime) -> list[Answer]:
    """What each of several receipts is answered (WIRE-26)."""
    allowances.demand(peer, now)
    notes = several.read_receipts(_body(environ, several.BYTES))
    kept = keeping.keep_several([(None, note) for note in notes], peer, now)
    conflicts = sum(isinstance(each, keeping.ReceiptConflictError) for each in kept)
    allowances.charge(peer, now, letters=conflicts)
    taken = Answer(HTTPStatus.NO_CONTENT)
    return [_problem(each) if isinstance(each, ComityError) else taken for each in kept]


def _each(answers: list[Answer]) -> Answer:
    """The answers to several as one."""
    said = [
        several.Said(status=each.status, retry_after=each.wait, body=each.body.decode()) for each in answers
    ]
    return Answer(HTTPStatus.OK, "application/json", several.write_answers(said))


def _part(environ: WSGIEnvironment, envelope: Envelope) -> range | None:
    """The bytes of the container that this request brings; None for all of them (WIRE-14)."""
    said = environ.get("HTTP_CONTENT_RANGE")
    if said is None:
        return None
    found = _RANGE.fullmatch(said)
    first, last, size = map(int, found.groups()) if found else (1, 0, -1)
    if size != envelope.bytes or not first <= last < size:
        raise EnvelopeMalformedError(where="Content-Range", why="it is no part of the container")
    return range(first, last + 1)


def _route(environ: WSGIEnvironment) -> str:
    path: str = environ.get("PATH_INFO", "")
    if _LETTER.fullmatch(path):
        return "/letters"
    if _ENTRIES.fullmatch(path):
        return "/letters/entries"
    if path.startswith(("/tile/", "/witness/checkpoint/")):
        return path.rpartition("/")[0].split("/")[1]
    return path if path in _ROUTES else "other"


def _envelope(environ: WSGIEnvironment) -> Envelope:
    try:
        data = base64.b64decode(environ.get("HTTP_COMITY_ENVELOPE", ""), validate=True)
    except binascii.Error:
        raise EnvelopeMalformedError(where="envelope", why="it is not base64") from None
    envelope = read_envelope(data)
    if environ["PATH_INFO"] != f"/letters/{envelope.letter}":
        raise EnvelopeMalformedError(where="letter", why="the address names another letter")
    return envelope


def _body(environ: WSGIEnvironment, most: int = _RECEIPT_BYTES) -> bytes:
    data: bytes = environ["wsgi.input"].read(most + 1)
    if len(data) > most:
        raise NotServedError
    return data


def _problem(error: ComityError) -> Answer:
    temporary = HTTPStatus.SERVICE_UNAVAILABLE if error.temporary else HTTPStatus.BAD_REQUEST
    status = HTTPStatus.INTERNAL_SERVER_ERROR if type(error) is ComityError else temporary
    body = json.dumps(error.as_dict(), ensure_ascii=False).encode()
    params = error.params
    return Answer(
        _STATUS.get(error.code, status),
        "application/json",
        body,
        offset=params.get("offset"),
        wait=params.get("retry_after"),
    )
