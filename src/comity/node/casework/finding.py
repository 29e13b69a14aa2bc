"""Search over everything an official may see: words and filters, the latest case first, by key.

The number of queries does not grow with the words or the cases. What many cases have, and what
filters alone ask for, is looked for among the latest cases, a stretch at a time; the next page goes on there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from comity.node.accounts.authority import may
from comity.node.accounts.models import Official
from comity.node.casework import entitlement, events, words
from comity.node.casework.models import Case, Form, Item, Mention
from comity.node.clocks.models import Clock, ClockState
from comity.treaties import folding
from comity.treaties.fitting import Vocabulary

LONGEST = 200
"""Characters of a query that are read."""
MOST_WORDS = 12
SIZE = 25
SOON = timedelta(hours=24)
PERSON = "person"
"""The kind of identifier of an item that names a person."""
_PERSONS = 20
_CANDIDATES = 4_000
_FEW = 2_000
"""Cases with a word up to which all of them are taken; beyond, cases are looked at a stretch at a time."""
_STRETCH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is looked for; what is empty does not matter."""

    words: str = ""
    side: str = ""
    status: str = ""
    measure: str = ""
    state: str = ""
    treaty: str = ""
    urgent: bool = False
    due: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One page: the cases, and the key of what follows (None at the end)."""

    cases: list[Case]
    following: int | None


def search(official: Official, asked: Asked, *, after: int | None = None, now: datetime) -> Found:
    """The cases an official may see that have every word and meet every filter, the latest opened first."""
    found = _filtered(entitlement.visible(official), official, asked, now)
    if after is not None:
        found = found.filter(pk__lt=after)
    wanted = _wanted(asked.words)
    if wanted is None:
        return _stretch(found, after)
    if not all(wanted):
        return Found([], None)
    open_words = _open_words(official)
    many = _of_many_cases(set().union(*wanted))
    few = next((ids for ids in wanted if not ids & many), None)
    for ids in wanted:
        if ids is not few:
            found = found.filter(Exists(open_words.filter(form__in=ids, case=OuterRef("pk"))))
    if few is not None:
        return _page(found.filter(pk__in=open_words.filter(form__in=few).values("case")), None)
    return _stretch(found, after)


def linked(official: Official, case: Case) -> list[Case]:
    """Cases that an act has joined to this one, of those whose contents the official may read.

    Information is tied to a case, a path is followed from one case into another, proceedings run in parallel.
    """
    if not entitlement.may_read(official, case):
        return []
    joined = [line.params.get("reference", "") for line in case.events.filter(kind__in=events.JOINING)]
    found = _readable(official).filter(reference__in=joined).exclude(pk=case.pk).select_related("peer")
    return list(found.order_by("-id")[:SIZE])


def related(official: Official, case: Case) -> list[Case]:
    """Other cases with an item of the same identifier, of those whose contents the official may read.

    Those that ``linked`` finds are left out.
    """
    if not entitlement.may_read(official, case):
        return []
    same = Q()
    for item in case.items.exclude(identifier_value__in=_pseudonyms(case))[:_CANDIDATES]:
        same |= Q(identifier_type=item.identifier_type, identifier_value=item.identifier_value)
    if not same:
        return []
    others = Item.objects.filter(same).exclude(case=case).values("case")
    already = [each.pk for each in linked(official, case)]
    found = _readable(official).filter(pk__in=others).exclude(pk__in=already).select_related("peer")
    return list(found.order_by("-id")[:SIZE])


def related_by_person(official: Official, case: Case) -> list[Case]:
    """Other cases that name a person of this one, of those whose contents the official may read.

    A person is an item's: every word of the name must stand in the other case, wherever it says it. A name
    of one word is too common to tell anybody apart and is left out, as is what the other two find.
    """
    if not entitlement.may_read(official, case):
        return []
    named = case.items.filter(identifier_type=PERSON).exclude(identifier_value__in=_pseudonyms(case))
    persons = named.values_list("identifier_value", flat=True)
    same, mentions = Q(), Mention.objects.filter(case=OuterRef("pk"))
    for name in sorted(set(persons))[:_PERSONS]:
        wanted = sorted(set(words.forms(name)))[:MOST_WORDS]
        if len(wanted) > 1:
            same |= Q(*(Exists(mentions.filter(form__text=one)) for one in wanted))
    if not same:
        return []
    already = [each.pk for each in (*linked(official, case), *related(official, case))]
    found = _readable(official).exclude(pk__in=[case.pk, *already]).filter(same).select_related("peer")
    return list(found.order_by("-id")[:SIZE])


def _pseudonyms(case: Case) -> list[str]:
    """What stands for protected persons of the case: the same in another case is somebody else."""
    return [person.pseudonym for person in case.protected_persons.all()]


def _page(found: QuerySet[Case], bottom: int | None) -> Found:
    rows = list(found.select_related("peer").order_by("-id")[: SIZE + 1])
    if len(rows) > SIZE:
        return Found(rows[:SIZE], rows[SIZE - 1].pk)
    return Found(rows, bottom if bottom is not None and bottom > 1 else None)


def _stretch(found: QuerySet[Case], after: int | None) -> Found:
    """A page from a stretch of the latest cases before a key."""
    top = after if after is not None else _newest() + 1
    return _page(found.filter(pk__gte=top - _STRETCH), top - _STRETCH)


def _of_many_cases(forms: set[int]) -> set[int]:
    """Those words that more than a few cases have; each is counted no further than that."""
    beyond = Mention.objects.filter(form=OuterRef("pk")).order_by().values("case")[_FEW : _FEW + 1]
    rows = Form.objects.filter(pk__in=forms).annotate(beyond=Subquery(beyond))
    return set(rows.filter(beyond__isnull=False).values_list("pk", flat=True))


def _newest() -> int:
    return Case.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _filtered(found: QuerySet[Case], official: Official, asked: Asked, now: datetime) -> QuerySet[Case]:
    plain = {"side": asked.side, "peer__state": asked.state, "instrument": asked.treaty}
    found = found.filter(**{key: value for key, value in plain.items() if value})
    if asked.status:
        found = found.filter(Q(actual=asked.status) | Q(preparation=asked.status))
    if asked.measure:
        found = found.filter(facts__measure=asked.measure)
    if asked.urgent:
        found = found.filter(urgent=True)
    if asked.due:
        running = Clock.objects.filter(state=ClockState.RUNNING, due_at__lte=now + SOON)
        found = found.filter(reference__in=running.values("case_reference"))
    return found.filter(entitlement.named(official)) if asked.mine else found


def _readable(official: Official) -> QuerySet[Case]:
    """The cases whose contents are open to an official."""
    found = entitlement.visible(official)
    return found if may(official, "read_contents") else found.filter(entitlement.named(official))


def _open_words(official: Official) -> QuerySet[Mention]:
    """The words an official may find a case by: of the record alone for whoever only oversees it."""
    if may(official, "read_contents"):
        return Mention.objects.all()
    return Mention.objects.filter(Q(record=True) | Q(case__in=_readable(official).values("pk")))


def _wanted(query: str) -> list[set[int]] | None:
    """For each word asked for, the kept words that fit it; None where no word was asked for."""
    tokens = list(folding.tokens(folding.seen(query[:LONGEST])))[:MOST_WORDS]
    if not tokens:
        return None
    asked = {words.plain_number(form)[: words.LONGEST] for token in tokens for form in token.forms}
    turned = {other for form in asked if (other := folding.as_cyrillic(form))}
    heads = {words.head(form) for form in asked | turned} - {""}
    rows = Form.objects.filter(Q(head__in=heads) | Q(text__in=asked)).order_by("head", "text")
    known = dict(rows.values_list("text", "id")[:_CANDIDATES])
    vocabulary = Vocabulary(known)
    wanted = []
    for token in tokens:
        if token.whole in known:  # the compound as it was asked for, a reference for example
            one_word = len(token.parts) == 1
            wanted.append(_fitting(token.whole, known, vocabulary) if one_word else {known[token.whole]})
        else:
            wanted += [_fitting(words.plain_number(part), known, vocabulary) for part in token.parts]
    return wanted


def _fitting(part: str, known: dict[str, int], vocabulary: Vocabulary) -> set[int]:
    if any(letter.isdigit() for letter in part):
        return {known[part]} if part in known else set()
    return {known[form] for form in vocabulary.fitting(part[: words.LONGEST])}
