"""When a report has to be forgotten: its keys and words go, the record of what was done stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from comity.node import store
from comity.node.exhibits.content import segment_key
from comity.node.ledger import entries
from comity.node.reports.models import Act, Line, Metadata, Report, ReportFile
from comity.node.reports.times import hour_of

UNDECIDED_HOURS = 48
"""How long a file waits for the reporter to say whether it is sent as it is."""


def forget(report: Report) -> None:
    """Destroy what a report said, in the caller's transaction; what is an exhibit of a case stays one."""
    report.wrapped_key = report.content = report.contact = None
    report.save(update_fields=["wrapped_key", "content", "contact"])
    report.messages.update(text=None)
    for file in report.files.all():
        forget_file(file)


def forget_file(file: ReportFile) -> None:
    """Destroy a file's key now, and what lies in the store when this is certain."""
    segments = list(file.segments)
    file.wrapped_key, file.name, file.segments = None, None, []
    file.save(update_fields=["wrapped_key", "name", "segments"])
    transaction.on_commit(partial(_delete, segments))


def _delete(segments: list[str]) -> None:
    for name in segments:
        store.delete(segment_key(name))


def expire(now: datetime) -> None:
    """Forget the reports whose time is over, and the files that no reporter decided on."""
    for report in Report.objects.filter(erase_on__lte=now.date(), wrapped_key__isnull=False)[:20]:
        with transaction.atomic():
            content = {"what": "report_erased", "report": str(report.pk)}
            entry = entries.append("report_erased", str(report.pk), content, now=now)
            Line.objects.create(report=report, act=Act.ERASED, at=now, entry=entry)
            forget(report)
    before = hour_of(now) - timedelta(hours=UNDECIDED_HOURS)
    for file in ReportFile.objects.filter(metadata=Metadata.UNDECIDED, added_hour__lt=before)[:20]:
        with transaction.atomic():
            forget_file(file)
            file.delete()
