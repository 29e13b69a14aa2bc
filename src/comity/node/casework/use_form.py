"""The forms that record a use of what was received, and a disclosure to the accused."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.casework.dialogue.use_forms import exhibits_field, purposes
from comity.node.casework.forms import item_choices
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, CaseKind, Item, Purpose, Side
from comity.node.casework.permissions import ONWARD, Permission
from comity.node.exchange.models import Letter
from comity.node.pages import labels, times
from comity.node.pages.fields import LineField, ProseField


class UseForm(forms.Form):
    """What is used for what, and the permission it rests on where limits bar it."""

    items = forms.MultipleChoiceField(label=_("Items"), widget=forms.CheckboxSelectMultiple)
    purpose = forms.ChoiceField(label=_("Purpose"), widget=forms.RadioSelect)
    permission = forms.ChoiceField(label=_("Permission"), required=False, widget=forms.RadioSelect)
    recipient = LineField(
        label=_("State or organisation it is to go to"),
        max_length=300,
        required=False,
        help_text=_("Only where it leaves the State: as the permission names it."),
    )
    proceedings = LineField(
        label=_("The other proceedings"),
        max_length=300,
        required=False,
        help_text=_("Only for other proceedings than those of the request: as the permission names them."),
    )
    description = ProseField(label=_("What is used, and how"), rows=3)

    def __init__(
        self,
        *args: Any,
        case: Case,
        items: Collection[Item],
        permissions: Collection[Permission],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.fields["items"].choices = item_choices(items)  # type: ignore[attr-defined]
        self.fields["items"].initial = [str(item.number) for item in items]
        chosen = purposes_of(case)
        self.fields["purpose"].choices = purposes(chosen)  # type: ignore[attr-defined]
        given = [(str(each.answer.id), _permitted(each)) for each in permissions if each.answer]
        self.fields["permission"].choices = [("", _("none: no limit bars this use")), *given]  # type: ignore[attr-defined]
        exhibits_field(self, case)
        if case.side == Side.REQUESTED:
            del self.fields["proceedings"]

    def said(self) -> dict[str, Any]:
        """The act's arguments."""
        return _said(self.cleaned_data) | {"permission": self.cleaned_data["permission"] or None}


def purposes_of(case: Case) -> tuple[Purpose, ...]:
    """What is recorded of what was received: of a request itself its passing on alone."""
    if case.side == Side.REQUESTED:
        return tuple(each for each in Purpose if each in ONWARD)
    return tuple(each for each in Purpose if each != Purpose.EXCULPATORY_DISCLOSURE)


class DisclosureForm(forms.Form):
    """What was disclosed to the accused, after which notice or why without one."""

    items = forms.MultipleChoiceField(label=_("Items"), widget=forms.CheckboxSelectMultiple)
    notice = forms.ChoiceField(
        label=pgettext_lazy("before a disclosure", "Notice"), required=False, widget=forms.RadioSelect
    )
    unannounced = ProseField(
        label=_("Why prior notice was impossible"),
        rows=2,
        required=False,
        help_text=_("Only without prior notice. The other side is then told without delay."),
    )
    description = ProseField(label=_("What is disclosed, and to whom"), rows=3)

    def __init__(
        self, *args: Any, case: Case, items: Collection[Item], notices: Collection[Letter], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["items"].choices = item_choices(items)  # type: ignore[attr-defined]
        self.fields["items"].initial = [str(item.number) for item in items]
        if case.kind == CaseKind.INFORMATION:
            del self.fields["items"]
        told = [(str(each.id), _notice(each)) for each in notices]
        self.fields["notice"].choices = [("", _("no notice was given before")), *told]  # type: ignore[attr-defined]
        self.fields["notice"].initial = told[-1][0] if told else ""
        exhibits_field(self, case)

    def said(self) -> dict[str, Any]:
        """The act's arguments."""
        return _said(self.cleaned_data) | {"notice": self.cleaned_data["notice"] or None}


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return given | {"items": [int(number) for number in given.get("items", ())]}


def _permitted(each: Permission) -> str:
    until = f" ({times.day(each.until)})" if each.until else ""
    about = each.recipient or "; ".join(each.proceedings) or each.use[:120]
    return f"{labels.label(each.purpose, 'purpose')}: {about}{until}"


def _notice(letter: Letter) -> str:
    return f"{times.moment(letter.stage_at)}: {read_body(letter).get('text', '')[:120]}"
