"""A keeper with two States, as tests publish it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comity import canonical
from comity.directory import keeping, signing
from comity.directory.register import Register

NOW = datetime(2027, 6, 12, 3, 12, tzinfo=UTC)


def entry(authority: str = "xb-mla", state: str = "XB", **changes: Any) -> bytes:
    value = {
        "schema": "comity-entry/1",
        "id": authority,
        "state": state,
        "region": None,
        "names": {"en": f"Central authority of State {state}"},
        "designations": [
            {
                "instrument": "uncc",
                "roles": ["central_authority"],
                "valid_from": "2026-01-01",
                "valid_until": None,
            }
        ],
        "contacts": [
            {
                "purpose": "confirmation",
                "post": "Duty officer",
                "hours": "24/7",
                "time_zone": "UTC",
                "languages": ["en"],
                "telephone": "+00 000 0001",
                "email": "",
                "address": "",
            }
        ],
        "card": None,
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": None,
        "confirmed_at": "2026-11-01T00:00:00Z",
    }
    return canonical.write({**value, **changes})


class Keeper:
    """A register of which 2 of 3 keys sign, with State XB (own key) and State XC (entered by the keeper)."""

    def __init__(self, folder: Path, now: datetime = NOW) -> None:
        self.folder = folder
        self.register: Register = keeping.create(
            folder / "register", "Depositary", keys=3, threshold=2, now=now
        )
        signing.new_key(folder / "xb.pem")
        self.state_key = signing.read_signer(folder / "xb.pem")
        keeping.add_state(self.register, "XB", [self.state_key.public_key], 1, now)
        self.state([entry()], now)
        keeping.enter(self.register, entry("xc-mla", "XC"), now)
        keeping.sign(self.register, self.register.signers())

    def state(self, entries: list[bytes], now: datetime) -> None:
        signing.sign_list(self.folder / "xb", "XB", entries, [self.state_key], now)
        keeping.take(self.register, self.folder / "xb", "XB")

    def publish(self, name: str, now: datetime = NOW) -> Path:
        out = self.folder / name
        keeping.publish(self.register, out, now)
        return out
