"""The anchors a verifier holds: who may seal, stamp, answer for revocation and sign ledgers.

Receives a folder that the verifier got on a way it trusts; returns its authorities; a package never adds any.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from comity.proofs.notes import Verifier
from comity.sealing import keys
from comity.sealing.durable import AlreadyThereError, sync_folder, write_new
from comity.terms import ComityError, gettext_noop

_CERTIFICATES = ("ca.crt", "seal.crt", "tsa.crt", "ocsp.crt", "tls.crt")
PUBLIC = (keys.DESCRIPTION, *_CERTIFICATES, "log.vkey", "transport.recipient")
FINGERPRINTS = "FINGERPRINTS.txt"


class TrustUnreadableError(ComityError):
    """A folder that holds no authority's anchors."""

    code = "trust_unreadable"
    message = gettext_noop("“{path}” holds no authority's anchors.")
    next_step = gettext_noop("Give a key folder, or what “comity directory export” wrote.")


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """One authority's anchors. Who has a time service and no seal is an independent time authority."""

    description: keys.Description
    ca: x509.Certificate
    certificates: Mapping[str, x509.Certificate] = field(default_factory=dict)
    log: Verifier | None = None
    recipient: str | None = None

    @property
    def id(self) -> str:
        """The authority's id: ``kz-247``."""
        return self.description.id

    @property
    def seals(self) -> bool:
        """Whether it seals packages, or only stamps the time of others' seals."""
        return "seal.crt" in self.certificates


@dataclass(frozen=True, slots=True)
class Trust:
    """The anchors by authority id."""

    authorities: Mapping[str, TrustedAuthority]

    def issuer_of(self, anchor: x509.Certificate) -> TrustedAuthority:
        """The authority whose CA this is; KeyError if none."""
        for authority in self.authorities.values():
            if authority.ca == anchor:
                return authority
        raise KeyError(anchor)


def load(folder: Path) -> Trust:
    """Read a key folder (its private parts are not touched) or a folder of such folders."""
    if (folder / keys.DESCRIPTION).is_file():
        folders = [folder]
    elif folder.is_dir():
        folders = sorted(inner for inner in folder.iterdir() if (inner / keys.DESCRIPTION).is_file())
    else:
        folders = []
    if not folders:
        raise TrustUnreadableError(path=folder)
    found: dict[str, TrustedAuthority] = {}
    for each in folders:
        authority = _authority(each)
        if authority.id in found:
            raise TrustUnreadableError(path=each)
        found[authority.id] = authority
    return Trust(found)


def _authority(folder: Path) -> TrustedAuthority:
    there = [name for name in _CERTIFICATES if (folder / name).is_file()]
    log, recipient = folder / "log.vkey", folder / "transport.recipient"
    return TrustedAuthority(
        description=keys.read_description(folder),
        ca=keys.read_certificate(folder / "ca.crt"),
        certificates={name: keys.read_certificate(folder / name) for name in there},
        log=Verifier.parse(keys.read_text(log)) if log.is_file() else None,
        recipient=keys.read_text(recipient).strip() if recipient.is_file() else None,
    )


def export(folders: Iterable[Path], out: Path) -> None:
    """Write the public files of each folder into ``out``, with a sheet of fingerprints to compare by voice."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AlreadyThereError(path=out)
    out.mkdir(parents=True, exist_ok=True)
    sheet: list[str] = []
    try:
        for folder in folders:
            authority = _authority(folder)
            target = out / authority.id
            target.mkdir()
            for name in PUBLIC:
                if (folder / name).is_file():
                    write_new(target / name, (folder / name).read_bytes())
            sync_folder(target)
            sheet.extend(fingerprints(authority))
        write_new(out / FINGERPRINTS, "\n".join(sheet).encode() + b"\n")
        sync_folder(out)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise


def fingerprints(authority: TrustedAuthority) -> list[str]:
    """Lines for people: SHA-256 of each certificate in groups of four, and the ledger's key."""
    lines = [f"{authority.id}  {authority.description.state}  {authority.description.name}"]
    for name, certificate in sorted(authority.certificates.items()):
        digest = certificate.fingerprint(hashes.SHA256()).hex()
        groups = " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
        lines.append(f"  {name:<9} {groups}")
    if authority.log:
        lines.append(f"  log       {authority.log.text}")
    return [*lines, ""]
