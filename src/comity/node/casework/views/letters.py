"""A letter's page: what it says once it is opened, its seal's proof step by step, its receipts."""

from __future__ import annotations

import json
import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.node.accounts.authority import authorise, may
from comity.node.casework.acts.hand_out_letter import hand_out_letter
from comity.node.casework.acts.offer_letter_again import ACT as OFFER
from comity.node.casework.acts.offer_letter_again import offer_letter_again
from comity.node.casework.acts.open_letter import open_letter
from comity.node.casework.acts.read_letter_again import ACT, read_letter_again
from comity.node.casework.deliveries import hops
from comity.node.casework.entitlement import letter_case, may_read_letter
from comity.node.casework.languages import beside_letter as beside
from comity.node.casework.letters import Reading, evidence, is_unread, read
from comity.node.casework.views.common import show
from comity.node.exchange import consignments, offering, reading, rereading
from comity.node.exchange.delivering import offered_until
from comity.node.exchange.models import Letter, Stage
from comity.node.exchange.outgoing import waits_for
from comity.node.exchange.receipts import TIMED_OUT
from comity.node.exchange.sealing import LANGUAGES, readable_name
from comity.node.exhibits.forms import PurposeForm
from comity.node.ledger.models import Entry
from comity.node.pages.errors import said
from comity.node.witnesses import heads
from comity.sealing.reading import Package
from comity.sealing.signed_pdf import SIGNED_PDF
from comity.terms import ComityError

LARGEST_PDF = 50 * 1024 * 1024


@require_GET
def letter(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """The page of a letter. What an incoming letter says is shown after an official opened it."""
    return _page(request, _find(request, letter))


@require_POST
def open_it(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """Open a letter that arrived; its sender gets the receipt of retrieval."""
    found = _find(request, letter)
    authorise(request.user, "open_letter")
    try:
        open_letter(request.user, found, now=timezone.now())  # type: ignore[arg-type]
    except ComityError as error:
        return _page(request, found, said(error))
    return redirect("letter", found.id)


@require_POST
def read_again(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """Have a letter read again that was not understood."""
    found = _find(request, letter)
    authorise(request.user, ACT)
    try:
        read_letter_again(request.user, found, now=timezone.now())  # type: ignore[arg-type]
    except ComityError as error:
        return _page(request, found, said(error))
    return redirect("letter", found.id)


@require_POST
def offer_again(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """Have a letter offered again that the other node did not take in its time."""
    found = _find(request, letter)
    authorise(request.user, OFFER)
    try:
        offer_letter_again(request.user, found, now=timezone.now())  # type: ignore[arg-type]
    except ComityError as error:
        return _page(request, found, said(error))
    messages.success(request, _("The letter is offered again."))
    return redirect("letter", found.id)


@require_GET
def pdf(request: HttpRequest, letter: uuid.UUID, language: str) -> HttpResponse:
    """The readable form that lies in the sealed container."""
    found = _readable(request, letter)
    if language not in LANGUAGES:
        raise Http404(language)
    return _from_container(found, readable_name(language), f"{found.id}.{language}.pdf")


@require_GET
def signed_pdf(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """The readable form with the signatory's national signature in it, for other tools to verify."""
    found = _readable(request, letter)
    if found.signed_pdf_report is None:
        raise Http404(str(letter))
    return _from_container(found, SIGNED_PDF, f"{found.id}.{SIGNED_PDF}")


@require_GET
def text(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """What the letter says, in the bytes that its sender signed (``letter.json``)."""
    found = _readable(request, letter)
    headers = {"Content-Disposition": f'attachment; filename="{found.id}.letter.json"'}
    return HttpResponse(bytes(found.canonical or b""), content_type="application/json", headers=headers)


@require_http_methods(["GET", "POST"])
def container(request: HttpRequest, letter: uuid.UUID) -> HttpResponseBase:
    """The sealed container as it was signed, for ``comity verify`` and for other tools.

    One that holds evidence is handed out for a stated purpose, after custody is written.
    """
    found = _readable(request, letter)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    if evidence(found):
        authorise(request.user, "open_exhibit")
        if not form.is_valid():
            return _page(request, found, form=form)
    purpose = form.cleaned_data["purpose"] if form.is_valid() else ""
    sealed = hand_out_letter(request.user, found, purpose=purpose, now=timezone.now())  # type: ignore[arg-type]
    return FileResponse(sealed, as_attachment=True, filename=f"{found.id}.asice")


def _from_container(letter: Letter, name: str, filename: str) -> HttpResponse:
    with reading.container(letter) as container:
        content = Package(container).read(name, LARGEST_PDF)
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _find(request: HttpRequest, letter: uuid.UUID) -> Letter:
    authorise(request.user, "view_case")
    found = Letter.objects.select_related("peer").filter(pk=letter).first()
    if found is None:
        raise Http404(str(letter))
    letter_case(request.user, found)
    return found


def _readable(request: HttpRequest, letter: uuid.UUID) -> Letter:
    """A letter with a container that may be read."""
    found = find_said(request, letter)
    if not found.container:
        raise Http404(str(letter))
    return found


def find_said(request: HttpRequest, letter: uuid.UUID) -> Letter:
    """A letter whose words may be read: ours, or one that an official has opened."""
    found = _find(request, letter)
    readable = may_read_letter(request.user, letter_case(request.user, found))
    if not readable or found.canonical is None or is_unread(found):
        raise Http404(str(letter))
    return found


def _page(
    request: HttpRequest, found: Letter, error: Any = None, form: PurposeForm | None = None
) -> HttpResponse:
    unread = is_unread(found)
    case = letter_case(request.user, found)
    readable = may_read_letter(request.user, case)
    content: Reading | None = read(found) if readable and not unread else None
    return show(
        request,
        "casework/letter.html",
        case,  # type: ignore[arg-type]  # a refused letter belongs to no case
        status=_status(error, form),
        letter=found,
        content=content,
        spoken=beside(content.body, content.limits, found.pk) if content else [],
        may_translate=bool(content and case and may(request.user, "translate_letter")),
        unread=unread,
        readable=readable,
        error=error,
        languages=LANGUAGES if found.container and readable and not unread else (),
        evidence=evidence(found),
        form=form or PurposeForm(),
        may_open_exhibit=may(request.user, "open_exhibit"),
        may_open=unread and found.stage == Stage.DELIVERED and may(request.user, "open_letter"),
        not_understood=found.refusal_code in rereading.NOT_UNDERSTOOD,
        silent=found.refusal_code == TIMED_OUT,
        may_still_go=offering.offerable_again(timezone.now()).filter(pk=found.pk).exists(),
        offered_until=offered_until(found, timezone.now()),
        may_offer=may(request.user, OFFER),
        waits_for=waits_for(found),
        may_read_again=may(request.user, ACT) and _is_readable_again(found),
        receipts=[(receipt, _body(receipt.note)) for receipt in found.receipts.order_by("at", "kind")],
        hops=hops(found),
        shipments=consignments.of_letter(found),
        may_carry=may(request.user, "carry_by_courier"),
        entries=Entry.objects.filter(subject=str(found.id)).exclude(index=None).order_by("index"),
        forked=heads.accused(found.peer).exclude(kind="").exists(),
        may_view_ledger=may(request.user, "view_ledger"),
        may_view_exhibit=may(request.user, "view_exhibit"),
    )


def _is_readable_again(letter: Letter) -> bool:
    return rereading.readable_again(timezone.now()).filter(pk=letter.pk).exists()


def _status(error: Any, form: PurposeForm | None) -> int:
    if form is not None and form.errors:
        return 422
    return 409 if error else 200


def _body(note: str) -> dict[str, Any]:
    """The statement inside a receipt's note (it was verified when it was kept)."""
    lines = note.split("\n", 2)
    decode = partial(json.loads, lines[1]) if len(lines) > 1 else dict
    return dict(decode())
