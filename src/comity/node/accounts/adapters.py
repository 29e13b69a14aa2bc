"""How this node uses allauth: accounts are given, never signed up for; TOTP secrets lie encrypted."""

from __future__ import annotations

import base64
from hashlib import sha256
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from comity.node import clients


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up on their own."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """By which address tries are counted; raise PermissionDenied where there is none."""
        found = clients.address(request)
        if not found:
            raise PermissionDenied
        return found

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Keep a password that its owner chose; one that was given for once has served."""
        user.must_change_password = False  # type: ignore[attr-defined]  # every user is an Official
        super().set_password(user, password)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of the second factor are encrypted, so that a copy of the database alone gives no codes."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Under which name security keys know this node: the host of its pages."""
        node = settings.NODE
        host = urlsplit(node.public_url).hostname or urlsplit(f"//{context.request.get_host()}").hostname
        return {"id": host or "localhost", "name": node.name}

    def encrypt(self, text: str) -> str:
        """Encrypt under a key derived from the node's secret file."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The reverse of ``encrypt``."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    digest = sha256(b"comity-second-factor/1" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
