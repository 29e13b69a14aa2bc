"""Alerts, who was told of each and when, how an official is reached, and the messages that left."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_OFFICIAL = settings.AUTH_USER_MODEL


class Urgency(models.TextChoices):
    """How soon somebody has to react, the most pressing first."""

    EMERGENCY = "emergency", _("emergency")
    URGENT = "urgent", _("urgent")
    ORDINARY = "ordinary", _("ordinary")

    @property
    def rank(self) -> int:
        """0 for the most pressing."""
        return list(Urgency).index(self)


class Kind(models.TextChoices):
    """Of what somebody is alerted."""

    REQUEST_ARRIVED = "request_arrived", _("A request has arrived")
    LETTER_ARRIVED = "letter_arrived", _("A letter of another State has arrived")
    LETTER_FAILED = "letter_failed", _("A letter of ours did not arrive")
    LETTER_HELD_UP = "letter_held_up", _("An urgent letter of ours is held up")
    LETTER_REFUSED = "letter_refused", _("A letter of another State was refused here")
    CALL_BACK_NEEDED = "call_back_needed", _("The other side has to be called back")
    CLOCK_NEARS_END = "clock_nears_end", _("A time limit is near its end")
    CLOCK_RAN_OUT = "clock_ran_out", _("A time limit ran out")
    ASSIGNED = "assigned", _("An execution was assigned to you")
    SHIFT_DUE = "shift_due", _("Your shift begins")
    DRILL_ARRIVED = "drill_arrived", _("Another desk asks in a drill whether somebody is there")
    WORKER_SILENT = "worker_silent", _("The node’s worker says nothing")
    LEDGER_HELD = "ledger_held", _("The node’s ledger signs nothing")
    LEDGER_FORKED = "ledger_forked", _("A ledger contradicts itself")
    DISK_FULL = "disk_full", _("There is no room left on the node’s disk")
    BACKUP_OVERDUE = "backup_overdue", _("The node was not backed up for too long")
    GATEWAY_FAILED = "gateway_failed", _("Messages no longer leave the node")


class Group(models.TextChoices):
    """Who is told, one group after the other."""

    NAMED = "named", _("whom it concerns")
    RESPONSIBLE = "responsible", _("who works on the case")
    ADMINISTRATORS = "administrators", _("administrators")
    ON_DUTY = "on_duty", _("on duty")
    NEXT_IN_LINE = "next_in_line", _("next in line")
    REGISTRARS_AND_HEADS = "registrars_and_heads", _("registrars and heads")
    DUTY_OFFICERS = "duty_officers", _("all duty officers")


class Way(models.TextChoices):
    """How a message travels."""

    MAIL = "mail", _("e-mail")
    SMS = "sms", _("short message")


class Alert(models.Model):
    """Something that waits for a reaction.

    Of one ``key`` never two are open at once: what happens again meanwhile is counted. ``official`` is set
    where it concerns one person. ``group`` is who was told last, ``next_at`` when others are told unless
    somebody reacts before. It ends when somebody acknowledges it, or by itself (``ended_by`` null) when what
    lasted is over (``over_at``): a trouble of the node, a drill without an answer.
    """

    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=30, choices=Kind.choices)
    urgency = models.CharField(max_length=10, choices=Urgency.choices)
    case_reference = models.CharField(max_length=40, blank=True)
    official = models.ForeignKey(_OFFICIAL, null=True, on_delete=models.PROTECT, related_name="+")
    count = models.IntegerField(default=1)
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    group = models.CharField(max_length=30, choices=Group.choices, blank=True)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(_OFFICIAL, null=True, on_delete=models.PROTECT, related_name="+")
    over_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(ended_at=None), name="one_open_alert")
        ]
        indexes = [
            models.Index(fields=["ended_at", "next_at"], name="alerts_to_escalate"),
            models.Index(fields=["kind", "over_at"], name="alerts_that_last"),
        ]

    @property
    def about(self) -> str:
        """What tells it apart from others of its kind."""
        return self.key.partition(":")[2]


class Step(models.Model):
    """One group that was told of an alert; ``entry`` where the ledger keeps that nobody had reacted."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="steps")
    group = models.CharField(max_length=30, choices=Group.choices, blank=True)
    at = models.DateTimeField()
    entry = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]


class Told(models.Model):
    """One official who was told of an alert; ``ended_at`` is the alert's, for an index of open ones."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="told")
    official = models.ForeignKey(_OFFICIAL, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=30, choices=Group.choices)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["alert", "official"], name="told_once")]
        indexes = [models.Index(fields=["official", "ended_at", "-id"], name="told_open")]


class Hearing(models.Model):
    """How one official's browser rings, and when nothing but emergencies may leave for them.

    Quiet hours are of the official's own time zone; they may run over midnight.
    """

    official = models.OneToOneField(_OFFICIAL, on_delete=models.CASCADE, related_name="alert_hearing")
    sound = models.BooleanField(default=True)
    desktop = models.BooleanField(default=False)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)


class Address(models.Model):
    """An address at which an official is told of what is at least as pressing as ``least``.

    Nothing but a code goes there before ``verified_at``. The code is derived from ``nonce`` and the node's
    secret, so that a copy of the database knows none. ``told_upto`` is the last row of Told that a message
    to it covered. Without ``address`` it was taken out of use.
    """

    official = models.ForeignKey(_OFFICIAL, on_delete=models.CASCADE, related_name="alert_addresses")
    way = models.CharField(max_length=10, choices=Way.choices)
    address = models.CharField(max_length=254, blank=True)
    least = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.URGENT)
    verified_at = models.DateTimeField(null=True)
    nonce = models.CharField(max_length=32, blank=True)
    code_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    told_upto = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["way"]
        constraints = [models.UniqueConstraint(fields=["official", "way"], name="one_address_a_way")]


class Purpose(models.TextChoices):
    """Why a message leaves."""

    ALERTS = "alerts", _("alerts")
    CODE = "code", _("code")
    TEST = "test", _("test")


class MessageState(models.TextChoices):
    """How a message fares."""

    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    NOT_NEEDED = "not_needed", _("no longer needed")


class Message(models.Model):
    """One message by a gateway. What it says is made when it is sent, and is not kept.

    ``due_at`` is when it may leave at the earliest: a pause, or quiet hours, may lie before it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = models.ForeignKey(Address, on_delete=models.CASCADE, related_name="messages")
    way = models.CharField(max_length=10, choices=Way.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    state = models.CharField(max_length=12, choices=MessageState.choices, default=MessageState.WAITING)
    count = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    last_code = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["address"], condition=Q(state="waiting", purpose="alerts"), name="one_waiting_message"
            )
        ]
        indexes = [models.Index(fields=["way", "-at"], name="messages_latest")]
