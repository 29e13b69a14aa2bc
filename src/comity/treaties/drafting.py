"""How a draft is asked for (``law/drafting.toml``): fields in groups, one a screen, and good practice.

Receives a library; returns its guide. Which fields a request needs is said by the rules alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from comity.treaties.errors import Place
from comity.treaties.library import Library
from comity.treaties.mistakes import FieldGroupedTwiceError, IdRepeatedError
from comity.treaties.toml import Table, read_toml

CONTENTS = "contents"


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that are asked for on one screen, in the order of asking."""

    id: str
    name: Mapping[str, str]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Advice of good practice on a field; it rests on no provision."""

    id: str
    field: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Guide:
    """The groups in order, the prompts by field, the fields whose texts are of one case alone."""

    groups: tuple[Group, ...]
    prompts: Mapping[str, tuple[Prompt, ...]]
    of_the_case: frozenset[str]


@cache
def guide(library: Library) -> Guide:
    """The guide of a library; an empty one where it has no such file."""
    path = library.root / "drafting.toml"
    if not path.exists():
        return Guide((), MappingProxyType({}), frozenset())
    table = read_toml(path)
    table.only("of_the_case", "group", "prompt")
    words = {CONTENTS: library.words(CONTENTS)}
    groups = tuple(_group(one, words) for one in _once(table, "group"))
    _demand_no_field_twice(table, groups)
    prompts: dict[str, tuple[Prompt, ...]] = {}
    for one in _once(table, "prompt"):
        one.only("id", "field", "text")
        prompt = Prompt(one.need("id", str), one.word("field", CONTENTS, words), one.sentence("text"))
        prompts[prompt.field] = (*prompts.get(prompt.field, ()), prompt)
    of_the_case = frozenset(table.known_words("of_the_case", CONTENTS, words))
    return Guide(groups, MappingProxyType(prompts), of_the_case)


def _group(table: Table, words: Mapping[str, tuple[str, ...]]) -> Group:
    table.only("id", "name", "fields")
    return Group(table.need("id", str), table.sentence("name"), table.known_words("fields", CONTENTS, words))


def _once(table: Table, key: str) -> Iterator[Table]:
    """The tables of a list; an id that stands twice is a mistake."""
    first: dict[str, Place] = {}
    for one in table.tables(key):
        id = one.peek("id", str) or ""
        if id in first:
            before = first[id]
            one.wrong(IdRepeatedError, "id", id=id, line=before.line, first=before.short)
        first.setdefault(id, one.place())
        yield one


def _demand_no_field_twice(table: Table, groups: tuple[Group, ...]) -> None:
    """A field in two groups would be asked for twice."""
    grouped = [field for group in groups for field in group.fields]
    for field in sorted({field for field in grouped if grouped.count(field) > 1}):
        table.wrong(FieldGroupedTwiceError, "group", field=field)
