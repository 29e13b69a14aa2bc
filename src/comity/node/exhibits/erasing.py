"""After an exhibit's key was destroyed: its segments go, and everything else of the node that holds it.

That is the containers of the letters it travelled in, as they are stored here, and the court bundles made of
its case. A letter's text, its manifest and its signature stay, so that what remains can be proved.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from comity.letters import schema
from comity.node import store
from comity.node.exchange.models import Letter
from comity.node.exhibits import destroyed, remaining
from comity.node.exhibits.content import segment_key
from comity.node.exhibits.models import Bundle, BundleState, Exhibit
from comity.node.exhibits.proof_rows import LetterProof
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
        _erase_containers(letter, exhibit, now)
    for copy in exhibit.working_copies.all():
        for part in copy.segments:
            store.delete(segment_key(part["sha256"]))
    for bundle in Bundle.objects.filter(case_reference=exhibit.case_reference, state=BundleState.READY):
        store.delete(bundle.key)
        Bundle.objects.filter(pk=bundle.pk).update(state=BundleState.GONE, key="")


def _erase_containers(letter: Letter, exhibit: Exhibit, now: datetime) -> None:
    """The letter's container and every newer one around it; a seal that is being put around them is too late.

    Until when what remains proves itself is found anew. A bucket may be slow: nothing is deleted while rows
    are held.
    """
    kept = remaining.keep(letter)
    newer = letter.renewals.filter(of_remains=False).values_list("key", flat=True)
    for key in filter(None, (letter.container, letter.travelling, *newer)):
        store.delete(key)
    with transaction.atomic():
        held = Letter.objects.select_for_update().get(pk=letter.pk)
        if held.container:
            about = {"letter": str(held.id), "exhibit": str(exhibit.id), "remains": kept}
            content = {"what": "container_erased", **about}
            entries.append("container_erased", held.case_reference, content, now=now)
            Letter.objects.filter(pk=held.pk).update(container="")
            LetterProof.objects.filter(letter=held).delete()
    for key in list(store.keys(newer_keys(letter))):  # of which no row knows, or was entered meanwhile
        store.delete(key)


def newer_keys(letter: Letter) -> str:
    """The folder of the store in which the newer containers around a letter's lie."""
    return f"renewals/{letter.pk}"


def carried(letter: Letter) -> set[str | None]:
    """The ids of the exhibits that a letter carries (None for a file that is none)."""
    attachments = schema.parse(bytes(letter.canonical or b"")).attachments
    return {each.exhibit for each in attachments}
