"""In a process of its own: freeze new requests on a node, as an act does. Arguments: FOLDER PEER COUNT."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests import samples

from comity import canonical
from comity.node import start


def main(folder: str, peer: str, count: str) -> None:
    start.prepare(Path(folder))
    from django.db import transaction

    from comity.node.directory import known

    now = datetime.now(UTC)
    for _ in range(int(count)):
        with transaction.atomic():
            sys.stdout.write(f"{freeze(known.find(peer), now)}\n")


def freeze(
    peer: Any, now: datetime, attachments: Sequence[dict[str, Any]] = (), *, urgent: bool = False
) -> uuid.UUID:
    """One request to a peer, in a case of its own; its id. On a node that was prepared, in a transaction."""
    from comity.node.directory import known
    from comity.node.exchange import outgoing

    own = known.own()
    reference = f"{own.state}-2026-{uuid.uuid4().int % 10**6:06}"
    request = samples.request()
    request["body"]["facts"] |= {
        "offences": [{"id": "uncc:art_7", "description": "illegal access"}],
        "requesting_state": own.state,
        "requested_state": peer.state,
    }
    request["body"]["urgent"] = urgent
    letter = request | {
        "id": str(uuid.uuid4()),
        "from": own.id,
        "to": peer.id,
        "case": {"requesting": reference, "requested": None},
        "written_at": canonical.instant_text(now),
        "expires_at": canonical.instant_text(now + timedelta(days=30)),
        "attachments": list(attachments),
    }
    exhibits = [str(each["exhibit"]) for each in attachments]
    about = {"case_reference": reference, "attachments": exhibits, "urgent": urgent}
    return outgoing.freeze(letter, peer=peer, now=now, **about).id


if __name__ == "__main__":
    main(*sys.argv[1:])
