"""After an exhibit's key was destroyed: its segments go, and everything else of the node that holds it.

That is the containers of the letters it travelled in, as they are stored here (their text stays), and the
court bundles made of its case.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from comity.letters import schema
from comity.node import store
from comity.node.exchange.models import Letter
from comity.node.exhibits import destroyed
from comity.node.exhibits.content import segment_key
from comity.node.exhibits.models import Bundle, BundleState, Exhibit
from comity.node.ledger import entries

JOB = destroyed.ERASE


def letters_with(exhibit: Exhibit) -> list[Letter]:
    """The letters of the exhibit's case that carry it."""
    of_case = Letter.objects.filter(
        Q(pk=exhibit.letter) | Q(case_reference=exhibit.case_reference), canonical__isnull=False
    )
    return [each for each in of_case if str(exhibit.id) in carried(each)]


def erase(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.erase``: remove what holds a destroyed exhibit; repeating it changes nothing."""
    exhibit = Exhibit.objects.get(pk=payload["exhibit"])
    if exhibit.is_there:
        return
    destroyed.note(exhibit.pk)
    for segment in exhibit.segments.all():
        store.delete(segment_key(segment.ciphertext_sha256))
    for letter in letters_with(exhibit):
        newer = letter.renewals.values_list("key", flat=True)
        for key in filter(None, (letter.container, letter.travelling, *newer)):
            store.delete(key)
        if letter.container:
            content = {"what": "container_erased", "letter": str(letter.id), "exhibit": str(exhibit.id)}
            entries.append("container_erased", letter.case_reference, content, now=now)
            Letter.objects.filter(pk=letter.pk).update(container="")
    for copy in exhibit.working_copies.all():
        for part in copy.segments:
            store.delete(segment_key(part["sha256"]))
    for bundle in Bundle.objects.filter(case_reference=exhibit.case_reference, state=BundleState.READY):
        store.delete(bundle.key)
        Bundle.objects.filter(pk=bundle.pk).update(state=BundleState.GONE, key="")


def carried(letter: Letter) -> set[str | None]:
    """The ids of the exhibits that a letter carries (None for a file that is none)."""
    attachments = schema.parse(bytes(letter.canonical or b"")).attachments
    return {each.exhibit for each in attachments}
