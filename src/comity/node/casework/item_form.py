"""The form of one item of a draft; of a document to be served or a person who is to come it asks more."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity import canonical
from comity.node.casework.dialogue.turns import ADVICE, LOCATE
from comity.node.casework.drafts import PARTICULARS
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField


def moment_field(label: Any, *, required: bool = True, **kwargs: Any) -> forms.DateTimeField:
    """A date and time by the reader's own clock."""
    return forms.DateTimeField(
        label=label,
        required=required,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        **kwargs,
    )


QUESTION = "question"
"""What identifies an item that asks for advice or for what the law says."""
MOMENTS = frozenset({"by", "hearing_at", "begins_at", "ends_at"})
OF_PERSONS: dict[str, dict[str, forms.Field]] = {
    "service": {
        "document": LineField(
            label=_("Document"),
            help_text=_("One document for one addressee. Its file goes with the request."),
        ),
        "address": LineField(label=_("Address of the addressee")),
        "way": forms.ChoiceField(
            label=_("Way of service"), choices=list(labels.LISTS["service_way"].items()), initial="personal"
        ),
        "procedure": LineField(label=_("Procedure that is wished"), required=False),
        "language": forms.ChoiceField(
            label=_("Language of the translation that is handed over"),
            choices=lambda: [("", _("none")), *labels.language_choices()],
            required=False,
        ),
        "by": moment_field(_("To be served by"), required=False),
        "hearing_at": moment_field(
            _("Hearing for which it calls"),
            required=False,
            help_text=_(
                "Leave time for service and for the journey: a summons that comes late helps nobody."
            ),
        ),
    },
    "appearance": {
        "role": forms.ChoiceField(
            label=_("As what"), choices=list(labels.LISTS["appearance_role"].items()), initial="witness"
        ),
        "before": LineField(label=_("Before which authority")),
        "place": LineField(label=_("Place")),
        "begins_at": moment_field(_("Begins")),
        "ends_at": moment_field(_("Ends"), required=False),
        "expenses": ProseField(
            label=_("Expenses and allowances"),
            rows=3,
            help_text=_("What is paid for journey, stay and loss of earnings, and when."),
        ),
    },
}
"""What an item says besides, by the part of the letter that it becomes."""


class ItemForm(forms.Form):
    """One thing asked about: one account, one address, one person."""

    identifier_type = forms.ChoiceField(
        label=_("What identifies it"),
        choices=[one for one in labels.IDENTIFIERS.items() if one[0] != QUESTION],
    )
    identifier_value = LineField(label=_("Identifier"))
    data_kinds = forms.MultipleChoiceField(
        label=_("Kinds of data"),
        choices=list(labels.DATA_KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    period_from = forms.DateField(
        label=pgettext_lazy("period", "From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    period_to = forms.DateField(
        label=pgettext_lazy("period", "Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    description = LineField(label=_("Description"), max_length=400, required=False)

    def __init__(self, *args: Any, measure: str = "", safe_conduct: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.particulars = PARTICULARS.get(measure)
        if measure in ADVICE or measure == LOCATE:
            self._ask_in_words(measure)
        self.safe_conduct = safe_conduct
        if self.particulars:
            self.fields |= {name: deepcopy(field) for name, field in OF_PERSONS[self.particulars].items()}
            for name in ("data_kinds", "period_from", "period_to"):
                del self.fields[name]
            self.fields["identifier_type"].initial = "person"

    def _ask_in_words(self, measure: str) -> None:
        """A question, or a person who is sought: neither is about data of a period."""
        for name in ("data_kinds", "period_from", "period_to"):
            del self.fields[name]
        kind, line, words = (
            self.fields["identifier_type"],
            _("Person who is sought"),
            _("What is known so far"),
        )
        kind.initial = "person"
        if measure in ADVICE:
            line, words = _("Question in one line"), _("Question")
            kind.choices, kind.initial = [(QUESTION, labels.IDENTIFIERS[QUESTION])], QUESTION  # type: ignore[attr-defined]
        self.fields["identifier_value"].label = line
        self.fields["description"] = ProseField(label=words, rows=5, max_length=4000, required=False)

    def of_persons(self) -> list[forms.BoundField]:
        """The fields that only a document to be served, or a person who is to come, has."""
        return [self[name] for name in OF_PERSONS.get(self.particulars or "", {})]

    def clean(self) -> dict[str, Any]:
        """A period has both ends, in order."""
        said = super().clean() or {}
        begin, end = said.get("period_from"), said.get("period_to")
        if bool(begin) != bool(end):
            self.add_error("period_to", _("Give both ends of the period, or neither."))
        elif begin and end and end < begin:
            self.add_error("period_to", _("The period ends before it begins."))
        return said

    def item(self) -> dict[str, Any]:
        """The item in the letter's form."""
        said = self.cleaned_data
        begin, end = said.get("period_from"), said.get("period_to")
        item = {
            "identifier": {"type": said["identifier_type"], "value": said["identifier_value"]},
            "data_kinds": said.get("data_kinds", []),
            "period": {"from": _start(begin), "to": _end(end)} if begin and end else None,
            "description": said["description"],
        }
        return item | ({self.particulars: self._of_persons(said)} if self.particulars else {})

    def _of_persons(self, said: dict[str, Any]) -> dict[str, Any]:
        told = {name: said[name] for name in OF_PERSONS[self.particulars or ""]}
        told |= {name: canonical.instant_text(at) for name, at in told.items() if isinstance(at, datetime)}
        if self.particulars == "service":
            return told | {"language": told["language"] or None}
        return told | {"safe_conduct": self.safe_conduct or None}

    @staticmethod
    def initial_of(item: dict[str, Any]) -> dict[str, Any]:
        """What the form shows for an item of a draft."""
        period = item.get("period") or {}
        return {
            "identifier_type": item["identifier"]["type"],
            "identifier_value": item["identifier"]["value"],
            "data_kinds": item["data_kinds"],
            "period_from": canonical.read_instant(period["from"]).date() if period else None,
            "period_to": canonical.read_instant(period["to"]).date() if period else None,
            "description": item["description"],
            **_shown(item.get("service") or item.get("appearance") or {}),
        }


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    """Particulars as their fields show them."""
    return {
        name: canonical.read_instant(value) if value and name in MOMENTS else value
        for name, value in told.items()
    }


ItemForms = forms.formset_factory(ItemForm, extra=0, can_delete=True)


def _start(day: date) -> str:
    return canonical.instant_text(datetime.combine(day, time(), UTC))


def _end(day: date) -> str:
    return canonical.instant_text(datetime.combine(day, time(23, 59, 59), UTC))
