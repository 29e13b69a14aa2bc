"""Whatever the network and crashes do, each letter has one effect on the case, in order, or a signed failure.

Each protection is then taken away, and the same seeds must show the harm that it prevents.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.simulation import Faults, Simulation

from comity.proofs.receipts import ReceiptName

SEEDS = range(30)


def play(hours: float = 4, **protections: bool) -> list[Simulation]:
    """Every seed, with the named protections set as given."""
    runs = [Simulation(seed) for seed in SEEDS]
    for run in runs:
        vars(run).update(protections)
        run.run(hours)
    return runs


def share(runs: list[Simulation], harmed: Callable[[Simulation], bool]) -> float:
    return sum(map(harmed, runs)) / len(runs)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_letter_has_exactly_one_effect_in_order(seed: int) -> None:
    run = Simulation(seed).run(hours=4)
    assert [generation for _, generation in run.receiver.effects] == [1, 2, 3]
    assert set(run.standing().values()) == {ReceiptName.RETRIEVAL}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_about_a_hop_is_the_same_bytes(seed: int) -> None:
    run = Simulation(seed).run(hours=4)
    assert len(run.answers) > len({(letter, name) for letter, name, _ in run.answers})
    assert len(set(run.answers)) == len({(letter, name) for letter, name, _ in run.answers})


def test_the_same_seed_plays_the_same_events() -> None:
    first, again, other = (Simulation(seed).run(hours=2) for seed in (7, 7, 8))
    assert first.trace.hexdigest() == again.trace.hexdigest() != other.trace.hexdigest()
    assert first.answers == again.answers


def test_a_dead_line_ends_in_failures_signed_by_the_sender() -> None:
    run = Simulation(1, faults=Faults(lost=1.0, doubled=0.0)).run(hours=48)
    assert set(run.standing().values()) == {ReceiptName.RELAY_REMMD_FAILURE}
    assert run.receiver.effects == []


def test_without_the_table_of_known_letters_a_delivered_letter_is_also_refused() -> None:
    def contradicts_itself(run: Simulation) -> bool:
        signed = [{name for name, _ in notes} for notes in run.receiver.receipts.values()]
        return any({ReceiptName.DELIVERY, ReceiptName.NON_DELIVERY} <= names for names in signed)

    assert share(play(), contradicts_itself) == 0
    assert share(play(remembers_letters=False), contradicts_itself) > 0.5


def test_without_the_check_of_generations_too_effects_are_doubled() -> None:
    def doubled(run: Simulation) -> bool:
        return len(run.receiver.effects) != len(set(run.receiver.effects))

    assert share(play(), doubled) == 0
    assert share(play(remembers_letters=False, checks_generation=False), doubled) > 0.5


def test_without_order_in_a_case_letters_overtake_one_another_and_are_refused() -> None:
    assert share(play(keeps_order=False), lambda run: len(run.receiver.effects) < 3) > 0.5


def test_without_retries_letters_are_lost() -> None:
    assert share(play(retries=False), lambda run: len(run.receiver.effects) < 3) > 0.25
