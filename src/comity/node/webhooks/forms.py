"""What an administrator enters about an endpoint."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.authority import may
from comity.node.accounts.models import Official
from comity.node.pages.fields import LineField
from comity.node.webhooks.models import Happening


class EndpointForm(forms.Form):
    """Where notices go, of what, and in whose name."""

    url = LineField(label=_("Address"), max_length=500, help_text=_("It begins with https://"))
    events = forms.MultipleChoiceField(
        label=_("Tell of"), choices=Happening.choices, widget=forms.CheckboxSelectMultiple
    )
    speaker = forms.TypedChoiceField(
        label=_("In the name of"),
        coerce=int,
        help_text=_("Only cases that this official may see are told of, by reference and kind alone."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = Official.objects.filter(is_active=True).order_by("full_name", "username")
        self.known = {one.pk: one for one in active if may(one, "view_case")}
        self.fields["speaker"].choices = [  # type: ignore[attr-defined]
            (key, f"{one}, {one.post}") for key, one in self.known.items()
        ]
