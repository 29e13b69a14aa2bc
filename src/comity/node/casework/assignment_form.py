"""The form that gives the execution of items to somebody, with a deadline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.models import Official, Organisation
from comity.node.casework.access_form import AccessForm
from comity.node.casework.forms import item_choices
from comity.node.casework.models import Item
from comity.node.pages.fields import ProseField


class AssignmentForm(AccessForm):
    """Which items, to whom, by when, with which instructions."""

    reason = None  # type: ignore[assignment]  # the assignment itself says why the case opens to them
    items = forms.MultipleChoiceField(label=_("Items"), widget=forms.CheckboxSelectMultiple)
    to = forms.ChoiceField(
        label=_("Executing officer or body"), help_text=_("A body names its officer on this page.")
    )
    due_at = forms.DateTimeField(
        label=_("Deadline"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        help_text=_("By your own clock. Once it has passed, the assignment stands on the desk as overdue."),
    )
    instructions = ProseField(label=_("Instructions"), rows=3, max_length=4000, required=False)

    def __init__(
        self,
        *args: Any,
        items: Iterable[Item],
        people: Iterable[Official],
        bodies: Iterable[Organisation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, people=people, bodies=bodies, **kwargs)
        choices = item_choices(items)
        self.fields["items"].choices = choices  # type: ignore[attr-defined]
        self.fields["items"].initial = [number for number, _label in choices]

    def numbers(self) -> list[int]:
        """The numbers of the items that were chosen."""
        return [int(number) for number in self.cleaned_data["items"]]
