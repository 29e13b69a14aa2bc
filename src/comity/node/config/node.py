"""What one node is: its settings, and the places in its folder."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import lru_cache
from os.path import normpath
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from comity.node.config.refusals import NodeFolderUnusableError, NodeRestoredError
from comity.node.config.tables import (
    TABLES,
    Emergencies,
    Escalation,
    Exchange,
    MailGateway,
    MinistrySignIn,
    ObjectStore,
    SmsGateway,
)

RESTORED = "restored"
"""The file that marks a node made from a backup: it signs nothing until it is resumed."""
_LIBPQ_FILES = ("passfile", "servicefile", "sslcert", "sslcrl", "sslkey", "sslrootcert")
"""Keywords of libpq that name a file."""


class NamedFile(NamedTuple):
    """A file that node.toml names: by which setting, as it is written there, and its name in the folder.

    ``inside`` is relative to the folder, however the setting writes it; None for a file that lies elsewhere.
    """

    setting: str
    path: str
    inside: str | None


def _of_libpq(database: str) -> Iterator[tuple[str, str]]:
    """What the address of a PostgreSQL database names behind its question mark: keyword and file."""
    for key, path in parse_qsl(database.partition("?")[2].replace("+", "%2B")):
        if key in _LIBPQ_FILES and (key, path) != ("sslrootcert", "system"):
            yield key, path


@lru_cache(maxsize=64)
def _inside(folder: Path, name: str) -> Path:
    """A place in a node's folder; every letter asks a dozen times."""
    return folder / name


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """What one node is.

    ``languages`` are those in which the authority accepts requests, as its card tells others (ISO 639;
    without them the one of its pages). ``second_factor`` is ``required`` or ``optional`` (optional only for
    demonstrations and tests);
    ``review`` is ``required`` where a reviewer must approve each request before it is signed, ``offered``
    where drafter and signatory are eyes enough (four in all);
    ``step_up`` is ``required`` where letters that bind are signed with a security key or not at all (every
    real node), ``offered`` where whoever has none may sign all the same;
    ``public_url`` is the address at which people reach the pages through the proxy that speaks TLS for them
    (``https://comity.example``); without it only the machine itself is answered. ``trusted_proxies`` are the
    addresses or networks of that proxy and of those before it, whose ``X-Forwarded-For`` says who asks; of
    nobody by default (``comity.node.clients``). ``database`` is ``sqlite``
    or a ``postgresql://`` address; ``assumptions`` are facts of treaty status that a demonstration takes as
    given (``{"uncc": {"in_force_since": "…", "KZ": {…}}}``, the shape of the facts' ``status``) and that
    every page then names as assumed; ``webhook_networks`` are private networks in which webhooks may be
    (``["10.20.0.0/16"]``; none by default). ``quotas`` are the bytes of evidence that a body may keep, by
    its id (the node's own id for officials of no body); without one there is no limit. ``openid`` is the
    ministry's sign-in, off by default; ``objects`` a bucket for what is stored, by default the folder
    ``store``. ``witnesses`` are the peers, by id, that are asked to cosign this node's ledger (without one:
    every confirmed peer), ``quorum`` how many must have (0: the usual number, docs/witnesses.md).
    ``provider_listen`` is the address of the server of pages and interface for the legal desks of providers
    (``127.0.0.1:8003``), ``provider_url`` how they reach it through the proxy; off by default;
    ``provider_requests_an_hour`` how often the programs of one provider may ask.
    ``preview_listen`` is the address of the server that shows previews of exhibits, an origin of its own
    (``127.0.0.1:8002``), and ``preview_url`` how people reach it through the proxy; without them there are
    no previews. ``health_listen`` is the address, on this machine alone, at which monitoring reads health and
    figures (``127.0.0.1:9464``), off by default. ``destroyed_copy`` is a second place of the list of
    destroyed exhibits, a file on another disk that no backup of the node brings back. ``backup_hours`` is how
    old the last backup may be before administrators are told: 24 where nothing is said and one was ever
    made, 0 for a node that is backed up otherwise. ``exchange`` says how
    long silence may last and how much one peer may bring. ``forthwith_hours`` is after how many hours the
    desk is reminded of what the law wants forthwith, without naming a day: practice, not law. ``emergency``
    says how this authority treats emergencies. ``mail`` and ``sms`` are the gateways by which officials are
    told away from their screens, ``alerts`` how long nobody may react before others are told.
    ``reports_listen`` is the address of the page on which the public reports offences (``127.0.0.1:8004``),
    off by default, and ``reports_url`` how the public reaches it; ``reports_emergency`` the number to call
    first in an emergency, ``reports_keep_days`` after how many days what a finished report said is erased,
    ``reports_bytes`` the share of the store that files of reports may take.
    """

    folder: Path
    id: str
    state: str
    name: str
    names: dict[str, str] = field(default_factory=dict)
    listen: str = "127.0.0.1:8000"
    peer_listen: str = "127.0.0.1:8443"
    peer_url: str = "https://127.0.0.1:8443"
    public_url: str = ""
    trusted_proxies: list[str] = field(default_factory=list)
    database: str = "sqlite"
    demonstration: bool = False
    second_factor: str = "required"
    review: str = "offered"
    step_up: str = ""
    time_zone: str = "UTC"
    language: str = "en"
    languages: list[str] = field(default_factory=list)
    assumptions: dict[str, Any] = field(default_factory=dict)
    webhook_networks: list[str] = field(default_factory=list)
    quotas: dict[str, int] = field(default_factory=dict)
    openid: MinistrySignIn | None = None
    objects: ObjectStore | None = None
    witnesses: list[str] = field(default_factory=list)
    quorum: int = 0
    provider_listen: str = ""
    provider_url: str = ""
    provider_requests_an_hour: int = 3600
    preview_listen: str = ""
    preview_url: str = ""
    destroyed_copy: str = ""
    health_listen: str = ""
    backup_hours: int | None = None
    forthwith_hours: int = 24
    reports_listen: str = ""
    reports_url: str = ""
    reports_emergency: str = "112"
    reports_keep_days: int = 90
    reports_bytes: int = 4 * 1024**3
    exchange: Exchange = field(default_factory=Exchange)
    emergency: Emergencies = field(default_factory=Emergencies)
    mail: MailGateway | None = None
    sms: SmsGateway | None = None
    alerts: Escalation = field(default_factory=Escalation)

    def __post_init__(self) -> None:
        if not all(ipaddress.ip_network(each).prefixlen for each in self.trusted_proxies):
            raise ValueError("trusted_proxies holds every address, so that anybody could be anybody")  # noqa: EM101

    @property
    def preview_origin(self) -> str:
        """Where people reach previews; empty where there are none."""
        return self.preview_url or (f"http://{self.preview_listen}" if self.preview_listen else "")

    @property
    def provider_origin(self) -> str:
        """Where people of providers reach their pages; empty where there are none."""
        return self.provider_url or (f"http://{self.provider_listen}" if self.provider_listen else "")

    @property
    def step_up_required(self) -> bool:
        """Whether letters that bind take a security key; where nothing is said, in all but demonstrations."""
        return self.step_up == "required" or not (self.step_up or self.demonstration)

    @property
    def keys(self) -> Path:
        """The authority's key folder."""
        return _inside(self.folder, "keys")

    @property
    def store(self) -> Path:
        """Letters and exhibits, written once."""
        return _inside(self.folder, "store")

    @property
    def arriving(self) -> Path:
        """Where bytes from outside wait until they are verified."""
        return _inside(self.folder, "arriving")

    @property
    def named_files(self) -> list[NamedFile]:
        """The files that node.toml names: secrets, and whom gateways and the database's server are judged by.

        Not the second place of the list of destroyed exhibits, which no backup is to bring back.
        """
        given = {
            f"{table}.{each.name}": getattr(found, each.name)
            for table in TABLES
            if (found := getattr(self, table)) is not None
            for each in fields(found)
            if each.name.endswith("_file")
        }
        named = [NamedFile(setting, path, self._within(path)) for setting, path in given.items() if path]
        return named + [self._of_database(key, path) for key, path in _of_libpq(self.database)]

    def _of_database(self, key: str, path: str) -> NamedFile:
        """libpq seeks a name without a place where the process was started, not in the folder."""
        return NamedFile(f"database, {key}", path, self._within(path) if path.startswith("/") else None)

    def _within(self, path: str) -> str | None:
        """The name in the folder of a file, also where only the links on the way lead into or out of it."""
        whole = self.folder / path
        ways = (Path(normpath(whole)), whole.parent.resolve() / whole.name)
        inside = [str(way.relative_to(self.folder)) for way in ways if way.is_relative_to(self.folder)]
        return inside[0] if inside else None

    @property
    def restored(self) -> Path:
        """The mark of a node that was made from a backup and not resumed yet."""
        return _inside(self.folder, RESTORED)

    def demand_resumed(self) -> None:
        """Raise NodeRestoredError for a node that was restored and not resumed yet."""
        if self.restored.exists():
            raise NodeRestoredError

    @property
    def heartbeat(self) -> Path:
        """Touched by the worker in every round."""
        return self.folder / "run" / "heartbeat"

    @property
    def unfinished(self) -> Path:
        """What came of large letters until the line broke, by peer."""
        return _inside(self.folder, "unfinished")

    @property
    def secret_key(self) -> str:
        """Django's secret, from its own file with mode 0600."""
        try:
            return (self.folder / "secret").read_text(encoding="ascii").strip()
        except OSError as error:
            raise NodeFolderUnusableError(folder=self.folder, reason=str(error)) from error
