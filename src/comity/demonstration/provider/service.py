"""The provider over HTTP: for its users, and for authorities at ``/orders``."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from comity.demonstration.provider.accounts import Books, Refused
from comity.demonstration.provider.legal import LegalDesk
from comity.demonstration.provider.mail import Mailboxes, is_address

_LONGEST_BODY = 1024 * 1024
_ORDER = re.compile(r"/orders/([0-9a-f-]{36})")
_FILE = re.compile(r"/orders/([0-9a-f-]{36})/files/([0-9]{1,4})")


class Provider(ThreadingHTTPServer):
    """The running service over one folder."""

    daemon_threads = True

    def __init__(self, folder: Path, host: str, port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.books = Books(folder)
        self.mailboxes = Mailboxes(folder)
        self.desk = LegalDesk(folder, self.books, self.mailboxes)
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"
    server_version = "PostExample"
    timeout = 30

    def do_GET(self) -> None:
        self._answer(
            {
                "/health": lambda: {"ok": True},
                "/mail": self._list_mail,
            }
        )

    def do_POST(self) -> None:
        self._answer({"/accounts": self._sign_up, "/sessions": self._sign_in, "/mail": self._send_mail})

    def do_PUT(self) -> None:
        self._answer({})

    def do_DELETE(self) -> None:
        self._answer({"/mail": self._delete_mail})

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the console; the access log is the provider's own."""

    def _answer(self, routes: dict[str, Callable[[], Any]]) -> None:
        try:
            file = _FILE.fullmatch(self.path)
            order = _ORDER.fullmatch(self.path)
            if file and self.command == "GET":
                return self._give_file(file[1], int(file[2]))
            if order and self.command in ("GET", "PUT"):
                return self._give_json(self._order(order[1]))
            if self.path not in routes:
                raise Refused(404, "no such address")
            self._give_json(routes[self.path]())
        except Refused as refusal:
            self._give_json({"error": refusal.reason}, refusal.status)
        except (KeyError, TypeError, AttributeError):
            self._give_json({"error": "the body lacks something or has another form"}, HTTPStatus.BAD_REQUEST)

    def _order(self, order_id: str) -> dict[str, Any]:
        authority = self.server.desk.authority(self._token())
        if self.command == "PUT":
            self.server.desk.take(authority, order_id, self._body())
        return self.server.desk.answer(authority, order_id)

    def _sign_up(self) -> dict[str, Any]:
        body = self._body()
        if not is_address(str(body.get("address"))):
            raise Refused(400, "this is not an address here")
        self.server.books.sign_up(body["address"], body["name"], body["password"], *self._client())
        return {"address": body["address"]}

    def _sign_in(self) -> dict[str, Any]:
        body = self._body()
        return {"token": self.server.books.sign_in(body["address"], body["password"], *self._client())}

    def _send_mail(self) -> dict[str, Any]:
        sender, body = self._user("send"), self._body()
        if not self.server.books.exists(str(body.get("to"))):
            raise Refused(404, "no such recipient")
        self.server.mailboxes.deliver(sender, body["to"], body["subject"], body["text"])
        return {"sent": True}

    def _list_mail(self) -> dict[str, Any]:
        return {"messages": self.server.mailboxes.subjects(self._user("read"))}

    def _delete_mail(self) -> dict[str, Any]:
        return {"deleted": self.server.mailboxes.empty(self._user("delete-all"))}

    def _user(self, act: str) -> str:
        return self.server.books.owner(self._token(), act, *self._client())

    def _client(self) -> tuple[str, str]:
        return self.client_address[0], self.headers.get("User-Agent", "")

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LONGEST_BODY:
            raise Refused(413, "the body is missing or too long")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(body, dict):
            raise Refused(400, "the body is not a JSON object")
        return body

    def _give_json(self, value: Any, status: int = HTTPStatus.OK) -> None:
        data = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status >= HTTPStatus.BAD_REQUEST:
            self.close_connection = True  # its body may not have been read
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def _give_file(self, order_id: str, n: int) -> None:
        path = self.server.desk.file(self.server.desk.authority(self._token()), order_id, n)
        with path.open("rb") as source:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(path.stat().st_size))
            self.end_headers()
            shutil.copyfileobj(source, self.wfile)
