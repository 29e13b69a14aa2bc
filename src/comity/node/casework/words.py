"""The words of each case for search, kept by the acts in the transaction that changes what a case says.

Words are folded as the search in the law folds them (treaties.folding): case, alphabets, endings. What a
letter says that arrived counts once an official has opened it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from comity.letters.schema import written
from comity.node.casework.models import Case, Form, Mention
from comity.node.exchange.models import Direction, Letter, Stage
from comity.treaties import folding

LONGEST = 60
MOST = 5_000
"""Words of one case that are kept."""
_SAYS = frozenset({"value", "description", "note", "reasons", "authenticity", "name"})
_UNREAD = (Stage.ACCEPTED, Stage.DELIVERED, Stage.REFUSED)


def keep(case: Case) -> None:
    """Bring the words of a case up to what it now says; inside the act's transaction."""
    record = set(forms(" ".join(_record(case))))
    wanted = dict.fromkeys(list(record | set(forms("\n".join(_said(case)))))[:MOST], False)
    wanted |= dict.fromkeys(record, True)
    there = dict(case.mentions.values_list("form__text", "record"))
    fresh = [text for text, where in wanted.items() if there.get(text) is not where]
    gone = there.keys() - wanted.keys()
    if gone:
        case.mentions.filter(form__text__in=gone).delete()
    if fresh:
        known = _known(fresh)
        Mention.objects.bulk_create(
            [Mention(form_id=known[text], case=case, record=wanted[text]) for text in fresh],
            update_conflicts=True,
            unique_fields=["form", "case"],
            update_fields=["record"],
        )


def forms(text: str) -> Iterator[str]:
    """The folded words of a text, as they are kept; numbers without leading zeros."""
    for token in folding.tokens(folding.seen(text)):
        for form in token.forms:
            yield plain_number(form)[:LONGEST]


def plain_number(form: str) -> str:
    """A number without leading zeros; another word as it is."""
    return (form.lstrip("0") or "0") if form.isdecimal() else form


def head(form: str) -> str:
    """The first letters by which candidates are found; a word with a digit is found as a whole only."""
    return "" if any(letter.isdigit() for letter in form) else folding.plain(form)[:3]


def _known(texts: list[str]) -> dict[str, int]:
    """The rows of words, made where they are new."""
    rows = (Form(text=text, head=head(text)) for text in sorted(texts))
    Form.objects.bulk_create(rows, ignore_conflicts=True)
    return dict(Form.objects.filter(text__in=texts).values_list("text", "id"))


def _record(case: Case) -> Iterable[str]:
    return (case.reference, case.peer_reference, case.heading, case.peer_id, *case.peer.names.values())


def _said(case: Case) -> Iterator[str]:
    """What the draft, the items and the letters say."""
    yield from _prose({"draft": case.draft, "facts": case.facts})
    for item in case.items.all():
        yield from (item.identifier_value, item.description, item.note, item.reasons)
    letters = Letter.objects.filter(case_reference=case.reference, canonical__isnull=False)
    for letter in letters.exclude(direction=Direction.IN, stage__in=_UNREAD):
        document = written(bytes(letter.canonical or b""))
        yield from _prose({"body": document["body"], "people": document["people"]})


def _prose(value: Any, says: bool = False) -> Iterator[str]:
    """The texts that people wrote, and no identifiers of the software."""
    if isinstance(value, str) and says:
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _prose(each, says)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _prose(each, key in _SAYS or key == "contents" or (says and isinstance(each, str)))
