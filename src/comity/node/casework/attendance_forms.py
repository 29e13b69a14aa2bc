"""What officials record of documents served, of persons asked to come, and of safe conduct."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework.acts.record_safe_conduct import POSSIBLE
from comity.node.casework.forms import item_choices
from comity.node.casework.item_form import moment_field
from comity.node.casework.models import Item
from comity.node.casework.safe_conducts import Standing
from comity.node.exchange.models import Letter
from comity.node.pages import labels, times
from comity.node.pages.fields import LineField, ProseField

TRUTH = [("yes", _("yes")), ("no", _("no"))]


class OfItemForm(forms.Form):
    """What is recorded of one item."""

    item = forms.ChoiceField(label=_("Item"))

    def __init__(self, *args: Any, items: Iterable[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = item_choices(items)  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """What was entered, as the act takes it; the item by its number."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "item"}
        return told | {"number": int(self.cleaned_data["item"])}


class AttemptForm(OfItemForm):
    """One attempt to serve a document."""

    happened_at = moment_field(_("When"))
    place = LineField(label=_("Where"))
    server = LineField(label=_("By whom"), help_text=_("The post, never a name."))
    way = forms.ChoiceField(label=_("Way of service"), choices=list(labels.LISTS["service_way"].items()))
    outcome = forms.ChoiceField(label=_("What came of it"), choices=list(labels.LISTS["attempt"].items()))
    handed_to = LineField(
        label=_("Handed to"), required=False, help_text=_("If another person accepted it: who, and as what.")
    )
    served = forms.ChoiceField(
        label=_("It counts as service under our own law"), choices=TRUTH, widget=forms.RadioSelect
    )
    note = ProseField(label=_("Note"), rows=2, max_length=4000, required=False)

    def said(self) -> dict[str, Any]:
        """With the answer as a truth value."""
        told = super().said()
        return told | {"served": told["served"] == "yes"}


class InvitationForm(OfItemForm):
    """That a person was told, and what they answered."""

    informed_at = moment_field(_("Told when"))
    informed_by = LineField(label=_("Told by"), help_text=_("The post, never a name."))
    freely = forms.BooleanField(
        label=_("The person was told that nobody may make them come and that a refusal has no consequence")
    )
    answer = forms.ChoiceField(
        label=_("The person’s answer"),
        choices=list(labels.LISTS["appearance_answer"].items()),
        required=False,
        widget=forms.RadioSelect,
    )
    answered_at = moment_field(_("Answered when"), required=False)
    note = ProseField(label=_("Note"), rows=2, max_length=4000, required=False)


class ArrivalForm(OfItemForm):
    """That a person came."""

    arrived_at = moment_field(_("Arrived when"))
    note = ProseField(label=_("Note"), rows=2, max_length=4000, required=False)


class ReleaseForm(OfItemForm):
    """The official notice that a person is no longer needed, and the time to leave."""

    released_at = moment_field(_("Officially told when"))
    released_by = LineField(label=_("Told by which judicial authority"))
    agreement = forms.ChoiceField(label=_("Another period, agreed in"), required=False)
    days = forms.IntegerField(label=_("Days that were agreed"), min_value=1, max_value=3650, required=False)

    def __init__(self, *args: Any, letters: Iterable[Letter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [
            (str(one.pk), f"{labels.label(one.kind, 'letter')}, {times.moment(one.stage_at)}")
            for one in letters
        ]
        self.fields["agreement"].choices = [("", _("none: the period of the provision")), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Another period has both its letter and its days."""
        said = super().clean() or {}
        if bool(said.get("agreement")) != bool(said.get("days")):
            self.add_error("days", _("Name both the letter and the days, or neither."))
        return said

    def said(self) -> dict[str, Any]:
        """No letter where none was chosen."""
        told = super().said()
        return told | {"agreement": told["agreement"] or None}


class CourseForm(OfItemForm):
    """How it went on."""

    course = forms.ChoiceField(label=_("What happened"), widget=forms.RadioSelect)
    at = moment_field(_("When"))
    note = ProseField(label=_("What this rests on"), rows=2, max_length=4000)

    def __init__(self, *args: Any, standings: Collection[Standing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].choices = [  # type: ignore[attr-defined]
            (course, labels.label(course, "course"))
            for course, possible in POSSIBLE.items()
            if possible & set(standings)
        ]


class ConductAnswerForm(forms.Form):
    """Why a measure does not touch what safe conduct protects."""

    reasons = ProseField(label=_("Reasons"), rows=4, max_length=4000)
