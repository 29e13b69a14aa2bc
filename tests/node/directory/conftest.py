"""A keeper's register for the tests of following it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.node.conftest import START
from tests.unit.directory.registers import Keeper as Register

from comity.directory import register as registers


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Register:
    register = Register(tmp_path_factory.mktemp("keeper"), START)
    register.publish("first", START)
    return register


@pytest.fixture
def register(published: Register, tmp_path: Path) -> Register:
    shutil.copytree(published.folder, tmp_path / "keeper")
    mine = object.__new__(Register)
    mine.folder, mine.state_key = tmp_path / "keeper", published.state_key
    mine.register = registers.Register(mine.folder / "register")
    return mine
