"""A keeper's register as it lies in its folder, and why something cannot be done with it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata

from comity.directory import signing
from comity.directory.reading import DirectoryUnreadableError, as_ours
from comity.directory.signing import write_metadata
from comity.sealing.durable import replacing
from comity.terms import ComityError, gettext_noop


class RegisterUnusableError(ComityError):
    """The folder is no keeper's register, or is damaged."""

    code = "register_unusable"
    message = gettext_noop("The register {path} cannot be used: {detail}.")
    next_step = gettext_noop("Make one with: comity directory keeper init DIR --name NAME")


class RegisterRefusesError(ComityError):
    """What is asked does not fit what the register holds."""

    code = "register_refuses"
    message = gettext_noop("This cannot be done with the register {path}: {detail}.")
    next_step = gettext_noop("Nothing was changed. See what it holds: comity directory keeper check DIR")


class ThresholdImpossibleError(ComityError):
    """More signatures are asked for than there are keys, or none."""

    code = "threshold_impossible"
    message = gettext_noop("Of {keys} keys {threshold} cannot be made to sign.")
    next_step = gettext_noop("Ask for one signature at least, for no more than there are keys, at most 20.")


class SignaturesMissingError(ComityError):
    """Root or targets were not signed by enough keys yet."""

    code = "signatures_missing"
    message = gettext_noop("{role} has {signed} of the {threshold} signatures it needs.")
    next_step = gettext_noop("Holders of the other keys sign: comity directory keeper sign DIR --key FILE")


@dataclass(frozen=True, slots=True)
class Register:
    """A keeper's folder."""

    path: Path

    @property
    def name(self) -> str:
        """What the keeper calls itself."""
        return str(self._settings()["name"])

    def published(self, role: str) -> int:
        """The version of root or targets that readers may have; 0 before the first publication."""
        return int(self._settings()["published"].get(role, 0))

    def note(self, **changes: Any) -> None:
        """Write down the name, or what was published."""
        settings = {"name": "", "published": {}, **self._settings(), **changes}
        with replacing(self.path / "register.json", 0o644) as out:
            out.write(json.dumps(settings, ensure_ascii=False, indent=1).encode())

    def _settings(self) -> dict[str, Any]:
        path = self.path / "register.json"
        try:
            return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}
        except (OSError, ValueError) as error:
            raise RegisterUnusableError(path=self.path, detail="register.json cannot be read") from error

    def metadata(self, role: str) -> Metadata[Any]:
        """The register's metadata of a role, signed or waiting to be."""
        try:
            data = (self.path / "metadata" / f"{role}.json").read_bytes()
        except OSError as error:
            raise RegisterUnusableError(path=self.path, detail=f"{role}.json is missing") from error
        try:
            with as_ours():
                return Metadata.from_bytes(data)
        except DirectoryUnreadableError as error:
            raise RegisterUnusableError(path=self.path, detail=f"{role}.json cannot be read") from error

    def write(self, role: str, metadata: Metadata[Any]) -> None:
        """Keep metadata of a role; every root under its number too."""
        if role == "root":
            write_metadata(self.path / "metadata" / f"{metadata.signed.version}.root.json", metadata)
        write_metadata(self.path / "metadata" / f"{role}.json", metadata)

    def signers(
        self, passphrase: bytes | None = None, wanted: Collection[str] | None = None
    ) -> list[CryptoSigner]:
        """The private keys in the register; with ``wanted`` those of these ids, and no other is opened."""
        files = sorted((self.path / "keys").glob("*.pem"))
        if wanted is not None:
            files = [path for path in files if _keyid(path) in wanted]
        return [signing.read_signer(path, passphrase) for path in files]


def _keyid(private: Path) -> str:
    """The id of a key by the public key beside it."""
    return signing.read_public(private.with_name(f"{private.name}.pub")).keyid
