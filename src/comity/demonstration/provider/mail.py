"""Mailboxes: one mbox file an account, written by the standard library's ``mailbox``."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from threading import Lock

_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}@[a-z0-9][a-z0-9.-]{0,60}")
DOMAIN = "post.example"


def is_address(text: str) -> bool:
    """Whether the text is an address this provider can give."""
    return bool(_ADDRESS.fullmatch(text)) and text.endswith("@" + DOMAIN)


class Mailboxes:
    """All mailboxes, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "mailboxes"
        self.folder.mkdir(exist_ok=True)
        self.lock = Lock()

    def path(self, address: str) -> Path:
        """The mbox file of an account."""
        return self.folder / f"{address}.mbox"

    def deliver(self, sender: str, recipient: str, subject: str, text: str) -> None:
        """Put a message into the recipient's mailbox and a copy into the sender's."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, recipient, subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=DOMAIN)
        message.set_content(text)
        for address in (recipient, sender):
            with self._open(address) as box:
                box.add(message)

    def subjects(self, address: str) -> list[dict[str, str]]:
        """What lies in a mailbox: sender, recipient, subject of each message."""
        with self._open(address) as box:
            return [{"from": each["From"], "to": each["To"], "subject": each["Subject"]} for each in box]

    def empty(self, address: str) -> int:
        """Delete every message, as the account's owner may; how many there were."""
        with self._open(address) as box:
            count = len(box)
            box.clear()
            return count

    def content(self, address: str) -> bytes:
        """The mbox file as it is now."""
        with self._open(address):
            path = self.path(address)
            return path.read_bytes() if path.exists() else b""

    @contextmanager
    def _open(self, address: str) -> Iterator[mailbox.mbox]:
        with self.lock:
            box = mailbox.mbox(self.path(address))
            try:
                yield box
                box.flush()
            finally:
                box.close()
