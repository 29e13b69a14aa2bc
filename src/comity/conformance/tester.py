"""The tester: an authority of its own in a folder, with keys, card, and a ledger that goes on."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from comity import canonical
from comity.directory.cards import CERTIFICATES, Card, card_of, read_card
from comity.proofs import checkpoints, merkle
from comity.proofs.checkpoints import Checkpoint, sign_checkpoint
from comity.proofs.notes import Signer
from comity.sealing import issuing, keys
from comity.sealing.durable import growing_folder, replacing, write_new
from comity.shapes import Sha256Hex, Shape
from comity.terms import ComityError, gettext_noop

KEYS, CARD, MEMORY, NODE_CARD = "keys", "tester.card", "memory.json", "node.card"
SECOND = "second"
"""The folder, in a tester's, of the same tester as another peer: with keys, card and ledger of its own."""
DAYS = 30
"""For which certificates of strangers hold."""


class TesterUnreadableError(ComityError):
    """A folder is no tester's, or lacks something."""

    code = "tester_unreadable"
    message = gettext_noop("“{path}” cannot be read as a part of a tester's folder: {detail}.")
    next_step = gettext_noop("Make a folder: comity conformance init FOLDER --url ADDRESS")


class AddressUnusableError(ComityError):
    """A text is no address of a peers' endpoint."""

    code = "address_unusable"
    message = gettext_noop("“{url}” is no address of a peers' endpoint.")
    next_step = gettext_noop("Give it as https://host:port.")


class _Memory(Shape):
    format: str = Field(alias="schema", default="comity-tester/1", pattern=r"^comity-tester/1$")
    runs: int = Field(ge=0, default=0)
    leaves: list[Sha256Hex] = Field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """The tester's own ledger, as leaf hashes: witnesses remember it, so no head ever contradicts another."""

    name: str
    signer: Signer
    leaves: list[bytes] = field(default_factory=list)

    def grow(self, leaf: bytes) -> int:
        """Append a leaf hash; its number."""
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def head(self, signer: Signer | None = None) -> bytes:
        """The signed head over everything."""
        head = Checkpoint(checkpoints.origin(self.name), len(self.leaves), merkle.root_of(self.leaves))
        return sign_checkpoint(head, signer or self.signer)

    def continued(self, old: int) -> list[bytes]:
        """The proof that the whole ledger continues its first ``old`` entries."""
        return merkle.prove_consistency(old, len(self.leaves), merkle.subtrees(self.leaves))

    def included(self, index: int) -> list[bytes]:
        """The audit path of an entry to the present root."""
        return merkle.prove_inclusion(index, len(self.leaves), merkle.subtrees(self.leaves))


@dataclass(slots=True)
class Tester:
    """The tester's keys and card, and how many runs there were with them."""

    folder: Path
    keys: keys.Authority
    card: Card
    ledger: Ledger
    run: int

    @property
    def id(self) -> str:
        """The tester's id as an authority."""
        return self.card.id

    def save(self) -> None:
        """Keep the ledger for later runs."""
        memory = _Memory(runs=self.run, leaves=[leaf.hex() for leaf in self.ledger.leaves])
        with replacing(self.folder / MEMORY) as out:
            out.write(canonical.write(memory.as_json()))


def create(
    folder: Path, *, id: str, state: str, name: str, url: str, now: datetime, second_url: str = ""
) -> bytes:
    """Make a tester's folder whole or not at all; return the card, whose address is ``url``.

    With ``second_url`` it is two peers: the folder ``SECOND`` in it is that of the other.
    """
    place(url)
    if second_url:
        place(second_url)
    with growing_folder(folder) as growing:
        keys.create_authority(growing / KEYS, id=id, name=name, state=state, now=now)
        card = canonical.write(_card(growing / KEYS, url))
        write_new(growing / CARD, card)
        write_new(growing / MEMORY, canonical.write(_Memory().as_json()))
        if second_url:
            other = {"id": f"{id}-{SECOND}", "name": f"{name} ({SECOND})", "url": second_url}
            create(growing / SECOND, state=state, now=now, **other)
    return card


def load_second(folder: Path) -> Tester | None:
    """The other peer of a tester's folder; None where it is one alone."""
    return load(folder / SECOND) if (folder / SECOND).is_dir() else None


def load(folder: Path) -> Tester:
    """The tester of a folder, about to run once more."""
    own, memory = keys.load(folder / KEYS), _memory(folder / MEMORY)
    ledger = Ledger(own.id, own.log, [bytes.fromhex(leaf) for leaf in memory.leaves])
    return Tester(folder, own, read_card_at(folder / CARD), ledger, memory.runs + 1)


def read_card_at(path: Path) -> Card:
    """The card in a file; a line feed behind it does not count."""
    try:
        return read_card(path.read_bytes().removesuffix(b"\n"))
    except OSError:
        raise TesterUnreadableError(path=path, detail="the card is missing") from None


def place(url: str) -> tuple[str, int]:
    """Host and port of an endpoint's address."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme == "https" and parts.hostname and parts.path in ("", "/") and not parts.query:
            return parts.hostname, parts.port or 443
    raise AddressUnusableError(url=url)


def next_place(url: str) -> str:
    """The address of the same host one port further."""
    host, port = place(url)
    return f"https://{f'[{host}]' if ':' in host else host}:{port + 1}"


def strangers_chain(tester: Tester, folder: Path) -> tuple[Path, Path]:
    """A stranger's certificate with the tester's names, and its key, in a folder."""
    described = tester.keys.description
    files = issuing.issue_files(described.id, described.name, described.state, datetime.now(UTC), DAYS)
    return written_chain(folder, files.public["tls.crt"], files.private["tls.key"])


def written_chain(folder: Path, certificate: bytes, key: bytes) -> tuple[Path, Path]:
    """Write a certificate and its key (PEM) into a folder."""
    chain = folder / "tls.crt", folder / "tls.key"
    for path, data in zip(chain, (certificate, key), strict=True):
        path.write_bytes(data)
    return chain


def _memory(path: Path) -> _Memory:
    try:
        return _Memory.model_validate(canonical.read_canonical(path.read_bytes()))
    except (OSError, ValidationError, ComityError) as error:
        raise TesterUnreadableError(path=path, detail=type(error).__name__) from None


def _card(folder: Path, url: str) -> dict[str, Any]:
    described = keys.read_description(folder)
    card = card_of(
        {
            "schema": "comity-card/1",
            "id": described.id,
            "state": described.state,
            "names": {"en": described.name},
            "roles": ["point_of_contact_24_7"],
            "created_at": described.created_at,
            "peer_url": url,
            "hours": "",
            "time_zone": "UTC",
            "languages": ["en"],
            "contact": "",
            "certificates": dict(_texts(folder, [(name, f"{name}.crt") for name in CERTIFICATES])),
            **dict(_texts(folder, [("log_key", "log.vkey"), ("recipient", "transport.recipient")])),
        }
    )
    return card.as_json()


def _texts(folder: Path, files: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((field, keys.read_text(folder / name).strip()) for field, name in files)
