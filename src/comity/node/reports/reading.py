"""Which reports an official may see, and what they say.

What concerns the authority itself is for those who oversee it alone; nobody sees what is withheld from them.
A report that is not for somebody answers as one that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from comity.node.accounts.authority import NothingThereError, authorise, may
from comity.node.accounts.models import Official
from comity.node.exhibits import content
from comity.node.reports import sealed
from comity.node.reports.models import Metadata, Report, ReportFile

ACT, OVERSIGHT = "triage_report", "handle_report_about_us"


@dataclass(frozen=True, slots=True)
class Words:
    """What a report says, opened for an official: answers by field, messages, names of files."""

    said: dict[str, str]
    messages: list[dict[str, Any]]
    files: list[dict[str, Any]]


def visible(official: Official | AnonymousUser) -> QuerySet[Report]:
    """The reports an official may see; raise NotAuthorisedError for one whose roles see none."""
    authorise(official, "see_reports")
    seen = Q(pk=None)
    if may(official, OVERSIGHT):
        seen |= Q(about_us=True)
    if may(official, ACT):
        whole = isinstance(official, Official) and official.is_of_the_whole_state
        body = getattr(official, "organisation_id", None)
        seen |= Q(about_us=False) if whole else Q(about_us=False, passed_to=body, passed_to__isnull=False)
    return Report.objects.filter(seen).exclude(barred__official=official.pk)


def find(official: Official | AnonymousUser, pk: UUID) -> Report:
    """A report the official may see; raise NothingThereError."""
    found = visible(official).select_related("passed_to", "duplicate_of").filter(pk=pk).first()
    if found is None:
        raise NothingThereError(name=str(pk))
    return found


def can_see(official: Official, report: Report) -> bool:
    """Whether the official may see this report, if nothing bars them."""
    return may(official, OVERSIGHT if report.about_us else ACT)


def words(report: Report) -> Words:
    """Everything but the contact; raise ReportErasedError."""
    said = cast(dict[str, str], sealed.unseal(report, report.content))
    lines = [
        {"by": each.by, "hour": each.hour, "text": sealed.unseal(report, each.text)}
        for each in report.messages.select_related("by")
    ]
    files = [{"file": each, "name": sealed.unseal(report, each.name)} for each in shown_files(report)]
    return Words(said, lines, files)


def shown_files(report: Report) -> QuerySet[ReportFile]:
    """The files that the reporter wants shown."""
    return report.files.exclude(metadata=Metadata.UNDECIDED).filter(wrapped_key__isnull=False)


def opened(file: ReportFile) -> BinaryIO:
    """A file's content as a stream."""
    return content.read(bytes(file.wrapped_key or b""), list(file.segments))


def waiting(official: Official) -> int:
    """How many reports wait for this official's authority: for the desk."""
    if not may(official, "see_reports"):
        return 0
    return visible(official).filter(waits_for_us=True, wrapped_key__isnull=False).count()
