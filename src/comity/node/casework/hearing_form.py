"""What officials enter on a hearing by video once its moment came."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comity.node.casework.dialogue.meeting_forms import instant, moment_field
from comity.node.casework.meetings import Meeting
from comity.node.casework.models import Case
from comity.node.exhibits.models import Exhibit
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField


class HearingRecordForm(forms.Form):
    """Whether a hearing was held, when, with whom, in which language, and where its record is."""

    outcome = forms.ChoiceField(label=_("The hearing was"), widget=forms.RadioSelect)
    began_at = moment_field(_("Began at"), required=False, help_text=_("By our clocks."))
    ended_at = moment_field(_("Ended at"), required=False, help_text=_("By our clocks."))
    attended = forms.MultipleChoiceField(
        label=_("Who took part"), required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(label=_("Language in which the person spoke"), required=False)
    interpreter = LineField(
        label=_("Interpreter"), max_length=300, required=False, help_text=_("The post, never a name.")
    )
    oath = forms.ChoiceField(label=_("Bound to the truth"), required=False)
    exhibit = forms.ChoiceField(label=_("Record or recording, as an exhibit"), required=False)
    note = ProseField(
        label=_("Note"),
        rows=3,
        max_length=4000,
        required=False,
        help_text=_("Why it was broken off or not held; what else belongs to the record."),
    )

    def __init__(self, *args: Any, case: Case, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        self.people = meeting.body["participants"]
        named = [f"{labels.label(one['role'], 'participant')}: {one['post']}" for one in self.people]
        exhibits = Exhibit.objects.filter(case_reference=case.reference, wrapped_key__isnull=False)
        kept = [(str(one.pk), f"{one.number} {one.raw_name}") for one in exhibits.order_by("number")]
        offered: dict[str, list[tuple[str, Any]]] = {
            "outcome": list(labels.LISTS["hearing_outcome"].items()),
            "attended": [(str(place), name) for place, name in enumerate(named)],
            "language": [("", "—"), *labels.language_choices()],
            "oath": [("", "—"), *labels.LISTS["oath"].items()],
            "exhibit": [("", "—"), *kept],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["began_at"].initial, self.fields["ended_at"].initial = (
            at for word, at, _there in meeting.moments if word in ("begins", "ends")
        )

    def clean(self) -> dict[str, Any]:
        """Both times in UTC."""
        given = super().clean() or {}
        for name in ("began_at", "ended_at"):
            if given.get(name):
                try:
                    given[name] = instant(given[name], self.meeting.zone_here)
                except ValidationError as error:
                    self.add_error(name, error)
        return given

    def said(self) -> dict[str, Any]:
        """What was entered, as the act takes it; of a hearing that was not held no times."""
        given = dict(self.cleaned_data)
        times: tuple[datetime | None, ...] = (given["began_at"], given["ended_at"])
        if given["outcome"] == "not_held":
            times, given["attended"] = (None, None), []
        given["began_at"], given["ended_at"] = times
        given["attended"] = [self.people[int(place)] for place in given["attended"]]
        given["exhibit"] = UUID(given["exhibit"]) if given["exhibit"] else None
        return given
