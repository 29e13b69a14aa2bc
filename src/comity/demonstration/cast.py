"""Who and what the story is played with: ``cast.toml``, all of it fictional."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache(maxsize=1)
def read() -> dict[str, Any]:
    """The whole file."""
    return tomllib.loads(resources.files(__package__).joinpath("cast.toml").read_text("utf-8"))


def node(side: str) -> dict[str, Any]:
    """The authority of a side (``kz`` or ``tm``)."""
    return dict(read()["nodes"][side])


def case() -> dict[str, Any]:
    """The case: facts, items, contents."""
    return dict(read()["case"])


def people(side: str) -> list[dict[str, Any]]:
    """The officials of a side."""
    return list(read()["people"][side])


SIDES = ("kz", "tm")
