"""Where the demonstration lies and listens: one folder, a few ports, kept from run to run."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from comity.demonstration import cast

HOST = "127.0.0.1"
FOLDER = "COMITY_DEMONSTRATION"
"""The environment variable that names another folder than ``.demonstration``."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folder and the ports by name: ``kz``, ``kz-peer``, ``tm``, ``tm-peer``, ``provider``."""

    folder: Path
    ports: dict[str, int]

    def node(self, side: str) -> Path:
        """The node folder of a side."""
        return self.folder / side

    @property
    def provider(self) -> Path:
        """The provider's folder."""
        return self.folder / "provider"

    @property
    def provider_url(self) -> str:
        """Where the provider answers."""
        return f"http://{HOST}:{self.ports['provider']}"

    @property
    def accounts(self) -> Path:
        """User names and passwords of the demonstration, for the person who runs it."""
        return self.folder / "accounts.json"

    @property
    def bundle(self) -> Path:
        """The court bundle as it was handed out."""
        return self.folder / "out" / "court-bundle.asice"

    def disk(self, to: str) -> Path:
        """What the courier carries to a side."""
        return self.folder / "out" / "courier" / f"to-{to}.asice.age"

    @property
    def facts(self) -> Path:
        """The story's facts, as ``comity advise`` reads them."""
        return self.folder / "out" / "facts.json"

    @property
    def trust(self) -> Path:
        """Both authorities' anchors, as a court would hold them."""
        return self.folder / "out" / "trust"

    def url(self, side: str) -> str:
        """The pages of a side."""
        return f"http://localhost:{self.ports[side]}/"


def find() -> Places:
    """The demonstration's folder with the ports of its first run, or new ones."""
    return at(Path(os.environ.get(FOLDER, ".demonstration")).resolve(), own_folder=FOLDER in os.environ)


def at(folder: Path, *, own_folder: bool = True) -> Places:
    """A folder with the ports of its first run, or new ones; only the usual folder has the usual ports."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "ports.json"
    if not kept.exists():
        kept.write_text(json.dumps(_choose_ports(own_folder=own_folder)), "ascii")
    return Places(folder, json.loads(kept.read_text("ascii")))


def _choose_ports(*, own_folder: bool) -> dict[str, int]:
    """The cast's ports where they are free; any free ones for a demonstration in a folder of its own."""
    wanted = {"provider": int(cast.read()["provider"]["port"])}
    for side in cast.SIDES:
        wanted |= {side: cast.node(side)["listen"], f"{side}-peer": cast.node(side)["peer_listen"]}
    if not own_folder and all(_is_free(port) for port in wanted.values()):
        return wanted
    return dict(zip(wanted, _free_ports(len(wanted)), strict=True))


def answers(port: int) -> bool:
    """Whether a server of this machine takes connections at the port."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            return False
        return True


def _free_ports(count: int) -> Iterable[int]:
    trials = [socket.socket() for _ in range(count)]
    try:
        for trial in trials:
            trial.bind((HOST, 0))
        return [trial.getsockname()[1] for trial in trials]
    finally:
        for trial in trials:
            trial.close()
