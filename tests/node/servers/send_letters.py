"""In a process of its own: freeze new requests on a node, as an act does. Arguments: FOLDER PEER COUNT."""

from __future__ import annotations

import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import samples

from comity import canonical
from comity.node import start


def main(folder: str, peer: str, count: str) -> None:
    node = start.prepare(Path(folder))
    from django.db import transaction

    from comity.node.directory import known
    from comity.node.exchange import outgoing

    now = datetime.now(UTC)
    for _ in range(int(count)):
        reference = f"{node.state}-2026-{uuid.uuid4().int % 10**6:06}"
        request = samples.request()
        request["body"]["facts"] |= {
            "offences": [{"id": "uncc:art_7", "description": "illegal access"}],
            "requesting_state": node.state,
            "requested_state": known.find(peer).state,
        }
        letter = request | {
            "id": str(uuid.uuid4()),
            "from": node.id,
            "to": peer,
            "case": {"requesting": reference, "requested": None},
            "written_at": canonical.instant_text(now),
            "expires_at": canonical.instant_text(now + timedelta(days=30)),
        }
        with transaction.atomic():
            row = outgoing.freeze(letter, peer=known.find(peer), case_reference=reference, now=now)
        sys.stdout.write(f"{row.id}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
