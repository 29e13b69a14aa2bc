"""The pages of couriers: pack what waits for an authority, say who carries it, take in what was brought."""

from __future__ import annotations

import tempfile
import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.node import config
from comity.node.accounts.authority import authorise
from comity.node.casework import couriers
from comity.node.casework.acts.carry_by_courier import (
    ACT,
    hand_over_consignment,
    pack_consignment,
    pack_consignment_again,
    take_consignment,
    write_package,
)
from comity.node.casework.courier_form import JourneyForm, PackAgainForm, PackForm, TakeForm
from comity.node.casework.views.common import status_of
from comity.node.directory import known
from comity.node.durable import disk_told
from comity.node.exchange.consignments import LETTER
from comity.node.exchange.models import Direction, Letter, Shipment
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_GET
def couriers_page(request: HttpRequest) -> HttpResponse:
    """The consignments, what waits for each authority, and the two ways on."""
    authorise(request.user, ACT)
    return _page(request)


@require_POST
def pack(request: HttpRequest) -> HttpResponse:
    """Pack all that waits for an authority."""
    authorise(request.user, ACT)
    form = PackForm(request.POST)
    if not form.is_valid():
        return _page(request, pack=form)
    peer, by = known.find(form.cleaned_data["peer"]), request.user
    try:
        made = pack_consignment(by, peer, now=timezone.now())  # type: ignore[arg-type]
    except ComityError as error:
        return _page(request, pack=form, error=said(error))
    messages.success(request, _("Packed. Copy the package to a disk and say who carries it."))
    return redirect("consignment", made.pk)


@require_http_methods(["GET", "POST"])
def pack_again(request: HttpRequest) -> HttpResponse:
    """Pack what an authority had from us, after it was restored from a backup."""
    authorise(request.user, ACT)
    form = PackAgainForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _packing_again(request, form)
    peer, now = known.find(form.cleaned_data["peer"]), timezone.now()
    try:
        made = pack_consignment_again(request.user, peer, form.span(now), now=now)  # type: ignore[arg-type]
    except ComityError as error:
        return _packing_again(request, form, said(error))
    messages.success(request, _("Packed. Copy the package to a disk and say who carries it."))
    return redirect("consignment", made.pk)


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Take in a package that a courier brought."""
    authorise(request.user, ACT)
    form = TakeForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if not form.is_valid():
        return _taking(request, form)
    file = form.cleaned_data["file"]
    try:
        now = timezone.now()
        taken = take_consignment(request.user, file.file, file.size, form.journey(), now=now)  # type: ignore[arg-type]
    except ComityError as error:
        return _taking(request, form, said(error))
    messages.success(request, _("Taken in. Each letter is verified now, as one that came by the network."))
    return redirect("consignment", taken.pk)


@require_http_methods(["GET", "POST"])
def consignment(request: HttpRequest, consignment: uuid.UUID) -> HttpResponse:
    """One consignment: what is in it, what became of it, and who carried it."""
    found = _find(request, consignment)
    form = JourneyForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _one(request, found, form)
    try:
        hand_over_consignment(request.user, found, form.journey(), now=timezone.now())  # type: ignore[arg-type]
    except ComityError as error:
        return _one(request, found, form, said(error))
    messages.success(request, _("Put on record."))
    return redirect("consignment", found.pk)


@require_GET
def package(request: HttpRequest, consignment: uuid.UUID) -> HttpResponseBase:
    """The package of an outgoing consignment, sealed and encrypted to whom it is for."""
    found = _find(request, consignment)
    if found.direction != Direction.OUT:
        raise Http404(str(consignment))
    out = tempfile.TemporaryFile(dir=config.current().arriving)  # noqa: SIM115 -- the response closes it
    with disk_told():
        write_package(request.user, found, out, now=timezone.now())  # type: ignore[arg-type]
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=found.filename)


def _find(request: HttpRequest, consignment: uuid.UUID) -> Shipment:
    found = couriers.visible(request.user).filter(pk=consignment).first()
    if found is None:
        raise Http404(str(consignment))
    return found


def _page(request: HttpRequest, *, pack: PackForm | None = None, error: Any = None) -> HttpResponse:
    now = timezone.now()
    peers = [
        (
            peer,
            couriers.waiting(request.user, peer, now).count(),
            couriers.waiting_receipts(request.user, peer),
        )
        for peer in known.peers()
    ]
    context = {
        "shipments": list(couriers.visible(request.user)[: couriers.PAGE]),
        "waiting": [(peer, letters, receipts) for peer, letters, receipts in peers if letters or receipts],
        "form": pack or PackForm(),
        "error": error,
    }
    return render(request, "casework/couriers.html", context, status=status_of(error, pack))


def _packing_again(request: HttpRequest, form: PackAgainForm, error: Any = None) -> HttpResponse:
    context = {"form": form, "error": error}
    return render(request, "casework/pack_again.html", context, status=status_of(error, form))


def _taking(request: HttpRequest, form: TakeForm, error: Any = None) -> HttpResponse:
    context = {"form": form, "error": error}
    return render(request, "casework/take_consignment.html", context, status=status_of(error, form))


def _one(request: HttpRequest, found: Shipment, form: JourneyForm, error: Any = None) -> HttpResponse:
    carried = list(found.carried.order_by("what", "sha256"))
    letters = Letter.objects.in_bulk([each.letter for each in carried if each.letter])
    context = {
        "shipment": found,
        "letters": [(each, letters.get(each.letter)) for each in carried if each.what == LETTER],
        "receipts": [(each, letters.get(each.letter)) for each in carried if each.what != LETTER],
        "form": form,
        "error": error,
    }
    return render(request, "casework/consignment.html", context, status=status_of(error, form))
