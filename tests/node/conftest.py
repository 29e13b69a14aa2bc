"""What the tests of the node share: two authorities, officials, a clock that only the test moves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from pathlib import Path

import pytest

from comity import canonical
from comity.node import config

START = datetime(2027, 6, 12, 3, 12, 0, tzinfo=UTC)
ANOTHER_DATABASE = "COMITY_TEST_DATABASE" in os.environ


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another database than SQLite only what asks for a database runs; the rest cannot reach one."""
    if ANOTHER_DATABASE:
        here = Path(__file__).parent
        left = [item for item in items if here in item.path.parents and not asks_a_database(item)]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def asks_a_database(item: pytest.Item) -> bool:
    """Whether a test may reach the database: pytest-django refuses it to every other."""
    asked = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


@dataclass
class Clock:
    """The time of a test."""

    now: datetime = START

    def advance(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass(frozen=True)
class Keys:
    """Key folders of the node under test (xa-247) and of its peer (xb-247)."""

    own: Path
    peer: Path


@pytest.fixture(scope="session")
def key_folders(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Made once; the own one lies where the node looks for it."""
    from comity.node import folders
    from comity.sealing import keys

    node = config.current()
    peer = tmp_path_factory.mktemp("peer") / "xb-247"
    keys.create_authority(peer, id="xb-247", name="Point of contact of State XB", state="XB", now=START)
    if not node.keys.exists():
        folders.make_keys(node, now=START)
    return Keys(node.keys, peer)


@pytest.fixture
def keys(key_folders: Keys, db: None) -> Keys:
    """Both authorities with their keys, in the directory."""
    from comity.node.directory import cards, owner

    node = config.current()
    roles = ["point_of_contact_24_7"]
    owner.enter(node, created_at=canonical.instant_text(START), roles=roles)
    card = peer_card(key_folders.peer)
    cards.import_card(card, confirmed_by="test", fingerprint=cards.fingerprint(card), now=START)
    return key_folders


def peer_card(folder: Path, **changes: object) -> bytes:
    """The card of the authority whose key folder this is."""
    text = lambda name: (folder / name).read_text().strip()  # noqa: E731
    description = canonical.read((folder / "authority.json").read_bytes())
    card = {
        "schema": "comity-card/1",
        "id": description["id"],
        "state": description["state"],
        "names": {"en": description["name"]},
        "roles": ["point_of_contact_24_7"],
        "created_at": description["created_at"],
        "peer_url": "https://127.0.0.1:9",
        "hours": "24/7",
        "time_zone": "UTC",
        "languages": ["en"],
        "contact": "",
        "certificates": {name: text(f"{name}.crt") for name in ("ca", "seal", "tsa", "ocsp", "tls")},
        "log_key": text("log.vkey"),
        "recipient": text("transport.recipient"),
        "recipient_number": 1,
        "recipient_until": None,
    }
    return canonical.write(card | changes)


@pytest.fixture(scope="session", autouse=True)
def static_files_once() -> Iterator[None]:
    """Each client of a test builds the middleware anew, and WhiteNoise would read the folders of static files
    for each of the thousands: they are read once."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    read, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            read(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    """A hash that costs nothing: the tests sign in hundreds of times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def plain_templates(django_test_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are drawn as a node draws them, where many are: Django's tests copy the context of each of a
    page's dozens of templates, for whoever asks for one."""
    from django.template import Template
    from django.test.utils import _TestState

    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)


@pytest.fixture
def official(db: None) -> Callable[..., object]:
    """Make an official with the given roles: ``official("signatory")``."""
    from comity.node.accounts.models import Official

    numbers = count(1)

    def make(*roles: str, **columns: object) -> Official:
        n = next(numbers)
        columns = {"full_name": f"Official {n}", "post": "Officer"} | columns
        return Official.objects.create_user(f"official{n}", password=PASSWORD, roles=list(roles), **columns)

    return make


PASSWORD = "correct horse battery staple"


@pytest.fixture
def run_jobs(clock: Clock) -> Callable[..., int]:
    """Run every job that is due at the test's time, inline, until none is left; return how many."""
    from comity.node.jobs.running import run_one

    def run(limit: int = 200) -> int:
        done = 0
        while run_one(clock.now, "test"):
            done += 1
            assert done < limit, "jobs that never end"
        return done

    return run


@pytest.fixture(autouse=True)
def empty_store() -> None:
    """Each test begins with an empty store and an empty quarantine."""
    shutil.rmtree(config.current().unfinished, ignore_errors=True)
    for folder in (config.current().store, config.current().arriving):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()


REGISTRIES = (
    ("jobs.outbox", "_handlers"),
    ("exchange.arrivals", "_handlers"),
    ("exchange.arrivals", "_listeners"),
    ("exchange.attachments", "_openers"),
    ("exhibits.access", "_limits"),
    ("exhibits.access", "_binding"),
    ("exhibits.closing", "_known"),
    ("exhibits.viewing", "_known"),
    ("exhibits.uploads", "_listeners"),
    ("exhibits.arrival", "_listeners"),
    ("orders.answers", "_listeners"),
    ("clocks.running", "_moments"),
    ("clocks.running", "_handlers"),
    ("clocks.reminders", "_listeners"),
    ("casework.events", "_listeners"),
    ("alerts.people", "_roster"),
    ("alerts.watching", "_shifts"),
)
"""Where rooms keep who acts for them: the module under ``comity.node``, the name in it."""


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with what the composition root connects, whatever the test before it registered."""
    from comity.node import wiring

    for room, name in REGISTRIES:
        module = import_module(f"comity.node.{room}")
        monkeypatch.setattr(module, name, type(getattr(module, name))())
    wiring.connect()
