"""A backup of the database brings no destroyed exhibit back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from comity.node import config, store, wiring
from comity.node.casework.models import Case
from comity.node.exhibits import custody, destroyed, erasing, intake, reading
from comity.node.exhibits.models import Exhibit


@pytest.fixture(autouse=True)
def no_list() -> Iterator[None]:
    path = config.current().folder / destroyed.FILE
    path.unlink(missing_ok=True)
    yield
    path.unlink(missing_ok=True)


@pytest.fixture
def exhibit(case: Case, official: Any, clock: Any) -> Exhibit:
    wiring.connect()
    described = intake.Description(case.reference, None, "a", "text/plain", "-")
    return intake.take_in(official("custodian"), io.BytesIO(b"x"), described, now=clock.now)


def destroy_and_restore(exhibit: Exhibit, clock: Any) -> None:
    """Destroyed, and then the row as a backup made before has it."""
    key = bytes(exhibit.wrapped_key or b"")
    Exhibit.objects.update(wrapped_key=None)
    erasing.erase({"exhibit": str(exhibit.pk)}, clock.now)
    erasing.erase({"exhibit": str(exhibit.pk)}, clock.now)
    Exhibit.objects.update(wrapped_key=key)


def test_what_a_restored_backup_has_the_key_of_is_destroyed_again(
    exhibit: Exhibit, clock: Any, run_jobs: Any
) -> None:
    destroy_and_restore(exhibit, clock)
    assert destroyed.listed() == {exhibit.pk}
    assert destroyed.apply(clock.now) == 1
    run_jobs()
    with pytest.raises(reading.ExhibitDestroyedError):
        reading.open_exhibit(Exhibit.objects.get())
    last = custody.chain(exhibit)[-1]
    assert (last["act"], last["by"]["post"]) == ("destroyed", destroyed.POST)
    assert list(store.keys("segments")) == []
    assert destroyed.apply(clock.now) == 0


def test_without_the_list_nothing_is_destroyed(exhibit: Exhibit, clock: Any) -> None:
    destroy_and_restore(exhibit, clock)
    (config.current().folder / destroyed.FILE).unlink()
    assert destroyed.apply(clock.now) == 0
    assert Exhibit.objects.get().is_there


def test_a_line_that_was_cut_off_is_none(exhibit: Exhibit, clock: Any) -> None:
    path = config.current().folder / destroyed.FILE
    path.write_text(f"{exhibit.pk}"[:20])
    assert destroyed.listed() == set()
    assert destroyed.apply(clock.now) == 0
    assert Exhibit.objects.get().is_there
    destroyed.note(exhibit.pk)
    assert destroyed.listed() == {exhibit.pk}


def test_a_second_list_brings_back_what_a_restored_folder_forgot(
    exhibit: Exhibit, clock: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = replace(config.current(), destroyed_copy=str(tmp_path / "apart"))
    monkeypatch.setattr(config, "current", lambda: node)
    destroy_and_restore(exhibit, clock)
    (node.folder / destroyed.FILE).unlink()  # the whole folder is from the backup
    assert destroyed.apply(clock.now) == 1
    assert destroyed.read(node.folder / destroyed.FILE) == {exhibit.pk}


def test_a_second_list_that_is_away_is_written_later(
    exhibit: Exhibit, clock: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    node = replace(config.current(), destroyed_copy=str(tmp_path / "away" / "apart"))
    monkeypatch.setattr(config, "current", lambda: node)
    Exhibit.objects.update(wrapped_key=None)
    with pytest.raises(destroyed.DestroyedCopyUnreachableError):
        erasing.erase({"exhibit": str(exhibit.pk)}, clock.now)
    assert destroyed.read(node.folder / destroyed.FILE) == {exhibit.pk}
    assert destroyed.apply(clock.now) == 0  # and no node is kept from starting by it
    assert f"destroyed_copy_unreachable: {node.destroyed_copy}" in caplog.text
    (tmp_path / "away").mkdir()
    erasing.erase({"exhibit": str(exhibit.pk)}, clock.now)
    assert destroyed.read(tmp_path / "away" / "apart") == {exhibit.pk}
