"""Whom this node knows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity import canonical
from comity.directory.entries import Entry, read_entry
from comity.letters.bodies import DirectoryUpdateBody


class Authority(models.Model):
    """An authority of a State (role ids of law/vocabulary), or a provider in this State.

    Certificates are PEM text, ``log_key`` a C2SP verifier key, ``recipient`` an age recipient,
    ``tls_fingerprint`` the SHA-256 of the peer's certificate (DER, lower-case hex): mutual TLS admits
    exactly that certificate, and beside it the one that follows it (``tls_next_…``) once it was admitted,
    until ``tls_ends_at``; then that one alone. ``recipient_number`` counts the authority's transport keys,
    ``recipient_until`` is when the present one may no longer be encrypted to (None: nobody said), and
    ``recipient_withdrawn_at`` when an administrator of this node withdrew a peer's. ``recipient_told`` is the
    number of the last that the authority told itself, by signed notice or a card compared by voice (0: none).
    ``created_at`` is when the authority's keys were made (RFC 3339, as in ``authority.json``).
    ``confirmed_at``/``confirmed_by`` say who compared the fingerprint and when, or which keeper published it.
    ``compared_at`` is when two people compared its card by voice: no keeper replaces those keys, until an
    official chose its entry (then it is None).
    ``listing`` is the directory's entry that holds (None: known by its card alone), ``contacts`` and
    ``region`` what it says of people and of a special region; ``withdrawn_at`` is when the last entry of it
    was withdrawn: nothing is sent to it or taken from it any more, what it signed still verifies.
    """

    id = models.SlugField(primary_key=True)
    state = models.CharField(max_length=2)
    names = models.JSONField(default=dict)
    roles = models.JSONField(default=list)
    own = models.BooleanField(default=False)
    peer_url = models.URLField(blank=True)
    hours = models.CharField(max_length=60, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    languages = models.JSONField(default=list)
    contact = models.CharField(max_length=200, blank=True)
    created_at = models.CharField(max_length=20, blank=True)
    ca_certificate = models.TextField(blank=True)
    seal_certificate = models.TextField(blank=True)
    tsa_certificate = models.TextField(blank=True)
    ocsp_certificate = models.TextField(blank=True)
    tls_certificate = models.TextField(blank=True)
    tls_fingerprint = models.CharField(max_length=64, blank=True, db_index=True)
    tls_next_certificate = models.TextField(blank=True, default="")
    tls_next_fingerprint = models.CharField(max_length=64, blank=True, default="", db_index=True)
    tls_ends_at = models.DateTimeField(null=True)
    log_key = models.CharField(max_length=200, blank=True)
    recipient = models.CharField(max_length=4000, blank=True)
    recipient_number = models.IntegerField(default=1)
    recipient_until = models.DateTimeField(null=True)
    recipient_told = models.IntegerField(default=0)
    recipient_withdrawn_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    compared_at = models.DateTimeField(null=True)
    listing = models.ForeignKey("Listing", null=True, on_delete=models.PROTECT, related_name="+")
    contacts = models.JSONField(default=list)
    region = models.JSONField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    def name(self, language: str) -> str:
        """The authority's name in a language, or in English, or its id."""
        return str(self.names.get(language) or self.names.get("en") or self.id)

    def __str__(self) -> str:
        return self.name("en")


class Keeper(models.Model):
    """Who publishes a directory that this node follows: a depositary, the secretariat of an organisation.

    ``root``, ``timestamp`` and ``snapshot`` are the metadata that were verified last (JSON as published):
    what protects against an older directory. ``url`` is empty where the directory comes by disk.
    ``expires_at`` is when what was verified at ``verified_at`` ends; ``problem`` is the code of the last try,
    ``state_problems`` that of each State whose list could not be verified.
    """

    id = models.SlugField(primary_key=True)
    name = models.CharField(max_length=200)
    url = models.URLField(blank=True)
    root = models.TextField()
    timestamp = models.TextField(blank=True)
    snapshot = models.TextField(blank=True)
    version = models.IntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=200)
    tried_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=60, blank=True)
    state_problems = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Standing(models.TextChoices):
    """What became of an entry that a keeper published."""

    CURRENT = "current", _("in effect")
    COMING = "coming", _("takes effect later")
    CONFLICT = "conflict", _("waits for an official's choice")
    REPLACED = "replaced", _("replaced")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DECLINED = "declined", _("declined")


class Listing(models.Model):
    """One version of one authority's entry in one keeper's directory. Only its standing ever changes.

    ``document`` is the entry as it was signed (canonical JSON), ``version`` that of the State's list.
    ``list_until`` is when the list that names it expires, as verified last (None: not read since an upgrade).
    ``in_force_at``: since when it was what the node went by; null where it never was.
    ``decided_by`` and ``reasons`` are of the official who chose between keepers.
    """

    keeper = models.ForeignKey(Keeper, on_delete=models.PROTECT)
    authority = models.SlugField(db_index=True)
    state = models.CharField(max_length=2)
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    version = models.IntegerField()
    standing = models.CharField(max_length=10, choices=Standing.choices, db_index=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    list_until = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    settled_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reasons = models.TextField(blank=True)
    ledger = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def entry(self) -> Entry:
        """The entry that was signed."""
        return read_entry(self.document.encode())


class Designation(models.Model):
    """For which role of which instrument an entry names its authority, and from which day until which."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="designations")
    instrument = models.CharField(max_length=40, db_index=True)
    role = models.CharField(max_length=40)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        ordering = ["instrument", "valid_from", "id"]


class UpdateStanding(models.TextChoices):
    """What became of an update that an authority told by a sealed letter."""

    WAITING = "waiting", _("waits for an administrator")
    TAKEN = "taken", _("taken over")
    DECLINED = "declined", _("declined")
    REPLACED = "replaced", _("replaced by a later one")


class Update(models.Model):
    """What an authority told of itself by a letter of kind ``directory_update``: a proposal until taken.

    ``number`` is the letter's generation; ``document`` its body (canonical JSON, as it was sealed).
    ``decided_by`` is null and ``reasons`` name the keeper where a directory's entry says the same.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="updates")
    number = models.IntegerField()
    letter = models.UUIDField(unique=True)
    document = models.TextField()
    standing = models.CharField(
        max_length=10, choices=UpdateStanding.choices, default=UpdateStanding.WAITING, db_index=True
    )
    entered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reasons = models.TextField(blank=True)
    ledger = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="one_update_of_a_number")]

    def body(self) -> DirectoryUpdateBody:
        """What was told."""
        return DirectoryUpdateBody.model_validate(canonical.read(self.document.encode()))


class NoticeKind(models.TextChoices):
    """What a notice says."""

    DESIGNATION = "designation", _("Designation of an authority")
    CHANGE = "change", _("Change of an authority or its contacts")
    CONFIRMATION = "confirmation", _("The entry is still right")
    CIRCULATION = "circulation", _("List of authorities, for circulation")


class Notice(models.Model):
    """A notice made for a depositary, a secretariat or the States; ``document`` is frozen canonical JSON."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    document = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ledger = models.ForeignKey("ledger.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
