"""When the worker looks at what else than jobs is due."""

from __future__ import annotations

import pytest

from comity.node import worker


def test_ledger_and_clocks_are_looked_at_every_second_and_the_rest_every_five(monkeypatch):
    looked = []
    monkeypatch.setattr(worker, "_look", lambda: looked.append("clocks"))
    monkeypatch.setattr(worker, "_look_at_dues", lambda: looked.append("dues"))
    looks = worker.Looks()
    for tenth in range(100, 201):  # ten seconds, in rounds of a tenth
        looks.take(tenth / 10)
    assert looked[:2] == ["clocks", "dues"], "everything at the start"
    assert (looked.count("clocks"), looked.count("dues")) == (11, 3)


def test_what_cannot_be_looked_at_does_not_keep_the_ledger_waiting(monkeypatch):
    looked = []
    monkeypatch.setattr(worker, "_look", lambda: looked.append("clocks"))
    monkeypatch.setattr(worker, "_look_at_dues", lambda: 1 / 0)
    looks = worker.Looks()
    for second in range(3):
        try:
            looks.take(float(second))
        except ZeroDivisionError:
            looked.append("failed")
    assert looked == ["clocks", "failed", "clocks", "clocks"]


def test_a_ledger_that_cannot_be_numbered_does_not_keep_what_is_due_waiting(monkeypatch):
    looked = []
    monkeypatch.setattr(worker, "_look", lambda: 1 / 0)
    monkeypatch.setattr(worker, "_look_at_dues", lambda: looked.append("dues"))
    looks = worker.Looks()
    for second in range(11):
        with pytest.raises(ZeroDivisionError):
            looks.take(float(second))
    assert looked == ["dues"] * 3
