"""Speak to the node under test over a socket: TLS with whatever certificate, requests whole or cut off."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from comity.conformance.tester import KEYS, Tester
from comity.directory.cards import Card
from comity.terms import ComityError, gettext_noop

MOST = 2_000_000
"""Bytes of an answer that are read."""


class NodeUnreachableError(ComityError):
    """Nothing answers at the address of the node under test."""

    code = "node_unreachable"
    message = gettext_noop("Nothing answers at {url}.")
    next_step = gettext_noop("Start the node, and compare the address with the one it listens at.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the node answered; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, response: http.client.HTTPResponse) -> Answer:
        """What a response says."""
        said = {name.lower(): value for name, value in response.getheaders()}
        return cls(response.status, said, response.read(MOST))

    @property
    def problem(self) -> dict[str, str]:
        """The error object in the body; empty where there is none."""
        with suppress(ValueError):
            said = json.loads(self.body)
            if isinstance(said, dict) and all(isinstance(each, str) for each in said.values()):
                return said
        return {}

    @property
    def offset(self) -> int | None:
        """From which byte on a container is wanted; None where that is no number."""
        said = self.headers.get("comity-offset", "0")
        return int(said) if said.isdecimal() and len(said) <= 16 else None

    def __str__(self) -> str:
        code = self.problem.get("code", "")
        return f"{self.status} {code}".strip()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a caller heard: the answer (None: it was hung up on, or left alone), after how many seconds."""

    answer: Answer | None
    after: float


def client_context(chain: tuple[Path, Path] | None, pinned: str = "") -> ssl.SSLContext:
    """TLS 1.3 with certificate and key of these files, towards exactly the ``pinned`` certificate (PEM)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED if pinned else ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if pinned:
        context.load_verify_locations(cadata=pinned)
    if chain is not None:
        context.load_cert_chain(*chain)
    return context


@dataclass(slots=True)
class Line:
    """The way to the node under test: every request on a connection of its own."""

    host: str
    port: int
    context: ssl.SSLContext
    patience: float

    @classmethod
    def to(cls, place: tuple[str, int], tester: Tester, node: Card, patience: float) -> Line:
        """As the tester, towards the certificate on the node's card."""
        own = tester.folder / KEYS
        context = client_context((own / "tls.crt", own / "tls.key"), node.certificates.tls)
        return cls(*place, context, patience)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """One request and its answer; a node that answers before it has read everything is heard too."""
        with self.begun(method, path, headers or {}, len(body)) as connection:
            with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
                connection.send(body)
            return Answer.of(connection.getresponse())

    def cut(self, method: str, path: str, headers: Mapping[str, str], body: bytes, announced: int) -> None:
        """Announce a body of so many bytes, bring these, and send no more; ends when the node has noticed."""
        with self.begun(method, path, headers, announced) as connection, suppress(OSError):
            connection.send(body)
            connection.sock.shutdown(socket.SHUT_WR)  # of the line itself: what follows is not decrypted
            while connection.sock.recv(4096):
                pass

    def reach(self) -> None:
        """Raise NodeUnreachableError where nobody listens."""
        try:
            socket.create_connection((self.host, self.port), timeout=self.patience).close()
        except OSError:
            raise NodeUnreachableError(url=f"https://{self.host}:{self.port}") from None

    @contextmanager
    def begun(
        self, method: str, path: str, headers: Mapping[str, str], size: int
    ) -> Iterator[http.client.HTTPSConnection]:
        """A request whose head was sent, and whose body of ``size`` bytes was not; it ends with the block."""
        connection = http.client.HTTPSConnection(
            self.host, self.port, timeout=self.patience, context=self.context
        )
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if size or method != "GET":
                connection.putheader("Content-Length", str(size))
            connection.endheaders()
            yield connection
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Met:
    """What a stranger met: the version of TLS, the server's certificate (DER), its first bytes, a ticket."""

    version: str
    certificate: bytes
    answer: bytes
    has_ticket: bool


def knock(line: Line, context: ssl.SSLContext) -> Met | None:
    """Shake hands with this context and ask for something; None where the node hung up before it answered.

    Raises TimeoutError where it neither answers nor hangs up.
    """
    with socket.create_connection((line.host, line.port), timeout=line.patience) as plain:
        try:
            with context.wrap_socket(plain) as secured:
                secured.sendall(b"GET /conformance HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n")
                answer = secured.recv(4096)
                if not answer:
                    return None
                session = secured.session
                ticket = session is not None and session.has_ticket
                shown = secured.getpeercert(binary_form=True) or b""
                return Met(secured.version() or "", shown, answer, ticket)
        except TimeoutError:
            raise
        except OSError:  # ssl.SSLError is one too
            return None
