"""What an official enters where evidence is handed out."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.pages.fields import LineField


class PurposeForm(forms.Form):
    """For what evidence is handed out: it stands in the custody for good."""

    purpose = LineField(
        label=_("For what purpose"),
        max_length=200,
        help_text=_("It becomes part of the custody, with your name and the time."),
    )
