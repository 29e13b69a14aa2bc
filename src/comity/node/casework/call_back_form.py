"""What officials enter about a call back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.node.casework.call_backs import MEANS, RESULTS
from comity.node.casework.dialogue.meeting_forms import choices, instant, moment_field
from comity.node.pages.fields import LineField, ProseField


class CallBackForm(forms.Form):
    """Whom was called, when, by which way, and what came of it."""

    called_at = moment_field(_("Called at"), help_text=_("By our clocks."))
    means = forms.ChoiceField(label=_("By which way"))
    contact = LineField(
        label=_("Whom you called"),
        max_length=300,
        help_text=_("The post and the number, which you knew before: not one from the letter itself."),
    )
    spoken_with = LineField(label=_("Whom you spoke with"), max_length=300, required=False)
    result = forms.ChoiceField(label=_("Result"), widget=forms.RadioSelect)
    remark = ProseField(label=_("Remark"), rows=3, max_length=2_000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["means"].choices = choices("call_back_means", MEANS)  # type: ignore[attr-defined]
        self.fields["result"].choices = choices("call_back_result", RESULTS)  # type: ignore[attr-defined]

    def clean_called_at(self) -> datetime:
        """The time in UTC."""
        return instant(self.cleaned_data["called_at"], str(timezone.get_current_timezone()))
