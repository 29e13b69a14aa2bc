"""What an official enters about a report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.models import Official, Organisation
from comity.node.pages.fields import LineField, ProseField
from comity.node.pages.times import language
from comity.node.reports import reading
from comity.node.reports.models import Report, State
from comity.node.reports.triage import MARKS

_LONGEST = 10_000


class QuestionForm(forms.Form):
    """A question to the reporter."""

    text = ProseField(label=_("Question to the reporter"), max_length=_LONGEST)


class AnswerForm(forms.Form):
    """The answer with which a report is closed."""

    text = ProseField(label=_("Answer to the reporter"), max_length=_LONGEST)


class MarkForm(forms.Form):
    """What becomes of a report that is not taken up."""

    mark = forms.ChoiceField(label=_("Mark as"), choices=[(each.value, each.label) for each in MARKS])
    earlier = LineField(
        label=_("Number of the earlier report, for a duplicate"), required=False, max_length=30
    )
    reason = LineField(label=_("Reason"), max_length=300)

    def clean(self) -> dict[str, Any]:
        """A duplicate names what it is the duplicate of."""
        given = super().clean() or {}
        if given.get("mark") == State.DUPLICATE and not given.get("earlier"):
            self.add_error("earlier", _("Give the number of the earlier report."))
        return given


class PassOnForm(forms.Form):
    """The body that is competent."""

    body = forms.ChoiceField(label=_("Body"))
    reason = LineField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {each.pk: each for each in Organisation.objects.order_by("pk")}
        self.fields["body"].choices = [(pk, each.name(language())) for pk, each in self.known.items()]  # type: ignore[attr-defined]


class AttachForm(forms.Form):
    """The case that a report becomes evidence of."""

    reference = LineField(label=_("Reference of the case"), max_length=40)


class OfficialForm(forms.Form):
    """Another official who could see the report, and why something is decided about them."""

    official = forms.TypedChoiceField(label=_("Official"), coerce=int)
    reason = LineField(label=_("Reason"), max_length=300)

    def __init__(self, report: Report, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = Official.objects.filter(is_active=True).order_by("full_name", "username")
        self.known = {one.pk: one for one in active if reading.can_see(one, report)}
        self.fields["official"].choices = [(pk, f"{one}, {one.post}") for pk, one in self.known.items()]  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    """For what the contact is opened."""

    reason = LineField(label=_("Purpose"), max_length=300)
