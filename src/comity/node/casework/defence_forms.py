"""What officials enter where they decide what the defence is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework.defence import DefenceDecision, WithholdingGround
from comity.node.exhibits.models import Exhibit
from comity.node.pages import labels
from comity.node.pages.fields import LineField


class DefenceForm(forms.Form):
    """What is decided of one exhibit, and whether it exculpates."""

    exhibit = forms.ChoiceField(label=_("Exhibit"))
    decision = forms.ChoiceField(label=_("For the defence"), widget=forms.RadioSelect)
    ground = forms.ChoiceField(label=_("Ground for withholding"), required=False)
    reason = LineField(
        label=_("Reason"),
        max_length=400,
        required=False,
        help_text=_("The defence reads it on the list; it tells nothing of what is withheld."),
    )
    exculpatory = forms.BooleanField(
        label=_("It may exculpate the accused person, or lessen the guilt"), required=False
    )

    def __init__(self, *args: Any, exhibits: Iterable[Exhibit], **more: Any) -> None:
        super().__init__(*args, **more)
        choices = {
            "exhibit": [(str(each.pk), each.number) for each in exhibits],
            "decision": _labelled(DefenceDecision.values),
            "ground": [("", "—"), *_labelled(WithholdingGround.values)],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]


class WithholdingForm(forms.Form):
    """Whether a second official agrees that an exhibit is withheld."""

    remark = LineField(label=_("Remark"), max_length=400, required=False)


def _labelled(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(each, labels.label(each, "defence")) for each in values]
