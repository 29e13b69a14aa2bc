"""The timeline in the reader's language: each event's sentence with its parameters in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext

from comity import canonical
from comity.node.casework.events import SENTENCES
from comity.node.casework.models import Event
from comity.node.pages import labels, law, times
from comity.node.pages.labels import delivery

_WORDS: dict[str, Callable[[str], str]] = {
    "ground": law.short_label,
    "language": labels.language_name,
    "clock": lambda kind: labels.label(kind, "clock"),
    "state": lambda state: labels.label(state, "order"),
    "means": lambda means: labels.label(means, "call_back_means"),
    "channel": lambda channel: labels.label(channel, "channel"),
    "marking": lambda kind: labels.label(kind, "marking"),
    "purpose": lambda purpose: labels.label(purpose, "purpose"),
    "hearing": lambda outcome: labels.label(outcome, "hearing_outcome"),
    "attempt": lambda outcome: labels.label(outcome, "attempt"),
    "warning": lambda code: labels.label(code, "warning"),
    "why": lambda code: delivery.words(code) or code,
    "until": lambda text: times.moment(canonical.read_instant(text)),
    "since": lambda text: times.moment(canonical.read_instant(text)),
}


def sentence(event: Event) -> str:
    """What happened, in one line."""
    words: dict[str, Any] = {
        name: _WORDS[name](value) if name in _WORDS and isinstance(value, str) else value
        for name, value in event.params.items()
    }
    return gettext(SENTENCES[event.kind]).format(**words)
