"""A running provider that obeys the node under test."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.demonstration.provider.service import Provider
from comity.node import config, durable

TOKEN = "a-token-for-tests"
HERON = "night.heron@post.example"


@pytest.fixture
def provider(tmp_path: Path, keys: Any) -> Iterator[Provider]:
    """On a free port, with one user who has mail; the node's authority is registered there."""
    node = config.current()
    durable.make_directories(node.arriving)
    durable.make_directories(node.store)
    registered = tmp_path / "provider" / "authorities"
    registered.mkdir(parents=True)
    shutil.copy(node.keys / "seal.crt", registered / "xa-247.crt")
    (registered / "xa-247.token").write_text(hashlib.sha256(TOKEN.encode()).hexdigest(), "ascii")
    (node.keys / "providers").mkdir(exist_ok=True)
    (node.keys / "providers" / "post-example.token").write_text(TOKEN, "ascii")
    service = Provider(tmp_path / "provider", "127.0.0.1", 0)
    threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    service.books.sign_up(HERON, "N. Heron", "a password", "127.0.0.1", "tests")
    service.mailboxes.deliver("teller@post.example", HERON, "Re: code", "448 117")
    yield service
    service.shutdown()
    service.server_close()


@pytest.fixture
def post_example(provider: Provider) -> Any:
    """The provider's entry in the directory."""
    from comity.node.directory.models import Authority

    return Authority.objects.create(
        id="post-example",
        state="XA",
        names={"en": "Post Example"},
        roles=["provider"],
        peer_url=f"http://127.0.0.1:{provider.server_port}",
    )
