"""Whatever the network, crashes and a dishonest node do, each letter has one effect, or a signed failure.

Each rule is then taken away, and the same play must show the harm that it prevents.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.five_nodes.disk import Rules
from tests.five_nodes.network import Faults
from tests.five_nodes.playing import Play, play

from comity.delivery.incoming import judge_arrival
from comity.delivery.outgoing import Send, Timeouts, Wait, next_action

EVER = timedelta(days=3650)
HARD = replace(Faults(), crashes=30, disk=20.0)


@pytest.mark.parametrize("seed", range(3))
def test_every_promise_is_kept(seed: int) -> None:
    told = Play(seed).run()
    assert told.broken == []
    assert told.delivered > 5000


def test_the_same_seed_plays_the_same_game() -> None:
    assert play(3, letters=2).broken == []
    assert Play(3, letters=1).run().trace != Play(4, letters=1).run().trace


def forgetful(envelope, *, known, **other):
    return judge_arrival(envelope, known=None, **other)


def takes_what_is_for_others(envelope, *, own_id, **other):
    return judge_arrival(envelope, own_id=envelope.target, **other)


def believes_the_envelope(envelope, *, peer_id, **other):
    return judge_arrival(envelope, peer_id=envelope.source, **other)


def offers_once(letter, now):
    done = next_action(letter, now)
    return Wait(now + timedelta(hours=1)) if isinstance(done, Send) and letter.attempts else done


def keeps_silent(letter, now):
    return next_action(letter, now, Timeouts(relay=EVER, delivery=EVER, retrieval=EVER))


@pytest.mark.parametrize(
    ("harm", "rules"),
    [
        ("delivery and its failure were both signed", Rules(judge=forgetful)),
        ("a letter for another was accepted", Rules(judge=takes_what_is_for_others)),
        ("a letter was accepted as another's", Rules(judge=believes_the_envelope)),
        ("an acknowledged letter is gone", Rules(disk_first=False)),
        ("an honest node contradicted itself", Rules(disk_first=False)),
        ("two receipts of one hop differ", Rules(stored_receipt=False)),
        ("a letter had no effect though the line came back", Rules(in_order=False)),
        ("an effect came out of order", Rules(newest_only=False)),
        ("an effect was doubled", Rules(judge=forgetful, newest_only=False)),
        ("a letter did not come to its end though the line came back", Rules(act=offers_once)),
        ("silence was not signed", Rules(act=keeps_silent)),
        ("a forged receipt was kept", Rules(verified=False)),
    ],
)
def test_without_a_rule_its_promise_is_broken(harm: str, rules: Rules) -> None:
    assert any(harm in Play(seed, rules, HARD, letters=4).run().broken for seed in range(4))


def test_with_the_rules_the_same_play_keeps_every_promise() -> None:
    assert Play(0, Rules(), HARD, letters=4).run().broken == []
