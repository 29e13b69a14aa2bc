"""What officials enter of a path: the providers in its order, or the ground on which it is withheld."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel import Locale
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity import canonical
from comity.node.casework import order_lists
from comity.node.casework.dialogue import path
from comity.node.casework.dialogue.forms import TurnForm
from comity.node.casework.forms import ground_choices
from comity.node.directory.models import Authority
from comity.node.pages import labels, times
from comity.node.pages.fields import LineField

PROVIDERS = 4
"""Providers that one form takes; a longer path goes on in a second letter."""
_PARTS = ("state", "provider", "identifier", "begin", "end")


def _moment(label: Any) -> forms.DateTimeField:
    picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=picker)


class PathForm(TurnForm):
    """The providers, one after the other; those that an answer to an order names stand there already."""

    def prepare(self) -> None:
        """Room for several; the first is needed."""
        states = [("", "—"), *_states()]
        for n in range(1, PROVIDERS + 1):
            number, needed = {"n": n}, n == 1
            self.fields[f"state_{n}"] = forms.ChoiceField(
                label=_("State of provider %(n)d") % number, choices=states, required=needed
            )
            self.fields[f"provider_{n}"] = LineField(
                label=_("Provider %(n)d") % number, max_length=200, required=needed
            )
            self.fields[f"identifier_{n}"] = LineField(
                label=_("What identifies it (addresses, names of servers)"), max_length=300, required=False
            )
            self.fields[f"begin_{n}"] = _moment(_("Transmitted from (your time)"))
            self.fields[f"end_{n}"] = _moment(_("Transmitted until (your time)"))
        for n, told in enumerate(order_lists.path_of(self.case)[:PROVIDERS], start=1):
            period = told.get("period") or {}
            for part, value in (
                ("state", told["state"]),
                ("provider", told["name"]),
                ("identifier", told.get("identifier", "")),
                ("begin", _instant(period.get("from"))),
                ("end", _instant(period.get("to"))),
            ):
                self.fields[f"{part}_{n}"].initial = value

    def clean(self) -> dict[str, Any]:
        """A provider has its State and its name; a time has both ends, in order."""
        given = super().clean() or {}
        for n in range(1, PROVIDERS + 1):
            state, name, identifier, begin, end = (given.get(f"{part}_{n}") for part in _PARTS)
            if (bool(state) != bool(name)) or ((identifier or begin or end) and not state):
                self.add_error(f"provider_{n}", _("Give both the State and the name of the provider."))
            if bool(begin) != bool(end):
                self.add_error(f"end_{n}", _("Give both ends of the period, or neither."))
            elif begin and end and end < begin:
                self.add_error(f"end_{n}", _("The period ends before it begins."))
        return given

    def said(self) -> dict[str, Any]:
        """With the providers in their order."""
        arguments = super().said()
        rows = [[arguments.pop(f"{part}_{n}") for part in _PARTS] for n in range(1, PROVIDERS + 1)]
        providers = [
            path.Provider(state, name, identifier or "", (begin, end))
            for state, name, identifier, begin, end in rows
            if state
        ]
        return arguments | {"providers": providers}


def _instant(text: str | None) -> datetime | None:
    return canonical.read_instant(text) if text else None


class WithholdingForm(TurnForm):
    """The ground, of those on which the treaty lets the path be withheld."""

    ground = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        """The grounds that the opinion on the disclosure holds."""
        grounds = path.grounds(self.case, timezone.now())
        self.fields["ground"].choices = ground_choices(grounds)  # type: ignore[attr-defined]


PATH_FORMS: dict[str, type[TurnForm]] = {"disclose_path": PathForm, "withhold_path": WithholdingForm}
"""The forms of these acts."""


def _states() -> list[tuple[str, str]]:
    """Every State by its code, and those of the directory, by name in the reader's language."""
    territories = (str(code) for code in Locale.parse(times.language()).territories)
    codes = {code for code in territories if len(code) == 2 and code.isalpha()}
    codes |= set(Authority.objects.values_list("state", flat=True))
    return sorted(((code, f"{labels.state_name(code)} ({code})") for code in codes), key=lambda one: one[1])
