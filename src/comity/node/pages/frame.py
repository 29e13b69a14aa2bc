"""What every page shows around its content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language_bidi, gettext, gettext_lazy

from comity.node.accounts.authority import may
from comity.node.pages import labels, times
from comity.node.pages.law import instrument_short

# Address name, label, the act whose roles may enter (None: everyone who is signed in).
MENU = (
    ("desk", gettext_lazy("Desk"), "view_case"),
    ("cases", gettext_lazy("Requests"), "view_case"),
    ("clocks", gettext_lazy("Clocks"), "view_case"),
    ("deliveries", gettext_lazy("Letters"), "view_case"),
    ("exhibits", gettext_lazy("Evidence"), "view_exhibit"),
    ("reports", gettext_lazy("Reports"), "see_reports"),
    ("authorities", gettext_lazy("Directory"), "view_directory"),
    ("law", gettext_lazy("Law"), None),
    ("ledger", gettext_lazy("Ledger"), "view_ledger"),
    ("officials", gettext_lazy("Officials"), "manage_accounts"),
    ("endpoints", gettext_lazy("Webhooks"), "manage_webhooks"),
    ("gateways", gettext_lazy("Gateways"), "manage_gateways"),
    ("administration_log", gettext_lazy("Administration log"), "view_administration_log"),
)
LANGUAGE_NAMES = (("kk", "Қазақша"), ("ru", "Русский"), ("en", "English"))
SHEETS = tuple(
    f"comity/{name}.css" for name in ("tokens", "text", "frame", "parts", "forms", "drafting", "law", "print")
)
SHORTCUTS_COOKIE = f"{settings.COOKIE_PREFIX}_shortcuts"


def frame(request: HttpRequest) -> dict[str, Any]:
    """The State and authority, the menu of rooms that exist, the languages, what is assumed here."""
    node = settings.NODE
    language = times.language()
    return {
        "frame": {
            "state": labels.state_name(node.state),
            "authority": node.names.get(language) or node.names.get("en") or node.name,
            "menu": list(menu(request)),
            "search": _address("search") if may(request.user, "view_case") else "",
            "alerts": _address("alerts"),
            "alerts_now": _address("alerts_now"),
            "clock": _address("ledger_clock") if may(request.user, "view_ledger") else "",
            "languages": LANGUAGE_NAMES,
            "language": language,
            "direction": "rtl" if get_language_bidi() else "ltr",
            "sheets": SHEETS,
            "zone": _zone(),
            "demonstration": node.demonstration,
            "assumptions": _assumptions(),
            "ministry": settings.NODE.openid.name if settings.NODE.openid else "",
            "shortcuts": request.COOKIES.get(SHORTCUTS_COOKIE) != "off",
        }
    }


def menu(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """The rooms this official may enter. A room that is not built has no address, and so no entry."""
    for name, label, act in MENU:
        if act is not None and not may(request.user, act):
            continue
        address = _address(name)
        if not address:
            continue
        yield {"address": address, "label": label, "current": request.path.startswith(address)}


def _address(name: str) -> str:
    """Where a room is; empty while it is not built."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _zone() -> str:
    """The reader's zone and its offset now: ``Asia/Almaty (UTC+5)``."""
    zone = timezone.get_current_timezone()
    name, offset = str(zone), times.zone_label(timezone.now().astimezone(zone))
    return name if name == offset else f"{name} ({offset})"


def _assumptions() -> list[str]:
    """One sentence for each instrument whose status this node was told to take as given."""
    sentences = []
    for instrument, status in settings.NODE.assumptions.items():
        states = [labels.state_name(code) for code in status if len(code) == 2 and code.isupper()]
        sentences.append(
            gettext("Assumption of this demonstration: %(treaty)s is in force for %(states)s.")
            % {"treaty": instrument_short(instrument), "states": ", ".join(states)}
        )
    return sentences
