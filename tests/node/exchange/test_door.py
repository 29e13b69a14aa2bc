from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from collections import deque

import pytest
from gunicorn.http.body import LengthReader
from gunicorn.http.unreader import SocketUnreader

from comity.node.exchange import door


@pytest.fixture
def met(key_folders, monkeypatch):
    """Both ends of a TLS connection whose server side is metered, with little patience."""
    monkeypatch.setattr(door, "PATIENCE", 0.5)
    monkeypatch.setattr(door.MeteredSocket, "_left", 0.5)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(key_folders.own / "tls.crt", key_folders.own / "tls.key")
    serving.sslsocket_class = door.MeteredSocket
    calling = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    calling.check_hostname, calling.verify_mode = False, ssl.CERT_NONE
    near, far = socket.socketpair()
    made = []
    thread = threading.Thread(target=lambda: made.append(serving.wrap_socket(near, server_side=True)))
    thread.start()
    with calling.wrap_socket(far) as client:
        thread.join()
        with made[0] as server:
            server.setblocking(True)
            yield server, client


def trickle(client, block, pause, stopped):
    while not stopped.wait(pause):
        client.sendall(block)


def into_memory(server):
    space = bytearray(65536)
    return bytes(space[: server.recv_into(space)])


@pytest.mark.parametrize(
    ("block", "comes_through", "take"),
    [
        (b"x", False, lambda server: server.recv(65536)),
        (b"x" * 4096, True, lambda server: server.recv(65536)),
        (b"x", False, into_memory),
        (b"x" * 4096, True, into_memory),
    ],
)
def test_a_body_may_be_slow_but_not_slower_than_the_lowest_rate(met, block, comes_through, take):
    server, client = met
    stopped = threading.Event()
    thread = threading.Thread(target=trickle, args=(client, block, 0.1, stopped))
    thread.start()
    end, got = time.monotonic() + 2, b""
    while time.monotonic() < end and (data := take(server)):
        got += data
    over = time.monotonic() >= end
    stopped.set()
    thread.join()
    assert over is comes_through
    assert len(got) > 2, "neither was cut off at once"


def test_a_peer_that_was_cut_off_can_still_be_answered(met):
    server, client = met
    assert server.recv(10) == b""
    server.sendall(b"too slow")
    assert client.recv(10) == b"too slow"


class Coming:
    """What comes in some records: after how many seconds and how many bytes, ``None``: nothing in time."""

    def __init__(self, server, monkeypatch, *records):
        self.now, self.records, self.waits = 0.0, list(records), []
        monkeypatch.setattr(door.time, "monotonic", lambda: self.now)
        server.gettimeout = lambda: None
        server.settimeout = lambda wait: self.waits.append(wait) if wait is not None else None

    def __call__(self, got):
        seconds, count = self.records.pop(0)
        self.now += seconds
        if count is None:
            raise TimeoutError
        return count


def test_what_came_before_a_stall_buys_no_second_patience(met, monkeypatch):
    server, _ = met
    come = Coming(server, monkeypatch, (0.0, 16384), (0.5, None))
    assert server._metered(come, 65536) == 16384
    assert server._metered(come, 65536) == 0
    assert come.now == 0.5
    assert come.waits == [0.5], "it was not waited for again"


def test_a_stall_that_what_came_before_it_paid_for_is_waited_for(met, monkeypatch):
    server, _ = met
    server._left = 0.125
    come = Coming(server, monkeypatch, (0.0, 4096), (0.125, None), (0.25, None))
    assert [server._metered(come, 65536), server._metered(come, 65536)] == [4096, 0]
    assert come.waits == [0.125, 0.25]


def test_records_are_taken_together_until_the_peer_is_slower_than_it_was(met, monkeypatch):
    server, _ = met
    come = Coming(server, monkeypatch, *[(0.001, 16384)] * 3, (0.25, 1), (0.0, 16384))
    assert server._metered(come, 131072) == 3 * 16384 + 1
    assert come.waits == [0.5]
    assert server._metered(come, 16384) == 16384
    assert come.waits == [0.5, pytest.approx(0.25, abs=0.001)]


def test_an_end_without_patience_is_no_end_for_the_selector(met):
    server, _ = met
    server.setblocking(False)
    with pytest.raises(ssl.SSLWantReadError):
        server.recv(10)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_who_counts_as_one_stranger(one, other, same):
    assert (door.network(one) == door.network(other)) is same


def test_a_connection_that_made_room_in_the_same_round_is_passed_over():
    """It is closed and unregistered: to unregister it again would end the process that answers peers."""
    worker = door.Door.__new__(door.Door)
    worker.keepalived_conns, worker.pending_conns = deque(), deque()
    worker.poller = selectors.DefaultSelector()
    near, far = socket.socketpair()
    with near, far:
        worker.on_client_socket_readable(object(), near)
        worker.on_pending_socket_readable(object(), near)


@pytest.mark.parametrize("read_before", [0, 3])
def test_a_body_comes_straight_from_the_connection_and_ends_where_it_ends(read_before):
    body = bytes(range(256)) * 400
    giving, taking = socket.socketpair()
    with giving, taking:
        giving.sendall(body[:5000] + body[5000:] + b"NEXT REQUEST")
        unreader = SocketUnreader(taking)
        unreader.unread(unreader.chunk(4000))  # what came with the headers
        arriving = door.ArrivingBody(LengthReader(unreader, len(body)))
        taken = bytearray(arriving.read(read_before))
        space = memoryview(bytearray(70_000))
        while count := arriving.readinto(space):
            taken += space[:count]
        assert bytes(taken) == body
        assert arriving.readinto(space) == 0
        assert arriving.reader.length == 0
        assert arriving.reader.unreader.read(12) == b"NEXT REQUEST"
