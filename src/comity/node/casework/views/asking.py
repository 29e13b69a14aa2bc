"""What the fields of the search form ask for; a choice that no list has counts as none."""

from __future__ import annotations

from django.http import QueryDict

from comity.node.casework import finding, opinions
from comity.node.casework.models import Preparation, Side
from comity.node.casework.views.listing import ACTUAL
from comity.node.directory import known
from comity.node.pages import labels, law

CHOSEN = ("side", "status", "measure", "state", "treaty")
CHECKED = ("urgent", "due", "mine")


def asked_in(fields: QueryDict) -> finding.Asked:
    """The search that these fields describe."""
    lists = choices()
    chosen = {name: fields.get(name, "") for name in CHOSEN}
    chosen = {name: value for name, value in chosen.items() if value in dict(lists[name])}
    checked = {name: fields.get(name) == "on" for name in CHECKED}
    words = fields.get("q", "").strip()[: finding.LONGEST]
    return finding.Asked(words=words, **chosen, **checked)  # type: ignore[arg-type]  # by their names


def choices() -> dict[str, list[tuple[str, str]]]:
    """What can be chosen, by filter."""
    states = sorted({peer.state for peer in known.peers()})
    return {
        "side": [(side, labels.label(side, "side")) for side in Side.values],
        "status": [(one, labels.label(one, "status")) for one in (*Preparation.values, *ACTUAL)],
        "measure": [(one, str(words)) for one, words in labels.MEASURES.items()],
        "state": [(state, labels.state_name(state)) for state in states],
        "treaty": [(one, law.instrument_short(one)) for one in opinions.library().by_priority],
    }
