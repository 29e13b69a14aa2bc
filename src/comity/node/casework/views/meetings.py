"""Hearings and presences of a case with both sides' times, and each as a calendar entry."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity import canonical
from comity.node.accounts.authority import authorise, may
from comity.node.casework import calendars, meetings
from comity.node.casework.acts.record_hearing import record_hearing
from comity.node.casework.heard import HearingRecord
from comity.node.casework.hearing_form import HearingRecordForm
from comity.node.casework.letters import read
from comity.node.casework.views.common import find_readable, perform, show, status_of
from comity.node.pages import times


@require_GET
def listing(request: HttpRequest, reference: str) -> HttpResponse:
    """What is arranged and what is proposed, each time by both sides' clocks."""
    case = find_readable(request, reference)
    records: dict[uuid.UUID, list[HearingRecord]] = {}
    for each in case.hearing_records.select_related("by"):
        records.setdefault(each.letter, []).insert(0, each)
    return show(
        request,
        "casework/meetings.html",
        case,
        meetings=[(meeting, records.get(meeting.letter.pk, [])) for meeting in meetings.of_case(case)],
        may_record=may(request.user, "record_hearing"),
    )


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, reference: str, letter: uuid.UUID) -> HttpResponse:
    """Put on record what became of an agreed hearing."""
    authorise(request.user, "view_case")
    authorise(request.user, "record_hearing")
    case = find_readable(request, reference)
    meeting = meetings.agreed(case, str(letter))
    if meeting is None or not meeting.is_hearing:
        raise Http404(str(letter))
    form = HearingRecordForm(request.POST or None, case=case, meeting=meeting)

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/record_hearing.html",
            case,
            status_of(error, form),
            meeting=meeting,
            form=form,
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    return perform(
        request,
        case,
        lambda now: record_hearing(request.user, case, letter, **form.said(), now=now),  # type: ignore[arg-type]
        _("Recorded."),
        page,
        then="meetings",
    )


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
