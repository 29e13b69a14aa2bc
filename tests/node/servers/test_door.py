"""What strangers, slow peers and broken connections can do to the endpoint for peers of a real node."""

from __future__ import annotations

import base64
import os
import signal
import socket
import sqlite3
import ssl
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.node.servers.conftest import Node, eventually, introduce

from comity import canonical
from comity.delivery.envelope import Envelope, write_envelope
from comity.node.exchange import door

pytestmark = pytest.mark.story

HALF_HELLO = bytes.fromhex("1603010200 01".replace(" ", ""))
PROMPT = 4.0
"""Seconds in which a peer must be answered; well below PATIENCE, after which strangers are gone anyway."""


@pytest.fixture(scope="module")
def tm(tmp_path_factory):
    """A running node, and the folder of a peer that it knows (which does not run)."""
    folder = tmp_path_factory.mktemp("door")
    kz, tm = Node(folder / "kz", "KZ"), Node(folder / "tm", "TM")
    for each in (kz, tm):
        each.make()
    introduce(kz, tm)
    tm.start()
    yield tm, kz
    tm.kill()


def strangers(node, count, stack):
    made = [stack.enter_context(plain(node)) for _ in range(count)]
    for each in made:
        each.sendall(HALF_HELLO)
    time.sleep(0.5)
    return made


def plain(node):
    host, _, port = node.peer_listen.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PROMPT)


def genuine(node, peer):
    """A connection with the certificate of the peer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(node.folder / "keys" / "tls.crt")
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_cert_chain(peer.folder / "keys" / "tls.crt", peer.folder / "keys" / "tls.key")
    return context.wrap_socket(plain(node))


def ask(connection, head, body=b""):
    connection.sendall(f"{head}\r\nHost: node\r\nConnection: close\r\n\r\n".encode() + body)
    return answer(connection)


def ask_on(connection, head, body=b""):
    """Ask on a connection that may go on; the head of the answer, lower-case."""
    connection.sendall(f"{head}\r\nHost: node\r\n\r\n".encode() + body)
    got = b""
    while b"\r\n\r\n" not in got:
        block = connection.recv(1)
        assert block, "hung up on"
        got += block
    head, _, _ = got.lower().partition(b"\r\n\r\n")
    left = int(head.partition(b"content-length: ")[2].split()[0])
    while left:
        left -= len(connection.recv(left))
    return head


def answer(connection):
    """The whole answer, once the node has closed the connection."""
    got = b""
    while block := connection.recv(65536):
        got += block
    return got


def hung_up(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except ConnectionResetError:
        return True


def children(process):
    """The processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def put(source, target, size):
    """The head of a PUT of a letter that is announced with ``size`` bytes."""
    now, letter = datetime.now(UTC), str(uuid.uuid4())
    envelope = Envelope.model_validate(
        {
            "letter": letter,
            "from": source.id,
            "to": target.id,
            "generation": 1,
            "written_at": canonical.instant_text(now),
            "expires_at": canonical.instant_text(now + timedelta(days=1)),
            "sha256": "ab" * 32,
            "bytes": size,
        }
    )
    said = base64.b64encode(write_envelope(envelope)).decode()
    return f"PUT /letters/{letter} HTTP/1.1\r\nComity-Envelope: {said}\r\nContent-Length: {size}"


def test_strangers_in_half_a_handshake_keep_no_peer_out_and_are_hung_up_on(tm):
    node, peer = tm
    began = time.monotonic()
    with ExitStack() as stack:
        made = strangers(node, 3 * door.STRANGERS_OF_ADDRESS, stack)
        with genuine(node, peer) as connection:
            assert b" 404 " in ask(connection, "GET / HTTP/1.1")
        assert time.monotonic() - began < PROMPT
        newest = made[1 - door.STRANGERS_OF_ADDRESS :]
        assert all(hung_up(each) for each in made[: -door.STRANGERS_OF_ADDRESS]), "the oldest made room"
        assert not any(hung_up(each) for each in newest), "who is not too many may take its time"
        time.sleep(max(0.0, began + door.PATIENCE + 3 - time.monotonic()))
        assert all(hung_up(each) for each in newest), "but not for ever"


def test_a_stranger_that_speaks_while_it_makes_room_takes_nobody_along(tm):
    node, peer = tm
    answering = children(node.part("peers"))[0]
    with ExitStack() as stack:
        made = [stack.enter_context(plain(node)) for _ in range(door.STRANGERS_OF_ADDRESS + 1)]
        eventually(lambda: hung_up(made[0]), "the node to have met every stranger")
        os.kill(
            answering, signal.SIGSTOP
        )  # so that it finds both at once: a newcomer, and the oldest's words
        made.append(stack.enter_context(plain(node)))
        made[1].sendall(HALF_HELLO)
        os.kill(answering, signal.SIGCONT)
        eventually(lambda: hung_up(made[1]), "the oldest to make room")
        with genuine(node, peer) as connection:
            assert b" 404 " in ask(connection, "GET / HTTP/1.1")
        assert not any(hung_up(each) for each in made[3:])
        assert children(node.part("peers")) == [answering]


def test_peers_that_say_nothing_keep_no_peer_out(tm):
    node, peer = tm
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(genuine(node, peer))
        with genuine(node, peer) as connection:
            assert b" 404 " in ask(connection, "GET / HTTP/1.1")


def test_a_body_that_stops_is_answered(tm):
    node, peer = tm
    with genuine(node, peer) as connection:
        connection.settimeout(door.PATIENCE + 5)
        got = ask(connection, put(peer, node, 10), b"abc")
    assert b" 503 " in got
    assert b'"cut_off"' in got
    assert b"3 of 10" in got
    assert list((node.folder / "arriving").iterdir()) == []


def test_one_connection_serves_many_requests_and_the_patience_of_each_is_its_own(tm):
    node, peer = tm
    with genuine(node, peer) as connection:
        for _ in range(3):
            head = ask_on(connection, "POST /receipts HTTP/1.1\r\nContent-Length: 4", b"none")
            assert b" 400 " in head
            assert b"\r\nconnection: keep-alive" in head


def test_an_answer_to_a_body_that_was_not_read_says_that_the_connection_ends_with_it(tm):
    node, peer = tm
    with genuine(node, peer) as connection:
        head = ask_on(connection, "POST /nowhere HTTP/1.1\r\nContent-Length: 4", b"none")
        assert b"\r\nconnection: close" in head
        assert answer(connection) == b""


def test_idle_connections_of_a_peer_make_room_for_its_newer_ones(tm):
    node, peer = tm
    with ExitStack() as stack:
        made = []
        for _ in range(door.WAITING_OF_PEER + 2):
            made.append(stack.enter_context(genuine(node, peer)))
            assert b" 404 " in ask_on(made[-1], "GET / HTTP/1.1")
        eventually(lambda: hung_up(made[0]), "the oldest to make room")
        assert not hung_up(made[-1])


def test_a_kept_connection_ends_with_the_certificates_that_it_was_made_with(tm):
    """The node's own was replaced, or the peer's has ended: this answer is the connection's last (WIRE-4)."""
    node, peer = tm
    with genuine(node, peer) as connection:
        assert b"keep-alive" in ask_on(connection, "GET / HTTP/1.1")
        os.utime(node.folder / "keys" / "tls.crt")
        assert b"\r\nconnection: close" in ask_on(connection, "GET / HTTP/1.1")
    with genuine(node, peer) as connection, sqlite3.connect(node.folder / "node.sqlite3", timeout=20) as rows:
        assert b"keep-alive" in ask_on(connection, "GET / HTTP/1.1")
        of_peer = (peer.id,)
        rows.execute(
            "UPDATE directory_authority SET tls_ends_at = '2020-01-01 00:00:00' WHERE id = ?", of_peer
        )
        rows.commit()
        head = ask_on(connection, "GET / HTTP/1.1")
        rows.execute("UPDATE directory_authority SET tls_ends_at = NULL WHERE id = ?", of_peer)
    assert b" 403 " in head
    assert b"\r\nconnection: close" in head


def test_a_node_stops_politely_while_strangers_and_idle_peers_wait(tm):
    node, peer = tm
    with ExitStack() as stack:
        strangers(node, 4, stack)
        kept = stack.enter_context(genuine(node, peer))
        assert b"keep-alive" in ask_on(kept, "GET / HTTP/1.1")
        began = time.monotonic()
        assert node.stop() == 0
        assert time.monotonic() - began < door.PATIENCE - 1


def test_one_peer_is_answered_so_many_times_at_once_and_told_when_to_come_again(tm):
    node, peer = tm
    node.start() if node.running is None else None
    with ExitStack() as stack:
        slow = [stack.enter_context(genuine(node, peer)) for _ in range(4)]
        for each in slow:
            each.sendall(f"{put(peer, node, 100_000)}\r\nHost: node\r\n\r\n".encode() + b"x" * 1000)
        time.sleep(0.5)
        with genuine(node, peer) as connection:
            got = ask(connection, "GET / HTTP/1.1")
        assert b" 429 " in got
        assert b"Retry-After: 1" in got
        assert b"peer_connections_quota" in got
        for each in slow:
            each.close()
    assert b" 404 " in eventually(lambda: unless_busy(node, peer), "the places are free again")


def unless_busy(node, peer):
    with genuine(node, peer) as connection:
        got = ask(connection, "GET / HTTP/1.1")
    return got if b" 429 " not in got else None
