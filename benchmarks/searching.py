"""How long a search takes among a hundred thousand cases on SQLite, and among how many it still is quick.

A node is made in a temporary folder and filled with invented cases of Kazakh, Russian and English text: words
that almost every case has, words that few have, a reference, an identifier. Each search is timed by the
clock, in this process, with the database in the page cache; the figure of a search is its median; the
promise is kept when the slowest search stays under it.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from measuring import run

CASES = 100_000
MILLISECONDS = 100
START = datetime(2027, 1, 1, tzinfo=UTC)
PROSE = """
банк сервер доступ почта счёт перевод картасы алаяқтық деректер өтініш тергеу қылмыс шот аударым
server account login record transfer fraud evidence mailbox telephone company
"""
STEMS = list(filter(None, PROSE.replace("\n", " ").split(" ")))


def fill(count: int) -> None:
    """So many cases with their words, written as the acts would have kept them."""
    from comity.node.casework import words
    from comity.node.casework.models import Case, Form, Mention
    from comity.node.directory.models import Authority

    peer = Authority.objects.create(id="xb-247", state="XB", names={"en": "Contact of XB"}, roles=[])
    dice = random.Random(1)  # noqa: S311  the same cases each time
    ids: dict[str, int] = {}
    for first in range(1, count + 1, 5_000):
        cases = [case(n, peer, dice) for n in range(first, min(first + 5_000, count + 1))]
        Case.objects.bulk_create(cases)
        said = {one.pk: set(words.forms(text(one, dice))) for one in cases}
        fresh = sorted(set().union(*said.values()) - ids.keys())
        Form.objects.bulk_create([Form(text=one, head=words.head(one)) for one in fresh])
        newest = Form.objects.order_by("-id").values_list("text", "id")[: len(fresh)]
        ids |= dict(newest)
        mentions = (
            Mention(form_id=ids[form], case_id=pk, record=False)
            for pk, forms in said.items()
            for form in sorted(forms)
        )
        Mention.objects.bulk_create(mentions, batch_size=20_000)


def case(n: int, peer: Any, dice: random.Random) -> Any:
    """One invented case."""
    from comity.node.casework.models import Case

    at = START + timedelta(minutes=n)
    return Case(
        reference=f"XA-2027-{n:06}",
        peer_reference=f"XB-2027-{n + 7:06}",
        side=dice.choice(("requesting", "requested")),
        peer=peer,
        heading=" ".join(dice.sample(STEMS, 3)),
        instrument=dice.choice(("uncc", "uncac")),
        facts={"measure": dice.choice(("preserve_data", "access_stored_data"))},
        actual=dice.choice(("registered", "executed", "refused")),
        urgent=dice.random() < 0.01,
        opened_at=at,
        changed_at=at,
    )


def text(one: Any, dice: random.Random) -> str:
    """What a case says: its record, its invented texts, an account of its own."""
    prose = " ".join(dice.choice(STEMS) + dice.choice(("", "", "ы", "ом", "дің")) for _ in range(24))
    account = f"{dice.choice('abcdefghij')}user{one.reference[-6:]}@post.example"
    rare = f"rare{dice.randrange(2_000)}" if dice.random() < 0.05 else ""
    name = "".join(dice.choice("абвгдеиклмнорст") for _ in range(7))
    return f"{one.reference} {one.peer_reference} {one.heading} request {prose} {account} {rare} {name}"


def searches() -> Iterator[tuple[str, Any]]:
    """What is searched, each with its name."""
    from comity.node.casework.finding import Asked

    yield "reference", Asked(words="XA-2027-050000")
    yield "identifier", Asked(words="auser000123@post.example")
    yield "rare word", Asked(words="rare77")
    yield "word of most cases", Asked(words="банка")
    yield "word of all cases", Asked(words="example")
    yield "five common words", Asked(words="банк сервер деректер fraud login")
    yield "word that none has", Asked(words="қырмызыгүл")
    yield "common word, filtered", Asked(words="сервер", side="requested", status="refused", urgent=True)
    yield "common and rare word", Asked(words="сервер rare77")
    yield "filters alone", Asked(side="requested", status="refused", urgent=True, measure="preserve_data")
    yield "own cases", Asked(words="сервер", mine=True)


def milliseconds(rounds: int) -> dict[str, float]:
    """The median of each search, and of the same one by an official who sees only what is given to them."""
    from comity.node.accounts.models import Official
    from comity.node.casework import finding
    from comity.node.casework.models import Access, Case

    wide = Official.objects.create(username="wide", roles=["registrar"])
    narrow = Official.objects.create(username="narrow", roles=["drafter"])
    given = (Access(case_id=pk, official=narrow, given_by=wide, given_at=START) for pk in _every(Case, 50))
    Access.objects.bulk_create(given)
    found = {}
    for name, asked in searches():
        for who in (wide, narrow):
            taken = []
            for _ in range(rounds + 1):
                started = time.perf_counter()
                finding.search(who, asked, now=START)
                taken.append((time.perf_counter() - started) * 1000)
            found[f"{name}, {who.username}"] = round(statistics.median(taken[1:]), 1)
    return found


def _every(model: Any, nth: int) -> list[int]:
    return [pk for pk in model.objects.values_list("pk", flat=True) if pk % nth == 0]


if __name__ == "__main__":
    sys.exit(run(__doc__, CASES, 7, MILLISECONDS, fill, milliseconds))
