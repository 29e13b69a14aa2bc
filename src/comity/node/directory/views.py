"""The pages of the directory: whom this node knows, by which keys, confirmed by whom, and who says so."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.directory.reading import Outcome
from comity.directory.sources import Zip
from comity.node.accounts.authority import authorise, may
from comity.node.accounts.models import Official
from comity.node.directory import (
    cards,
    choosing,
    designating,
    entering,
    finding,
    notices,
    standing,
    successors,
    updating,
)
from comity.node.directory.forms import CardForm, CarriedForm, ChoiceForm, KeeperForm
from comity.node.directory.models import Authority, Designation, Keeper, Listing
from comity.node.pages import labels
from comity.node.pages.errors import said
from comity.node.pages.law import words
from comity.terms import ComityError


@require_GET
def authorities(request: HttpRequest) -> HttpResponse:
    """All authorities that fit the filters, with what is wrong with the directories they come from."""
    authorise(request.user, "view_directory")
    now = timezone.now()
    wanted = finding.Wanted(
        **{name: request.GET.get(name, "")[:40] for name in ("state", "role", "instrument")}
    )
    context = {
        "authorities": finding.authorities(wanted, now),
        "wanted": wanted,
        "filtered": any((wanted.state, wanted.role, wanted.instrument)),
        "choices": finding.choices(),
        "doubts": standing.warnings(now),
        "conflicts": entering.conflicts().count(),
        "updates": successors.waiting().count(),
        "due": notices.due(now),
        "circulation_due": notices.circulation_due(now),
        "now": now,
        "may_manage": may(request.user, "manage_directory"),
        "may_view_drills": may(request.user, "view_drills"),
        "has_keepers": Keeper.objects.filter(ended_at=None).exists(),
    }
    return render(request, "directory/authorities.html", context)


@require_GET
def authority(request: HttpRequest, authority: str) -> HttpResponse:
    """One authority: how to reach it, what it is designated for, its keys, and what was published before."""
    authorise(request.user, "view_directory")
    found = get_object_or_404(Authority.objects.select_related("listing__keeper"), pk=authority)
    now = timezone.now()
    context = {
        "authority": found,
        "fingerprint": cards.fingerprint(cards.export_card(found)) if found.tls_certificate else "",
        "designations": designating.of(found.id),
        "history": finding.history(found.id),
        "call_back": standing.needs_call_back(found, now),
        "call_back_contacts": standing.confirmation_contacts(found),
        "today": now.date(),
        "updates": successors.waiting().filter(authority=found),
    }
    return render(request, "directory/authority.html", context)


@require_http_methods(["GET", "POST"])
def card(request: HttpRequest) -> HttpResponse:
    """Add an authority by hand from its card, whose fingerprint the administrator compared by voice."""
    authorise(request.user, "manage_directory")
    by: Official = request.user  # type: ignore[assignment]
    form, error = CardForm(request.POST or None, request.FILES or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            added = cards.import_card(
                given["card"],
                confirmed_by=by.full_name or by.get_username(),
                fingerprint=given["fingerprint"],
                now=timezone.now(),
                by=by,
            )
            messages.success(request, _("The authority is known now by its card."))
            return redirect("authority", added.pk)
        except ComityError as refused:
            error = said(refused)
    context = {"form": form, "error": error}
    return render(request, "directory/card.html", context, status=_status(form, error))


@require_GET
def conflicts(request: HttpRequest) -> HttpResponse:
    """Entries that wait for a choice between two sources."""
    authorise(request.user, "view_directory")
    return render(request, "directory/conflicts.html", {"conflicts": entering.conflicts()})


@require_http_methods(["GET", "POST"])
def conflict(request: HttpRequest, listing: int) -> HttpResponse:
    """What is in use beside what a keeper says, and the choice with its reasons."""
    authorise(request.user, "view_directory")
    found = get_object_or_404(entering.conflicts(), pk=listing)
    form, error = ChoiceForm(request.POST or None), None
    if request.method == "POST":
        authorise(request.user, "settle_conflict")
    if request.method == "POST" and form.is_valid():
        try:
            act = choosing.choose if form.cleaned_data["choice"] == "choose" else choosing.decline
            act(request.user, found, reasons=form.cleaned_data["reasons"], now=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("The choice was recorded."))
            return redirect("directory_conflicts")
        except ComityError as refused:
            error = said(refused)
    row = get_object_or_404(Authority, pk=found.authority)
    context = {
        "listing": found,
        "authority": row,
        "rows": _compared(found, row),
        "form": form,
        "error": error,
        "may_settle": may(request.user, "settle_conflict"),
    }
    return render(request, "directory/conflict.html", context, status=_status(form, error))


@require_http_methods(["GET", "POST"])
def keepers(request: HttpRequest) -> HttpResponse:
    """The keepers that are followed, and the administrator's form of one more."""
    authorise(request.user, "view_directory")
    may_manage = may(request.user, "manage_directory")
    form, error = KeeperForm(request.POST or None, request.FILES or None), None
    if request.method == "POST":
        authorise(request.user, "manage_directory")
        if form.is_valid():
            try:
                values = dict(form.cleaned_data)
                updating.follow(request.user, values.pop("identifier"), now=timezone.now(), **values)  # type: ignore[arg-type]
                messages.success(request, _("The keeper is followed."))
                return redirect("directory_keepers")
            except ComityError as refused:
                error = said(refused)
    context = {
        "keepers": Keeper.objects.order_by("id"),
        "form": form if may_manage else None,
        "error": error,
        "now": timezone.now(),
    }
    return render(request, "directory/keepers.html", context, status=_status(form, error))


@require_http_methods(["GET", "POST"])
def keeper(request: HttpRequest, keeper: str) -> HttpResponse:
    """One keeper: how its directory stands; the administrator enters one that came by disk."""
    authorise(request.user, "view_directory")
    found = get_object_or_404(Keeper, pk=keeper)
    form, error = CarriedForm(request.POST or None, request.FILES or None), None
    if request.method == "POST":
        authorise(request.user, "manage_directory")
        if form.is_valid():
            try:
                return _told(request, found, _carried(found, form.cleaned_data["carried"]))
            except ComityError as refused:
                error = said(refused)
    context = {
        "keeper": found,
        "form": form,
        "error": error,
        "may_manage": may(request.user, "manage_directory") and found.ended_at is None,
        "expired": standing.is_expired(found, timezone.now()),
        "states": sorted(set(entering.open_listings(found).values_list("state", flat=True))),
        "latest": Listing.objects.filter(keeper=found)[:50],
    }
    return render(request, "directory/keeper.html", context, status=_status(form, error))


@require_POST
def keeper_update(request: HttpRequest, keeper: str) -> HttpResponse:
    """Ask the keeper's address now."""
    authorise(request.user, "manage_directory")
    found = get_object_or_404(Keeper, pk=keeper, ended_at=None)
    if not found.url:
        return redirect("directory_keeper", found.pk)
    return _told(request, found, updating.ask(found, timezone.now()))


@require_POST
def keeper_leave(request: HttpRequest, keeper: str) -> HttpResponse:
    """Stop following a keeper."""
    authorise(request.user, "manage_directory")
    found = get_object_or_404(Keeper, pk=keeper)
    updating.leave(request.user, found, timezone.now())  # type: ignore[arg-type]
    messages.success(
        request, _("The keeper is not followed any more. Its entries stay until others replace them.")
    )
    return redirect("directory_keepers")


def _carried(keeper: Keeper, given: Any) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "carried.zip"
        with path.open("wb") as out:
            for part in given.chunks():
                out.write(part)
        return updating.take(updating.find(keeper.pk), Zip(path), timezone.now())


def _told(request: HttpRequest, keeper: Keeper, outcome: Outcome) -> HttpResponse:
    if outcome.problem is None:
        messages.success(request, _("The directory was verified and entered."))
    else:
        told = said(outcome.problem)
        messages.warning(request, f"{told.happened} {told.next_step}")
    return redirect("directory_keeper", keeper.pk)


def _compared(listing: Listing, row: Authority) -> list[tuple[str, Any, Any]]:
    """Each difference: the field, what is in use, what the keeper says; of certificates the fingerprints."""
    entry = listing.entry()
    published = cards.columns(entry.card) if entry.card else {}
    published["state"] = entry.state
    published["roles"] = [role for each in entry.designations for role in each.roles]
    published["contacts"] = [contact.as_json() for contact in entry.contacts]
    names = entering.differences(entry, row)
    if entry.card and "recipient" not in names and published["recipient"] != row.recipient:
        names.append("recipient")  # no reason to ask, but a choice may take it
    rows = [(name, _shown(name, getattr(row, name)), _shown(name, published[name])) for name in names]
    others = designating.differ(listing)
    if others:
        under = {each.instrument for each in others}
        said = [each for each in listing.designations.all() if each.instrument in under]
        rows.append(("designations", _designated(others), _designated(said)))
    return rows


def _designated(designations: list[Designation]) -> list[str]:
    return [
        f"{words.instrument_short(each.instrument)}: {labels.label(each.role, 'authority_role')}, "
        f"{each.valid_from:%Y-%m-%d} – {f'{each.valid_until:%Y-%m-%d}' if each.valid_until else '…'}"
        for each in designations
    ]


def _shown(name: str, value: Any) -> Any:
    if name.endswith("_certificate"):
        return cards.grouped(cards.tls_fingerprint(value)) if value else ""
    if name == "contacts":
        return [_contact(each) for each in value]
    if name == "roles":
        return [labels.label(each, "authority_role") for each in value]
    return value


def _contact(contact: dict[str, Any]) -> str:
    """Everything that is said of a way to people: two that differ never look alike."""
    languages = ", ".join(labels.language_name(code) for code in contact["languages"])
    hours = f"{contact['hours']} {contact['time_zone']}".strip()
    said = (contact["post"], contact["telephone"], contact["email"], contact["address"], hours, languages)
    return f"{labels.label(contact['purpose'], 'contact_purpose')}: {'; '.join(filter(None, said))}"


def _status(form: Any, error: Any) -> int:
    """Refused by the act, wrongly filled in, or simply shown."""
    if error:
        return 409
    return 422 if form.is_bound and form.errors else 200
