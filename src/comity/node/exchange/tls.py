"""Mutual TLS between nodes: each side admits exactly the certificates its directory holds, none else.

Of a peer these are two while its certificate changes. What has ended stands in no context any more, and who
keeps connections keeps them by context: none of them outlives the certificate that it was made with.

The certificate itself is the anchor (a partial chain, RFC 5280 section 6.1 with the end entity as trust
anchor), so neither a CA's other certificates nor a public CA can stand in for a peer.
Clause WIRE-2.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.utils import timezone

from comity.node import config
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.sealing import keys, wrapping

PRESENT, NEXT = "tls", "tls-next"
"""This node's certificate of the connection, and the one that follows it, in the key folder (one key)."""


def server_context() -> ssl.SSLContext:
    """For connections from peers: TLS 1.3, a client certificate required. Ask anew for each connection.

    Clause WIRE-1.
    """
    return _current(ssl.PROTOCOL_TLS_SERVER, known.peers())


def client_context(peer: Authority, own: str = PRESENT) -> ssl.SSLContext:
    """For connections to one peer, with this node's present certificate or the ``NEXT`` one."""
    return _current(ssl.PROTOCOL_TLS_CLIENT, [peer], own)


def fingerprint(certificate: bytes | None) -> str:
    """SHA-256 of a DER certificate, lower-case hex; empty without one."""
    return sha256(certificate).hexdigest() if certificate else ""


def _current(protocol: int, peers: Iterable[Authority], shown: str = PRESENT) -> ssl.SSLContext:
    """The context for what directory and key folder hold now; made anew when either has changed."""
    now = timezone.now()  # as OpenSSL itself asks the machine's clock
    own = config.current().keys
    written = tuple((own / name).stat().st_mtime_ns for name in (f"{shown}.crt", "tls.key"))
    pinned = tuple(pem for peer in peers for pem in known.admitted(peer, now))
    return _pinned(protocol, pinned, own, written, shown)


@lru_cache(maxsize=64)
def _pinned(
    protocol: int, peers: tuple[str, ...], own: Path, written: tuple[int, ...], shown: str
) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.check_hostname = False  # stronger than a name: only these certificates are accepted
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if protocol == ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0  # no resumption: whoever connects shows its certificate again
    with _key_file(own / "tls.key") as key:
        context.load_cert_chain(own / f"{shown}.crt", key)
    for certificate in peers:
        context.load_verify_locations(cadata=certificate)
    return context


@contextmanager
def _key_file(path: Path) -> Iterator[Path]:
    """The TLS key as a file that OpenSSL reads: one in memory alone, where it is kept under something."""
    if not wrapping.is_wrapped(path.read_bytes()):
        yield path
        return
    file = os.memfd_create("tls", os.MFD_CLOEXEC)
    try:
        os.write(file, _unwrapped(path).encode("ascii"))
        yield Path(f"/proc/self/fd/{file}")
    finally:
        os.close(file)


@lru_cache(maxsize=2)
def _unwrapped(path: Path) -> str:
    """Read once: a token or a passphrase is slow, and this is asked for every connection."""
    return keys.read_private(path)
