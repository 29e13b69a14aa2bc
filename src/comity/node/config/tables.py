"""The tables of ``node.toml``: one class for each, with what holds where nothing is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1", "[::1]")


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


TABLES: dict[str, Any] = {
    "openid": MinistrySignIn,
    "objects": ObjectStore,
    "exchange": Exchange,
    "emergency": Emergencies,
    "mail": MailGateway,
    "sms": SmsGateway,
    "alerts": Escalation,
}
"""The tables of node.toml and what each becomes."""
