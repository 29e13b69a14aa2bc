from __future__ import annotations

import shutil
import socket
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from comity.node import config
from comity.node.directory import cards, known
from comity.node.directory.models import Authority
from comity.node.exchange import tls
from comity.sealing import keys as sealing_keys
from comity.sealing import wrapping

pytestmark = pytest.mark.django_db


def peer_context(folder, name="tls"):
    """A peer's side of a connection: its own certificate, and no opinion about ours."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if folder is not None:
        context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    return context


def shake_hands(server, client):
    """A whole connection over loopback: what the server saw of the client, or the error of either side."""
    seen = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listener, listener.accept()[0] as raw:
            try:
                with server.wrap_socket(raw, server_side=True) as connection:
                    seen.append(connection.getpeercert(binary_form=True))
                    connection.sendall(b"hello")
            except ssl.SSLError as error:
                seen.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with (
            socket.create_connection(listener.getsockname()) as raw,
            client.wrap_socket(raw) as connection,
        ):
            connection.recv(5)
    except (ssl.SSLError, ConnectionError) as error:
        thread.join()
        return error
    thread.join()
    return seen[0]


def key_folder(tmp_path, state, **options):
    folder = tmp_path / state.lower()
    now = datetime.now(UTC) - timedelta(days=2)
    identifier = f"{state.lower()}-247"
    sealing_keys.create_authority(folder, id=identifier, name=state, state=state, now=now, **options)
    return folder


@pytest.fixture
def today_keys(tmp_path, monkeypatch, key_folders):
    """Our node and its peer with keys that are valid now (those of the other tests begin in 2027)."""
    own, peer = key_folder(tmp_path, "XA"), key_folder(tmp_path, "XB")
    monkeypatch.setattr(config.NodeConfig, "keys", property(lambda self: own))
    return own, peer


def enter(folder, **columns):
    pem = (folder / "tls.crt").read_text()
    values = {"state": "XB", "tls_certificate": pem, "tls_fingerprint": cards.tls_fingerprint(pem)}
    values |= {"confirmed_at": datetime.now(UTC)} | columns
    return Authority.objects.update_or_create(id=folder.name + "-247", defaults=values)[0]


def test_a_known_peer_is_admitted_and_recognised(today_keys):
    _, peer = today_keys
    row = enter(peer)
    seen = shake_hands(tls.server_context(), peer_context(peer))
    assert known.by_fingerprint(tls.fingerprint(seen), datetime.now(UTC)) == row


def test_a_stranger_is_refused_in_the_handshake(today_keys, tmp_path):
    _, peer = today_keys
    enter(peer)
    stranger = key_folder(tmp_path, "XC")
    assert isinstance(shake_hands(tls.server_context(), peer_context(stranger)), Exception)
    assert isinstance(shake_hands(tls.server_context(), peer_context(None)), Exception)


def test_another_certificate_of_the_peers_own_ca_is_refused(today_keys):
    _, peer = today_keys
    enter(peer)
    assert isinstance(shake_hands(tls.server_context(), peer_context(peer, "seal")), Exception)


def test_a_peer_that_nobody_confirmed_is_refused(today_keys):
    _, peer = today_keys
    enter(peer, confirmed_at=None)
    assert isinstance(shake_hands(tls.server_context(), peer_context(peer)), Exception)


def test_an_expired_certificate_is_refused(tmp_path, monkeypatch, key_folders):
    own = key_folder(tmp_path, "XA")
    expired = key_folder(tmp_path, "XB", valid_days=1)
    monkeypatch.setattr(config.NodeConfig, "keys", property(lambda self: own))
    enter(expired)
    assert isinstance(shake_hands(tls.server_context(), peer_context(expired)), Exception)


def test_an_old_version_of_tls_is_refused(today_keys):
    _, peer = today_keys
    enter(peer)
    old = peer_context(peer)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    assert isinstance(shake_hands(tls.server_context(), old), Exception)


def serving(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return context


def test_we_speak_to_the_peers_own_certificate_only(today_keys, tmp_path):
    _, peer = today_keys
    row = enter(peer)
    assert not isinstance(shake_hands(serving(peer), tls.client_context(row)), Exception)
    impostor = key_folder(tmp_path, "XC")
    assert isinstance(shake_hands(serving(impostor), tls.client_context(row)), ssl.SSLCertVerificationError)


def test_a_tls_key_under_a_passphrase_serves_and_stays_out_of_the_disk(keys, tmp_path, monkeypatch):
    folder = tmp_path / "node"
    shutil.copytree(config.current().keys, folder / "keys")
    node = replace(config.current(), folder=folder)
    monkeypatch.setattr(config, "current", lambda: node)
    (tmp_path / "passphrase").write_text("a long passphrase")
    monkeypatch.setenv(wrapping.PASSPHRASE_FILE, str(tmp_path / "passphrase"))
    sealing_keys.wrap(node.keys, wrapping.under_passphrase)
    tls.server_context()
    monkeypatch.delenv(wrapping.PASSPHRASE_FILE)
    tls.server_context()  # unwrapped once, when the node starts
    assert not any(b"PRIVATE KEY" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for kept in (tls._unwrapped, tls._pinned):
        kept.cache_clear()
    with pytest.raises(wrapping.PassphraseMissingError):
        tls.server_context()


def test_a_context_is_made_anew_when_directory_or_keys_change_and_not_otherwise(today_keys, tmp_path):
    own, peer = today_keys
    enter(peer)
    first = tls.server_context()
    assert tls.server_context() is first
    newcomer = key_folder(tmp_path, "XC")
    enter(newcomer, state="XC")
    assert not isinstance(shake_hands(tls.server_context(), peer_context(newcomer)), Exception)
    second = tls.server_context()
    renewed = key_folder(tmp_path / "renewed", "XA")
    for name in ("tls.crt", "tls.key"):
        (own / name).write_bytes((renewed / name).read_bytes())
    assert tls.server_context() is not second


def test_nobody_resumes_a_connection_without_showing_its_certificate(today_keys):
    enter(today_keys[1])
    assert tls.server_context().num_tickets == 0
