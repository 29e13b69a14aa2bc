"""The pages of orders: the list, one order, and what may be done with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.node.accounts.authority import NothingThereError
from comity.node.orders import carrying
from comity.node.orders.models import Desired, Order, OrderState
from comity.node.pages import times
from comity.node.pages.errors import said
from comity.node.providers import acts, checking, producing, secrecy, seeing
from comity.node.providers.forms import AnswerForm, FileForm, QuestionForm, ReadersForm, StatementForm
from comity.node.providers.models import Person
from comity.orders import form as order_form
from comity.orders.form import UNANSWERED
from comity.orders.readable import render_order
from comity.terms import ComityError

PAGE = 100
CHUNK = 8 * 1024 * 1024


@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """The orders that wait for an answer, the earliest deadline first; then the rest."""
    all_of_them = seeing.visible(_person(request))
    waiting = all_of_them.filter(state__in=UNANSWERED, desired=Desired.EXECUTED)
    others = all_of_them.exclude(pk__in=waiting.values("pk")).order_by("-issued_at")
    now = timezone.now()
    context = {
        "waiting": [(each, secrecy.of(each, now)) for each in waiting[:PAGE]],
        "others": [(each, secrecy.of(each, now)) for each in others[:PAGE]],
        "now": now,
    }
    return render(request, "providers/orders.html", context)


@require_GET
def order(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    """One order, verified; that it was looked at is remembered."""
    found = seeing.find(_person(request), order)
    seeing.note(_person(request), found, seeing.LOOKED, timezone.now())
    return _page(request, found)


@require_GET
def part(request: HttpRequest, order: uuid.UUID, name: str) -> HttpResponse:
    """What verifies the order elsewhere: the signed bytes, the signature, the certificates, or all in one."""
    found = seeing.find(_person(request), order)
    if name not in _PARTS:
        raise NothingThereError(name=name)
    media_type, written = _PARTS[name]
    content = written(found)
    seeing.note(_person(request), found, "provider_downloaded", timezone.now(), part=name)
    answer = HttpResponse(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.number}.{name}"'
    return answer


@require_POST
def acknowledge(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    """Received, or being carried out."""
    states = {"received": OrderState.RECEIVED, "in_execution": OrderState.IN_EXECUTION}
    state = states.get(request.POST.get("state", ""), OrderState.RECEIVED)
    return _do(
        request,
        order,
        lambda: acts.acknowledge(_person(request), order, state, now=timezone.now()),
        _("The authority sees it now."),
    )


@require_POST
def ask(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    """A question to the authority."""
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return _page(request, seeing.find(_person(request), order), question=form)
    return _do(
        request,
        order,
        lambda: acts.ask(_person(request), order, form.cleaned_data["text"], now=timezone.now()),
        _("The question was sent."),
    )


@require_POST
def answer(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    """The answers for the identifiers that are answered on the form."""
    found = seeing.to_act_on(_person(request), order)
    forms = _answers(found, request.POST)
    if any(form.errors for form in forms):
        return _page(request, found, answers=forms)
    given = [one for one in (form.said() for form in forms) if one is not None]
    return _do(
        request,
        order,
        lambda: acts.answer(_person(request), order, given, now=timezone.now()),
        _("The answer was given."),
        answers=forms,
    )


@require_POST
def hand_over(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    """A file in one piece."""
    found = seeing.to_act_on(_person(request), order)
    form = file_form_of(found, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, file=form)
    values, file = form.cleaned_data, form.cleaned_data["file"]
    announced = producing.Announced(
        values["identifier"],
        file.name,
        file.content_type or "",
        values["data_kind"],
        file.size,
        values["sha256"],
    )
    return _do(
        request,
        order,
        lambda: producing.hand_over(_person(request), order, announced, file, now=timezone.now()),
        _("The file was handed over: it is what you announced."),
        file=form,
    )


@require_POST
def take_back(request: HttpRequest, file: uuid.UUID) -> HttpResponse:
    """Give up a file that has not come whole."""
    order = producing.take_back(_person(request), file, now=timezone.now())
    messages.success(request, _("The file was taken back."))
    return redirect("order", order.pk)


@require_POST
def state_authentic(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    """The statement of authenticity of the files that came."""
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _page(request, seeing.find(_person(request), order), statement=form)
    said_ = producing.Said(**form.cleaned_data)
    return _do(
        request,
        order,
        lambda: producing.state_authentic(_person(request), order, said_, now=timezone.now()),
        _("The statement was made."),
        statement=form,
    )


@require_POST
def readers(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    """Who may see it."""
    form = ReadersForm(request.POST, person=_person(request))
    chosen = [each.pk for each in form.cleaned_data["readers"]] if form.is_valid() else []
    if not form.is_valid():
        raise acts.NotOfThisProviderError
    return _do(
        request,
        order,
        lambda: acts.name_readers(_person(request), order, chosen, now=timezone.now()),
        _("The list of readers was kept."),
    )


def file_form_of(order: Order, *said_: Any, in_pieces: bool = False) -> FileForm:
    """The form of a file for an order's identifiers; what comes in pieces stands in no form."""
    rows = order.identifiers.all()
    choices = [(row.number, f"{row.number}: {row.value}") for row in rows]
    return FileForm(*said_, identifiers=choices, in_pieces=in_pieces)


def _person(request: HttpRequest) -> Person:
    person: Person = request.person  # type: ignore[attr-defined]  # the middleware gives it
    return person


_PARTS: dict[str, tuple[str, Callable[[Order], bytes]]] = {
    "json": ("application/json", lambda order: bytes(order.canonical)),
    "sig": ("text/plain; charset=us-ascii", lambda order: order.signature.encode()),
    "pem": ("application/x-pem-file", lambda order: order.certificates.encode()),
    "signed.json": ("application/json", carrying.export),
    "pdf": ("application/pdf", lambda order: _printed(order)),
}
"""What may be downloaded, by the ending of its name."""


def _printed(order: Order) -> bytes:
    language = times.language()
    return render_order(bytes(order.canonical), carrying.names(order, language), language)


def _do(
    request: HttpRequest, order: uuid.UUID, act: Callable[[], Any], done: str, **forms: Any
) -> HttpResponse:
    """Do one act; what stands in its way is said on the order's page, with the forms as they were filled."""
    found = seeing.find(_person(request), order)
    try:
        act()
    except ComityError as refused:
        if refused.code in ("not_authorised", "nothing_there"):
            raise
        return _page(request, found, said(refused), **forms)
    messages.success(request, done)
    return redirect("order", order)


def _page(request: HttpRequest, order: Order, error: Any = None, **forms: Any) -> HttpResponse:
    person, now = _person(request), timezone.now()
    order.refresh_from_db()
    steps, files = checking.steps(order), producing.files(order)
    holds = checking.holds(steps)
    open_ = order.state in UNANSWERED and order.desired == Desired.EXECUTED
    readers = [each.person for each in order.readers.select_related("person")]
    context = {
        "order": order,
        "claimed": order_form.read(bytes(order.canonical)) if steps[0].code is None else None,
        "steps": [step.as_dict() for step in steps],
        "holds": holds,
        "silence": secrecy.of(order, now),
        "may_act": person.is_legal and open_ and holds,
        "open": open_,
        "thread": order.messages.all(),
        "files": files,
        "unstated": any(each.arrived and each.row.statement_id is None for each in files),
        "statements": order.statements.select_related("person"),
        "deeds": order.deeds.select_related("person")[:20],
        "readers": readers,
        "now": now,
        "chunk": CHUNK,
        "error": error,
        "question_form": forms.get("question") or QuestionForm(),
        "answer_forms": _paired(order, forms.get("answers")),
        "file_form": forms.get("file") or file_form_of(order),
        "statement_form": forms.get("statement") or StatementForm(initial={"made_on": now.date()}),
        "readers_form": ReadersForm(person=person, initial={"readers": readers}),
    }
    wrong = any(getattr(each, "errors", None) for each in forms.values() if not isinstance(each, list))
    wrong = wrong or any(each.errors for each in forms.get("answers") or [] if each.is_bound)
    status = 409 if error else 422 if wrong else 200
    return render(request, "providers/order.html", context, status=status)


def _answers(order: Order, said_: Any = None) -> list[AnswerForm]:
    rows = order.identifiers.all()
    return [
        AnswerForm(
            said_,
            number=row.number,
            initial={"outcome": row.outcome, "note": row.note, "reference": row.reference},
        )
        for row in rows
    ]


def _paired(order: Order, forms: list[AnswerForm] | None) -> list[tuple[Any, AnswerForm]]:
    rows = order.identifiers.all()
    return list(zip(rows, forms or _answers(order), strict=True))
