"""Cases: one matter of cooperation with one authority of another State, on either side."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from comity.node.casework.assigned import Assignment as Assignment
from comity.node.casework.attending import Attempt as Attempt
from comity.node.casework.attending import ConductAnswer as ConductAnswer
from comity.node.casework.attending import Invitation as Invitation
from comity.node.casework.attending import SafeConduct as SafeConduct
from comity.node.casework.averting import Emergency as Emergency
from comity.node.casework.averting import WarningAnswer as WarningAnswer
from comity.node.casework.defence import DefenceMark as DefenceMark
from comity.node.casework.heard import HearingRecord as HearingRecord
from comity.node.casework.marked import IdentityReader as IdentityReader
from comity.node.casework.marked import Marking as Marking
from comity.node.casework.marked import ProtectedPerson as ProtectedPerson
from comity.node.casework.minutes import OralRequest as OralRequest
from comity.node.casework.noted import CallBack as CallBack
from comity.node.casework.noted import ChannelNote as ChannelNote
from comity.node.casework.noted import NoteDocument as NoteDocument
from comity.node.directory.models import Authority


class Side(models.TextChoices):
    """Which side of the request this node is on."""

    REQUESTING = "requesting"
    REQUESTED = "requested"


class Preparation(models.TextChoices):
    """Before sending, on the requesting side alone."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    SIGNED = "signed"
    SENT = "sent"


class CaseKind(models.TextChoices):
    """What a case is: a request and its execution, or information that was passed on without one."""

    REQUEST = "request"
    INFORMATION = "information"


class Case(models.Model):
    """A case. ``desired`` is set by the requesting side only, ``actual`` by the requested side only.

    ``draft`` holds the letter in preparation (body of the next request, or of the next result), ``opinion``
    the opinion as found when the facts last changed. Of information the side that sends it is the requesting
    one: it writes first. ``heading`` is one line for lists,
    ``approver`` the reviewer who approved the draft as it now is in review. ``joined_to`` is the case of the
    oral request that a written confirmation, which came under a number of its own, was found to confirm.
    """

    reference = models.CharField(max_length=40, unique=True)
    peer_reference = models.CharField(max_length=40, blank=True)
    side = models.CharField(max_length=10, choices=Side.choices)
    peer = models.ForeignKey(Authority, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=CaseKind.choices, default=CaseKind.REQUEST)
    heading = models.CharField(max_length=200)
    instrument = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    opinion = models.JSONField(null=True)
    draft = models.JSONField(null=True)
    preparation = models.CharField(max_length=10, choices=Preparation.choices, blank=True)
    desired = models.CharField(max_length=20, blank=True)
    actual = models.CharField(max_length=20, blank=True)
    sent_generation = models.IntegerField(default=0)
    received_generation = models.IntegerField(default=0)
    registered_generation = models.IntegerField(default=0)  # the newest request entered in the books
    urgent = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    no_user_notice = models.BooleanField(default=False)
    drafter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    executing_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    joined_to = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="joined", db_index=False
    )
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="cases_latest"),
            models.Index(fields=["side", "actual", "-changed_at", "-id"], name="cases_by_status"),
            models.Index(  # all that the desk's lists ask of a case, so that only what is shown is read
                fields=["side", "preparation", "-urgent", "changed_at", "id", "actual", "joined_to"],
                name="cases_on_the_desk",
            ),
            models.Index(  # nearly every case is joined to none: an index of those leads nowhere
                fields=["joined_to"], condition=models.Q(joined_to__isnull=False), name="cases_joined"
            ),
        ]


UNLISTED = ("facts", "opinion", "draft")
"""Columns of a case that may be long and that no list shows."""


class Item(models.Model):
    """One thing asked for: one identifier, one person, one account.

    ``particulars`` say how a document is to be served, or where a person is wished for, as the letter has it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="items")
    number = models.IntegerField()
    measure = models.CharField(max_length=40)
    identifier_type = models.CharField(max_length=40)
    identifier_value = models.CharField(max_length=400)
    data_kinds = models.JSONField(default=list)
    period_from = models.DateTimeField(null=True)
    period_to = models.DateTimeField(null=True)
    description = models.TextField(blank=True)
    particulars = models.JSONField(default=dict)
    desired = models.CharField(max_length=20)
    actual = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    ground = models.CharField(max_length=120, blank=True)
    reasons = models.TextField(blank=True)
    preserved_until = models.DateTimeField(null=True)  # what was told last; the case's clocks run to it

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_item_a_number")]
        indexes = [models.Index(fields=["identifier_value", "identifier_type"], name="items_by_identifier")]


class Event(models.Model):
    """A line of the timeline. ``kind`` is a closed list in events.py, which holds its sentence."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    letter = models.UUIDField(null=True)
    entry = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT)

    class Meta:
        ordering = ["at", "id"]


class Limit(models.Model):
    """A limit on the use of what was received, or one that this side has set on what it gave."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="limits")
    limit = models.CharField(max_length=40)
    cite = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    letter = models.UUIDField()
    since = models.DateTimeField()


class Purpose(models.TextChoices):
    """What something that was received is used for."""

    OWN_PROCEEDINGS = "own_proceedings"
    OTHER_PROCEEDINGS = "other_proceedings"
    ORGANISATION_INSIDE = "organisation_inside"
    THIRD_STATE = "third_state"
    INTERNATIONAL_ORGANISATION = "international_organisation"
    EXCULPATORY_DISCLOSURE = "exculpatory_disclosure"


class Use(models.Model):
    """A use of what the other side gave. ``exhibits`` are their numbers, empty for the words of a letter.

    ``permission`` is the letter that permitted a use beyond the limits, ``notice`` the letter that told of
    an exculpatory disclosure; a disclosure with a reason (``unannounced``) and no notice has it still due.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="uses")
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    description = models.TextField()
    recipient = models.CharField(max_length=300, blank=True)
    proceedings = models.CharField(max_length=300, blank=True)  # the other ones, as the permission names them
    items = models.JSONField(default=list)
    exhibits = models.JSONField(default=list)
    permission = models.UUIDField(null=True)
    notice = models.UUIDField(null=True)
    unannounced = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT)

    class Meta:
        ordering = ["at", "id"]


class Access(models.Model):
    """A case opened to one official, or to all of an organisation whose roles see cases.

    The drafter and the executing officer see their case by being that; a row withdrawn is deleted, and the
    timeline and the ledger keep that it was there.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="access")
    official = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=400, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["official", "case"], name="one_access_an_official"),
            models.UniqueConstraint(fields=["organisation", "case"], name="one_access_an_organisation"),
            models.CheckConstraint(
                condition=models.Q(official__isnull=True, organisation__isnull=False)
                | models.Q(official__isnull=False, organisation__isnull=True),
                name="access_of_one",
            ),
        ]


class Form(models.Model):
    """A word as search compares it (folded), once for all cases; ``head`` are its first letters, plain."""

    text = models.CharField(max_length=60, unique=True)
    head = models.CharField(max_length=3, db_index=True)


class Mention(models.Model):
    """A word stands in a case: in its record (references, heading, the other side), or in what it says."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="mentions")
    record = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "case"], name="one_mention_a_word")]


class Origin(models.TextChoices):
    """How a version of a draft came to be."""

    BEGUN = "begun"
    SAVED = "saved"
    RESTORED = "restored"
    TEMPLATE = "template"
    IMPORTED = "imported"


class DraftVersion(models.Model):
    """What a draft said once it was saved, by whom and when. ``open`` while its writer still types."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    begun_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    source = models.CharField(max_length=200, blank=True)
    body = models.JSONField()
    open = models.BooleanField(default=False)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_version_a_number")]


class Comment(models.Model):
    """A remark on a draft or on one field of it; open until somebody resolves it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="comments")
    field = models.CharField(max_length=64, blank=True)
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["at", "id"]


class LetterTranslation(models.Model):
    """This authority's own translation of a letter's texts, by field; kept with the case, never sent."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letter_translations")
    letter = models.UUIDField()
    language = models.CharField(max_length=8)
    texts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "language", "case"], name="one_translation_a_language")
        ]


class Enclosure(models.Model):
    """A file that goes with a request: a certified order, a form. Its content is an exhibit of the case.

    ``letter`` is the request it left with, empty while it waits in the draft.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="enclosures")
    exhibit = models.UUIDField(unique=True)
    letter = models.UUIDField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class Template(models.Model):
    """Texts of an organisation for drafts of one measure under one treaty; nothing of any case."""

    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=200)
    instrument = models.CharField(max_length=40)
    measure = models.CharField(max_length=40)
    contents = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]


class WaitingLetter(models.Model):
    """A letter of the other side that waits for our answer, kept for the desk (``waiting.py``)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="waiting_letters")
    letter = models.UUIDField(unique=True)
    kind = models.CharField(max_length=40)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["since", "id"], name="waiting_longest")]


class SavedView(models.Model):
    """A search of cases that an official named: for its owner, or for all of the owner's organisation.

    ``asked`` are the fields of ``finding.Asked``; each reader finds only cases open to them.
    """

    name = models.CharField(max_length=100)
    asked = models.JSONField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]


class Composition(models.Model):
    """A letter that was shown to its signatory for signing: its id, moment, bytes and their digest."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=40)
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField(default=bytes)


class Prepared(models.Model):
    """A letter that decides, prepared by one official for another's signature: what its form said.

    ``sent`` and ``received`` are the generations of the case's letters then; where they went on, it is stale.
    ``letter`` is the letter it became.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="prepared")
    act = models.CharField(max_length=40)
    entered = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sent = models.IntegerField()
    received = models.IntegerField()
    letter = models.UUIDField(null=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]


class Counter(models.Model):
    """The next number of a series within a year, so that references never repeat."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)
