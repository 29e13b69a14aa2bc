"""What officials enter when they write about a preservation: until when, why, whether to go on."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity import canonical
from comity.node.casework import running
from comity.node.casework.dialogue import keeping
from comity.node.casework.dialogue.forms import AnswerForm, TurnForm, end_of
from comity.node.casework.letters import read_body
from comity.node.clocks.durations import after
from comity.node.pages import labels


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class ExtensionForm(TurnForm):
    """Until when the items are to stay preserved; proposed is once more the time that the law sets."""

    until = _day(_("To be preserved until"))

    def prepare(self) -> None:
        """The present end, and the law's time after it."""
        chosen = [item for item in self.case.items.all() if item.preserved_until]
        end = keeping.ending(chosen)
        rule = next(
            (
                each
                for each in keeping.of_preservation(self.case, timezone.now()).get("clocks", [])
                if each["id"] == running.PRESERVATION
            ),
            None,
        )
        if end and rule and rule.get("duration"):
            self.fields["until"].initial = after(end, rule["duration"]).date()

    def said(self) -> dict[str, Any]:
        """With the end of the day."""
        return (arguments := super().said()) | {"until": end_of(arguments["until"])}


class GrantForm(AnswerForm):
    """The letter that asks, and until when the items stay preserved: as asked, or otherwise."""

    until = _day(_("Preserved until"))

    def prepare(self) -> None:
        """The time that is asked for."""
        super().prepare()
        asked = read_body(self.waiting[-1]).get("until") if self.waiting else None
        if asked:
            self.fields["until"].initial = canonical.read_instant(asked).astimezone(UTC).date()

    def said(self) -> dict[str, Any]:
        """With the end of the day."""
        return (arguments := super().said()) | {"until": end_of(arguments["until"])}


class UnhelpfulForm(TurnForm):
    """Why preservation would not help."""

    concerns = forms.MultipleChoiceField(
        label=_("Why preservation would not help"), widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        """The reasons that the treaties know."""
        self.fields["concerns"].choices = list(labels.LISTS["concern"].items())  # type: ignore[attr-defined]


class DecisionForm(AnswerForm):
    """Whether to go on."""

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        """The two ways, neither chosen beforehand."""
        super().prepare()
        self.fields["decision"].choices = list(labels.LISTS["decision"].items())  # type: ignore[attr-defined]


KEEPING_FORMS: dict[str, type[TurnForm]] = {
    "ask_extension": ExtensionForm,
    "grant_extension": GrantForm,
    "decline_extension": AnswerForm,
    "tell_preservation_unhelpful": UnhelpfulForm,
    "decide_on_preservation": DecisionForm,
}
"""The forms of these acts."""
