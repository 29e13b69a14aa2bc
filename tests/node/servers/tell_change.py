"""In a process of its own: a signatory tells every peer how the authority is reached. Arguments: FOLDER PEER.

It prints the letter to that peer.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from comity.node import start


def main(folder: str, peer: str) -> None:
    start.prepare(Path(folder))
    from comity.node.accounts.models import Official
    from comity.node.exchange import renewing

    by = Official.objects.create_user(
        "signatory", password="x" * 20, full_name="Signatory", post="Signatory", roles=["signatory"]
    )
    reached = {"hours": "24/7", "time_zone": "Asia/Almaty", "languages": ["en"], "contact": "+999 1"}
    made = renewing.announce(by, text="Another number.", reached=reached, now=datetime.now(UTC))
    sys.stdout.write(f"{made.told.get(peer=peer).letter_id}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
