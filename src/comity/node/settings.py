"""Django's settings of one node, derived from its folder (see config.py)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from comity.node import config

NODE = config.current()
HERE = Path(__file__).resolve().parent

SECRET_KEY = NODE.secret_key
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", NODE.listen.rpartition(":")[0]]
if NODE.public_url:
    ALLOWED_HOSTS.append(urlsplit(NODE.public_url).hostname or "")
    CSRF_TRUSTED_ORIGINS = [NODE.public_url]
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = [
    "comity.node.pages",  # first, so that its templates go before those of the libraries
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    *(
        f"comity.node.{room}"
        for room in (
            "accounts",
            "ledger",
            "administration",
            "clocks",
            "jobs",
            "directory",
            "witnesses",
            "drills",
            "exchange",
            "exhibits",
            "orders",
            "providers",
            "casework",
            "reports",
            "webhooks",
            "alerts",
            "desk",
            "api",
        )
    ),
]


def database(address: str) -> dict[str, Any]:
    """Django's entry for ``sqlite`` in the node's folder or a ``postgresql://`` address.

    The address is read as libpq reads it: what stands behind its question mark holds (``sslmode``,
    ``sslrootcert``, ``passfile``, a socket's folder as ``host``). Raise DatabaseAddressUnusableError for
    one that libpq does not understand or takes apart amid the password, and for secrets that only its
    command line could tell ``pg_dump``.
    SQLite: write-ahead log, ``synchronous=FULL`` (a commit is on disk when it returns) and IMMEDIATE
    transactions, so that two writers queue instead of failing.
    """
    if address == "sqlite":
        return {
            "ENGINE": "comity.node.databases.sqlite",
            "NAME": NODE.folder / "node.sqlite3",
            "TEST": {"NAME": NODE.folder / "test.sqlite3"},  # a file, as in operation: threads share it
            "CONN_MAX_AGE": 600,  # opening costs more than most of what is asked
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    from psycopg import Error, conninfo, pq

    try:
        said = conninfo.conninfo_to_dict(address)
    except Error:  # libpq's words quote the address
        reason = "libpq cannot read it (in a password, what is no letter or digit stands as %XX)"
        raise config.DatabaseAddressUnusableError(reason=reason) from None
    if not said.get("dbname"):
        raise config.DatabaseAddressUnusableError(reason="it names no database")
    if _shows_password(said):  # whatever fails later would quote it: as a host, a port, a database
        reason = "a part of a password seems to stand outside it (what is no letter or digit stands as %XX)"
        raise config.DatabaseAddressUnusableError(reason=reason)
    secret = {option.keyword.decode() for option in pq.Conninfo.get_defaults() if option.dispchar == b"*"}
    for name in sorted(secret & set(said) - {"password"}):
        raise config.DatabaseAddressUnusableError(reason=f"{name} would stand in the list of processes")
    return {
        "ENGINE": "comity.node.databases.postgresql",
        "NAME": said.pop("dbname"),
        **{name.upper(): said.pop(name, "") for name in ("user", "password", "host", "port")},
        "OPTIONS": said,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _shows_password(said: dict[str, Any]) -> bool:
    """Whether libpq took what follows a ``@``, ``/`` or ``?`` of a password for the next part of the address.

    A host may begin with ``@`` (an abstract socket), and the folder of a socket may hold one.
    """
    hosts, ports = (said.get(name, "").split(",") for name in ("host", "port"))
    astray = any("@" in host[1:] and not host.startswith("/") for host in hosts) or "@" in said["dbname"]
    return astray or not all(re.fullmatch("[0-9]*", port) for port in ports)


DATABASES = {"default": database(NODE.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Official"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "UserAttributeSimilarityValidator")
]
AUTH_PASSWORD_VALIDATORS[0]["OPTIONS"] = {"min_length": 12}  # type: ignore[assignment]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "comity.node.accounts.second_factor.RequireSecondFactor",
    "comity.node.accounts.one_time_password.ChangeOneTimePassword",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "comity.node.pages.middleware.ReaderMiddleware",
    "comity.node.ledger.middleware.SteadyClock",
    "comity.node.casework.attempts.AttemptsMiddleware",
]
ROOT_URLCONF = "comity.node.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "comity.node.pages.frame.frame",
            ],
        },
    }
]

LANGUAGE_CODE = NODE.language
LANGUAGES = [("en", "English"), ("kk", "Қазақша"), ("ru", "Русский")]
LOCALE_PATHS = [HERE.parent / "locale"]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

# Cookies ignore ports, and a demonstration keeps two nodes on one host: names carry the node's id.
COOKIE_PREFIX = f"comity_{NODE.id.replace('-', '_')}"
SECURE = not NODE.demonstration
SESSION_COOKIE_NAME = f"{'__Host-' if SECURE else ''}{COOKIE_PREFIX}_session"
CSRF_COOKIE_NAME = f"{'__Host-' if SECURE else ''}{COOKIE_PREFIX}_csrf"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}_language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_SSL_REDIRECT = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *filter(None, [NODE.preview_origin])],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

CSRF_FAILURE_VIEW = "comity.node.pages.errors.form_too_old"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "comity.node.accounts.adapters.AccountAdapter"
# Guessing: five failures for a name, or twenty in all from an address, and the door stays shut for a while.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key"}
MFA_ADAPTER = "comity.node.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = f"Comity {NODE.state}"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "comity.node.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"comity": {"level": "INFO"}},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [  # a large file touches no disk in the clear
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "comity.node.exhibits.form_files.EncryptedUploadHandler",
]
