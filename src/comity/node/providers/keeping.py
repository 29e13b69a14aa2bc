"""The administrator's page about people of providers, among the officials' pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise
from comity.node.pages.errors import said
from comity.node.providers import accounts
from comity.node.providers.forms import PersonForm
from comity.node.providers.models import Part, Person
from comity.terms import ComityError

_ACT = "manage_providers"


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of every provider, and the form that invites one more; the link is shown this once."""
    authorise(request.user, _ACT)
    start = {"language": settings.LANGUAGE_CODE, "time_zone": settings.NODE.time_zone}
    form, error = PersonForm(request.POST or None, initial=start), None
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        provider, values["part"] = values.pop("provider"), Part(values["part"])
        about = accounts.About(**values)
        try:
            made, secret = accounts.invite(request.user, provider, about, now=timezone.now())  # type: ignore[arg-type]
            return _link(request, made, secret)
        except ComityError as refused:
            error = said(refused)
    rows = Person.objects.select_related("provider")
    context = {"people": rows, "form": form, "error": error, "origin": settings.NODE.provider_origin}
    status = 409 if error else 422 if form.is_bound and form.errors else 200
    return render(request, "providers/people.html", context, status=status)


@require_POST
def again(request: HttpRequest, person: int) -> HttpResponse:
    """Forget password and second factor, and invite anew."""
    authorise(request.user, _ACT)
    found = get_object_or_404(Person, pk=person)
    return _link(request, found, accounts.invite_again(request.user, found, now=timezone.now()))  # type: ignore[arg-type]


@require_POST
def close(request: HttpRequest, person: int) -> HttpResponse:
    """Close the account."""
    authorise(request.user, _ACT)
    accounts.close(request.user, get_object_or_404(Person, pk=person), now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The account is closed."))
    return redirect("provider_people")


def _link(request: HttpRequest, person: Person, secret: str) -> HttpResponse:
    context: dict[str, Any] = {"invited": person, "days": accounts.INVITED_FOR.days}
    context["link"] = f"{settings.NODE.provider_origin}/invitation/{secret}"
    return render(request, "providers/link.html", context)
