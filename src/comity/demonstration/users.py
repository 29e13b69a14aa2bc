"""The provider's users: over HTTP they sign up, write to each other and, later, delete what they wrote."""

from __future__ import annotations

from typing import Any

import httpx

from comity.demonstration import cast
from comity.terms import ComityError, gettext_noop

DECEIVER = "heron"


class ProviderMisbehavedError(ComityError):
    """The demonstration's provider gave an answer that the story cannot go on with."""

    code = "provider_misbehaved"
    message = gettext_noop("The provider answered {status} to {request}.")
    next_step = gettext_noop("Read provider.log of the demonstration; this is a defect.")


class User:
    """One user with a browser, so to speak."""

    def __init__(self, name: str, url: str) -> None:
        told = cast.read()["users"][name]
        self.address, self.full_name = told["address"], told["name"]
        self.password = told["password"]
        self.client = httpx.Client(base_url=url, headers={"User-Agent": told["agent"]}, trust_env=False)

    def sign_up(self) -> None:
        """Open the account, unless it is there."""
        body = {"address": self.address, "name": self.full_name, "password": self.password}
        if self.client.post("/accounts", json=body).status_code not in (200, 409):
            raise ProviderMisbehavedError(status="an error", request="sign-up")

    def sign_in(self) -> None:
        """Sign in; later requests carry the session."""
        told = self._json("POST", "/sessions", {"address": self.address, "password": self.password})
        self.client.headers["Authorization"] = f"Bearer {told['token']}"

    def subjects(self) -> list[str]:
        """Subjects of the messages in the mailbox."""
        return [each["subject"] for each in self._json("GET", "/mail")["messages"]]

    def write(self, to: str, subject: str, text: str) -> None:
        """Send a message."""
        self._json("POST", "/mail", {"to": to, "subject": subject, "text": text.strip()})

    def delete_everything(self) -> None:
        """Empty the mailbox."""
        self._json("DELETE", "/mail")

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        response = self.client.request(method, path, json=body)
        if not response.is_success:
            raise ProviderMisbehavedError(status=response.status_code, request=f"{method} {path}")
        told: dict[str, Any] = response.json()
        return told


def deceive(url: str) -> list[str]:
    """The message that deceives, and its answer; what is written already is not written again."""
    users = {name: User(name, url) for name in cast.read()["users"]}
    for user in users.values():
        user.sign_up()
        user.sign_in()
    for mail in cast.read()["mails"]:
        sender, recipient = users[mail["from"]], users[mail["to"]]
        if mail["subject"] not in recipient.subjects():
            sender.write(recipient.address, mail["subject"], mail["text"])
    return [f"{len(users)} users signed up and wrote to each other"]


def delete_traces(url: str) -> list[str]:
    """The deceiver empties the mailbox, after its preservation was ordered."""
    user = User(DECEIVER, url)
    user.sign_in()
    if user.subjects():
        user.delete_everything()
    if user.subjects():
        raise ProviderMisbehavedError(status="messages", request="reading an emptied mailbox")
    return ["the account's holder deleted the mailbox; the preserved copy stays"]


def deleted_subject() -> str:
    """The subject of a message that was deleted and must be in the evidence."""
    return str(cast.read()["mails"][1]["subject"])
