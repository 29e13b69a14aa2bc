"""In a process of its own: fill a node with cases that the desk lists, and sign a duty officer in.

Arguments: FOLDER COUNT. Writes the session's cookie (``name=value``).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from comity.node import start


def main(folder: str, count: str) -> None:
    start.prepare(Path(folder))
    from django.conf import settings
    from django.db import transaction
    from django.test import Client

    from comity.node.accounts.models import Official
    from comity.node.casework.models import Case, Item
    from comity.node.clocks.models import Clock
    from comity.node.directory.models import Authority

    now, peer = datetime.now(UTC), Authority.objects.filter(own=False).first()
    cases = [
        Case(
            reference=f"TM-2025-{n:06}",
            peer=peer,
            side=("requesting", "requested")[n % 2],
            preparation="" if n % 2 else "sent",
            heading=f"A matter {n}",
            urgent=n % 7 == 0,
            opened_at=now - timedelta(days=30),
            changed_at=now - timedelta(minutes=n),
        )
        for n in range(int(count))
    ]
    with transaction.atomic():
        Case.objects.bulk_create(cases, batch_size=2_000)
        asked = {"number": 1, "measure": "preserve_data", "identifier_type": "email", "desired": "preserved"}
        Item.objects.bulk_create([Item(case=one, actual="registered", **asked) for one in cases], 2_000)
        clocks = [
            Clock(
                case_reference=one.reference,
                kind="execution",
                cite="uncc:art_40__para_24",
                of="requested",
                starts_at=now - timedelta(days=9),
                due_at=now + timedelta(hours=n % 400),
                remind_at=now + timedelta(hours=n % 400),
                state="running",
            )
            for n, one in enumerate(cases)
        ]
        Clock.objects.bulk_create(clocks, batch_size=2_000)
        officer = Official.objects.create(
            username="watch", full_name="W", post="Officer", roles=["duty_officer", "registrar"]
        )
    client = Client()
    client.force_login(officer)
    name = settings.SESSION_COOKIE_NAME
    sys.stdout.write(f"{name}={client.cookies[name].value}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
