"""The communications of a case outside the exchange, with their documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comity.node.casework.models import Case
from comity.node.casework.noted import ChannelNote
from comity.node.exchange.models import Letter
from comity.node.exhibits.models import Exhibit

CHANNELS = ("diplomatic", "interpol", "courier", "direct")
"""The channels of the vocabulary that leave something written and that the exchange is not."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A note with its documents and the letter that it carried."""

    note: ChannelNote
    documents: list[Exhibit]
    letter: Letter | None


def of_case(case: Case) -> list[Noted]:
    """All of a case, the earliest first."""
    notes = list(case.channel_notes.select_related("by").prefetch_related("documents"))
    exhibits = Exhibit.objects.in_bulk([one.exhibit for note in notes for one in note.documents.all()])
    letters = Letter.objects.in_bulk([note.letter for note in notes if note.letter])
    return [
        Noted(
            note,
            [exhibits[one.exhibit] for one in note.documents.all() if one.exhibit in exhibits],
            letters.get(note.letter),
        )
        for note in notes
    ]


def committed(note: ChannelNote) -> dict[str, Any]:
    """What the ledger commits to of a note."""
    columns = ("number", "direction", "channel", "reference", "sender", "recipient", "text")
    return {name: getattr(note, name) for name in columns}
