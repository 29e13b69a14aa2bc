"""Mutual TLS between nodes: each side admits exactly the certificates its directory holds, none else.

The certificate itself is the anchor (a partial chain, RFC 5280 section 6.1 with the end entity as trust
anchor), so neither a CA's other certificates nor a public CA can stand in for a peer.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from comity.node import config
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.sealing import keys, wrapping


def server_context() -> ssl.SSLContext:
    """For connections from peers: TLS 1.3, a client certificate required. Read anew for each connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return _pinned(context, known.peers())


def client_context(peer: Authority) -> ssl.SSLContext:
    """For connections to one peer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # stronger than a name: only this one certificate is accepted
    return _pinned(context, [peer])


def fingerprint(certificate: bytes | None) -> str:
    """SHA-256 of a DER certificate, lower-case hex; empty without one."""
    return sha256(certificate).hexdigest() if certificate else ""


def _pinned(context: ssl.SSLContext, peers: Iterable[Authority]) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    own = config.current().keys
    with _key_file(own / "tls.key") as key:
        context.load_cert_chain(own / "tls.crt", key)
    for peer in peers:
        context.load_verify_locations(cadata=peer.tls_certificate)
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
