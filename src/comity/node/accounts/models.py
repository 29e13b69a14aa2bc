"""Officials and their organisations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property


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
    FILTER_REVIEWER = "filter_reviewer"
    ADMINISTRATOR = "administrator"


class Rank(models.TextChoices):
    """How an official stands in the body: some letters only its head or a deputy may sign."""

    HEAD = "head"
    DEPUTY = "deputy"
    OTHER = "other"


class OrganisationKind(models.TextChoices):
    """What a body is, and so whose cases its officials see (docs/decisions/0010)."""

    CENTRAL_AUTHORITY = "central_authority"
    COMPETENT_BODY = "competent_body"
    COURT = "court"
    PROVIDER = "provider"


class Organisation(models.Model):
    """A body within this State. ``names`` by language, English always."""

    id = models.SlugField(primary_key=True)
    kind = models.CharField(
        max_length=20, choices=OrganisationKind.choices, default=OrganisationKind.COMPETENT_BODY
    )
    names = models.JSONField(default=dict)

    @property
    def is_central(self) -> bool:
        """Whether its officials see the cases of the whole State where their roles say so."""
        return self.kind == OrganisationKind.CENTRAL_AUTHORITY

    def name(self, language: str) -> str:
        """The name in a language; the English one where there is none."""
        return str(self.names.get(language) or self)

    def __str__(self) -> str:
        return str(self.names.get("en") or self.id)


class Official(AbstractUser):
    """A person who signs in. ``post`` is the title that stands in letters, ``rank`` what it weighs.

    Whoever has no organisation belongs to the authority that keeps this node. ``subject`` is how the
    ministry's sign-in names the person (the ``sub`` of OpenID Connect), once it has been used.
    """

    full_name = models.CharField(max_length=200)
    post = models.CharField(max_length=200)
    rank = models.CharField(max_length=10, choices=Rank.choices, default=Rank.OTHER)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True)
    roles = models.JSONField(default=list)
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    must_change_password = models.BooleanField(default=False)
    subject = models.CharField(max_length=255, null=True, blank=True, unique=True)

    @property
    def is_of_the_whole_state(self) -> bool:
        """Whether the official works for the authority of the whole State, not for one body in it."""
        return self.organisation is None or self.organisation.is_central

    def has_role(self, *roles: str) -> bool:
        """Whether the official holds any of the roles, themselves or by a delegation that runs now."""
        return any(role in self.roles for role in roles) or any(
            each.role in roles for each in self.delegated(timezone.now())
        )

    def works_with(self, other: Official) -> bool:
        """Whether both work for the same body, so that a role reaches as far with one as with the other."""
        both = self.is_of_the_whole_state and other.is_of_the_whole_state
        return both or self.organisation_id == other.organisation_id

    def delegated(self, now: datetime) -> list[Delegation]:
        """The delegations by which the official holds roles of others at that time.

        A role that its owner lost, or whose owner's account was closed, is lost to the delegate too; so is
        one of another body, by a change of post. An administrator holds none: each of them sees cases.
        """
        if Role.ADMINISTRATOR in self.roles:
            return []
        return [
            each
            for each in self._received
            if each.starts_at <= now < each.ends_at
            and each.of.is_active
            and each.role in each.of.roles
            and self.works_with(each.of)
        ]

    def narrow(self, roles: Collection[str]) -> None:
        """Leave this row in hand no roles but these, delegated ones included; it must not be saved."""
        self.roles = [role for role in self.roles if role in roles]
        self._received = []

    @cached_property
    def _received(self) -> list[Delegation]:
        found = Delegation.objects.filter(to=self.pk).select_related("of__organisation")
        return list(found) if self.pk else []

    def __str__(self) -> str:
        return self.full_name or self.username


class Delegation(models.Model):
    """A role of one official that another holds too, for a time; it ends by itself."""

    role = models.CharField(max_length=40, choices=Role.choices)
    of = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="delegated_away")
    to = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="delegations")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=400)
    given_by = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_at", "-id"]


class Absence(models.Model):
    """A time in which an official is away."""

    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-starts_at", "-id"]
