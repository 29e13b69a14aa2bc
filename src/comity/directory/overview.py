"""What a keeper's register holds and what is due in it: signatures, renewals, confirmations of entries.

Receives a register and a time; returns findings; changes nothing and needs no private key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from tuf.api.metadata import Metadata, Targets

from comity import canonical
from comity.directory import keeping
from comity.directory.cards import grouped
from comity.directory.entries import read_entry
from comity.directory.register import Register
from comity.directory.signing import AHEAD, LIST_LIFE, read_list, read_target

SOON = timedelta(days=4)
"""How long before what every publication makes anew ends, snapshot and time-stamp, the keeper is told."""


@dataclass(frozen=True, slots=True)
class Held:
    """One line of the register. ``due`` is a stable code of what is to be done, None where nothing is."""

    what: str
    text: str
    until: datetime | None = None
    due: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """For programs."""
        until = canonical.instant_text(self.until) if self.until else None
        return {"what": self.what, "text": self.text, "until": until, "due": self.due}

    def __str__(self) -> str:
        until = f", until {self.until:%Y-%m-%d}" if self.until else ""
        due = f" [{self.due}]" if self.due else ""
        return f"{'due' if self.due else 'ok ':3} {self.what}: {self.text}{until}{due}"


def overview(register: Register, now: datetime) -> list[Held]:
    """Everything that the register holds: what its signers signed, then State after State its entries."""
    targets: Metadata[Targets] = register.metadata("targets")
    found = [_root(register, number) for number in _roots(register)] + _signed(register, now)
    named = {path.partition("/")[0] for path in targets.signed.targets}
    delegations = targets.signed.delegations
    own_keys = set(delegations.roles or {}) if delegations else set()
    for state in sorted(named | own_keys):
        found += _of_state(register, state, targets.signed, now)
    return found


def _roots(register: Register) -> list[int]:
    present = int(register.metadata("root").signed.version)
    return [1] if present == 1 else [1, present]


def _root(register: Register, number: int) -> Held:
    data = (register.path / "metadata" / f"{number}.root.json").read_bytes()
    return Held(f"{number}.root.json", f"fingerprint {grouped(sha256(data).hexdigest())}")


def _signed(register: Register, now: datetime) -> list[Held]:
    found = []
    for role, signed, threshold in keeping.signatures(register):
        metadata = register.metadata(role).signed
        text = f"version {metadata.version}, signed by {signed}, {threshold} needed"
        due = "signatures_missing" if signed < threshold else _ending(metadata.expires, now)
        found.append(Held(role, text, metadata.expires, due))
    for role in ("snapshot", "timestamp"):
        if not (register.path / "metadata" / f"{role}.json").exists():
            found.append(Held(role, "nothing was published yet", None, "publication_due"))
            continue
        metadata = register.metadata(role).signed
        due = "publication_due" if metadata.expires - SOON <= now else None
        found.append(Held(role, f"version {metadata.version}", metadata.expires, due))
    return found


def _of_state(register: Register, state: str, targets: Targets, now: datetime) -> list[Held]:
    role = keeping.delegated(targets, state)
    if role is None:
        return [Held(state, "entered by the keeper"), *_entries(register, state, targets, now)]
    keys = ", ".join(key[:16] for key in role.keyids)
    text = f"signs its entries itself: {role.threshold} of the keys {keys}"
    listed = read_list(register.path / "metadata", state)
    if listed is None:
        return [Held(state, f"{text}; sent no list yet", None, "list_missing")]
    signed = targets.get_verification_result(state, listed.signed_bytes, listed.signatures)
    due = _ending(listed.signed.expires, now) if signed else "signatures_missing"
    line = Held(state, f"{text}; list {listed.signed.version}", listed.signed.expires, due)
    return [line, *_entries(register, state, listed.signed, now)]


def _entries(register: Register, state: str, listed: Targets, now: datetime) -> list[Held]:
    found = []
    for path, file in sorted(listed.targets.items()):
        if not path.startswith(f"{state}/"):
            continue
        entry = read_entry(read_target(register.path, path, file))
        until = canonical.read_instant(entry.confirmed_at) + LIST_LIFE
        roles = "; ".join(f"{each.instrument} {', '.join(each.roles)}" for each in entry.designations)
        due = "confirmation_due" if until - AHEAD <= now else None
        found.append(Held(entry.id, f"{roles}; confirmed {entry.confirmed_at[:10]}", until, due))
    return found


def _ending(expires: datetime, now: datetime) -> str | None:
    return "renewal_due" if expires - AHEAD <= now else None
