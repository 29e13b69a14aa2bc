"""Drafting by the API: what is asked for and what is missing, versions, comments, templates, PDF and Word."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Router, Status, UploadedFile

from comity.letters.word import MEDIA_TYPE
from comity.letters.word_reading import LARGEST, WordTooLargeError
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.api import drafting_shapes as shapes
from comity.node.api.entering import find_readable, official_of
from comity.node.api.shapes import FAILURES, CaseOut, Failure
from comity.node.casework import contents, drafts, patterns, previews, returning, screens, versions
from comity.node.casework.acts.ask_for_more import ask_for_more
from comity.node.casework.acts.comment_on_draft import comment_on_draft, resolve_comment
from comity.node.casework.acts.keep_template import draft_from_template, keep_template, withdraw_template
from comity.node.casework.acts.restore_version import restore_version
from comity.node.casework.acts.save_draft import draft_follow_up
from comity.node.casework.acts.take_texts import take_texts
from comity.node.casework.models import Case, Comment, DraftVersion, Side, Template
from comity.node.casework.standing import demand_side

router = Router()
PAGE = 50


@router.get("/cases/{reference}/draft/guide", response={200: shapes.Guide, FAILURES: Failure})
def guide(request: HttpRequest, reference: str) -> dict[str, Any]:
    """What the draft asks for, group by group, with provisions, advice and what is missing."""
    case = _drafted(request, reference)
    drafts.of(case)
    progress = contents.progress(case)
    return {
        "complete": progress.complete,
        "counts": progress.counts,
        "groups": screens.screens(progress),
        "problems": progress.problems,
    }


@router.get("/cases/{reference}/draft/versions", response={200: shapes.VersionPage, FAILURES: Failure})
def list_versions(request: HttpRequest, reference: str, after: int | None = None) -> dict[str, Any]:
    """The versions of the draft, latest first, fifty a page."""
    found = DraftVersion.objects.filter(case=_drafted(request, reference))
    if after is not None:
        found = found.filter(number__lt=after)
    rows = list(found.select_related("by")[: PAGE + 1])
    return {"versions": rows[:PAGE], "after": rows[PAGE - 1].number if len(rows) > PAGE else None}


@router.get(
    "/cases/{reference}/draft/versions/{number}", response={200: shapes.VersionOut, FAILURES: Failure}
)
def one_version(request: HttpRequest, reference: str, number: shapes.Number) -> DraftVersion:
    """One version with all that it says."""
    return versions.find(_drafted(request, reference), number)


@router.get(
    "/cases/{reference}/draft/versions/{number}/against/{other}",
    response={200: list[shapes.DifferenceOut], FAILURES: Failure},
)
def two_versions(
    request: HttpRequest, reference: str, number: shapes.Number, other: shapes.Number
) -> list[versions.Difference]:
    """Where version ``number`` differs from ``other``."""
    case = _drafted(request, reference)
    return versions.differences(versions.find(case, other).body, versions.find(case, number).body)


@router.post("/cases/{reference}/draft/versions/{number}/restore", response={200: CaseOut, FAILURES: Failure})
def go_back(request: HttpRequest, reference: str, number: shapes.Number) -> Case:
    """Let the draft say again what a version said, as a new version."""
    official = official_of(request)
    return restore_version(official, find_readable(official, reference), number, now=timezone.now())


@router.post("/cases/{reference}/more", response={201: CaseOut, FAILURES: Failure})
def more(request: HttpRequest, reference: str) -> Status[Case]:
    """Begin a further request by the same measure, where what was received is insufficient."""
    official = official_of(request)
    return Status(201, ask_for_more(official, find_readable(official, reference), now=timezone.now()))


@router.post("/cases/{reference}/follow-up", response={201: CaseOut, FAILURES: Failure})
def follow_up(request: HttpRequest, reference: str, new: shapes.FollowUp) -> Status[Case]:
    """Begin a further request by another measure on the same facts."""
    official = official_of(request)
    case = find_readable(official, reference)
    return Status(201, draft_follow_up(official, case, new.measure, now=timezone.now()))


@router.get("/cases/{reference}/draft/comments", response={200: list[shapes.CommentOut], FAILURES: Failure})
def list_comments(request: HttpRequest, reference: str) -> list[Comment]:
    """Every comment, open and resolved."""
    case = _drafted(request, reference)
    return list(case.comments.select_related("by", "resolved_by"))


@router.post("/cases/{reference}/draft/comments", response={201: shapes.CommentOut, FAILURES: Failure})
def add_comment(request: HttpRequest, reference: str, new: shapes.NewComment) -> Status[Comment]:
    """Comment on the draft, or on one field of it."""
    official = official_of(request)
    case = find_readable(official, reference)
    return Status(201, comment_on_draft(official, case, new.field, new.text, now=timezone.now()))


@router.post(
    "/cases/{reference}/draft/comments/{comment}/resolve",
    response={200: shapes.CommentOut, FAILURES: Failure},
)
def close_comment(request: HttpRequest, reference: str, comment: shapes.Number) -> Comment:
    """Mark a comment as resolved."""
    official = official_of(request)
    return resolve_comment(official, find_readable(official, reference), comment, now=timezone.now())


@router.get("/templates", response={200: list[shapes.TemplateOut], FAILURES: Failure})
def list_templates(
    request: HttpRequest, instrument: str = "", measure: str = "", after: int = 0
) -> list[Template]:
    """The templates of the official's organisation by id, fifty at a time; ``after`` is the last one's id."""
    official = official_of(request)
    authorise(official, "keep_templates")
    asked = {"instrument": instrument, "measure": measure}
    found = patterns.of_organisation(official).filter(**{key: value for key, value in asked.items() if value})
    return list(found.filter(pk__gt=min(max(after, 0), shapes.LAST)).order_by("pk")[:PAGE])


@router.post("/cases/{reference}/draft/templates", response={201: shapes.TemplateOut, FAILURES: Failure})
def new_template(request: HttpRequest, reference: str, new: shapes.NewTemplate) -> Status[Template]:
    """Keep texts of the draft as a template."""
    official = official_of(request)
    case = find_readable(official, reference)
    return Status(201, keep_template(official, case, new.name, new.fields_kept, now=timezone.now()))


@router.post("/cases/{reference}/draft/templates/{template}/take", response={200: CaseOut, FAILURES: Failure})
def take_template(request: HttpRequest, reference: str, template: shapes.Number) -> Case:
    """Take a template's texts into the fields that are empty."""
    official = official_of(request)
    return draft_from_template(official, find_readable(official, reference), template, now=timezone.now())


@router.post("/templates/{template}/withdraw", response={204: None, FAILURES: Failure})
def end_template(request: HttpRequest, template: shapes.Number) -> Status[None]:
    """Take a template out of use."""
    withdraw_template(official_of(request), template, now=timezone.now())
    return Status(204, None)


@router.get("/cases/{reference}/draft/letter.pdf", response={200: None, FAILURES: Failure})
def letter_pdf(request: HttpRequest, reference: str, language: shapes.Language = "en") -> HttpResponse:
    """The draft as PDF, marked as one."""
    case = _drafted(request, reference)
    return HttpResponse(previews.pdf(case, official_of(request), language), content_type="application/pdf")


@router.get("/cases/{reference}/draft/texts.docx", response={200: None, FAILURES: Failure})
def texts_document(request: HttpRequest, reference: str, language: shapes.Language = "en") -> HttpResponse:
    """The draft's texts as a Word document."""
    case = _drafted(request, reference)
    return HttpResponse(previews.texts(case, language, now=timezone.now()), content_type=MEDIA_TYPE)


@router.post("/cases/{reference}/draft/texts.docx", response={200: shapes.ComparisonOut, FAILURES: Failure})
def compare_document(
    request: HttpRequest, reference: str, document: File[UploadedFile]
) -> returning.Comparison:
    """Compare an edited document with the draft; nothing is changed."""
    case = _drafted(request, reference)
    authorise(official_of(request), "save_draft")
    if (document.size or 0) > LARGEST:
        raise WordTooLargeError
    return returning.compare(case, document.read())


@router.post("/cases/{reference}/draft/texts", response={200: CaseOut, FAILURES: Failure})
def take_document(request: HttpRequest, reference: str, taken: shapes.TakenTexts) -> Case:
    """Take edited texts into the draft that they were compared with."""
    official = official_of(request)
    case = find_readable(official, reference)
    texts = dict(taken.contents)
    return take_texts(official, case, texts, compared_with=taken.compared_with, now=timezone.now())


def _drafted(request: HttpRequest, reference: str) -> Case:
    """A case of the requesting side that the official may see."""
    official: Official = official_of(request)
    case = find_readable(official, reference)
    demand_side(case, Side.REQUESTING)
    return case
