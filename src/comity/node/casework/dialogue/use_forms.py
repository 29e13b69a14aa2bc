"""What officials enter when they ask for another use, permit it, or give notice of a disclosure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework import uses
from comity.node.casework.dialogue.forms import (
    AnswerForm,
    TurnForm,
    end_of,
    paired,
    room_for_conditions,
    with_conditions,
)
from comity.node.casework.letters import read_body
from comity.node.casework.models import Purpose
from comity.node.pages import labels, times
from comity.node.pages.fields import LineField, ProseField

MOST, LONGEST = 50, 300
"""Named proceedings of a letter, and characters of a name."""
_INSIDE = (Purpose.OTHER_PROCEEDINGS, Purpose.ORGANISATION_INSIDE)
_ONWARD = (Purpose.THIRD_STATE, Purpose.INTERNATIONAL_ORGANISATION)


def exhibits_field(form: forms.Form, case: Any) -> None:
    """Give a form the exhibits that were received; it asks for none where none came."""
    there = uses.received(case)
    if there:
        form.fields["exhibits"] = forms.MultipleChoiceField(
            label=_("Exhibits"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(str(each.pk), f"{each.number} {each.raw_name}") for each in there],
            help_text=_("None chosen: everything that was received on these items."),
        )


def purposes(chosen: tuple[Purpose, ...]) -> list[tuple[str, str]]:
    """Purposes as choices."""
    return [(each.value, labels.label(each.value, "purpose")) for each in chosen]


class AskingForm(TurnForm):
    """The other use: what for, in which proceedings, of which exhibits."""

    purpose = forms.ChoiceField(label=_("Purpose"), widget=forms.RadioSelect)
    use = ProseField(
        label=_("Intended use"),
        rows=3,
        help_text=_("Name the proceedings or the body. A permission covers exactly this and nothing else."),
    )
    proceedings = ProseField(
        label=_("The other proceedings, each on a line"),
        rows=2,
        required=False,
        help_text=_("By number and authority, where it is for other proceedings."),
    )
    asks = _INSIDE

    def prepare(self) -> None:
        """The purposes and the exhibits."""
        self.fields["purpose"].choices = purposes(self.asks)  # type: ignore[attr-defined]
        self.fields["text"].label = _("Reasons")
        exhibits_field(self, self.case)

    def clean(self) -> dict[str, Any]:
        """Other proceedings are named, each within the length of a line."""
        given = super().clean() or {}
        if "proceedings" in self.fields:
            named = [line.strip() for line in given.get("proceedings", "").splitlines() if line.strip()]
            if given.get("purpose") == Purpose.OTHER_PROCEEDINGS and not named:
                self.add_error("proceedings", _("Name each of the other proceedings."))
            if len(named) > MOST or any(len(line) > LONGEST for line in named):
                self.add_error("proceedings", _("At most 50 lines of at most 300 characters."))
            given["proceedings"] = named
        return given


class OnwardForm(AskingForm):
    """Passing on: to whom, what for."""

    proceedings = None  # type: ignore[assignment]  # so Django takes a field away: to whom is said instead
    recipient = LineField(label=_("State or organisation it is to go to"), max_length=300)
    asks = _ONWARD


class GrantForm(AnswerForm):
    """A permission: conditions, if there are any, and an end, if it has one."""

    until = forms.DateField(
        label=_("Permitted until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def prepare(self) -> None:
        """Room for conditions, none of which must be given."""
        super().prepare()
        room_for_conditions(self, required=0)
        asked = (each for letter in self.waiting for each in read_body(letter).get("proceedings", []))
        if named := list(dict.fromkeys(asked)):
            self.fields["proceedings"] = forms.MultipleChoiceField(
                label=_("Permitted for these proceedings"),
                widget=forms.CheckboxSelectMultiple,
                choices=[(each, each) for each in named],
                initial=named,
                help_text=_("A use in any other proceedings stays barred."),
            )

    def clean(self) -> dict[str, Any]:
        """A condition has both its kind and its words, or neither."""
        return paired(self, super().clean() or {})

    def said(self) -> dict[str, Any]:
        """With the pairs of kind and words, and the end of the last day."""
        arguments = with_conditions(super().said())
        return arguments | {"until": end_of(arguments["until"])}


class NoticeForm(TurnForm):
    """Notice before a disclosure, or of one that was made."""

    disclosure = forms.ChoiceField(label=_("Disclosure"), required=False, widget=forms.RadioSelect)

    def prepare(self) -> None:
        """Disclosures whose notice is due, before a new one."""
        due = uses.unannounced(self.case)
        made = [(str(each.pk), _made(each)) for each in due]
        self.fields["disclosure"].choices = [*made, ("", _("None yet: this notice comes before it"))]  # type: ignore[attr-defined]
        self.fields["disclosure"].initial = made[0][0] if made else ""
        exhibits_field(self, self.case)

    def said(self) -> dict[str, Any]:
        """With the row of the disclosure, if it was made."""
        arguments = super().said()
        made = arguments["disclosure"]
        return arguments | {"disclosure": int(made) if made else None}


def _made(disclosure: Any) -> str:
    return f"{times.moment(disclosure.at)}: {disclosure.description[:200]}"


USE_FORMS: dict[str, type[TurnForm]] = {
    "ask_use_permission": AskingForm,
    "ask_onward_permission": OnwardForm,
    "grant_use_permission": GrantForm,
    "grant_onward_permission": GrantForm,
    "decline_use_permission": AnswerForm,
    "decline_onward_permission": AnswerForm,
    "notify_exculpatory_disclosure": NoticeForm,
    "consult_on_disclosure": AnswerForm,
}
"""The forms of the acts about use."""
