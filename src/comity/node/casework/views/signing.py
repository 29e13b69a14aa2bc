"""How every page signs: the letter is put together and shown, then signed with a security key.

Where the node only offers security keys, whoever has none signs at once; the letter then says that a code of
the authenticator app or the password stood behind it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.letters.bodies import REQUESTS, texts_of
from comity.node.accounts import security_keys
from comity.node.accounts.models import Official
from comity.node.casework import languages, prepared_acts, preparing, previews, signing, tokens
from comity.node.casework.models import Case, Composition, Prepared
from comity.node.casework.speaking import Speaking, is_wanted
from comity.node.casework.views import translating
from comity.node.casework.views.common import show
from comity.node.exchange.models import Letter
from comity.node.exchange.sealing import LANGUAGES
from comity.node.pages import times
from comity.node.pages.errors import said
from comity.sealing import signed_pdf
from comity.sealing.national import LIMIT
from comity.sealing.stepup import Method
from comity.terms import ComityError, gettext_noop


class CodeNeededError(ComityError):
    """Whoever has an authenticator app confirms a signature with a code of it."""

    code = "code_needed"
    message = gettext_noop("A signature takes a code of your authenticator app; nothing was signed.")
    next_step = gettext_noop("Confirm that it is you with a code, then sign within five minutes.")


_WHOLE = frozenset({"sign_request", "release_result"})
"""The acts whose letter was drafted with its language and translations: its signatory adds none."""
FRESH_SECONDS = 300
"""How long a code that was typed stands behind a signature."""


def means(request: HttpRequest, kind: str | None = None) -> dict[str, bool]:
    """How this official may sign a letter (of a kind that may not bind), for the page of an act."""
    official: Official = request.user  # type: ignore[assignment]  # the pages are for those signed in
    has_key = security_keys.has_key(official)
    strict = signing.is_required() and (kind is None or kind in signing.BINDING)
    return {
        "has_key": has_key,
        "at_once": not strict,
        "needs_key": strict and not has_key,
        "needs_code": not strict and _lacks_code(request, official),
    }


def sign(
    request: HttpRequest,
    case: Case,
    act: str,
    run: Callable[[datetime], Letter],
    done: str,
    again: Callable[[Any], HttpResponse],
    prepared: Prepared | None = None,
) -> HttpResponse:
    """Show the letter of an act for signing, sign what was shown, or sign at once; as the page asked.

    A letter that decides and that nobody prepared yet is prepared, not signed. What was entered as to its
    language and translation goes into it.
    """
    official: Official = request.user  # type: ignore[assignment]  # the pages are for those signed in
    now = timezone.now()
    new = prepared is None and act not in _WHOLE
    speaking = Speaking(case, request.POST if new else preparing.filled_in(prepared))

    def translate(error: Any = None) -> HttpResponse:
        kind = preparing.DECIDING.get(act)
        how = {"means": means(request, kind), "prepares": kind is not None}
        return translating.page(request, case, act, run, speaking, now, error, **how)

    try:
        if not speaking.is_valid() or (new and is_wanted(request.POST)):
            return translate()
        spoken = speaking.demanded(prepared.at if prepared else now)
        if act in preparing.DECIDING and prepared is None:
            return _prepare(request, official, case, act, run, now, spoken)
        if "composition" in request.POST:
            _sign_shown(request, official, case, act, run, now, speaking, prepared)
        elif request.POST.get("sealing") == "show":
            composition, data = signing.rehearse(official, case, act, run, now, spoken)
            return _show(request, official, case, act, composition, data, may_translate=new)
        elif _lacks_code(request, official):
            raise CodeNeededError
        else:
            made = signing.Ceremony(
                signing.letter_id(), method=_method(request), prepared=prepared, spoken=spoken
            )
            with signing.held(made):
                run(now)
    except tokens.NOT_ACCEPTED as error:
        composition = signing.shown(official, case, act, request.POST["composition"], now)
        data = bytes(composition.data)  # what was shown can still be signed
        return _show(request, official, case, act, composition, data, may_translate=new, error=error)
    except ComityError as error:
        lacks = isinstance(error, languages.TranslationUnreadyError | languages.UntranslatedError)
        return translate(said(error)) if lacks and speaking.began and new else again(said(error))
    messages.success(request, done)
    return redirect("case", case.reference)


def _prepare(
    request: HttpRequest,
    official: Official,
    case: Case,
    act: str,
    run: Callable[[datetime], Letter],
    now: datetime,
    spoken: dict[str, Any],
) -> HttpResponse:
    """Keep what was filled in for another's signature; whoever may do the act hears now what stops it."""
    entered = [list(pair) for pair in translating.entered(request)]
    prepared_acts.keep(official, case, act, run, entered, now, spoken)
    messages.success(request, _("Prepared. Another official signs it, or returns it with a reason."))
    return redirect("case", case.reference)


def _sign_shown(
    request: HttpRequest,
    official: Official,
    case: Case,
    act: str,
    run: Callable[[datetime], Letter],
    now: datetime,
    speaking: Speaking,
    prepared: Prepared | None,
) -> None:
    composition = signing.shown(official, case, act, request.POST["composition"], now)
    spoken = speaking.said(prepared.at if prepared else composition.at)
    token = _token(request)
    if not request.POST.get("credential") and not signing.is_required():
        if _lacks_code(request, official):
            raise CodeNeededError
        method = _method(request)
        signing.sign_shown(composition, run, method, token=token, prepared=prepared, spoken=spoken)
        return
    assertion = security_keys.verified(
        official,
        request.POST.get("credential", ""),
        bytes.fromhex(composition.sha256),
        rp_id=_party(),
        origin=settings.NODE.public_url or f"{request.scheme}://{request.get_host()}",
        now=now,
    )
    signing.sign_shown(composition, run, Method.WEBAUTHN, assertion, token, prepared, spoken)


def _token(request: HttpRequest) -> tokens.Token | None:
    """What was given from a national token, or None; no more than one byte over what is read at all."""
    detached, pdf = request.FILES.get("national"), request.FILES.get("signed_pdf")
    if detached is None and pdf is None:
        return None
    return tokens.Token(
        detached.read(LIMIT + 1) if detached else None,
        pdf.read(signed_pdf.LIMIT + 1) if pdf else None,
        request.POST.get("name_answer", "").strip()[: tokens.LONGEST_ANSWER],
    )


def _show(
    request: HttpRequest,
    official: Official,
    case: Case,
    act: str,
    composition: Composition,
    data: bytes,
    *,
    may_translate: bool,
    error: ComityError | None = None,
) -> HttpResponse:
    """The letter as it would be sealed, its digest, and what the security key is asked."""
    letter = json.loads(data)
    return show(
        request,
        "casework/seal.html",
        case,
        status=409 if error else 200,
        error=said(error) if error else None,
        name_answer=request.POST.get("name_answer", ""),
        longest_answer=tokens.LONGEST_ANSWER,
        languages=LANGUAGES,
        act=act,
        composition=composition,
        letter=letter,
        may_translate=may_translate,
        lacking=languages.lacking_in(case, letter["body"], letter["limits"]) if _is_said(letter) else [],
        pages=[base64.b64encode(page).decode() for page in previews.sealed_pages(data, times.language())],
        text=json.dumps(json.loads(data), ensure_ascii=False, indent=1, sort_keys=True),
        entered=translating.entered(request),
        means=means(request, str(letter["kind"])),
        options=security_keys.options(official, bytes.fromhex(composition.sha256), _party()),
    )


def _is_said(letter: dict[str, Any]) -> bool:
    """Whether a letter says something in words; a request has its languages on its draft's own page."""
    return letter["kind"] not in REQUESTS and bool(texts_of(letter["body"], letter["limits"]))


def _party() -> str:
    """The name under which keys know this node: the host of its pages."""
    return str(get_adapter().get_public_key_credential_rp_entity()["id"])


def _lacks_code(request: HttpRequest, official: Official) -> bool:
    """Whether the official has an authenticator app and typed no code of it lately."""
    return security_keys.has_codes(official) and _method(request) is not Method.TOTP


def _method(request: HttpRequest) -> Method | None:
    """What this session has proved lately, for a signature without a security key."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    codes = {
        record.get("at", 0)
        for record in records
        if record.get("method") == "mfa" and record.get("type") == Authenticator.Type.TOTP
    }
    now = timezone.now().timestamp()
    if any(now - at <= FRESH_SECONDS for at in codes):
        return Method.TOTP
    return Method.PASSWORD if any(record.get("method") == "password" for record in records) else None
