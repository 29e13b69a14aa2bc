"""What officials enter about the desk: shifts, hand-over notes, what is passed on, trainings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.accounts.models import Official, Organisation, OrganisationKind
from comity.node.casework.models import Case
from comity.node.desk.models import Capacity
from comity.node.pages import labels, times
from comity.node.pages.fields import LineField, ProseField

NODE = "-"
"""Stands for the authority that keeps this node in the choice of bodies."""


def _moment(label: Any, **kwargs: Any) -> forms.DateTimeField:
    shape = "%Y-%m-%dT%H:%M"
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=shape)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[shape, "%Y-%m-%d %H:%M"], **kwargs)


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **kwargs)


class _Person(forms.ChoiceField):
    """One of some people, by name and post."""

    def offer(self, people: Iterable[Official], empty: str = "") -> None:
        """Set who can be chosen; ``empty`` are the words for nobody."""
        self.known = {str(one.pk): one for one in people}
        named = [(key, f"{one}, {one.post}") for key, one in self.known.items()]
        self.choices = ([] if self.required else [("", empty or "—")]) + named

    def chosen(self, value: str) -> Official | None:
        """The person behind a choice."""
        return self.known.get(value)


class ShiftForm(forms.Form):
    """Who is on duty from when until when, who stands in, and how the officer is reached."""

    official = _Person(label=_("Duty officer"))
    starts_at = _moment(pgettext_lazy("period", "From"), help_text=_("By your own clock."))
    ends_at = _moment(pgettext_lazy("period", "Until"))
    backup = _Person(label=_("Backup"), required=False, help_text=_("Who is called if nobody reacts."))
    contact = LineField(
        label=_("How the officer is reached"),
        max_length=200,
        required=False,
        help_text=_("The duty telephone. Everybody of this authority who sees cases sees it."),
    )

    def __init__(self, *args: Any, people: Iterable[Official], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fit = list(people)
        for name in ("official", "backup"):
            self.fields[name].offer(fit)  # type: ignore[attr-defined]

    def clean_official(self) -> Official | None:
        """The person who was chosen."""
        return self.fields["official"].chosen(self.cleaned_data["official"])  # type: ignore[attr-defined,no-any-return]

    def clean_backup(self) -> Official | None:
        """The person who was chosen, if any."""
        return self.fields["backup"].chosen(self.cleaned_data["backup"])  # type: ignore[attr-defined,no-any-return]


class TakeOverForm(forms.Form):
    """Why the desk is taken from somebody who has not handed over."""

    reason = LineField(
        label=_("Why you take over without a hand-over note"),
        max_length=400,
        help_text=_("It stands in the ledger."),
    )


class _CaseField(LineField):
    """A case by its number, of those that the official may see."""

    seen: QuerySet[Case]

    def clean(self, value: Any) -> Any:
        """The case, or None where nothing was entered."""
        number = super().clean(value).strip()
        if not number:
            return None
        found = self.seen.filter(reference=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no case under this number for you."), code="no_case")
        return found


class NoteForm(forms.Form):
    """A free note in the log of one's shift."""

    text = ProseField(label=_("Note"), rows=4, max_length=4000)
    case = _CaseField(label=_("Case"), max_length=40, required=False, help_text=_("Its number here."))

    def __init__(self, *args: Any, seen: QuerySet[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case"].seen = seen  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """What the next officer has to know, of which cases, and who that is."""

    text = ProseField(
        label=_("What is open, what to watch"),
        rows=8,
        max_length=8000,
        help_text=_(
            "Everybody of the desk reads it; name cases below, where each reader sees only their own."
        ),
    )
    cases = forms.MultipleChoiceField(
        label=_("Cases to watch"), required=False, widget=forms.CheckboxSelectMultiple
    )
    to = _Person(label=_("To"), required=False)

    def __init__(self, *args: Any, cases: Iterable[Case], people: Iterable[Official], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {case.reference: case for case in cases}
        self.fields["cases"].choices = [  # type: ignore[attr-defined]
            (number, f"{number} · {labels.state_name(case.peer.state)} · {case.heading}")
            for number, case in self.known.items()
        ]
        self.fields["to"].offer(people, str(_("whoever comes next")))  # type: ignore[attr-defined]

    def clean_cases(self) -> list[Case]:
        """The cases that were chosen."""
        return [self.known[number] for number in self.cleaned_data["cases"]]

    def clean_to(self) -> Official | None:
        """The person who was chosen, if any."""
        return self.fields["to"].chosen(self.cleaned_data["to"])  # type: ignore[attr-defined,no-any-return]


class PassOnForm(forms.Form):
    """To which authority of this State, as what, with which words; and whether it executes."""

    to = forms.ChoiceField(label=_("To"))
    capacity = forms.ChoiceField(label=_("As"), widget=forms.RadioSelect)
    note = ProseField(label=_("Note"), rows=4, max_length=4000)
    execute_until = _moment(
        _("It executes the request, until"),
        required=False,
        help_text=_("Fill in only if it shall execute: every item that can be assigned is assigned to it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Organisation.objects.exclude(kind=OrganisationKind.PROVIDER).order_by("id")
        self.known: dict[str, Organisation | None] = {each.pk: each for each in bodies}
        named = [(key, body.name(times.language())) for key, body in self.known.items() if body]
        self.fields["to"].choices = [*named, (NODE, _("the authority that keeps this node"))]  # type: ignore[attr-defined]
        self.fields["capacity"].choices = [  # type: ignore[attr-defined]
            (each.value, labels.label(each, "authority_role")) for each in Capacity
        ]

    def values(self) -> dict[str, Any]:
        """What the act takes."""
        entered = self.cleaned_data
        until: datetime | None = entered["execute_until"]
        to = self.known.get(entered["to"])
        return {"to": to, "capacity": entered["capacity"], "note": entered["note"], "execute_until": until}


class TrainingForm(forms.Form):
    """What somebody was trained in, by whom, until when it counts; with what they work."""

    official = _Person(label=_("Person"))
    subject = LineField(label=_("Training"), max_length=200)
    given_by = LineField(label=_("Given by"), max_length=200)
    completed_on = _day(_("Completed on"))
    valid_until = _day(_("Counts until"), required=False)
    languages = LineField(
        label=_("Works in"), max_length=100, required=False, help_text=_("Codes of languages: kk, ru, en.")
    )
    equipment = LineField(label=_("Equipment"), max_length=400, required=False)

    def __init__(self, *args: Any, people: Iterable[Official], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["official"].offer(people)  # type: ignore[attr-defined]

    def clean_official(self) -> Official | None:
        """The person who was chosen."""
        return self.fields["official"].chosen(self.cleaned_data["official"])  # type: ignore[attr-defined,no-any-return]

    def clean_languages(self) -> list[str]:
        """The codes, of languages that are known."""
        codes: list[str] = self.cleaned_data["languages"].replace(",", " ").split()
        for code in codes:
            if not labels.is_language(code):
                raise forms.ValidationError(_("This is no code of a language."), code="no_language")
        return codes
