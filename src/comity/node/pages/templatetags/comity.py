"""What templates need to speak the field's language: labels, citations, moments, clocks, sizes."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel.numbers import format_decimal
from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from comity.node.pages import labels, law, times
from comity.node.pages.labels import delivery
from comity.terms import Citation
from comity.treaties import load

register = template.Library()
_DECEIVING = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of signs that are not seen or set the direction of others."""
register.filter("in_language", law.in_language)
register.filter("finding_text", law.finding_text)
register.filter("subject_text", law.subject_text)
register.filter("duration", times.duration)
register.filter("label", labels.label)
register.filter("tone", labels.tone)
register.filter("state_name", labels.state_name)
register.filter("language_name", labels.language_name)
register.filter("day", times.day)
register.filter("wall", times.wall)
register.filter("seconds", times.seconds)
register.filter("short_day", times.short_day)


@register.filter
def cite_label(citation: Citation | str) -> str:
    """``uncc:art_42__para_3`` as people write it: ``UNCC 42(3)``."""
    return law.short_label(str(citation))


@register.filter
def text_language(citation: Citation | str) -> str:
    """The language (ISO 639) of the text that a citation leads to."""
    return load().instrument(str(citation).partition(":")[0]).language


@register.simple_tag
def cites_of(act: str) -> SafeString:
    """Links to the provisions that live at an act, as the law's data say; empty where none does."""
    return format_html_join(" ", "{}", ((cite(place),) for place in load().homes_at(act)))


@register.simple_tag
def cite(citation: Citation | str, words: str = "") -> SafeString:
    """A link to a provision: its own page, and with JavaScript the side panel; its label, or those words."""
    if not citation:
        return SafeString("")
    page, panel = _addresses(str(citation))
    return format_html(
        '<a class="cite" href="{}" hx-get="{}" hx-target="#side" hx-swap="innerHTML">{}</a>',
        page,
        panel,
        words or law.short_label(str(citation)),
    )


@lru_cache(maxsize=2048)
def _addresses(citation: str) -> tuple[str, str]:
    """A provision's page and side panel: lists name few provisions often; they move with a release alone."""
    return reverse("law_provision", args=[citation]), reverse("law_panel", args=[citation])


@register.simple_tag
def moment(at: datetime | None, other_zone: str = "") -> SafeString:
    """Date, time and zone of the reader; the other side's time on hover and focus when its zone differs."""
    if at is None:
        return SafeString("")
    here = times.moment(at)
    stamp = at.astimezone(timezone.get_current_timezone()).isoformat(timespec="seconds")
    if not other_zone or times.moment(at, other_zone) == here:
        return format_html('<time datetime="{}">{}</time>', stamp, here)
    there = gettext("Their time: %(moment)s") % {"moment": times.moment(at, other_zone)}
    return format_html(
        '<span class="elsewhere" tabindex="0"><time datetime="{}">{}</time>'
        '<span role="tooltip">{}</span></span>',
        stamp,
        here,
        there,
    )


@register.filter
def in_zone(at: datetime, zone: str = "") -> str:
    """Date, time and zone in a named zone, or in the reader's own."""
    return times.moment(at, zone or None)


@register.filter
def parsed(value: str | date) -> datetime | date | str:
    """An RFC 3339 moment or an ISO date of a JSON document as a value the other filters take."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        return value


@register.simple_tag(takes_context=True)
def clock(context: template.Context, running: Any) -> SafeString:
    """A clock's reading as a mark: words and colour together."""
    reading = times.read_clock(
        state=running.state,
        starts_at=running.starts_at,
        due_at=running.due_at,
        ended_at=running.ended_at,
        remind_at=running.remind_at,
        now=context.get("now") or timezone.now(),
    )
    return format_html('<span class="mark {}">{}</span>', reading.tone, reading.words)


@register.simple_tag
def mark(identifier: str, of: str) -> SafeString:
    """A status or verdict as a mark."""
    return format_html(
        '<span class="mark {}">{}</span>', labels.tone(identifier), labels.label(identifier, of)
    )


@register.simple_tag
def code(of: str) -> SafeString:
    """A code of delivery: in words, where there are any, and itself."""
    return format_html('{} <code class="mono">{}</code>', delivery.words(of), of)


@register.filter
def size(count: int | None) -> str:
    """A number of bytes, exact, grouped as the reader's language does."""
    if count is None:
        return ""
    return gettext("%(count)s bytes") % {"count": format_decimal(count, locale=times.language())}


@register.filter
def shown(text: object) -> str:
    """A name as it came, with each sign that hides or turns text by its number: ``order[U+202E]fdp.exe``.

    The joiners that Persian and Indic spelling needs stay; everything else is escaped as always.
    """
    return "".join(f"[U+{ord(sign):04X}]" if _deceives(sign) else sign for sign in str(text))


def _deceives(sign: str) -> bool:
    return unicodedata.category(sign) in _DECEIVING and sign not in "\n\t\u200c\u200d"


@register.filter
def grouped(fingerprint: str) -> str:
    """A fingerprint in groups of four, to be read aloud."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """The value under a key that is only known while rendering."""
    return mapping.get(key, "")


@register.filter
def instrument_name(instrument: str) -> str:
    """A treaty's name by its id."""
    return law.instrument_name(instrument)


@register.filter
def instrument_short(instrument: str) -> str:
    """A treaty's short name by its id."""
    return law.instrument_short(instrument)


@register.filter
def authority_name(authority: Any) -> str:
    """An authority's name in the reader's language."""
    return str(authority.name(times.language()))


@register.filter
def organisation_name(organisation: Any) -> str:
    """The name of a body of this State in the reader's language."""
    return str(organisation.name(times.language()))


@register.filter
def account_value(value: Any, name: str) -> str:
    """What an account's column holds, in words: roles by their names, nothing as a dash."""
    if name == "roles":
        return ", ".join(labels.label(role, "role") for role in value or [])
    if name == "rank":
        return labels.label(value, "rank")
    if name == "events":
        return ", ".join(labels.label(event, "happening") for event in value or [])
    if name == "names":
        return " · ".join((value or {}).values())
    if name in ("rank", "delegated_role"):
        return labels.label(value, "rank" if name == "rank" else "role")
    if name in ("starts_at", "ends_at") and value:
        return times.moment(datetime.fromisoformat(value))
    if name == "kind":
        return labels.label(value, "organisation_kind")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value or "–")


@register.filter
def sentence(step: dict[str, Any]) -> str:
    """A verification step's sentence in the reader's language; English where it came without a template."""
    template = step.get("template")
    return gettext(template).format_map(step["values"]) if template else str(step["text"])


@register.filter
def translated_name(place: str) -> str:
    """A translated text by its place (``ru__facts``): the language, and what is translated."""
    language, _, id = place.partition("__")
    return f"{labels.language_name(language)}: {labels.text_name(id)}"


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether a field is a group of choices, which needs a legend instead of a label."""
    return isinstance(field.field.widget, RadioSelect)  # CheckboxSelectMultiple is one too


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether a field is one box, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)
