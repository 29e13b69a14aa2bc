"""A security key in software: makes a credential and answers challenges as a browser would pass them on."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

UP, UV, AT = 0x01, 0x04, 0x40


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class SoftwareKey:
    """One credential of one party; every answer may be bent by the test."""

    rp_id: str = "localhost"
    origin: str = "http://localhost"
    counter: int = 0
    flags: int = UP | UV
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def public_key(self) -> bytes:
        return cbor.encode(dict(ES256.from_cryptography_key(self.private.public_key())))

    def client_data(self, kind: str, challenge: bytes, /, **changes: Any) -> bytes:
        said = {"type": kind, "challenge": url64(challenge), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | changes).encode()

    def _head(self, flags: int) -> bytes:
        self.counter += 1
        rp = hashlib.sha256(self.rp_id.encode()).digest()
        return rp + struct.pack(">BI", flags, self.counter)

    def registration(self, challenge: bytes = b"c") -> dict[str, Any]:
        """What ``navigator.credentials.create`` gives, as the account keeps it."""
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + self.public_key
        data = self._head(self.flags | AT) + attested
        statement = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": url64(self.client_data("webauthn.create", challenge)),
            "attestationObject": url64(statement),
        }
        return self._credential(response)

    def answer(self, challenge: bytes, /, **changes: Any) -> dict[str, Any]:
        """What ``navigator.credentials.get`` gives."""
        client = self.client_data("webauthn.get", challenge, **changes)
        data = self._head(self.flags)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": url64(client),
            "authenticatorData": url64(data),
            "signature": url64(signature),
        }
        return self._credential(response)

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        kept = {"id": url64(self.id), "rawId": url64(self.id), "type": "public-key", "response": response}
        return kept | {"clientExtensionResults": {}, "authenticatorAttachment": "cross-platform"}

    def set_up_for(self, official: Any) -> None:
        """Make it a key of the official's account."""
        from allauth.mfa.models import Authenticator

        Authenticator.objects.create(
            user=official,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": "key", "credential": self.registration()},
        )

    def assertion(self, challenge: bytes, /, **changes: Any) -> dict[str, str]:
        """An assertion as it lies in stepup.json."""
        response = self.answer(challenge, **changes)["response"]
        plain = {name: base64.b64encode(_bytes(value)).decode() for name, value in response.items()}
        return {
            "rp_id": self.rp_id,
            "credential": base64.b64encode(self.id).decode(),
            "public_key": base64.b64encode(self.public_key).decode(),
            "client_data": plain["clientDataJSON"],
            "authenticator_data": plain["authenticatorData"],
            "signature": plain["signature"],
        }


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
