"""What officials enter when they tell of the validation of an emergency, or revoke it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.node.casework.dialogue.forms import TurnForm
from comity.node.casework.dialogue.meeting_forms import instant, moment_field
from comity.node.pages.fields import LineField


class _WholeForm(TurnForm):
    """About the emergency as a whole: no item is chosen."""

    def prepare(self) -> None:
        """All items are meant."""
        del self.fields["items"]

    def said(self) -> dict[str, Any]:
        """The act's arguments, without items."""
        return {name: value for name, value in super().said().items() if name != "items"}


class ValidationForm(_WholeForm):
    """Who validated the request, by which decision, when."""

    validated_by = LineField(label=_("Validating authority"), max_length=300)
    decision = LineField(label=_("Decision, by its number and date"), max_length=300)
    decided_at = moment_field(_("Decided at"), help_text=_("By our clocks."))

    def clean_decided_at(self) -> Any:
        """The time in UTC."""
        return instant(self.cleaned_data["decided_at"], str(timezone.get_current_timezone()))


class RevocationForm(_WholeForm):
    """The reasons of a revocation."""

    def prepare(self) -> None:
        """The words are the reasons."""
        super().prepare()
        self.fields["text"].label = _("Reasons")


EMERGENCY_FORMS: dict[str, type[TurnForm]] = {
    "tell_validation": ValidationForm,
    "revoke_emergency": RevocationForm,
}
"""The form of each act on an emergency."""
