"""What an official enters where evidence is handed out, kept and ended."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.exhibits.models import DisposalKind
from comity.node.pages import labels
from comity.node.pages.fields import LineField


class PurposeForm(forms.Form):
    """For what evidence is handed out: it stands in the custody for good."""

    purpose = LineField(
        label=_("For what purpose"),
        max_length=200,
        help_text=_("It becomes part of the custody, with your name and the time."),
    )


class HoldForm(forms.Form):
    """Why an exhibit is put under a legal hold."""

    reason = LineField(label=_("Why it must be kept"), max_length=400)


class PeriodForm(forms.Form):
    """Until when an exhibit is kept."""

    until = forms.DateField(
        label=_("To be kept until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = LineField(label=_("Reason or provision"), max_length=400)


class DisposalForm(forms.Form):
    """How and why an exhibit is to end."""

    kind = forms.ChoiceField(label=_("What becomes of it"), widget=forms.RadioSelect)
    to = LineField(label=_("Returned to whom"), max_length=200, required=False)
    reason = LineField(label=_("Reason or provision"), max_length=400)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        kinds = [(kind.value, labels.label(kind.value, "disposal")) for kind in DisposalKind]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A return names who gets it."""
        given = super().clean() or {}
        if given.get("kind") == DisposalKind.RETURN and not given.get("to"):
            self.add_error("to", _("Name who gets it."))
        return given


class DecisionForm(forms.Form):
    """Why a hold is lifted, or a proposed end agreed to or declined."""

    reason = LineField(label=_("Reason"), max_length=400)
