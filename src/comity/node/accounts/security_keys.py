"""Security keys and passkeys at signing: what the browser is asked, and whether its answer holds."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from fido2 import cbor

from comity.node.accounts.models import Official
from comity.sealing.refusals import PackageRefusedError
from comity.sealing.stepup import Assertion, check_assertion
from comity.shapes import encode_base64
from comity.terms import ComityError, gettext_noop

_LONGEST = 64 << 10
"""Characters of a browser's answer."""


class KeyAnswerWrongError(ComityError):
    """The security key's answer does not sign what was shown."""

    code = "key_answer_wrong"
    message = gettext_noop("The security key’s answer does not hold ({reason}); nothing was signed.")
    next_step = gettext_noop("Open the letter again and sign it with a key that is set up for your account.")


def has_key(official: Official) -> bool:
    """Whether a security key or passkey is set up for the account."""
    return bool(_rows(official).exists())


def has_codes(official: Official) -> bool:
    """Whether an authenticator app is set up for the account."""
    return Authenticator.objects.filter(user=official, type=Authenticator.Type.TOTP).exists()


def options(official: Official, challenge: bytes, rp_id: str) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is asked: any key of the account, with its holder verified."""
    credentials = [_credential(row) for row in _rows(official)]
    allowed = [{"type": "public-key", "id": _url64(each.credential_id)} for each in credentials]
    return {
        "publicKey": {
            "challenge": _url64(challenge),
            "rpId": rp_id,
            "allowCredentials": allowed,
            "userVerification": "required",
            "timeout": 120_000,
        }
    }


@transaction.atomic
def verified(
    official: Official, answer: str, challenge: bytes, *, rp_id: str, origin: str, now: datetime
) -> Assertion:
    """The assertion in the browser's answer, once it is proved to be by a key of this account, here.

    The key's counter must have gone on (a copy of the key would repeat it); KeyAnswerWrongError.
    """
    said = _read(answer)
    rows = _rows(official).select_for_update()
    row = next((each for each in rows if _credential(each).credential_id == said["id"]), None)
    if row is None:
        raise KeyAnswerWrongError(reason="key")
    assertion = Assertion(
        rp_id=rp_id,
        credential=encode_base64(said["id"]),
        public_key=encode_base64(cbor.encode(_credential(row).public_key)),
        client_data=encode_base64(said["clientDataJSON"]),
        authenticator_data=encode_base64(said["authenticatorData"]),
        signature=encode_base64(said["signature"]),
    )
    try:
        proved = check_assertion(assertion, challenge)
    except PackageRefusedError as error:
        raise KeyAnswerWrongError(reason=error.params.get("part", error.code)) from error
    if proved.origin != origin:
        raise KeyAnswerWrongError(reason="origin")
    before = row.data.get("counter", _registered(row).counter)
    if (proved.counter or before) and proved.counter <= before:
        raise KeyAnswerWrongError(reason="counter")
    row.data["counter"], row.last_used_at = proved.counter, now
    row.save(update_fields=["data", "last_used_at"])
    return assertion


def _rows(official: Official) -> Any:
    return Authenticator.objects.filter(user=official, type=Authenticator.Type.WEBAUTHN).order_by("pk")


def _registered(row: Authenticator) -> Any:
    """What the key said when it was set up."""
    return row.wrap().authenticator_data  # type: ignore[no-untyped-call]


def _credential(row: Authenticator) -> Any:
    return _registered(row).credential_data


def _read(answer: str) -> dict[str, bytes]:
    """The parts of a PublicKeyCredential in JSON (Web Authentication, Level 3, section 5.1)."""
    try:
        if len(answer) > _LONGEST:
            raise KeyAnswerWrongError(reason="size")
        said = json.loads(answer)
        inner = said["response"]
        names = ("clientDataJSON", "authenticatorData", "signature")
        return {"id": _bytes(said["id"]), **{name: _bytes(inner[name]) for name in names}}
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise KeyAnswerWrongError(reason="form") from None


def _bytes(text: Any) -> bytes:
    return base64.b64decode(str(text) + "=" * (-len(str(text)) % 4), altchars=b"-_", validate=True)


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
