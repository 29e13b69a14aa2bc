"""Seals files into one durable file, encrypted when there are recipients.

Receives what the writer of containers receives, and a path; returns what was sealed; leaves either the whole
file or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from comity.sealing import encryption
from comity.sealing.container import SealedPackage, choose, write_container
from comity.sealing.durable import AlreadyThereError, replacing
from comity.sealing.flow import Flow, PlainFlow
from comity.sealing.keys import Authority
from comity.sealing.manifest import Kind
from comity.sealing.sources import PackageFile

_Made = TypeVar("_Made")


def seal(
    path: Path,
    files: Iterable[PackageFile],
    *,
    about: dict[str, Any],
    signer: Authority,
    now: datetime,
    kind: Kind = Kind.FILES,
    recipients: Sequence[str] = (),
    disclosable: bool = False,
) -> SealedPackage:
    """Write a sealed package at ``path``, encrypted when there are recipients.

    All files are found before it is begun: it may come to lie in a folder that is being sealed.
    """
    chosen = choose(files)

    def fill(flow: Flow) -> SealedPackage:
        return write_container(
            flow, chosen, kind=kind, about=about, signer=signer, now=now, disclosable=disclosable
        )

    return written(path, fill, recipients)


def written(path: Path, fill: Callable[[Flow], _Made], recipients: Sequence[str] = ()) -> _Made:
    """Make a container at ``path``; one with recipients is encrypted while it is written, never stored plain.

    Raise AlreadyThereError when something stands at ``path``: it may be the only copy of evidence.
    """
    if path.exists() or path.is_symlink():
        raise AlreadyThereError(path=path)
    with (
        replacing(path) as out,
        encryption.encrypting(out, recipients) if recipients else PlainFlow(out) as flow,
    ):
        return fill(flow)
