"""Acts as TOML: a new file, or what is to be added to a ``status.toml``, with nothing of it changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from comity.treaties.acts import Act
from comity.treaties.participation import CONSENTS
from comity.treaties.sources import Source

_ONCE = ("signature", *CONSENTS)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an import found against what is known: acts to add, acts known already, contradictions."""

    new: tuple[Act, ...]
    known: tuple[Act, ...]
    contradictions: tuple[tuple[Act, Act], ...]


def added(found: Iterable[Act], held: Iterable[Act]) -> Sheet:
    """Compare the acts found with those that are held, whatever their sources.

    Another day, or another form of consent on the same day, is a contradiction for a person to resolve;
    an act that is held without a day, or with one, and found the other way, is too.
    """
    held = tuple(held)
    new: list[Act] = []
    known: list[Act] = []
    against: list[tuple[Act, Act]] = []
    for act in found:
        same = next((one for one in held if _said(one) == _said(act)), None)
        other = next((one for one in (*held, *new) if _contradicts(act, one)), None)
        if same is not None:
            known.append(act)
        elif other is not None:
            against.append((act, other))
        else:
            new.append(act)
    return Sheet(tuple(new), tuple(known), tuple(against))


def _said(act: Act) -> tuple[object, ...]:
    return (act.state, act.what, act.on, act.id, act.to, act.of, act.amendment)


def _contradicts(found: Act, held: Act) -> bool:
    """Whether both cannot be so: a State signs once, and consents once unless it left in between."""
    if (found.state, found.amendment) != (held.state, held.amendment):
        return False
    if "signature" in (found.what, held.what):
        return found.what == held.what and found.on != held.on
    return found.what in _ONCE and held.what in _ONCE and _said(found) != _said(held)


def written(acts: Iterable[Act], source: Source, instrument: str | None, complete: bool = False) -> str:
    """The TOML of the acts and their source: with ``instrument`` a whole file, else what one gains."""
    parts = []
    if instrument:
        head = f"# Acts of States, each with its source.\ninstrument = {_text(instrument)}\n"
        if source.dated:
            head += f"known_until = {source.dated}\n"
            head += f"complete_until = {source.dated}\n" if complete else ""
        parts.append(head)
    parts.append("\n".join(["[[source]]", *_source(source)]) + "\n")
    parts += ["\n".join(["[[act]]", *_act(act)]) + "\n" for act in acts]
    return "\n".join(parts)


def _source(source: Source) -> Iterator[str]:
    yield f"key = {_text(source.key)}"
    yield f"title = {_text(source.title)}"
    yield f"address = {_text(source.address)}"
    if source.dated:
        yield f"date = {source.dated}"


def _act(act: Act) -> Iterator[str]:
    for key in ("state", "what", "on", "id", "to", "of", "amendment", "effect", "mark", "source", "note"):
        value = getattr(act, key)
        if value is not None:
            yield f"{key} = {value.isoformat() if isinstance(value, date) else _text(value)}"


def _text(value: str) -> str:
    """A TOML basic string; JSON's is one, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\u007f", "\\u007f")
