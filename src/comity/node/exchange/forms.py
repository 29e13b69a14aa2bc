"""What officials enter about updates of the directory."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.pages.fields import LineField, ProseField


class DecisionForm(forms.Form):
    """Whether what an authority tells of itself is taken over, and why."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("decline", _("What is in use stays")), ("take", _("What is told is taken over"))],
        widget=forms.RadioSelect,
    )
    reasons = ProseField(
        label=_("Reasons"),
        rows=4,
        max_length=4000,
        help_text=_("Whom you called on which number, and what they said. The reasons stand in the ledger."),
    )


class OwnUpdateForm(forms.Form):
    """What changes in this authority: its next certificate, how it is reached, or both."""

    certificate = forms.BooleanField(label=_("Tell the next certificate of the connection"), required=False)
    changes_at = forms.DateTimeField(
        label=_("In use from, at the latest"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("The node changes earlier, once every authority admits the next certificate."),
    )
    reached = forms.BooleanField(label=_("Tell how this authority is reached"), required=False)
    hours = LineField(label=_("Hours"), max_length=60, required=False)
    contact = LineField(label=_("Contact"), max_length=200, required=False)
    text = ProseField(
        label=_("In words"),
        rows=3,
        max_length=4000,
        help_text=_("It goes to every authority of the directory in a sealed letter."),
    )

    def clean(self) -> None:
        """Something must change, and a certificate needs its time."""
        super().clean()
        said = self.cleaned_data
        if not said.get("certificate") and not said.get("reached"):
            raise forms.ValidationError(_("Choose what is to be told."), code="nothing_told")
        if said.get("certificate") and not said.get("changes_at"):
            self.add_error("changes_at", _("Say when the next certificate is in use at the latest."))
