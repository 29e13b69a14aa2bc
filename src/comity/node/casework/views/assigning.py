"""Who executes a request, by when: the assignments of a case and the form that makes one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.models import Official, Organisation, OrganisationKind
from comity.node.casework import assignments
from comity.node.casework.acts.assign_execution import assign_execution
from comity.node.casework.assignment_form import AssignmentForm
from comity.node.casework.entitlement import may_read
from comity.node.casework.models import Side
from comity.node.casework.running import EXECUTION
from comity.node.casework.views.common import find_for, perform, show, status_of
from comity.node.clocks.models import Clock, ClockState


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    """Give items to an executing officer or a body, with a deadline."""
    case = find_for(request, reference, "assign_execution", Side.REQUESTED)
    items = assignments.assignable(case.items.all())
    officials = Official.objects.select_related("organisation").order_by("full_name", "username")
    form = AssignmentForm(
        request.POST or None,
        items=items,
        people=[one for one in officials if assignments.may_execute(one)],
        bodies=Organisation.objects.exclude(kind=OrganisationKind.PROVIDER).order_by("id"),
    )

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/assign.html",
            case,
            status_of(error, form),
            form=form,
            fits=bool(items),
            rows=assignments.of_case(case),
            readable=may_read(request.user, case),
            clocks=Clock.objects.filter(case_reference=reference, kind=EXECUTION, state=ClockState.RUNNING),
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    said = form.cleaned_data
    return perform(
        request,
        case,
        lambda now: assign_execution(
            request.user,  # type: ignore[arg-type]  # signed in
            case,
            form.numbers(),
            form.whom(),
            due_at=said["due_at"],
            instructions=said["instructions"],
            now=now,
        ),
        _("Assigned to %(name)s.") % {"name": form.whom()},
        page,
    )
