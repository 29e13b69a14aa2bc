"""How long the desk and the page of clocks take among ten thousand cases on SQLite.

A node is made in a temporary folder and filled with invented cases: each with an item and two clocks, one in
ten with a letter that waits for an answer and with a reminder. The pages are asked for as a browser would,
in this process, with the database in the page cache and the time that of the core at work, by an official
who sees every case and by one who sees one in fifty; the figure is the 95th percentile, and the promise is
kept when the slowest stays under it.
"""

from __future__ import annotations

import math
import random
import sys
import time
import uuid
from datetime import timedelta
from typing import Any

from measuring import run
from searching import case

CASES = 10_000
MILLISECONDS = 300
PAGES = ("/desk/", "/clocks/", "/clocks/?within=24h&whose=ours", "/clocks/?list=ended")


def fill(count: int) -> None:
    """So many cases with what the desk lists; half of the clocks end within days of now."""
    from django.utils import timezone

    from comity.node.casework.models import Case, Item, WaitingLetter
    from comity.node.clocks.models import Clock, Reminder
    from comity.node.directory.models import Authority

    Authority.objects.create(id="xa-247", state="XA", names={"en": "Contact of XA"}, roles=[], own=True)
    peer = Authority.objects.create(id="xb-247", state="XB", names={"en": "Contact of XB"}, roles=[])
    dice, now = random.Random(1), timezone.now()  # noqa: S311  the same cases each time
    cases = [case(n, peer, dice) for n in range(1, count + 1)]
    for one in cases:
        one.received_generation, one.preparation = dice.choice((0, 1)), dice.choice(("sent", "in_review"))
    Case.objects.bulk_create(cases, batch_size=2_000)
    asked = {"number": 1, "measure": "preserve_data", "identifier_type": "email", "desired": "preserved"}
    Item.objects.bulk_create([Item(case=one, actual=one.actual, **asked) for one in cases], batch_size=2_000)
    clocks = [clock(one, n, now, dice) for one in cases for n in range(2)]
    Clock.objects.bulk_create(clocks, batch_size=2_000)
    Reminder.objects.bulk_create([Reminder(clock=one, noted_at=now) for one in clocks[::20]])
    waiting = (
        WaitingLetter(case=one, letter=uuid.UUID(int=n, version=4), kind="costs", since=now)
        for n, one in enumerate(cases[::10])
    )
    WaitingLetter.objects.bulk_create(waiting)


def clock(one: Any, n: int, now: Any, dice: random.Random) -> Any:
    """One clock of a case: running, run out, met, or until the decision."""
    from comity.node.clocks.models import Clock

    state = dice.choice(("running", "running", "running", "met", "ran_out"))
    due = now + timedelta(hours=dice.randrange(1, 2_000) * (-1 if state == "ran_out" else 1))
    return Clock(
        case_reference=one.reference,
        kind="execution" if n else "preservation_minimum",
        cite="uncc:art_42__para_8",
        of=dice.choice(("requesting", "requested")),
        starts_at=now - timedelta(days=90 + n),
        due_at=due,
        remind_at=due - timedelta(hours=6),
        state=state,
        ended_at=None if state == "running" else now,
    )


def milliseconds(rounds: int) -> dict[str, float]:
    """The 95th percentile of each page for both officials."""
    from django.test import Client

    from comity.node.accounts.models import Official
    from comity.node.casework.models import Access, Case

    wide = Official.objects.create(username="wide", roles=["registrar", "signatory", "duty_officer"])
    narrow = Official.objects.create(username="narrow", roles=["drafter"])
    seen = [pk for pk in Case.objects.values_list("pk", flat=True) if pk % 50 == 0]
    given_at = Case.objects.latest("opened_at").opened_at
    Access.objects.bulk_create(
        [Access(case_id=pk, official=narrow, given_by=wide, given_at=given_at) for pk in seen]
    )
    found = {}
    for who in (wide, narrow):
        client = Client()
        client.force_login(who)
        for page in PAGES:
            taken = []
            for _ in range(rounds + 1):
                started = time.process_time()
                answer = client.get(page, secure=True, headers={"host": "localhost"})
                taken.append((time.process_time() - started) * 1000)
                if answer.status_code != 200:
                    sys.exit(f"{page} answers {answer.status_code}")
            ranked = sorted(taken[1:])
            found[f"{page}, {who.username}"] = round(ranked[math.ceil(0.95 * len(ranked)) - 1], 1)
    return found


if __name__ == "__main__":
    sys.exit(run(__doc__, CASES, 40, MILLISECONDS, fill, milliseconds))
