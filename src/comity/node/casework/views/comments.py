"""Comments on a draft: all of them, a new one, one resolved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise, may
from comity.node.casework import contents
from comity.node.casework.acts.comment_on_draft import WRITTEN_ON, comment_on_draft, resolve_comment
from comity.node.casework.draft_forms import CommentForm
from comity.node.casework.models import Case, Comment, Side
from comity.node.casework.standing import demand_side
from comity.node.casework.views.common import find_readable, perform, show


def open_comments(case: Case) -> dict[str, list[Comment]]:
    """The open comments by field; those on the whole draft under the empty name."""
    found: dict[str, list[Comment]] = {}
    for comment in case.comments.filter(resolved_at=None).select_related("by"):
        found.setdefault(comment.field, []).append(comment)
    return found


@require_http_methods(["GET", "POST"])
def comments(request: HttpRequest, reference: str) -> HttpResponse:
    """The comments, open and resolved, and a form for a new one."""
    case = find_readable(request, reference)
    demand_side(case, Side.REQUESTING)
    if request.method == "GET":
        return _page(request, case)
    authorise(request.user, "comment_on_draft")
    form = CommentForm(request.POST, asked=_asked(case))
    if not form.is_valid():
        return _page(request, case, form)
    said = form.cleaned_data
    return perform(
        request,
        case,
        lambda now: comment_on_draft(request.user, case, said["field"], said["text"], now=now),  # type: ignore[arg-type]
        _("The comment is kept."),
        lambda error: _page(request, case, form, error),
        then="draft_comments",
    )


@require_POST
def resolve(request: HttpRequest, reference: str, comment: int) -> HttpResponse:
    """Mark one comment as resolved."""
    case = find_readable(request, reference)
    demand_side(case, Side.REQUESTING)
    authorise(request.user, "comment_on_draft")
    return perform(
        request,
        case,
        lambda now: resolve_comment(request.user, case, comment, now=now),  # type: ignore[arg-type]
        _("The comment is resolved."),
        lambda error: _page(request, case, error=error),
        then="draft_comments",
    )


def _asked(case: Case) -> list[str]:
    return [field.id for field in contents.fields(case)] if case.preparation in WRITTEN_ON else []


def _page(
    request: HttpRequest, case: Case, form: CommentForm | None = None, error: Any = None
) -> HttpResponse:
    found = list(case.comments.select_related("by", "resolved_by"))
    writable = case.preparation in WRITTEN_ON and case.draft is not None
    asked = _asked(case) if writable else []
    form = form or CommentForm(asked=asked, initial={"field": request.GET.get("field", "")})
    status = 409 if error else 422 if form.errors else 200
    return show(
        request,
        "casework/draft_comments.html",
        case,
        status=status,
        error=error,
        form=form,
        open=[comment for comment in found if comment.resolved_at is None],
        resolved=[comment for comment in found if comment.resolved_at is not None],
        may_comment=writable and may(request.user, "comment_on_draft"),
    )
