"""What officials enter about markings and protected persons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.models import Official
from comity.node.casework.marked import MarkingKind
from comity.node.exhibits.models import Exhibit
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField


class MarkForm(forms.Form):
    """What is marked, as what, and why."""

    on = forms.ChoiceField(label=_("What is marked"))
    kind = forms.ChoiceField(label=_("Marking"), widget=forms.RadioSelect)
    reason = LineField(label=_("Reason"), max_length=400)

    def __init__(self, *args: Any, exhibits: Iterable[Exhibit], **more: Any) -> None:
        super().__init__(*args, **more)
        there = [(str(each.pk), f"{each.number} {each.raw_name}") for each in exhibits]
        self.fields["on"].choices = [("", _("what is being prepared in this case")), *there]  # type: ignore[attr-defined]
        self.fields["on"].required = False
        kinds = [(kind.value, labels.label(kind.value, "marking")) for kind in MarkingKind]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """The act's arguments."""
        given = self.cleaned_data
        return {"kind": given["kind"], "exhibit": given["on"] or None, "reason": given["reason"]}


class DecisionForm(forms.Form):
    """Why a marking is lifted, or privileged material cleared or withheld."""

    reason = LineField(label=_("Reason"), max_length=400)
    decision = forms.ChoiceField(
        choices=[("lift", ""), ("clear", ""), ("withhold", "")], widget=forms.HiddenInput
    )


class PersonForm(forms.Form):
    """Whose identity is kept apart, and who may read it."""

    names = ProseField(
        label=_("Name"),
        rows=3,
        max_length=2000,
        help_text=_("In full; other spellings and scripts each on a line of its own."),
    )
    details = ProseField(
        label=_("What else identifies the person"), rows=3, required=False, max_length=10_000
    )
    readers = forms.MultipleChoiceField(
        label=_("Who besides you may read it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = LineField(label=_("Reason"), max_length=400)

    def __init__(self, *args: Any, officials: Iterable[Official], **more: Any) -> None:
        super().__init__(*args, **more)
        self.known = {str(each.pk): each for each in officials}
        self.fields["readers"].choices = [(key, f"{one}, {one.post}") for key, one in self.known.items()]  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """The act's arguments."""
        given = self.cleaned_data
        return {
            "names": given["names"].splitlines(),
            "details": given["details"],
            "readers": [self.known[key] for key in given["readers"]],
            "reason": given["reason"],
        }


class OpeningForm(forms.Form):
    """For what an identity is opened."""

    purpose = LineField(
        label=_("For what purpose"),
        max_length=200,
        help_text=_("It stands in the timeline and the ledger, with your name and the time."),
    )


class ReaderForm(forms.Form):
    """A further reader of an identity."""

    official = forms.ChoiceField(label=_("Official"))

    def __init__(self, *args: Any, officials: Iterable[Official], **more: Any) -> None:
        super().__init__(*args, **more)
        self.known = {str(each.pk): each for each in officials}
        self.fields["official"].choices = [(key, f"{one}, {one.post}") for key, one in self.known.items()]  # type: ignore[attr-defined]

    def whom(self) -> Official:
        """Who was chosen."""
        return self.known[self.cleaned_data["official"]]
