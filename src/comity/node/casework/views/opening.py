"""A new request: the facts, the opinion on them, and then the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.casework import opinions, patterns
from comity.node.casework.acts.open_case import open_case
from comity.node.casework.forms import FactsForm
from comity.node.directory import known
from comity.node.pages import law
from comity.node.pages.errors import said
from comity.terms import ComityError

Entered = TypeVar("Entered", bound=forms.Form)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """First the facts; then the opinion below them; the case is opened by a button of its own."""
    authorise(request.user, "open_case")
    form = FactsForm(request.POST or None, peers=known.peers(), offences=offence_choices())
    return by_steps(request, "casework/new.html", form, _step)


def by_steps(
    request: HttpRequest,
    template: str,
    form: Entered,
    step: Callable[[HttpRequest, Entered, dict[str, Any]], HttpResponse],
) -> HttpResponse:
    """A page of facts: on POST the step that was chosen, or the page again with what is wrong."""
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            return step(request, form, context)
        except ComityError as error:
            context["error"] = said(error)
    status = 422 if form.errors or "error" in context else 200
    return render(request, template, context, status=status)


def _step(request: HttpRequest, form: FactsForm, context: dict[str, Any]) -> HttpResponse:
    facts, now = form.facts(known.own().state, timezone.localdate()), timezone.now()
    if request.POST.get("step") != "open":
        context["opinion"] = opinion = opinions.form(facts, now)
        fitting = {"instrument": opinion["recommended"] or "", "measure": facts["measure"]}
        if may(request.user, "keep_templates"):
            context["templates"] = patterns.fitting(request.user, fitting)  # type: ignore[arg-type]
        return render(request, "casework/new.html", context)
    peer = form.peers[form.cleaned_data["peer"]]
    template = request.POST.get("template", "")
    case = open_case(
        request.user,  # type: ignore[arg-type]  # signed in
        peer=peer,
        heading=form.cleaned_data["heading"],
        facts=facts,
        template=int(template) if template.isascii() and template.isdecimal() else None,
        now=now,
    )
    return redirect("draft", case.reference)


def offence_choices() -> list[tuple[str, str]]:
    """The offences of the treaties on record, by citation, with their names in the reader's language."""
    library = opinions.library()
    return [
        (
            str(offence.citation),
            f"{law.short_label(str(offence.citation))} — {law.in_language(offence.names)}",
        )
        for instrument in library.instruments.values()
        for offence in library.reach[instrument.id].offences.values()
    ]
