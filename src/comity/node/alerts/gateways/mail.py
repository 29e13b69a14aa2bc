"""E-mail by SMTP (RFC 5321), encrypted by STARTTLS (RFC 3207) or from the first byte (RFC 8314)."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from pathlib import Path

from django.utils import timezone

from comity.node.alerts.gateways.errors import GatewayRefusedError, GatewayUnreachableError, secret
from comity.node.config import MailGateway, NodeConfig

STEP = 10.0
"""Seconds that the server may take for one answer."""
BUDGET = 30.0
"""Seconds that one message may take in all, however the server spreads its answers over them."""
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f]+")


def send(node: NodeConfig, gateway: MailGateway, address: str, subject: str, text: str) -> None:
    """Send one e-mail. 4xx and silence are tried again, 5xx is final (RFC 5321, 4.2.1)."""
    said = _message(node, gateway, address, subject, text)
    try:
        with _connected(node, gateway) as server:
            server.send_message(said, from_addr=gateway.sender, to_addrs=[address])
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise _answered(code) from error
    except smtplib.SMTPAuthenticationError as error:  # the message is not to blame
        raise GatewayUnreachableError(detail=f"sign-in {error.smtp_code}") from error
    except smtplib.SMTPResponseException as error:
        raise _answered(error.smtp_code) from error
    except smtplib.SMTPNotSupportedError as error:
        raise GatewayUnreachableError(detail="not supported") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: a secret that is not ASCII
        raise GatewayUnreachableError(detail=type(error).__name__) from error


def _message(node: NodeConfig, gateway: MailGateway, address: str, subject: str, text: str) -> EmailMessage:
    """The message; a line end in a header is refused by the library and made a space before that here."""
    said = EmailMessage()
    try:
        said["From"] = formataddr((_line(node.name), gateway.sender))
        said["To"] = address
        said["Subject"] = _line(f"{node.name}: {subject}")
        said["Date"] = format_datetime(timezone.now())
        said["Message-ID"] = make_msgid(domain=gateway.sender.rpartition("@")[2])
        said["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers by machine
        said.set_content(text)
    except (MessageError, ValueError) as error:
        raise GatewayRefusedError(detail="headers") from error
    return said


def _line(text: str) -> str:
    return _UNPRINTED.sub(" ", text).strip()


@contextmanager
def _connected(node: NodeConfig, gateway: MailGateway) -> Iterator[smtplib.SMTP]:
    trusted = ssl.create_default_context(cafile=str(_ca(node, gateway)) if gateway.ca_file else None)
    if gateway.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(gateway.host, gateway.port, timeout=STEP, context=trusted)
    else:
        server = smtplib.SMTP(gateway.host, gateway.port, timeout=STEP)
    with server, _bounded(server):
        if gateway.tls == "starttls":
            server.starttls(context=trusted)
        if gateway.user:
            server.login(gateway.user, secret(node, gateway.secret_file))
        yield server


@contextmanager
def _bounded(server: smtplib.SMTP) -> Iterator[None]:
    """Cut the line once the budget is spent."""

    def cut() -> None:
        with suppress(OSError):
            if server.sock is not None:
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(BUDGET, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _ca(node: NodeConfig, gateway: MailGateway) -> Path:
    return node.folder / gateway.ca_file


def _answered(code: int) -> GatewayUnreachableError | GatewayRefusedError:
    return GatewayRefusedError(detail=str(code)) if code >= 500 else GatewayUnreachableError(detail=str(code))
