"""After an exhibit's key was destroyed: its segments go, and everything else of the node that holds it.

That is the containers of the letters it travelled in, as they are stored here, and the court bundles made of
its case. A letter's text, its manifest and its signature stay, so that what remains can be proved.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from django.db.models import Q

from comity.letters import schema
from comity.node import config, folders, store
from comity.node.exchange import reading
from comity.node.exchange.models import Letter
from comity.node.exchange.workspace import digest
from comity.node.exhibits import destroyed
from comity.node.exhibits.content import segment_key
from comity.node.exhibits.models import Bundle, BundleState, Exhibit
from comity.node.ledger import entries
from comity.sealing import encryption, remains
from comity.sealing.refusals import PackageRefusedError

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
        kept = _keep_remains(letter)
        newer = letter.renewals.values_list("key", flat=True)
        for key in filter(None, (letter.container, letter.travelling, *newer)):
            store.delete(key)
        if letter.container:
            about = {"letter": str(letter.id), "exhibit": str(exhibit.id), "remains": kept}
            content = {"what": "container_erased", **about}
            entries.append("container_erased", letter.case_reference, content, now=now)
            Letter.objects.filter(pk=letter.pk).update(container="")
    for copy in exhibit.working_copies.all():
        for part in copy.segments:
            store.delete(segment_key(part["sha256"]))
    for bundle in Bundle.objects.filter(case_reference=exhibit.case_reference, state=BundleState.READY):
        store.delete(bundle.key)
        Bundle.objects.filter(pk=bundle.pk).update(state=BundleState.GONE, key="")


def remains_key(letter: Letter) -> str:
    """Where the store keeps what remains of a letter's erased container."""
    return f"remains/{letter.pk}.age"


def _keep_remains(letter: Letter) -> str | None:
    """Keep the letter, the manifest and the signature of its container before it goes; their SHA-256.

    None where there is nothing to keep: the container does not have the form, or went already.
    """
    key = remains_key(letter)
    if not store.exists(key) and letter.container and store.exists(letter.container):
        encrypted = io.BytesIO()
        try:
            with reading.container(letter) as opened:
                found = io.BytesIO(remains.keep(opened))
        except PackageRefusedError:
            return None
        encryption.encrypt(found, encrypted, [folders.storage_recipient(config.current())])
        encrypted.seek(0)
        store.put(key, encrypted)
    if not store.exists(key):
        return None
    with reading.stored(key) as stored:
        return digest(stored)[0]


def carried(letter: Letter) -> set[str | None]:
    """The ids of the exhibits that a letter carries (None for a file that is none)."""
    attachments = schema.parse(bytes(letter.canonical or b"")).attachments
    return {each.exhibit for each in attachments}
