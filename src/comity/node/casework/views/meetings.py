"""Hearings and presences of a case with both sides' times, and each as a calendar entry."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity import canonical
from comity.node.casework import calendars, meetings
from comity.node.casework.letters import read
from comity.node.casework.views.common import find_readable, show
from comity.node.pages import times


@require_GET
def listing(request: HttpRequest, reference: str) -> HttpResponse:
    """What is arranged and what is proposed, each time by both sides' clocks."""
    case = find_readable(request, reference)
    return show(request, "casework/meetings.html", case, meetings=meetings.of_case(case))


@require_GET
def calendar(request: HttpRequest, reference: str, letter: uuid.UUID) -> HttpResponse:
    """An agreed hearing or presence for a calendar program."""
    case = find_readable(request, reference)
    meeting = meetings.agreed(case, str(letter))
    if meeting is None:
        raise Http404(str(letter))
    what = _("Hearing by video") if meeting.is_hearing else _("Presence at the execution")
    there = times.moment(meeting.begins, meeting.zone_there)
    words = [case.reference, _("Their time: %(moment)s") % {"moment": there}]
    if meeting.test:
        words.append(
            _("Technical test: %(moment)s") % {"moment": times.moment(meeting.test, meeting.zone_here)}
        )
    content = read(meeting.letter)
    written_at = canonical.read_instant(content.written_at) if content else meeting.begins
    data = calendars.entry(
        id=str(meeting.letter.pk),
        summary=f"{what} · {case.reference}",
        place=meeting.body["place"],
        words=words,
        begins=meeting.begins,
        ends=meeting.ends,
        at=written_at,
    )
    answer = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{case.reference}.ics"'
    return answer
