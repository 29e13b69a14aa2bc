"""What officials enter of an oral request: what was said, and on the side that was asked the minute of it."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_address
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework.forms import FactsForm
from comity.node.casework.item_form import moment_field
from comity.node.casework.oral import Said
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField

_LEFT_OUT = (
    *("max_penalty_years", "by_ict", "electronic_evidence", "criminal_here", "criminal_there"),
    *("coercive", "urgent"),
)
"""Facts that a duty officer is not asked for on the telephone; the letter will say them."""
_SPOKEN = (
    *("made_at", "means", "person_name", "person_post", "number", "called_back"),
    *("asked", "urgency", "agreed"),
)
MOST_ITEMS = 100
FIRST = (
    *("peer", "measure", "offence", "person_name", "number"),
    *("identifiers", "asked", "urgency", "agreed"),
)
"""What has to be written while the caller speaks; the rest has a beginning, or can follow."""
_TELEPHONE = re.compile(r"\+?[\d\s()/.-]{6,}")
_LOOKS = ""
"""The kind of an identifier that is left to what it looks like."""


class SpokenForm(forms.Form):
    """When, by which means, with whom, what was asked, why so, and that this form was agreed to."""

    made_at = moment_field(_("When it was made"))
    means = forms.ChoiceField(label=_("By which means"), choices=list(labels.LISTS["spoken_means"].items()))
    person_name = LineField(label=_("Who was asked: name"), max_length=300)
    person_post = LineField(label=_("Who was asked: post"), max_length=300)
    number = LineField(label=_("Number called"), max_length=300, required=False)
    asked = ProseField(label=_("What was asked"), rows=3)
    urgency = ProseField(label=_("Why it was urgent"), rows=2)
    agreed = ProseField(
        label=_("How the other side agreed to this form"),
        rows=2,
        required=False,
        help_text=_("Who agreed, and how. Needed where the provision asks for agreement."),
    )

    def said(self, **known: Any) -> Said:
        """What was entered, as the acts take it."""
        told = {name: self.cleaned_data[name] for name in _SPOKEN if name in self.cleaned_data}
        return Said(**told, **known)


class MinuteForm(SpokenForm, FactsForm):
    """An oral request of the other side: one short form, filled in while the caller is on the line."""

    called_back = forms.BooleanField(
        label=_("The number was called back, and the caller was there"), required=False
    )
    identifier_type = forms.ChoiceField(
        label=_("What is asked about"),
        choices=lambda: [(_LOOKS, _("as each looks")), *labels.LISTS["identifier"].items()],
        required=False,
    )
    identifiers = ProseField(
        label=_("Accounts, addresses or names"), rows=3, help_text=_("One on each line.")
    )
    field_order = (
        *FIRST,
        *("person_post", "made_at", "means", "called_back", "identifier_type", "heading"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _LEFT_OUT:
            del self.fields[name]
        for name in ("heading", "person_post"):
            self.fields[name].required = False
        self.fields["means"].initial = "telephone"
        self.fields["heading"].help_text = _("Without it, the beginning of what was asked.")
        self.fields["peer"].label = _("Authority that asks")
        self.fields["person_name"].label = _("Who asks: name")
        self.fields["person_post"].label = _("Who asks: post")
        self.fields["agreed"].label = _("How we agreed to this form")

    def clean_identifiers(self) -> list[str]:
        """One identifier on each line that is not empty."""
        lines = [line.strip() for line in self.cleaned_data["identifiers"].splitlines() if line.strip()]
        if len(lines) > MOST_ITEMS or any(len(line) > 400 for line in lines):
            raise forms.ValidationError(_("Too many lines, or one that is too long."))
        return lines

    def first(self) -> list[forms.BoundField]:
        """What has to be written while the caller speaks."""
        return [self[name] for name in FIRST]

    def rest(self) -> list[forms.BoundField]:
        """What has a beginning, or can follow."""
        return [field for field in self if field.name not in FIRST]

    def rest_is_wrong(self) -> bool:
        """Whether something must be corrected there."""
        return any(field.errors for field in self.rest())

    def clean(self) -> dict[str, Any]:
        """With the beginning of what was asked as heading, where none was given."""
        given = super().clean() or {}
        given["heading"] = given.get("heading") or given.get("asked", "").strip()[:200].split("\n")[0].strip()
        return given

    def items(self) -> list[dict[str, Any]]:
        """What is asked about, each one item."""
        kind, data = self.cleaned_data["identifier_type"], self.cleaned_data["data_kinds"]
        return [
            {"identifier": {"type": kind or looks_like(value), "value": value}, "data_kinds": data}
            for value in self.cleaned_data["identifiers"]
        ]

    def facts(self, own_state: str, today: date) -> dict[str, Any]:
        """The facts as far as they were said; which State asks which the act knows."""
        absent = dict.fromkeys(_LEFT_OUT, "") | {"max_penalty_years": None, "urgent": True}
        self.cleaned_data = absent | self.cleaned_data
        return super().facts(own_state, today)


def looks_like(value: str) -> str:
    """The kind of identifier that a text looks like; an account where it looks like none."""
    try:
        ip_address(value)
    except ValueError:
        pass
    else:
        return "ip"
    if "://" in value:
        return "url"
    if "@" in value.strip("@"):
        return "email"
    return "phone" if _TELEPHONE.fullmatch(value) else "account"


class UnconfirmedForm(forms.Form):
    """Why no confirmation is awaited any more."""

    reason = ProseField(label=_("Reason"), max_length=400, rows=3)
