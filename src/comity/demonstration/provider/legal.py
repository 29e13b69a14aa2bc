"""The legal desk: signed orders of known authorities, what they preserve and what they produce.

Preserving takes a copy that the account's owner cannot reach; producing gives that copy out, or one made now.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from comity.demonstration.provider.accounts import Books, Refused, now_text, token_hash
from comity.demonstration.provider.mail import Mailboxes
from comity.orders import form
from comity.orders.verification import (
    OrderOfAnotherError,
    OrderSealNotValidError,
    OrderSignatureWrongError,
    verify,
)
from comity.shapes import encode_base64
from comity.terms import ComityError

_FILES = (
    ("access.log", "text/plain", "traffic"),
    ("mailbox.mbox", "application/mbox", "content"),
    ("subscriber.json", "application/json", "subscriber"),
)


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority whose orders are followed: its seal certificate and the hash of its access token."""

    id: str
    certificate: x509.Certificate
    token: bytes


def read_authorities(folder: Path) -> list[Authority]:
    """Those registered under ``authorities/``: ``<id>.crt`` and ``<id>.token`` (SHA-256, hex)."""
    return [
        Authority(
            path.stem,
            x509.load_pem_x509_certificate(path.read_bytes()),
            bytes.fromhex(path.with_suffix(".token").read_text("ascii").strip()),
        )
        for path in sorted((folder / "authorities").glob("*.crt"))
    ]


class LegalDesk:
    """Takes orders and answers them."""

    def __init__(self, folder: Path, books: Books, mailboxes: Mailboxes) -> None:
        self.folder = folder / "preserved"
        self.folder.mkdir(exist_ok=True)
        self.home = folder
        self.books, self.mailboxes = books, mailboxes

    def authority(self, token: str) -> Authority:
        """Whose token this is; 401 for nobody's."""
        for known in read_authorities(self.home):
            if hmac.compare_digest(known.token, token_hash(token)):
                return known
        raise Refused(401, "no authority has this token")

    def take(self, authority: Authority, order_id: str, body: dict[str, Any]) -> None:
        """Check an order and do what it says; a later generation of it changes only what is wanted.

        409 for other bytes under the same id that are no later generation.
        """
        signed, signature = _decoded(body)
        with self.books.open() as db:
            row = db.execute("SELECT signed, answer FROM legal_order WHERE id = ?", (order_id,)).fetchone()
        if row is not None and bytes(row[0]) == signed:
            return
        order = _verified(authority, order_id, signed, signature)
        if row is not None and order.generation <= form.read(bytes(row[0])).generation:
            raise Refused(409, "another order has this id")
        answer = json.loads(row[1]) if row is not None else self._do(order)
        with self.books.open() as db:
            db.execute(
                "INSERT OR REPLACE INTO legal_order VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    order_id,
                    authority.id,
                    str(order.kind),
                    order.identifiers[0].value,
                    signed,
                    body["signature"],
                    json.dumps(answer),
                ),
            )

    def signed(self, order_id: str) -> bytes:
        """The newest generation of an order, as it was signed."""
        with self.books.open() as db:
            row = db.execute("SELECT signed FROM legal_order WHERE id = ?", (order_id,)).fetchone()
        if row is None:
            raise Refused(404, "no such order")
        return bytes(row[0])

    def answer(self, authority: Authority, order_id: str) -> dict[str, Any]:
        """What was done on an order of this authority."""
        with self.books.open() as db:
            row = db.execute(
                "SELECT answer FROM legal_order WHERE id = ? AND authority = ?", (order_id, authority.id)
            ).fetchone()
        if row is None:
            raise Refused(404, "no such order")
        answer: dict[str, Any] = json.loads(row[0])
        return answer

    def file(self, authority: Authority, order_id: str, n: int) -> Path:
        """The n-th file that an order produced."""
        files = self.answer(authority, order_id)["files"]
        if not 0 <= n < len(files):
            raise Refused(404, "no such file")
        of = int(files[n].get("identifier", 1))
        return self.folder / (order_id if of == 1 else f"{order_id}-{of}") / str(files[n]["name"])

    def _do(self, order: form.Order) -> dict[str, Any]:
        said: list[dict[str, Any]] = []
        files: list[dict[str, Any]] = []
        for each in order.identifiers:
            held = each.type == "email" and self.books.exists(each.value)
            said.append({"number": each.number, "outcome": "done" if held else "not_held"})
            if held:
                files += self._follow(order, each)
        state = form.state_of([each["outcome"] for each in said])
        note = "No such account." if state == "not_held" else _DONE[order.kind]
        common = {"generation": order.generation, "at": now_text(), "note": note}
        return {"state": str(state), "identifiers": said, "files": files} | common

    def _follow(self, order: form.Order, account: form.Identifier) -> list[dict[str, Any]]:
        """Take the account's copy, and describe of it what the order wants handed over."""
        earlier = self._preserved_before(order.authority, account.value)
        name = order.order if account.number == 1 else f"{order.order}-{account.number}"
        self._lay_down(name, self.folder / earlier if earlier else self._copy_of(account.value), earlier)
        if order.kind != form.OrderKind.PRODUCE:
            return []
        wanted = [each for each in _FILES if each[2] in order.data_kinds]
        described = [self._describe(self.folder / name, *each) for each in wanted]
        return [each | {"identifier": account.number} for each in described]

    def _preserved_before(self, authority: str, address: str) -> str | None:
        """The earliest copy of the account this authority ordered: what it held when it was to preserve."""
        with self.books.open() as db:
            row = db.execute(
                "SELECT id FROM legal_order WHERE authority = ? AND kind = 'preserve' AND address = ?"
                " ORDER BY rowid LIMIT 1",
                (authority, address),
            ).fetchone()
        return str(row[0]) if row else None

    def _copy_of(self, address: str) -> Path:
        growing = self.folder / f".{uuid.uuid4()}"
        growing.mkdir()
        (growing / "access.log").write_bytes(self.books.access_log(address))
        (growing / "mailbox.mbox").write_bytes(self.mailboxes.content(address))
        (growing / "subscriber.json").write_bytes(self.books.subscriber_record(address))
        return growing

    def _lay_down(self, order_id: str, source: Path, keep_source: str | None) -> None:
        """The copy under the order's id, whole or not at all, once."""
        if (self.folder / order_id).exists():
            return
        growing = source
        if keep_source:
            growing = self.folder / f".{uuid.uuid4()}"
            shutil.copytree(source, growing)
        for path in growing.iterdir():
            with path.open("rb") as written:
                os.fsync(written.fileno())
        growing.rename(self.folder / order_id)

    def _describe(self, folder: Path, name: str, media_type: str, data_kind: str) -> dict[str, Any]:
        data = (folder / name).read_bytes()
        return {
            "name": name,
            "media_type": media_type,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "data_kind": data_kind,
        }


def _decoded(body: dict[str, Any]) -> tuple[bytes, bytes]:
    try:
        return base64.b64decode(body["order"], validate=True), base64.b64decode(
            body["signature"], validate=True
        )
    except (KeyError, TypeError, ValueError):
        raise Refused(400, "the order cannot be read") from None


def _verified(authority: Authority, order_id: str, signed: bytes, signature: bytes) -> form.Order:
    """The order, when this authority signed exactly these bytes for this provider's desk under this id."""
    try:
        order = verify(signed, encode_base64(signature), authority.certificate, authority.id)
    except (OrderSignatureWrongError, OrderOfAnotherError, OrderSealNotValidError) as error:
        raise Refused(403, str(error)) from None
    except ComityError as error:
        raise Refused(400, str(error)) from None
    if order.order != order_id or order.kind not in _DONE:
        raise Refused(403, "the order has another id or another kind")
    return order


_DONE = {form.OrderKind.PRESERVE: "Copy taken.", form.OrderKind.PRODUCE: "Produced from the copy."}
