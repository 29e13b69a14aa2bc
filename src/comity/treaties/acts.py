"""What States did under an instrument: acts with their day, source and mark, read from ``status.toml``.

An act is refused where the treaty knows no such thing: a form of consent it does not provide, a signature
outside its period, a reservation it does not permit under the name given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from comity.terms import Citation
from comity.treaties.participation import CONSENTS, Participation
from comity.treaties.sources import Source
from comity.treaties.toml import Table
from comity.treaties.vocabulary import is_state

# What a State says about how it is bound; each may be withdrawn.
STATEMENTS = ("reservation", "declaration", "objection", "competence")
WITHDRAWABLE = (*STATEMENTS, "denunciation")
ACTS = ("signature", "domestic_approval", *CONSENTS, *STATEMENTS, "withdrawal", "denunciation", "absence")
# D the depositary's own page, DS a machine copy of it, O another source, C computed from other facts.
MARKS = ("D", "DS", "O", "C")
_KEYS = ("state", "what", "on", "mark", "source", "note", "id", "to", "of", "amendment", "effect", "wording")


@dataclass(frozen=True, slots=True)
class Act:
    """What a State did (or, for ``absence``, that a source's table did not list it on that day).

    ``domestic_approval`` (a decree, a law on ratification) binds nobody abroad and decides no status.

    ``on``: the day, for a notice the day of its receipt; None where no source gives it. ``id``: the
    reservation or declaration of ``instrument.toml``. ``to``: whose reservation an objection answers.
    ``of``: what a withdrawal withdraws. ``amendment``: the consent is to that amendment alone.
    ``effect``: the day that a notice of denunciation names, or from which a succession holds. ``wording``:
    where the corpus has the words.
    """

    state: str
    what: str
    on: date | None
    mark: str
    source: str
    note: str | None
    id: str | None = None
    to: str | None = None
    of: str | None = None
    amendment: str | None = None
    effect: date | None = None
    wording: Citation | None = None

    def by(self, day: date) -> bool:
        """Whether it had been done by that day; an act without a day counts as done."""
        return self.on is None or self.on <= day

    def undoes(self, other: Act) -> bool:
        """Whether this is the withdrawal of that act."""
        same = (self.state, self.of, self.id, self.to) == (other.state, other.what, other.id, other.to)
        return self.what == "withdrawal" and same and (self.on is None or other.by(self.on))


def read_act(table: Table, sources: Mapping[str, Source], rules: Participation) -> Act:
    """One ``[[act]]``; raise LawDataUnreadableError saying what does not fit."""
    table.only(*_KEYS)
    wording = table.take("wording", str)
    act = Act(
        state=table.need("state", str),
        what=table.need("what", str),
        on=table.take("on", date),
        mark=table.need("mark", str),
        source=table.need("source", str),
        note=table.take("note", str),
        id=table.take("id", str),
        to=table.take("to", str),
        of=table.take("of", str),
        amendment=table.take("amendment", str),
        effect=table.take("effect", date),
        wording=Citation(rules.entry.citation.instrument, wording) if wording else None,
    )
    if act.source not in sources:
        table.refuse(f"names the source “{act.source}”, which is not listed")
    reason = misfit(act, rules)
    if reason:
        table.refuse(reason)
    return act


def misfit(act: Act, rules: Participation) -> str | None:
    """Why the treaty knows no such act; None where it fits."""
    if act.what not in ACTS:
        return f"is no act: “{act.what}”"
    if act.mark not in MARKS:
        return f"has the mark “{act.mark}”, which is none of {', '.join(MARKS)}"
    for code in (act.state, act.to):
        if code is not None and not is_state(code):
            return f"names “{code}”, which is the code of no State"
    return _incomplete(act) or _not_provided(act, rules)


def _incomplete(act: Act) -> str | None:
    if act.what == "absence" and act.on is None:
        return "is an absence without a day"
    if act.what == "objection" and act.to is None:
        return "is an objection that does not say to whose reservation (“to”)"
    if act.what == "withdrawal" and act.of not in WITHDRAWABLE:
        return f"is a withdrawal that should say of what (“of”): {', '.join(WITHDRAWABLE)}"
    if act.what in ("reservation", "declaration") and act.id is None and act.note is None:
        return f"is a {act.what} that says nothing: give its “id”, or a “note”"
    if act.effect and (act.what not in ("denunciation", "succession") or act.on is None):
        return "has an “effect”, which only a dated denunciation or succession has"
    return None


def _not_provided(act: Act, rules: Participation) -> str | None:
    """What the treaty's own clauses do not provide."""
    if act.what in CONSENTS and rules.consent(act.what) is None:
        return f"is a consent in a form that the treaty does not know: {act.what}"
    if (
        act.what == "signature"
        and act.on is not None
        and rules.signature
        and not rules.signature.open(act.on)
    ):
        return f"is a signature of {act.on}, when it was not open for it ({rules.signature.citation})"
    if act.amendment is not None and (act.what not in CONSENTS or rules.amendment is None):
        return "names an amendment, which only a consent under a treaty with a clause on amendments does"
    kind = act.of if act.what == "withdrawal" else act.what
    if act.id is not None and kind in STATEMENTS and rules.permission(kind, act.id) is None:
        return f"is a {kind} “{act.id}” that instrument.toml does not list"
    return None
