"""Secrets and signatures of notices, in the form of Standard Webhooks (``v1,`` and HMAC-SHA256 in base64)."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.fernet import Fernet
from django.conf import settings

from comity.node.webhooks.models import Endpoint

PREFIX = "whsec_"
BOTH = timedelta(hours=24)
"""How long a replaced secret signs beside the new one."""


def new_secret() -> str:
    """256 random bits as endpoints are given them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sealed(secret: str) -> str:
    """A secret as the database keeps it: a copy of the database alone signs nothing."""
    return _cipher().encrypt(secret.encode()).decode()


def headers(endpoint: Endpoint, notice: str, body: str, now: datetime) -> dict[str, str]:
    """The three headers of a notice: id, moment in seconds, a signature by each secret that is valid now."""
    moment = str(int(now.timestamp()))
    kept = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_until is not None and now < endpoint.old_until:
        kept.append(endpoint.old_secret)
    signed = [sign(_opened(secret), notice, moment, body) for secret in kept]
    return {
        "webhook-id": notice,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signed),
    }


def sign(secret: str, notice: str, moment: str, body: str) -> str:
    """The signature over ``id.moment.body``."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{notice}.{moment}.{body}".encode(), sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _opened(sealed_secret: str) -> str:
    return _cipher().decrypt(sealed_secret.encode()).decode()


def _cipher() -> Fernet:
    digest = sha256(b"comity-webhook/1" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
