"""What officials enter about drills."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_DAYS = 365


def _days(label: Any, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=MOST_DAYS, required=False, help_text=help_text
    )


class ArrangementForm(forms.Form):
    """How often drills of a peer are taken, and how often it is asked; empty: not at all."""

    takes_every = _days(
        _("Take its drills once in so many days at most"), _("Leave it empty to take no drills of this desk.")
    )
    asks_every = _days(
        _("Ask it once in so many days"),
        _("Leave it empty to ask by hand only. Agree on it with the desk first."),
    )
