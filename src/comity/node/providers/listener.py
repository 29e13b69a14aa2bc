"""The process that serves providers: the same node, other pages, other cookies, other sessions.

The officials' addresses do not exist in it, and its own do not exist in the officials' process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from comity.node.config import NodeConfig

_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "comity.node.providers.middleware.PeopleOfProviders",
]


def own_settings(node: NodeConfig) -> dict[str, Any]:
    """What is other than in the officials' process."""
    secure = not node.demonstration
    name = f"comity_{node.id.replace('-', '_')}_provider"
    prefix = "__Host-" if secure else ""
    hosts = ["localhost", "127.0.0.1", "[::1]", node.provider_listen.rpartition(":")[0]]
    if node.provider_url:
        hosts.append(urlsplit(node.provider_url).hostname or "")
    return {
        "ROOT_URLCONF": "comity.node.providers.urls",
        "MIDDLEWARE": _MIDDLEWARE,
        "ALLOWED_HOSTS": [host for host in hosts if host],
        "CSRF_TRUSTED_ORIGINS": [node.provider_url] if node.provider_url else [],
        "SESSION_ENGINE": "comity.node.providers.sessions",
        "SESSION_COOKIE_NAME": f"{prefix}{name}_session",
        "SESSION_COOKIE_AGE": 8 * 3600,
        "CSRF_COOKIE_NAME": f"{prefix}{name}_csrf",
        "CSRF_FAILURE_VIEW": "comity.node.providers.errors.form_too_old",
        "LANGUAGE_COOKIE_NAME": f"{name}_language",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
    }


def application() -> Callable[..., Any]:
    """The WSGI application. Called once, in a process that serves providers and nobody else."""
    from django.core.wsgi import get_wsgi_application

    for name, value in own_settings(settings.NODE).items():
        setattr(settings, name, value)
    return get_wsgi_application()
