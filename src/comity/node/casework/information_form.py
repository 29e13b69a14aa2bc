"""What officials enter when they send information without request, and when they tie it to a case."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework.forms import UNKNOWN, FactsForm
from comity.node.casework.information import MEASURE, RESTRICTIONS
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField

_LEFT_OUT = ("measure", "data_kinds", "criminal_here", "criminal_there", "coercive", "urgent")
"""Facts of a request that say nothing of information."""
_ANSWERED = {"yes": True, "no": False}


class InformationWordsForm(forms.Form):
    """What it is about, the text, and the restrictions on its use."""

    heading = LineField(label=_("Heading"), max_length=200)
    text = ProseField(label=_("The information"), rows=10)
    restrictions = forms.MultipleChoiceField(
        label=_("Restrictions that the receiver is asked to keep"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = ProseField(
        label=_("The restrictions in words"),
        rows=3,
        required=False,
        help_text=_("For example until when it stays confidential, or for which proceedings it may be used."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["restrictions"].choices = [  # type: ignore[attr-defined]
            (limit, labels.label(limit, "limit")) for limit in RESTRICTIONS
        ]

    def said(self) -> dict[str, Any]:
        """The arguments of the act that signs it: the restrictions by kind, each with the words."""
        said = self.cleaned_data
        return {
            "subject": said["heading"],
            "text": said["text"],
            "restrictions": dict.fromkeys(said["restrictions"], said["words"]),
        }


class InformationForm(FactsForm):
    """Whom it goes to, what it is about, and the facts."""

    proceeds = forms.ChoiceField(label=_("Proceeds of crime are concerned"), choices=UNKNOWN, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _LEFT_OUT:
            del self.fields[name]
        self.fields["peer"].label = _("Authority that it goes to")
        self.fields["electronic_evidence"].label = _("Evidence in electronic form is concerned")

    def facts(self, own_state: str, today: date) -> dict[str, Any]:
        """The facts; whether proceeds are concerned among the circumstances, where it is known."""
        absent = dict.fromkeys(_LEFT_OUT, "") | {"measure": MEASURE, "data_kinds": [], "urgent": False}
        self.cleaned_data = absent | self.cleaned_data
        facts = super().facts(own_state, today)
        proceeds = _ANSWERED.get(str(self.cleaned_data["proceeds"]))
        return facts if proceeds is None else facts | {"circumstances": {"proceeds_concerned": proceeds}}


class TieForm(forms.Form):
    """The case that the information belongs to."""

    reference = LineField(label=_("Reference of the case that it belongs to"), max_length=40)
