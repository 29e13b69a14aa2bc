"""The people behind a letter, as it names them."""

from __future__ import annotations

from datetime import datetime

from comity import canonical
from comity.node.accounts.authority import stands_in_for
from comity.node.accounts.models import Official


def person(part: str, official: Official, at: datetime) -> dict[str, str]:
    """One of the people behind a letter: drafter, approver or signatory."""
    return {"part": part, "name": official.full_name, "post": official.post, "at": canonical.instant_text(at)}


def signatory(official: Official, act: str, at: datetime) -> list[dict[str, str]]:
    """Who signs, and before them the one whose role they hold by delegation, where they do."""
    delegation = stands_in_for(official, act)
    before = [person("delegator", delegation.of, delegation.given_at)] if delegation else []
    return [*before, person("signatory", official, at)]
