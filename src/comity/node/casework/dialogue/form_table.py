"""The form of each act of the dialogue."""

from __future__ import annotations

from comity.node.casework.dialogue.answer_forms import ANSWER_FORMS
from comity.node.casework.dialogue.emergency_forms import EMERGENCY_FORMS
from comity.node.casework.dialogue.forms import FORMS, TurnForm
from comity.node.casework.dialogue.keeping_forms import KEEPING_FORMS
from comity.node.casework.dialogue.meeting_forms import MEETING_FORMS
from comity.node.casework.dialogue.path_forms import PATH_FORMS
from comity.node.casework.dialogue.turns import Turn
from comity.node.casework.dialogue.use_forms import USE_FORMS

_TABLE = FORMS | USE_FORMS | KEEPING_FORMS | PATH_FORMS | MEETING_FORMS | ANSWER_FORMS | EMERGENCY_FORMS


def form_of(turn: Turn) -> type[TurnForm]:
    """The form of an act; items and words alone where it asks for nothing more."""
    return _TABLE.get(turn.act, TurnForm)
