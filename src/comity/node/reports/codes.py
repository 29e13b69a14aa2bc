"""The follow-up code: 100 random bits that the reporter alone has, kept here as a keyed hash.

A slow hash protects what people choose; what is drawn at random from 2^100 cannot be tried out. The key keeps
a copy of the database from telling whether a code that somebody found belongs to a report here.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from django.conf import settings

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 without I, L, O and U: they are taken for other signs, or make words."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
LENGTH, GROUP = 20, 4


def draw() -> str:
    """A new code in groups of four: ``7Q2K-…``."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(LENGTH))
    return "-".join(signs[n : n + GROUP] for n in range(0, LENGTH, GROUP))


def kept(code: str) -> str:
    """What the database keeps and finds it by; the same however the code was typed."""
    signs = "".join(code.upper().translate(_READ_AS).split()).replace("-", "")
    key = sha256(b"comity-report-code/1" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, signs.encode(), sha256).hexdigest()
