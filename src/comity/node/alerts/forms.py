"""How an official wants to be reached."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comity.node.alerts.models import Urgency, Way

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164, clause 6
_SPACES = re.compile(r"[\s().-]+")
_LEAST = [
    (Urgency.EMERGENCY, _("emergencies alone")),
    (Urgency.URGENT, _("what is urgent, and emergencies")),
    (Urgency.ORDINARY, _("everything")),
]


def number(text: str) -> str:
    """A telephone number as gateways take it; raise ValidationError."""
    plain = _SPACES.sub("", text)
    if not _NUMBER.fullmatch(plain):
        raise ValidationError(_("Write the number with the country code: +7 701 000 00 00"), code="number")
    return plain


class _AddressForm(forms.Form):
    least = forms.ChoiceField(label=_("Tell me here of"), choices=_LEAST, initial=Urgency.URGENT)


class MailForm(_AddressForm):
    """An e-mail address."""

    address = forms.EmailField(label=_("E-mail address"), max_length=254)
    field_order = ["address", "least"]

    def clean_address(self) -> str:
        """Plain letters only: what a header cannot carry as it stands is no address here."""
        address: str = self.cleaned_data["address"]
        if not address.isascii() or not address.isprintable():
            raise ValidationError(_("Write the address with plain Latin letters."), code="address")
        return address


class SmsForm(_AddressForm):
    """A telephone number."""

    address = forms.CharField(
        label=_("Telephone number"), max_length=40, help_text=_("With the country code: +7 701 000 00 00")
    )
    field_order = ["address", "least"]

    def clean_address(self) -> str:
        """The number as gateways take it."""
        return number(self.cleaned_data["address"])


FORMS: dict[str, type[_AddressForm]] = {Way.MAIL: MailForm, Way.SMS: SmsForm}


class HearingForm(forms.Form):
    """How the browser rings, and quiet hours."""

    sound = forms.BooleanField(label=_("Play a sound when something new waits for me"), required=False)
    desktop = forms.BooleanField(
        label=_("Show notifications of the browser, when its window is not in front"), required=False
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("In your own time zone. Emergencies are told all the same."),
    )

    def clean(self) -> dict[str, Any]:
        """Both times or none."""
        values: dict[str, Any] = super().clean() or {}
        if (values.get("quiet_from") is None) != (values.get("quiet_until") is None):
            raise ValidationError(_("Quiet hours have a beginning and an end."), code="half")
        return values
