"""What officials enter about a consignment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.node.casework.dialogue.meeting_forms import instant, moment_field
from comity.node.directory import known
from comity.node.exchange.consignments import Journey
from comity.node.exchange.returning import Span
from comity.node.pages import labels, times
from comity.node.pages.fields import LineField


class PackForm(forms.Form):
    """For whom the consignment is."""

    peer = forms.ChoiceField(label=_("Authority that receives"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = times.language()
        self.fields["peer"].choices = [  # type: ignore[attr-defined]
            (peer.id, f"{labels.state_name(peer.state)} — {peer.name(language)}")
            for peer in known.peers().order_by("state", "id")
        ]


class PackAgainForm(PackForm):
    """The same after the authority was restored, and from when until when it is to get things again."""

    since = moment_field(
        _("What it had from us since"),
        help_text=_("When its backup was made, by our clocks; an hour earlier does no harm."),
    )
    until = moment_field(_("And before"), required=False, help_text=_("Empty: until now."))

    def clean_since(self) -> datetime:
        """In UTC."""
        return instant(self.cleaned_data["since"], _zone())

    def clean_until(self) -> datetime | None:
        """In UTC, where it was given."""
        shown = self.cleaned_data["until"]
        return instant(shown, _zone()) if shown else None

    def span(self, now: datetime) -> Span:
        """What was entered, as the act takes it. Raise SpanBackwardsError."""
        return Span(self.cleaned_data["since"], self.cleaned_data["until"] or now)


class JourneyForm(forms.Form):
    """Who carried the consignment, in which bag, when and to whom it was handed over."""

    carrier = LineField(label=_("Carried by"), max_length=200, help_text=_("Name and post, or the service."))
    bag_number = LineField(
        label=_("Number of the bag or its seal"), max_length=80, help_text=_("Or of the shipment.")
    )
    handed_at = moment_field(_("Handed over at"), help_text=_("By our clocks."))
    handed_to = LineField(label=_("Handed over to"), max_length=200)

    def clean_handed_at(self) -> datetime:
        """The time in UTC, not in the future."""
        at = instant(self.cleaned_data["handed_at"], _zone())
        if at > timezone.now():
            raise ValidationError(_("This lies in the future."))
        return at

    def journey(self) -> Journey:
        """What was entered, as the act takes it."""
        return Journey(**{name: self.cleaned_data[name] for name in Journey.__slots__})


class TakeForm(JourneyForm):
    """The package that a courier brought, and how it came."""

    file = forms.FileField(
        label=_("Package"), max_length=255, help_text=_("The file that ends in .asice.age.")
    )
    field_order = ("file", "carrier", "bag_number", "handed_at", "handed_to")


def _zone() -> str:
    return str(timezone.get_current_timezone())
