"""What States said about how they are bound, by day: reservations, declarations, objections, competence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from comity.terms import Citation
from comity.treaties.acts import STATEMENTS, Act
from comity.treaties.participation import CONSENTS, Participation, Permission


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a State, and its withdrawal if it has been withdrawn by the day.

    ``permission``: the clause that provides for it; None where no clause of the data does. ``citations``:
    the clauses on which it rests (what permits it, what it concerns, the clause on its withdrawal).
    ``timely``: whether it was made with one of the acts with which the treaty lets it be made; None where
    the treaty names no time, or the day is unknown.
    """

    act: Act
    permission: Permission | None
    withdrawn: Act | None
    citations: tuple[Citation, ...]
    timely: bool | None = None

    @property
    def stands(self) -> bool:
        """Whether it holds on the day."""
        return self.withdrawn is None


def statements(acts: Iterable[Act], rules: Participation, as_of: date) -> Iterator[Statement]:
    """The statements among a State's acts that had been made by a day."""
    known = tuple(act for act in acts if act.by(as_of))
    for act in known:
        if act.what in STATEMENTS:
            yield _statement(act, known, rules)


def _statement(act: Act, known: tuple[Act, ...], rules: Participation) -> Statement:
    permission = rules.permission(act.what, act.id) if act.id else None
    withdrawn = next((one for one in known if one.undoes(act)), None)
    cited: list[Citation] = []
    if permission:
        cited += [permission.citation, *permission.on]
        cited += [permission.mutual] if permission.mutual and withdrawn is None else []
        cited += [permission.withdrawal] if permission.withdrawal and withdrawn else []
    cited += [act.wording] if act.wording else []
    if act.what == "competence":
        cited += _on_competence(known, rules)
    timely = _timely(act, permission, known) if permission else None
    return Statement(act, permission, withdrawn, tuple(dict.fromkeys(cited)), timely)


def _timely(act: Act, permission: Permission, known: Iterable[Act]) -> bool | None:
    if act.on is None or act.what == "objection" or not permission.made_with:
        return None
    kinds = [kind for name in permission.made_with for kind in (CONSENTS if name == "consent" else (name,))]
    return any(one.what in kinds and one.on == act.on for one in known)


def _on_competence(known: Iterable[Act], rules: Participation) -> Iterator[Citation]:
    """An organisation declares its competence by the clause under which it consents."""
    forms = [act.what for act in known if act.what in rules.consents and act.amendment is None]
    for form in forms or list(rules.consents)[:1]:
        yield rules.consents[form]
