"""The anchors a verifier holds: who may seal, stamp, answer for revocation and sign ledgers.

Receives a folder that the verifier got on a way it trusts; returns its authorities; a package never adds any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from comity import canonical
from comity.proofs.notes import Verifier
from comity.sealing import certificates, keys
from comity.sealing.durable import growing_folder, sync_folder, write_new
from comity.terms import ComityError, gettext_noop

_CERTIFICATES = ("ca.crt", "seal.crt", "tsa.crt", "ocsp.crt", "tls.crt")
FINGERPRINTS = "FINGERPRINTS.txt"
FORMER = "former"
"""The folder of an authority's former CA certificates."""


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
    former: tuple[x509.Certificate, ...] = ()
    """Certificates of the CAs that it had before: old seals and stamps are still issued by them."""

    @property
    def anchors(self) -> tuple[x509.Certificate, ...]:
        """The CA and the former ones."""
        return (self.ca, *self.former)

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

    def __iter__(self) -> Iterator[TrustedAuthority]:
        return iter(self.authorities.values())

    def issuer_of(self, anchor: x509.Certificate) -> TrustedAuthority:
        """The authority whose CA this anchor is."""
        return next(authority for authority in self if anchor in authority.anchors)


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
        former=tuple(keys.read_certificate(path) for path in sorted((folder / FORMER).glob("*.crt"))),
    )


def export(authorities: Iterable[TrustedAuthority], out: Path) -> None:
    """Write each authority's public files under its id, and a sheet of fingerprints to compare by voice."""
    sheet: list[str] = []
    with growing_folder(out, mode=0o755) as folder:
        for authority in sorted(authorities, key=lambda each: each.id):
            target = folder / authority.id
            target.mkdir()
            for name, data in _public_files(authority).items():
                write_new(target / name, data)
            _write_former(authority, target)
            sync_folder(target)
            sheet.extend(fingerprints(authority))
        write_new(folder / FINGERPRINTS, "\n".join(sheet).encode())


def _write_former(authority: TrustedAuthority, target: Path) -> None:
    if authority.former:
        folder = target / FORMER
        folder.mkdir()
        for certificate in authority.former:
            name = f"{certificates.fingerprint(certificate)}.crt"
            write_new(folder / name, certificate.public_bytes(Encoding.PEM))
        sync_folder(folder)


def _public_files(authority: TrustedAuthority) -> dict[str, bytes]:
    files = {keys.DESCRIPTION: canonical.write(authority.description.as_json())}
    for name, certificate in authority.certificates.items():
        files[name] = certificate.public_bytes(Encoding.PEM)
    if authority.log is not None:
        files["log.vkey"] = authority.log.text.encode() + b"\n"
    if authority.recipient is not None:
        files["transport.recipient"] = authority.recipient.encode() + b"\n"
    return files


def fingerprints(authority: TrustedAuthority) -> list[str]:
    """Lines for people: SHA-256 of each certificate in groups of four, and the ledger's key."""
    lines = [f"{authority.id}  {authority.description.state}  {authority.description.name}"]
    named = [*sorted(authority.certificates.items()), *(("former ca", each) for each in authority.former)]
    for name, certificate in named:
        digest = certificates.fingerprint(certificate)
        groups = " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
        lines.append(f"  {name:<9} {groups}")
    if authority.log:
        lines.append(f"  log       {authority.log.text}")
    return [*lines, ""]
