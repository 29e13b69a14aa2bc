"""What officials enter about an emergency: in the draft, and to answer a warning."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.letters.bodies.emergency import LONGEST_HOURS
from comity.node import config
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField


class EmergencyForm(forms.Form):
    """The risk, why it is imminent, who judged so, and how the request stands with its judge."""

    risk = ProseField(
        label=_("Risk to life or safety"),
        rows=3,
        help_text=_("Whose life or safety is at risk, and by what: the risk is significant."),
    )
    imminence = ProseField(label=_("Why it is imminent"), rows=2)
    judged_by_name = LineField(label=_("Who judged so: name"), max_length=300)
    judged_by_post = LineField(label=_("Who judged so: post"), max_length=300)
    judged_on = ProseField(label=_("On what the judgement rests"), rows=3)
    contact = LineField(
        label=_("Where you can be reached"),
        max_length=300,
        required=False,
        help_text=_("They call back at a number of the directory all the same."),
    )
    validation = forms.ChoiceField(
        label=_("Validation by judge, prosecutor or other authority"), widget=forms.RadioSelect
    )
    by = LineField(label=_("Validating authority"), max_length=300)
    decision = LineField(
        label=_("Decision, by its number and date"),
        max_length=300,
        required=False,
        help_text=_("Where given."),
    )
    within_hours = forms.IntegerField(
        label=_("Within how many hours it follows"),
        min_value=1,
        max_value=LONGEST_HOURS,
        required=False,
        help_text=_("From the signature. Where it does not come, what was given may not be used."),
    )

    def __init__(self, *args: Any, said: dict[str, Any], **more: Any) -> None:
        validation, judge = said.get("validation", {}), said.get("judged_by", {})
        initial = {
            **{name: said.get(name, "") for name in ("risk", "imminence", "judged_on", "contact")},
            "judged_by_name": judge.get("name", ""),
            "judged_by_post": judge.get("post", ""),
            "validation": validation.get("state"),
            "by": validation.get("by", ""),
            "decision": validation.get("decision", ""),
            "within_hours": validation.get("within_hours", config.current().emergency.validation_hours),
        }
        super().__init__(*args, **{"initial": initial} | more)
        choices = list(labels.LISTS["validation"].items())
        self.fields["validation"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A validation that was given has its decision, one that follows its hours."""
        given = super().clean() or {}
        if given.get("validation") == "given" and not given.get("decision"):
            self.add_error("decision", _("Name the decision."))
        if given.get("validation") == "later" and not given.get("within_hours"):
            self.add_error("within_hours", _("Say within how many hours."))
        return given

    def particulars(self) -> dict[str, Any]:
        """As a draft and its letter have them."""
        said = self.cleaned_data
        proof = {"given": "decision", "later": "within_hours"}[said["validation"]]
        return {
            **{name: said[name] for name in ("risk", "imminence", "judged_on")},
            "judged_by": {"name": said["judged_by_name"], "post": said["judged_by_post"]},
            **({"contact": said["contact"]} if said["contact"] else {}),
            "validation": {"state": said["validation"], "by": said["by"], proof: said[proof]},
        }


class WarningForm(forms.Form):
    """An official's answer to a warning."""

    text = ProseField(label=_("What was found out, and why the request is genuine"), rows=2)
