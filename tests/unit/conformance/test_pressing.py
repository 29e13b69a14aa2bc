"""Letters are put off until an urgent one waits among them; then it is told which came first."""

from __future__ import annotations

import pytest

from comity.conformance import pressing
from comity.conformance.pressing import Pressing

ONE, TWO, THREE, URGENT = "one", "two", "three", "urgent"
END = 105.0
"""When the first round ends that begins at 100."""


def put_off(pressed, letter, now):
    """A letter comes and is put off; when its pause is over."""
    assert pressed.goes_on(letter, now)
    at, said = pressed.put_off(letter, letter == URGENT, now)
    assert 0 <= at - now < 1, "a caller is kept waiting for less than a second"
    assert said.status == 429
    return at + int(said.headers["Retry-After"])


@pytest.fixture
def waiting():
    """Three letters and an urgent one that came last wait for the end of the round."""
    pressed = Pressing(patience=60.0, began=100.0)
    over = [put_off(pressed, letter, 100.0 + n / 7) for n, letter in enumerate((ONE, TWO, THREE, URGENT))]
    assert over == [pytest.approx(END + later) for later in (0, 1, 1, 1.2)]
    return pressed


def came(pressed, *letters):
    for letter, now in letters:
        assert not pressed.goes_on(letter, now)
    return pressed


def test_an_urgent_letter_that_comes_second_is_not_overtaken(waiting):
    came(waiting, (ONE, END), (URGENT, END + 2.6), (TWO, END + 2.7), (THREE, END + 2.8))
    assert (waiting.is_seen(), waiting.overtaken()) == (True, 0)


def test_letters_that_come_before_it_though_it_might_have_come_are_counted(waiting):
    came(waiting, (ONE, END), (TWO, END + 2.6), (THREE, END + 2.7), (URGENT, END + 2.8))
    assert (waiting.is_seen(), waiting.overtaken()) == (True, 2)


def test_who_comes_before_every_pause_is_over_overtakes_nobody_and_is_kept_waiting(waiting):
    came(waiting, (ONE, END), (TWO, END + 1), (THREE, END + 1.1), (URGENT, END + 1.5))
    assert waiting.overtaken() == 0
    assert waiting.opens == pytest.approx(END + 1.2 + pressing.HOLD)


def test_a_sender_that_comes_late_is_judged_from_then_on(waiting):
    came(waiting, (ONE, END + 9), (TWO, END + 9.5), (URGENT, END + 10.5), (THREE, END + 10.6))
    assert waiting.overtaken() == 0
    assert waiting.opens == pytest.approx(END + 9 + pressing.HOLD)


def test_a_try_after_the_first_counts_for_nothing(waiting):
    came(waiting, (ONE, END), (ONE, END + 2.6), (URGENT, END + 2.7), (TWO, END + 2.8))
    assert waiting.overtaken() == 0


@pytest.mark.parametrize("letters", [(ONE, TWO, THREE), (ONE, URGENT)], ids=["none urgent", "one other"])
def test_a_round_in_vain_is_followed_by_one_twice_as_long(letters):
    pressed, end = Pressing(patience=60.0, began=100.0), 100.0
    for seconds in (5.0, 10.0, 20.0):
        over = [put_off(pressed, letter, end) for letter in letters]
        end += seconds
        assert min(over) == pytest.approx(end)
    assert not pressed.goes_on(ONE, end), "40 more would be longer than its patience"
    came(pressed, *((letter, end + 1) for letter in letters))
    assert (pressed.is_seen(), pressed.opens) == (False, 0)


def test_an_urgent_letter_that_never_comes_back_is_not_seen(waiting):
    came(waiting, (ONE, END), (TWO, END + 3))
    assert not waiting.is_seen()


def test_without_patience_nothing_is_put_off():
    assert not Pressing().goes_on(ONE, 1e9)
