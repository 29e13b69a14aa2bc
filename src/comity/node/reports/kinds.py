"""The kinds of offences that a report may name, from the law on record, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comity.node.pages.law import in_language
from comity.terms import Citation, CitationUnreadableError
from comity.treaties import load

UNKNOWN = "unknown"
"""The kind of who does not know what it is called."""
NOT_KNOWN = _("I do not know")


def kinds() -> list[tuple[str, str]]:
    """The offences that the treaties want established, each name once, by name."""
    reaches = load().reach.values()
    offences = [one for reach in reaches for one in reach.offences.values() if one.establish]
    named = {in_language(one.names): str(one.citation) for one in reversed(offences)}
    return sorted(((place, name) for name, place in named.items()), key=lambda each: each[1])


def kind_name(kind: str) -> str:
    """What a kind is called; what is no citation is not known."""
    try:
        place = Citation.parse(kind)
    except CitationUnreadableError:
        return str(NOT_KNOWN)
    reach = load().reach.get(place.instrument)
    offence = reach.offence(place) if reach else None
    return in_language(offence.names) if offence else str(NOT_KNOWN)
