"""Jobs of drills: bring a drill or an answer to the peer's node, ask what its desk tells of itself."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.drills import answering, arranging, asking
from comity.node.drills.models import Arrangement, Drill, State
from comity.node.exchange import peer_client
from comity.node.exchange.outgoing import lane
from comity.node.jobs import outbox
from comity.terms import ComityError

LEARN = "exchange.learn_drill_standing"
_log = logging.getLogger(__name__)


def send(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.send_drill``: hand the drill over until its node's word is here, or it has ended."""
    drill = Drill.objects.select_related("peer").get(pk=payload["drill"])
    if drill.state != State.WAITING:
        return
    try:
        asking.note_reached(drill, peer_client.hand_drill(drill.peer, drill.note.encode()), now)
    except peer_client.DrillRefusedByPeerError as error:
        asking.decline(drill, error.params["reason"], now)


def answer(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.answer_drill``: hand the duty officer's answer over, keep the record of when it came."""
    drill = Drill.objects.select_related("peer").get(pk=payload["drill"])
    try:
        answering.note_record(drill, peer_client.hand_drill_answer(drill.peer, drill.answer.encode()), now)
    except peer_client.DrillRefusedByPeerError as error:
        _log.warning("the answer to drill %s: %s", drill.pk, error.params["reason"])


def learn(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.learn_drill_standing``: whether a desk takes drills, and its figures."""
    peer = known.find(payload["peer"])
    try:
        arranging.learn(peer_client.drill_standing(peer), peer, now)
    except ComityError as error:
        _log.warning("what %s tells of drills: %s", peer.id, error.code)  # tomorrow is another day


def ask_due(now: datetime) -> None:
    """What the schedule asks for, what has ended unanswered, and once a day what each peer tells."""
    asking.settle(now)
    due = Arrangement.objects.filter(next_at__lte=now, asks_every__isnull=False)
    for row in due.select_related("peer")[:20]:
        arranging.schedule_next(row, now)
        try:
            if row.peer.withdrawn_at is None:
                asking.send(row.peer, None, now=now)
        except asking.DrillUnderWayError:
            _log.info("a drill to %s is under way; the schedule waits for its next turn", row.peer_id)
    day = now.date().isoformat()
    for peer in _untold(day):
        outbox.ask(
            LEARN, f"{LEARN}:{peer.id}:{day}", {"peer": peer.id}, now=now, priority=200, lane=lane(peer.id)
        )


def _untold(day: str) -> list[Authority]:
    """The peers that were not asked yet on a day; the list is empty from the second look of the day on."""
    if day == _asked_on["day"]:
        return []
    _asked_on["day"] = day
    return list(known.peers())


_asked_on = {"day": ""}
"""The day on which this process asked; the key of the job keeps a new process from asking twice."""
