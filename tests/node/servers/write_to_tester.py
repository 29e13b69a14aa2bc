"""In a process of its own: what officials do while a node is examined. Arguments: FOLDER PEER SMALL.

So many small letters, a large one and then an urgent one are frozen, drills of the peer are taken, and it is
asked for one.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.node.servers import send_letters

from comity.node import start


def main(folder: str, peer_id: str, small: str) -> None:
    start.prepare(Path(folder))
    from django.db import transaction

    from comity.node.accounts.models import Official
    from comity.node.directory import known
    from comity.node.drills import arranging, asking
    from comity.node.exhibits import intake

    now, peer = datetime.now(UTC), known.find(peer_id)
    roles = ["administrator", "custodian", "duty_officer", "registrar"]
    official = Official.objects.create(username="asked", full_name="A", post="Officer", roles=roles)
    arranging.arrange(official, peer, takes_every=1, asks_every=None, now=now)
    large = os.urandom(1024 * 1024)
    about = intake.Description("KZ-2026-000001", None, "large.bin", "application/octet-stream", "a test")
    exhibit = intake.take_in(official, io.BytesIO(large), about, now=now)
    attachment = {
        "name": "large.bin",
        "media_type": "application/octet-stream",
        "bytes": len(large),
        "sha256": hashlib.sha256(large).hexdigest(),
        "exhibit": str(exhibit.id),
    }
    with transaction.atomic():
        for attachments in (*([] for _ in range(int(small))), [attachment]):
            send_letters.freeze(peer, now, attachments)
        send_letters.freeze(peer, now, urgent=True)
        asking.send(peer, None, now=now)


if __name__ == "__main__":
    main(*sys.argv[1:])
