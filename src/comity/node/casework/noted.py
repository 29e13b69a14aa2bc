"""What went or came outside the exchange, by diplomatic channels or INTERPOL, as records. Rows only."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ChannelNote(models.Model):
    """A communication of a case that this node did not carry: sent or received by another channel.

    ``channel`` is a word of the list of channels, ``reference`` the number that the channel gave it;
    ``sender`` and ``recipient`` are bodies or posts. ``letter`` is the letter of the case that it carried,
    where there is one. A note is never changed; a later one says what was wrong.
    """

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="channel_notes")
    number = models.IntegerField()
    direction = models.CharField(max_length=3)
    channel = models.CharField(max_length=20)
    happened_at = models.DateTimeField()
    reference = models.CharField(max_length=120)
    sender = models.CharField(max_length=300)
    recipient = models.CharField(max_length=300)
    text = models.TextField()
    letter = models.UUIDField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["happened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="one_channel_note_of_a_number")
        ]


class CallBack(models.Model):
    """That an official called the other side of a case back by a second channel, and what came of it.

    ``means`` and ``result`` are words of ``call_backs``; ``contact`` is who was called and by which number or
    way, ``spoken_with`` who answered. A record is never changed; a later one counts.
    """

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="call_backs")
    number = models.IntegerField()
    called_at = models.DateTimeField()
    means = models.CharField(max_length=20)
    contact = models.CharField(max_length=300)
    spoken_with = models.CharField(max_length=300, blank=True)
    result = models.CharField(max_length=20)
    remark = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["called_at", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_call_back_of_a_number")]


class NoteDocument(models.Model):
    """A document of such a communication; its content is an exhibit of the case, with its custody."""

    note = models.ForeignKey(ChannelNote, on_delete=models.PROTECT, related_name="documents")
    exhibit = models.UUIDField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
