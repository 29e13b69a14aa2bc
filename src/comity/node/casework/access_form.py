"""The form that opens a case to one more person or organisation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.models import Official, Organisation
from comity.node.pages.fields import LineField


class AccessForm(forms.Form):
    """Whom a case is opened to, and why."""

    to = forms.ChoiceField(label=_("Person or organisation"))
    reason = LineField(
        label=_("Reason"), max_length=400, help_text=_("Why they need this case. It stands in the timeline.")
    )

    def __init__(
        self, *args: Any, people: Iterable[Official], bodies: Iterable[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known: dict[str, Official | Organisation] = {
            **{f"person-{one.pk}": one for one in people},
            **{f"body-{one.pk}": one for one in bodies},
        }
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (key, f"{one}, {one.post}" if isinstance(one, Official) else str(one))
            for key, one in self.known.items()
        ]

    def whom(self) -> Official | Organisation:
        """The person or organisation that was chosen."""
        return self.known[self.cleaned_data["to"]]
