"""What officials enter to arrange a hearing by video or the presence of officials."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity import canonical
from comity.node.casework import meetings
from comity.node.casework.dialogue.forms import AnswerForm, TurnForm
from comity.node.casework.models import Side
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField

ROWS = 5
"""Participants, or officials, that one form takes."""


class WallField(forms.DateTimeField):
    """What clocks somewhere show, whatever the reader's own clocks do in that hour."""

    def to_python(self, value: Any) -> datetime | None:
        """The time as it was typed."""
        with timezone.override(UTC):
            return super().to_python(value)


def moment_field(label: Any, *, required: bool = True, help_text: Any = "") -> WallField:
    """A day and an hour by the clocks of a zone that the form names."""
    return WallField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )


def instant(shown: datetime, zone: str) -> datetime:
    """The moment at which clocks in the zone show this; ValidationError where they never or twice do."""
    wall = shown.replace(tzinfo=None)
    try:
        first, second = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:
        raise ValidationError(_("No calendar goes that far."), code="no_time") from None
    if first != second:
        told = _("Clocks change in that hour: they never show this time there, or show it twice.")
        raise ValidationError(told, code="clocks_change")
    return first


def choices(list_name: str, ids: tuple[str, ...]) -> list[tuple[str, str]]:
    """Ids of a list with their words."""
    return [(id, labels.label(id, list_name)) for id in ids]


class MeetingForm(TurnForm):
    """Moments by the clocks of one zone, brought to UTC."""

    moments: tuple[str, ...] = ()

    def zone(self) -> str:
        """The zone by whose clocks the moments were typed: that of the place, in the requested State."""
        return str(self.cleaned_data.get("zone_requested") or meetings.zones(self.case)[1])

    def clean(self) -> dict[str, Any]:
        """Each moment in UTC."""
        given = super().clean() or {}
        for name in self.moments:
            if given.get(name):
                try:
                    given[name] = instant(given[name], self.zone())
                except ValidationError as error:
                    self.add_error(name, error)
                except (ZoneInfoNotFoundError, OSError, ValueError):
                    pass  # said at the zone's own field
        return given


class HearingForm(MeetingForm):
    """All that the two sides must agree on before somebody is heard by video."""

    begins_at = moment_field(_("Begins"), help_text=_("By the clocks of the requested State."))
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=5, max_value=1440, initial=60)
    test_at = moment_field(
        _("Technical test before it"), required=False, help_text=_("By the clocks of the requested State.")
    )
    zone_requesting = LineField(label=_("Time zone of the requesting State"), max_length=64)
    zone_requested = LineField(label=_("Time zone of the requested State"), max_length=64)
    place = LineField(label=_("Place"), max_length=200)
    conducted_by = forms.ChoiceField(
        label=_("Conducted by the judicial authority of"), widget=forms.RadioSelect
    )
    authority_requesting = LineField(label=_("Judicial authority of the requesting State"), max_length=200)
    authority_requested = LineField(label=_("Judicial authority of the requested State"), max_length=200)
    interpretation = LineField(label=_("Interpretation"), max_length=200, required=False)
    means = LineField(label=_("Technical means"), max_length=200)
    record_by = forms.ChoiceField(label=_("The record is made by"), widget=forms.RadioSelect)
    moments = ("begins_at", "test_at")

    def prepare(self) -> None:
        """Both zones from the directory, and room for participants."""
        zones = meetings.zones(self.case)
        self.fields["zone_requesting"].initial, self.fields["zone_requested"].initial = zones
        for name in ("conducted_by", "record_by"):
            self.fields[name].choices = choices("whose", tuple(Side.values))  # type: ignore[attr-defined]
        roles = [("", "—"), *choices("participant", tuple(labels.LISTS["participant"]))]
        for n in range(1, ROWS + 1):
            self.fields[f"role_{n}"] = forms.ChoiceField(
                label=_("Participant %(n)d: takes part as") % {"n": n}, choices=roles, required=n == 1
            )
            self.fields[f"post_{n}"] = LineField(
                label=_("Participant %(n)d: post or function, no name") % {"n": n},
                max_length=200,
                required=n == 1,
            )

    def clean_zone_requesting(self) -> str:
        """A zone of the IANA database."""
        return _known_zone(self.cleaned_data["zone_requesting"])

    def clean_zone_requested(self) -> str:
        """A zone of the IANA database."""
        return _known_zone(self.cleaned_data["zone_requested"])

    def clean(self) -> dict[str, Any]:
        """A participant has both role and post."""
        given = super().clean()
        for n in range(2, ROWS + 1):
            if bool(given.get(f"role_{n}")) != bool(given.get(f"post_{n}")):
                self.add_error(f"post_{n}", _("Give both the role and the post of the participant."))
        return given

    def said(self) -> dict[str, Any]:
        """The words, and the particulars as the letter has them."""
        given = self.cleaned_data
        ends_at = given["begins_at"] + timedelta(minutes=given["minutes"])
        people = [(given[f"role_{n}"], given[f"post_{n}"]) for n in range(1, ROWS + 1)]
        same = ("zone_requesting", "zone_requested", "place", "conducted_by", "authority_requesting")
        same += ("authority_requested", "interpretation", "means", "record_by")  # type: ignore[assignment]
        hearing = {name: given[name] for name in same} | {
            "begins_at": canonical.instant_text(given["begins_at"]),
            "ends_at": canonical.instant_text(ends_at),
            "test_at": canonical.instant_text(given["test_at"]) if given["test_at"] else None,
            "participants": [{"role": role, "post": post} for role, post in people if role],
        }
        return {"items": [int(n) for n in given["items"]], "text": given["text"], "hearing": hearing}


class PresenceForm(TurnForm):
    """The officials who would come."""

    def prepare(self) -> None:
        """Room for several."""
        for n in range(1, ROWS + 1):
            self.fields[f"post_{n}"] = LineField(
                label=_("Official %(n)d: post, no name") % {"n": n}, max_length=200, required=n == 1
            )
            self.fields[f"authority_{n}"] = LineField(
                label=_("Official %(n)d: authority") % {"n": n}, max_length=200, required=n == 1
            )

    def clean(self) -> dict[str, Any]:
        """An official has both post and authority."""
        given = super().clean() or {}
        for n in range(2, ROWS + 1):
            if bool(given.get(f"post_{n}")) != bool(given.get(f"authority_{n}")):
                self.add_error(f"authority_{n}", _("Give both the post and the authority of the official."))
        return given

    def said(self) -> dict[str, Any]:
        """With the officials as pairs."""
        arguments = super().said()
        pairs = [(arguments.pop(f"post_{n}"), arguments.pop(f"authority_{n}")) for n in range(1, ROWS + 1)]
        return arguments | {"officials": [pair for pair in pairs if pair[0]]}


class PresenceGrantedForm(MeetingForm):
    """Where and when, and what those present may do."""

    place = LineField(label=_("Place"), max_length=200)
    begins_at = moment_field(_("Begins"), help_text=_("By the clocks of the requested State."))
    ends_at = moment_field(_("Ends"), help_text=_("By the clocks of the requested State."))
    standing = ProseField(
        label=_("What those present may do"),
        rows=3,
        help_text=_("For example: they put questions through the officer who executes."),
    )
    moments = ("begins_at", "ends_at")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValidationError(_("There is no such time zone. Name it as Asia/Almaty.")) from None
    return name


MEETING_FORMS: dict[str, type[TurnForm]] = {
    "ask_presence": PresenceForm,
    "grant_presence": PresenceGrantedForm,
    "decline_presence": AnswerForm,
    "propose_hearing": HearingForm,
    "agree_to_hearing": AnswerForm,
}
"""The forms of the acts that arrange something."""
