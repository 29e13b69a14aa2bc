"""What an official says of evidence that is taken in by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework.models import Case, Item
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.models import CopyState, WorkingCopy
from comity.node.pages import labels
from comity.node.pages.fields import LineField

_LONGEST = 300
ACQUIRED = tuple(Acquisition.model_fields)


def _line(label: Any, help_text: Any = "") -> LineField:
    return LineField(label=label, help_text=help_text, max_length=_LONGEST, required=False)


class DescriptionForm(forms.Form):
    """Who gave it, for which item; and how it was acquired, as practice after ISO/IEC 27037 records it."""

    source = LineField(label=_("Who gave it"), max_length=200)
    item = forms.ChoiceField(label=_("Item"), required=False)
    data_kind = forms.ChoiceField(label=_("Data"), required=False)
    made_from = forms.ChoiceField(
        label=_("Made from working copy"),
        required=False,
        help_text=_("For what an examination gave: name the tool and its version below."),
    )
    sha256 = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label=_("SHA-256 as announced"),
        required=False,
        help_text=_("Another content is refused."),
    )
    sha512 = forms.BooleanField(label=_("Compute SHA-512 as well"), required=False)
    acquired_by = _line(_("Who acquired it"), _("Name and post of whoever seized or copied it."))
    device = _line(_("From what"), _("Device or account: kind, make, model, serial number."))
    acquired_at = _line(_("When"), _("Date and time with the zone."))
    place = _line(_("Where"))
    method = _line(_("How"), _("Physical image, logical copy, export, seizure of the device."))
    tool = _line(_("Tool"))
    tool_version = _line(_("Version of the tool"))
    write_blocker = _line(_("Write-blocker"), _("Which one, or “none” with the reason."))
    photo = _line(_("Photo"), _("Number of the exhibit that shows the device as it was found."))

    def __init__(self, *args: Any, case: Case, **more: Any) -> None:
        super().__init__(*args, **more)
        items: Iterable[Item] = case.items.all()
        copies = WorkingCopy.objects.filter(exhibit__case_reference=case.reference, state=CopyState.READY)
        numbers = [(each, each) for each in copies.values_list("number", flat=True)]
        self.fields["made_from"].choices = [("", "—"), *numbers]  # type: ignore[attr-defined]
        self.items = {str(each.number): each for each in items}
        self.fields["item"].choices = [("", "—"), *((key, key) for key in self.items)]  # type: ignore[attr-defined]
        self.fields["data_kind"].choices = [("", "—"), *labels.DATA_KINDS.items()]  # type: ignore[attr-defined]

    @property
    def about(self) -> list[forms.BoundField]:
        """The fields on the acquisition."""
        return [self[name] for name in ACQUIRED]

    @property
    def first(self) -> list[forms.BoundField]:
        """The other fields."""
        return [field for field in self if field.name not in ACQUIRED]

    def said(self) -> dict[str, Any]:
        """The act's arguments, without the announced hash."""
        given = self.cleaned_data
        return {
            "item": self.items.get(given["item"]),
            "source": given["source"],
            "data_kind": given["data_kind"],
            "sha512": given["sha512"],
            "made_from": given["made_from"],
            "acquisition": Acquisition(**{name: given[name] for name in ACQUIRED}),
        }


class IntakeForm(DescriptionForm):
    """The same with the file."""

    file = forms.FileField(label=_("File"), max_length=1000)

    field_order = ("file",)
