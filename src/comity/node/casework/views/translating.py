"""Original and translation side by side: of a draft, which travel together, and of a letter for oneself."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.letters.bodies import digest
from comity.node.accounts.authority import authorise, in_place
from comity.node.casework import languages, signing
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.translate_draft import drop_translation, translate_draft
from comity.node.casework.acts.translate_letter import translate_letter
from comity.node.casework.letters import read_body, texts_in
from comity.node.casework.models import Case, LetterTranslation, Preparation, Side
from comity.node.casework.preparing import acted_in
from comity.node.casework.speaking import STEPS, Speaking, is_own, is_wanted
from comity.node.casework.translation_forms import IntoForm, OriginalForm, TextsForm, TranslatorForm
from comity.node.casework.views.common import find_for, perform, show, status_of
from comity.node.casework.views.letters import find_said
from comity.node.directory import known
from comity.node.exchange.models import Letter
from comity.node.pages import labels
from comity.node.pages.times import language as reader_language


@require_http_methods(["GET", "POST"])
def draft_translation(request: HttpRequest, reference: str) -> HttpResponse:
    """In which languages the request may go, that of the original, and one translation at a time."""
    case = find_for(request, reference, "save_draft", Side.REQUESTING)
    if request.method == "GET" or case.preparation != Preparation.DRAFT:
        return _page(request, case, request.GET.get("into", ""))
    step, _colon, into = request.POST.get("step", "").partition(":")
    if step == "original":
        return _say_original(request, case)
    if not labels.is_language(into):
        return _page(request, case, "")
    if step == "drop":
        return perform(
            request,
            case,
            lambda now: drop_translation(request.user, case, into, now=now),  # type: ignore[arg-type]
            _("The translation is no longer part of the draft. Its versions keep it."),
            lambda error: _page(request, case, into, error=error),
            then="draft_translation",
        )
    return _translate(request, case, into)


def _say_original(request: HttpRequest, case: Case) -> HttpResponse:
    form = OriginalForm(request.POST, likely=_likely(case))
    if not form.is_valid():
        return _page(request, case, "", original=form)
    changes = {"language": form.cleaned_data["language"]}
    return perform(
        request,
        case,
        lambda now: save_draft(request.user, case, changes, now=now),  # type: ignore[arg-type]
        _("Saved."),
        lambda error: _page(request, case, "", error=error),
        then="draft_translation",
    )


def _translate(request: HttpRequest, case: Case, into: str) -> HttpResponse:
    draft = case.draft or {}
    made = (languages.translation(draft, into) or {}).get("texts", {})
    texts = TextsForm(request.POST, texts=languages.beside(draft, into))
    translator = TranslatorForm(request.POST)
    named = bool(request.POST.get("name") or request.POST.get("post") or request.POST.get("statement"))
    if not texts.is_valid() or (named and not translator.is_valid()):
        return _page(request, case, into, texts=texts, translator=translator if named else None)
    given = translator.cleaned_data if named else {}
    who = {part: given[part] for part in ("kind", "name", "post")} if named else None

    def keep(now: Any) -> None:
        translate_draft(
            request.user,  # type: ignore[arg-type]
            case,
            into,
            texts.entered(made),
            translator=who,
            statement=given.get("statement"),
            now=now,
        )

    try_again = perform(
        request, case, keep, _("Saved."), lambda error: _page(request, case, into, texts=texts, error=error)
    )
    if try_again.status_code != 302:
        return try_again
    return redirect(f"{reverse('draft_translation', args=[case.reference])}?{urlencode({'into': into})}")


def _likely(case: Case) -> list[str]:
    """The languages that come first in a choice: the other side's, this authority's, the reader's."""
    asked = languages.accepted(case)
    said = [each["language"] for each in (case.draft or {}).get("translations", [])]
    return [*asked.codes, *asked.card, *said, *known.own().languages, reader_language(), "en", "kk", "ru"]


def _page(
    request: HttpRequest,
    case: Case,
    into: str,
    *,
    original: OriginalForm | None = None,
    texts: TextsForm | None = None,
    translator: TranslatorForm | None = None,
    error: Any = None,
) -> HttpResponse:
    draft, likely = case.draft or {}, _likely(case)
    if not labels.is_language(into) or into == draft.get("language"):
        into = ""
    made = languages.translation(draft, into) if into else None
    if translator is None:
        initial = {**((made or {}).get("translator") or {}), "statement": (made or {}).get("statement") or ""}
        translator = TranslatorForm(initial=initial)
    wrong = original or texts
    return show(
        request,
        "casework/draft_translation.html",
        case,
        status=status_of(error, wrong) if not translator.errors else 422,
        asked=languages.accepted(case),
        lacking=languages.lacking(case),
        original=original or OriginalForm(initial={"language": draft.get("language", "")}, likely=likely),
        choice=IntoForm(likely=likely, without=[draft.get("language", "")]),
        made=draft.get("translations", []),
        into=into,
        present=made,
        rows=(texts or TextsForm(texts=languages.beside(draft, into))).rows() if into else [],
        translator=translator,
        error=error,
    )


_OF_SIGNING = STEPS | {"csrfmiddlewaretoken", "sealing", "composition", "credential", "name_answer"}


def entered(request: HttpRequest) -> list[tuple[str, str]]:
    """What the page of an act posted, without what belongs to its signature."""
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        if name not in _OF_SIGNING
        for value in values
    ]


def page(
    request: HttpRequest,
    case: Case,
    act: str,
    run: Callable[[datetime], Letter],
    speaking: Speaking,
    now: datetime,
    error: Any = None,
    **how: Any,
) -> HttpResponse:
    """The words of the letter that an act would write, each beside its translation.

    The act is done and taken back for it; its errors pass through.
    """
    with in_place(act, acted_in(act)):
        _id, data = signing.try_out(run, now)
    letter = json.loads(data)
    said = (letter["kind"], letter["body"], letter["limits"])
    return beside_its_form(request, case, *said, speaking, error, **how)


def beside_its_form(
    request: HttpRequest,
    case: Case,
    kind: str,
    body: dict[str, Any],
    limits: list[dict[str, Any]],
    speaking: Speaking,
    error: Any = None,
    **how: Any,
) -> HttpResponse:
    """The page on which the words of a letter are translated; what its act's form says goes along hidden.

    ``how`` is what the page has for the end of it: ``means`` of signing, or ``steps`` of its own.
    """
    return show(
        request,
        "casework/say_translated.html",
        case,
        status=422 if not (is_wanted(request.POST) or error) else status_of(error),
        kind=kind,
        entered=[pair for pair in entered(request) if not is_own(pair[0])],
        error=error,
        **how,
        **speaking.page(body, limits),
    )


@require_http_methods(["GET", "POST"])
def letter_translation(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """A letter's texts beside this authority's own translation of them."""
    authorise(request.user, "view_case")
    authorise(request.user, "translate_letter")
    found = find_said(request, letter)
    case = Case.objects.select_related("peer").filter(reference=found.case_reference).first()
    if case is None:
        raise Http404(str(letter))
    body = read_body(found)
    into = request.POST.get("into") or request.GET.get("into", "")
    into = into if labels.is_language(into) else ""
    made = LetterTranslation.objects.filter(case=case, letter=found.pk, language=into).first()
    said = made.texts if made else {}
    originals = texts_in(found)
    listed = [
        languages.Text(id, text, digest(text), said.get(id, ""), False) for id, text in originals.items()
    ]
    form = TextsForm(request.POST if request.method == "POST" else None, texts=listed)

    def page(error: Any = None) -> HttpResponse:
        likely = [reader_language(), *known.own().languages, "kk", "ru", "en"]
        return show(
            request,
            "casework/letter_translation.html",
            case,
            status=status_of(error, form),
            letter=found,
            language=body.get("language", ""),
            choice=IntoForm(likely=likely, without=[body.get("language", "")]),
            into=into,
            made=made,
            rows=form.rows() if into else [],
            error=error,
        )

    if request.method == "GET" or not into or not form.is_valid():
        return page()
    entered = {id: one["text"] for id, one in form.entered({}).items()}
    saved = perform(
        request,
        case,
        lambda now: translate_letter(request.user, found, into, entered, now=now),  # type: ignore[arg-type]
        _("Saved with the case. The letter itself stays as it was signed."),
        page,
    )
    return redirect("letter", found.pk) if saved.status_code == 302 else saved
