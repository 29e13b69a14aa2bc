"""Officials and their organisations."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What an official may be trusted with. One person may hold several."""

    DRAFTER = "drafter"
    REVIEWER = "reviewer"
    SIGNATORY = "signatory"
    REGISTRAR = "registrar"
    EXECUTING_OFFICER = "executing_officer"
    CUSTODIAN = "custodian"
    DUTY_OFFICER = "duty_officer"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Organisation(models.Model):
    """A body within this State: the central authority, a competent body, a court."""

    id = models.SlugField(primary_key=True)
    names = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.names.get("en") or self.id)


class Official(AbstractUser):
    """A person who signs in. ``post`` is the title that stands in letters."""

    full_name = models.CharField(max_length=200)
    post = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True)
    roles = models.JSONField(default=list)
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")

    def has_role(self, *roles: str) -> bool:
        """Whether the official holds any of the roles."""
        return any(role in self.roles for role in roles)

    def __str__(self) -> str:
        return self.full_name or self.username
