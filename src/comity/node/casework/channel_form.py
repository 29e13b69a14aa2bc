"""What officials enter about a communication by another channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.node.casework.channel_notes import CHANNELS
from comity.node.casework.dialogue.meeting_forms import choices, instant, moment_field
from comity.node.casework.models import Case
from comity.node.exchange.models import Direction, Letter
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField


class ChannelNoteForm(forms.Form):
    """What was sent or received, by whom, when, under which number."""

    direction = forms.ChoiceField(
        label=_("Direction"), choices=[("out", _("sent")), ("in", _("received"))], widget=forms.RadioSelect
    )
    channel = forms.ChoiceField(label=_("Channel"))
    happened_at = moment_field(_("Sent or received at"), help_text=_("By our clocks."))
    reference = LineField(label=_("Number of the note or message"), max_length=120)
    sender = LineField(label=_("Sent by"), help_text=_("The body or the post."))
    recipient = LineField(label=_("Sent to"), help_text=_("The body or the post."))
    text = ProseField(label=_("What was sent"), rows=4, max_length=10_000)
    letter = forms.ChoiceField(
        label=_("Letter of this case that it carried"), required=False, help_text=_("If it carried one.")
    )
    file = forms.FileField(
        label=_("Document"), max_length=255, required=False, help_text=_("Further ones can be added later.")
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        letters = Letter.objects.filter(case_reference=case.reference).exclude(kind="").order_by("-stage_at")
        named = [(str(one.pk), _named(one)) for one in letters]
        self.fields["channel"].choices = choices("channel", CHANNELS)  # type: ignore[attr-defined]
        self.fields["letter"].choices = [("", "—"), *named]  # type: ignore[attr-defined]

    def clean_happened_at(self) -> datetime:
        """The time in UTC."""
        return instant(self.cleaned_data["happened_at"], str(timezone.get_current_timezone()))

    def clean_letter(self) -> UUID | None:
        """The letter's id, if one was chosen."""
        return UUID(self.cleaned_data["letter"]) if self.cleaned_data["letter"] else None

    def said(self) -> dict[str, Any]:
        """What was entered, as the act takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "file"}


def _named(letter: Letter) -> str:
    way = "→" if letter.direction == Direction.OUT else "←"
    number = gettext("generation %(n)s") % {"n": letter.generation}
    return f"{way} {labels.label(letter.kind, 'letter')}, {number}"


class DocumentForm(forms.Form):
    """One more document of a communication."""

    file = forms.FileField(label=_("Document"), max_length=255)
