"""What officials enter to answer a request in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework.dialogue.forms import TurnForm
from comity.node.casework.item_form import moment_field
from comity.node.pages.fields import LineField, ProseField


class AdviceForm(TurnForm):
    """An answer to questions, and what it rests on."""

    text = ProseField(label=_("Answer"), rows=10)
    rests_on = LineField(
        label=_("What the answer rests on"),
        help_text=_("The provisions of the law, or the documentation or experience it is drawn from."),
    )


class WhereaboutsForm(TurnForm):
    """Where a person is, as of when, and where that is known from."""

    found = forms.TypedChoiceField(
        label=_("Whether the person was located"),
        choices=[("yes", _("yes")), ("no", _("no"))],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )
    place = LineField(label=_("Place"), required=False)
    as_of = moment_field(_("Known as of"))
    source = LineField(
        label=_("Where this is known from"), help_text=_("A register, a sighting, a statement.")
    )
    text = ProseField(label=_("How it was established, and how certain it is"), rows=4)
    goes_on = forms.BooleanField(label=_("The search goes on; a further answer follows"), required=False)

    def prepare(self) -> None:
        """One person at a time: the first who is still sought."""
        self.fields["items"].initial = self.fields["items"].initial[:1]

    def clean(self) -> dict[str, Any]:
        """One answer is about one person; a place goes with a person who was found, and with nobody else."""
        said = super().clean() or {}
        if len(said.get("items", ())) > 1:
            self.add_error("items", _("Choose one person: each answer is about one."))
        if "found" in said and said["found"] != bool(said.get("place")):
            told = _("Name the place.") if said["found"] else _("There is no place where nobody was found.")
            self.add_error("place", told)
        return said


ANSWER_FORMS: dict[str, type[TurnForm]] = {"give_advice": AdviceForm, "tell_whereabouts": WhereaboutsForm}
