"""The administration log: who changed which account or organisation, how and when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangeKind(models.TextChoices):
    """What was changed."""

    ORGANISATION_ADDED = "organisation_added", _("Organisation added")
    ORGANISATION_CHANGED = "organisation_changed", _("Organisation changed")
    OFFICIAL_ADDED = "official_added", _("Account made")
    OFFICIAL_CHANGED = "official_changed", _("Account changed")
    OFFICIAL_CLOSED = "official_closed", _("Account closed")
    OFFICIAL_REOPENED = "official_reopened", _("Account opened again")
    PASSWORD_GIVEN = "password_given", _("One-time password given")
    SECOND_FACTOR_RESET = "second_factor_reset", _("Second factor reset")
    ROLE_DELEGATED = "role_delegated", _("Role delegated")
    DELEGATION_ENDED = "delegation_ended", _("Delegation ended")
    ABSENCE_RECORDED = "absence_recorded", _("Absence recorded")


class Change(models.Model):
    """One change. ``before`` and ``after`` hold only what changed; never a password or a secret.

    ``by`` is null where it was done on the machine itself (``comity node person``).
    """

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30, choices=ChangeKind.choices)
    official = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    entry = models.ForeignKey("ledger.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
