"""Measure one large letter between two nodes of this machine beside a bare transfer over mutual TLS.

The letter is sealed already; the time runs from its first attempt to its kept receipt: all slices sent, taken
in, hashed, synced, and accepted under a signed head. The bare transfer sends the same file on one connection
with the same certificates, and the receiver throws it away. All lies in memory (/dev/shm); as much is
written and thrown away before, so that a virtual machine has that memory.
`python benchmarks/bulk.py [--mib 1024] [--rounds 3]`
"""

from __future__ import annotations

import argparse
import socket
import ssl
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from exchange import Node, introduced, until
from pairing import judged, second_core, touch

PROMISED = {"of_bare_tls": 0.45, "memory_spared": 1.0}
MEMORY_MIB = 150
_BLOCK = 1 << 20


def context(own: Node, peer: Node, protocol: int) -> ssl.SSLContext:
    """TLS 1.3 by which each side admits the other's certificate alone."""
    made = ssl.SSLContext(protocol)
    made.check_hostname = False
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.load_cert_chain(own.folder / "keys" / "tls.crt", own.folder / "keys" / "tls.key")
    made.load_verify_locations(peer.folder / "keys" / "tls.crt")
    return made


def bare(one: Node, peer: Node, path: Path) -> float:
    """Seconds of the bare transfer; TLS gives the interpreter free, so two threads use two cores."""
    listener = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        raw, _ = listener.accept()
        space = bytearray(_BLOCK)
        with context(peer, one, ssl.PROTOCOL_TLS_SERVER).wrap_socket(raw, server_side=True) as taking:
            left = path.stat().st_size
            while left:
                left -= taking.recv_into(space)
            taking.sendall(b".")

    taker = threading.Thread(target=take)
    taker.start()
    calling = context(one, peer, ssl.PROTOCOL_TLS_CLIENT)
    with (
        path.open("rb") as stream,
        calling.wrap_socket(socket.create_connection(listener.getsockname())) as giving,
    ):
        begun = time.perf_counter()
        while block := stream.read(_BLOCK):
            giving.sendall(block)
        giving.recv(1)
        taken = time.perf_counter() - begun
    taker.join()
    listener.close()
    return taken


def delivered(one: Node, peer: Node, mib: int) -> float:
    """Seconds from the first attempt to the kept receipt."""
    before = one.stages().get("relayed", 0)
    with one.laying(peer, mib << 20):
        begun = until(lambda: any((peer.folder / "unfinished").glob("*/*")), 600)
        return until(lambda: one.stages().get("relayed", 0) > before, 600) - begun


def used(one: Node, peer: Node) -> None:
    """Remove a letter that was sent, on both sides."""
    for path in (
        *(one.folder / "store" / "letters").glob("*/*.age"),
        *(peer.folder / "arriving").glob("*.age"),
    ):
        path.unlink()


def main() -> int:
    """Measure, print, compare with what is promised; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    free = second_core()
    with tempfile.TemporaryDirectory(prefix="comity-measuring-", dir="/dev/shm") as place:
        (Path(place) / "nodes").mkdir()
        with introduced(Path(place) / "nodes") as (one, peer):
            for node in (one, peer):
                node.start("serve")
            until(lambda: one.answers() and peer.answers(), 60)
            one.start("work")
            delivered(one, peer, 8)  # with it the worker has begun
            used(one, peer)
            ours, bares = [], []
            for _ in range(arguments.rounds):
                ours.append(delivered(one, peer, arguments.mib))
                path = next((one.folder / "store" / "letters").glob("*/*.age"))  # the one before is gone
                touch(one.folder, path.stat().st_size)
                bares.append(bare(one, peer, path))
                used(one, peer)
            memory = max(one.memory(), peer.memory())
    ratio = statistics.median(bare / our for bare, our in zip(bares, ours, strict=True))
    figures = {
        "mib_a_second": round(arguments.mib / statistics.median(ours)),
        "bare_mib_a_second": round(arguments.mib / statistics.median(bares)),
        "of_bare_tls": round(ratio, 3),
        "memory_spared": round(MEMORY_MIB / memory, 2),
        "memory_mib": memory,
        "mib": arguments.mib,
    }
    return judged(figures, PROMISED, min(free, second_core()), as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
