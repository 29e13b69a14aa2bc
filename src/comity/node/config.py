"""The node's own folder and its settings file, read before Django starts.

``DIR/node.toml`` is written by ``comity node init``; nothing secret stands in it. Layout of DIR:
``node.toml``, ``keys/`` (the authority's key folder and the storage identity), ``secret`` (Django's key),
``node.sqlite3``, ``store/`` (letters and exhibits, write-once), ``arriving/`` (quarantine), ``unfinished/``
(large letters that were cut off), ``run/``.
"""

from __future__ import annotations

import ipaddress
import os
import pwd
import tomllib
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from os.path import normpath
from pathlib import Path
from typing import Any

from comity.terms import ComityError, gettext_noop

ENVIRONMENT = "COMITY_NODE"
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1", "[::1]")
RESTORED = "restored"
"""The file that marks a node made from a backup: it signs nothing until it is resumed."""
LISTEN = "COMITY_LISTEN"
"""Set by ``comity node run --listen``: the people's address instead of node.toml's."""


class NodeFolderUnusableError(ComityError):
    """The folder is no node, or its settings cannot be read."""

    code = "node_folder_unusable"
    message = gettext_noop("{folder} is not a usable node folder: {reason}")
    next_step = gettext_noop("Make one with: comity node init DIR --state XX --name NAME")


class DatabaseAddressUnusableError(ComityError):
    """The address of the database is none, or shows a secret; never quoted, for the password is in it."""

    code = "database_address_unusable"
    message = gettext_noop("The address of the database in node.toml cannot be used: {reason}.")
    next_step = gettext_noop("Correct it; how it is written stands in docs/operating.md, “PostgreSQL”.")


class NodeOfAnotherUserError(ComityError):
    """The folder is another user's: what this one wrote there, the node could not read."""

    code = "node_of_another_user"
    message = gettext_noop("{folder} belongs to the user {owner}; this command runs as {user}.")
    next_step = gettext_noop("Run it as that user: sudo -u {owner} comity …")


class NodeRestoredError(ComityError):
    """The node was made from a backup; others may have seen a later ledger."""

    code = "node_restored"
    message = gettext_noop("The node was restored from a backup and signs nothing yet.")
    next_step = gettext_noop("Compare with what others saw of its ledger: comity node resume DIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class MinistrySignIn:
    """Sign-in by the ministry's OpenID Connect provider (``[openid]`` in node.toml).

    ``name`` stands on the button. ``secret_file`` lies in the node's folder. ``user_claim`` holds the user
    name of an account that is here. The second factor is asked here too, unless the provider says by one of
    ``acr`` or ``amr`` that it asked for one.
    """

    issuer: str
    client_id: str
    name: str
    secret_file: str = "openid-secret"  # noqa: S105 -- a file's name
    user_claim: str = "preferred_username"
    acr: list[str] = field(default_factory=list)
    amr: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStore:
    """A bucket of an S3 store for letters and exhibits (``[objects]`` in node.toml) instead of ``store/``.

    ``secret_file`` lies in the node's folder and holds two words: access key id and secret access key.
    """

    bucket: str
    endpoint: str
    region: str = "us-east-1"
    prefix: str = ""
    secret_file: str = "s3-secret"  # noqa: S105 -- a file's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How long silence may last, and how much one peer may bring (``[exchange]`` in node.toml).

    Hours are from sealing; when they are over this node attests itself that no receipt came. A letter that a
    courier carries has ``courier_days`` from the packing instead. ``letters_an_hour`` and ``bytes_a_day`` are
    what one peer may bring, ``bytes_unopened`` what may lie here of it unopened or refused, and
    ``requests_at_once`` how many of its requests are answered at the same time.
    """

    relay_hours: float = 12
    delivery_hours: float = 24
    retrieval_hours: float = 36
    courier_days: float = 14
    letters_an_hour: int = 10_000
    bytes_a_day: int = 256 * 1024**3
    bytes_unopened: int = 128 * 1024**3
    requests_at_once: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergencies:
    """How this authority treats emergencies (``[emergency]`` in node.toml): its practice, no provision's.

    ``answer_minutes`` until an emergency is to be answered (reminded of at the half), ``validation_hours``
    that a validation which follows may take, ``changed_days`` for which a change of contacts or keys is a
    warning, and ``many_a_day`` emergencies of one authority within a day that are none.
    """

    answer_minutes: int = 60
    validation_hours: int = 48
    changed_days: int = 30
    many_a_day: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MailGateway:
    """The server that takes e-mail from this node (``[mail]`` in node.toml); without it none is sent.

    ``tls`` is ``starttls``, ``tls`` (from the first byte) or ``none``, which only this machine itself may be
    spoken to by. ``secret_file`` lies in the node's folder and holds the password of ``user``. ``ca_file``
    names the authorities that the server's certificate is judged by; without it, those of the system.
    """

    host: str
    sender: str
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    secret_file: str = "mail-password"  # noqa: S105 -- a file's name
    ca_file: str = ""

    def __post_init__(self) -> None:
        if self.tls not in ("starttls", "tls", "none"):
            raise ValueError("mail.tls is starttls, tls or none")  # noqa: EM101 -- the file's reader says where
        if self.tls == "none" and (self.user or self.host not in _THIS_MACHINE):
            raise ValueError("mail without TLS goes to this machine alone, and without a password")  # noqa: EM101


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGateway:
    """An HTTP gateway that sends short messages (``[sms]`` in node.toml); without it none is sent.

    ``fields`` is what it is sent as JSON or as a form (``format``): in its texts ``{number}`` and ``{text}``
    are replaced. ``secret_header`` carries ``secret_prefix`` and what ``secret_file`` holds. Private networks
    are refused unless ``webhook_networks`` names them.
    """

    url: str
    fields: dict[str, Any]
    method: str = "POST"
    format: str = "json"
    headers: dict[str, str] = field(default_factory=dict)
    secret_header: str = ""
    secret_prefix: str = ""
    secret_file: str = "sms-secret"  # noqa: S105 -- a file's name

    def __post_init__(self) -> None:
        local = any(self.url.startswith(f"http://{name}") for name in _THIS_MACHINE)
        if not (self.url.startswith("https://") or local):
            raise ValueError("sms.url begins with https://")  # noqa: EM101
        if self.method not in ("POST", "PUT") or self.format not in ("json", "form"):
            raise ValueError("sms.method is POST or PUT, sms.format json or form")  # noqa: EM101


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """After how many minutes an alert that nobody acknowledged goes to the next (``[alerts]`` in node.toml).

    0: to nobody further.
    """

    emergency_minutes: float = 5
    urgent_minutes: float = 30
    ordinary_minutes: float = 0


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
    def named_files(self) -> list[str]:
        """The files in the folder that node.toml's tables name: secrets, and whom a gateway is judged by.

        Relative to the folder, however the table writes them: also where only the links on the way lead
        into it, or out of it again.
        """
        tables = [each for each in (self.openid, self.objects, self.mail, self.sms) if each]
        names = [each.secret_file for each in tables] + ([self.mail.ca_file] if self.mail else [])
        whole = [self.folder / name for name in names if name]
        ways = [(Path(normpath(each)), each.parent.resolve() / each.name) for each in whole]
        inside = [[path for path in way if path.is_relative_to(self.folder)] for way in ways]
        return [str(found[0].relative_to(self.folder)) for found in inside if found]

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


_TABLES: dict[str, Any] = {
    "openid": MinistrySignIn,
    "objects": ObjectStore,
    "exchange": Exchange,
    "emergency": Emergencies,
    "mail": MailGateway,
    "sms": SmsGateway,
    "alerts": Escalation,
}
"""The tables of node.toml and what each becomes."""


def read(folder: Path) -> NodeConfig:
    """Read ``DIR/node.toml``; raise NodeFolderUnusableError with the reason, or NodeOfAnotherUserError."""
    demand_owner(folder)
    try:
        values = tomllib.loads((folder / "node.toml").read_text(encoding="utf-8"))
        for name, shape in _TABLES.items():
            if name in values:
                values[name] = shape(**values[name])
        return NodeConfig(folder=folder.resolve(), **_plain_dates(values))
    except FileNotFoundError as error:
        raise NodeFolderUnusableError(folder=folder, reason="node.toml is missing") from error
    except (OSError, TypeError, ValueError) as error:  # TOML and UTF-8 that cannot be read are ValueErrors
        raise NodeFolderUnusableError(folder=folder, reason=str(error)) from error


def demand_owner(folder: Path) -> None:
    """Raise NodeOfAnotherUserError unless the folder is this process's user's, or is not there.

    Root could write everywhere, but its files lock out the node, whose own the folder is (mode 0700).
    """
    try:
        owner = folder.stat().st_uid
    except OSError:  # told by whoever reads in it
        return
    if owner != os.geteuid():
        raise NodeOfAnotherUserError(folder=folder, owner=_named(owner), user=_named(os.geteuid()))


def _named(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


@lru_cache(maxsize=1)
def current() -> NodeConfig:
    """The node this process serves, named by the environment variable ``COMITY_NODE``."""
    folder = os.environ.get(ENVIRONMENT)
    if not folder:
        raise NodeFolderUnusableError(folder=ENVIRONMENT, reason="the variable is not set")
    node = read(Path(folder))
    return replace(node, listen=os.environ.get(LISTEN) or node.listen)


def _plain_dates(value: Any) -> Any:
    """TOML dates as ISO text, as the facts have them."""
    if isinstance(value, dict):
        return {key: _plain_dates(inner) for key, inner in value.items()}
    return value.isoformat() if isinstance(value, date) else value
