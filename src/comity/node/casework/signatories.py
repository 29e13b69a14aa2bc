"""Who may sign what, beyond the role: what the law asks of the signatory's standing in the body."""

from __future__ import annotations

from typing import Any

from comity.node.accounts.models import Official, Rank
from comity.node.casework import opinions
from comity.node.casework.models import Case
from comity.node.pages.wording import Asked, Word
from comity.terms import ComityError, gettext_noop

BY_HEAD = "signed_by_head"
"""The form of a letter that its signatory's rank meets, in the words of the law's vocabulary."""
_MEETS = frozenset({Rank.HEAD, Rank.DEPUTY})


class SignatoryRankError(ComityError):
    """The law asks for the signature of the head of the body or a deputy."""

    code = "signatory_rank"
    message = gettext_noop("The law asks for another signatory: {form}.")
    next_step = gettext_noop("Ask the head of the body or a deputy to sign; the administrator keeps ranks.")


def asked_of_rank(case: Case) -> dict[str, Any] | None:
    """The finding that asks for the head or a deputy in this case, with its provision; None without one."""
    return opinions.form_asked(case.opinion or {}, BY_HEAD)


def has_rank(official: Official) -> bool:
    """Whether the official is the head of the body or a deputy."""
    return official.rank in _MEETS


def demand_rank(case: Case, official: Official) -> None:
    """Raise SignatoryRankError, with the provision, where the law certainly asks for a head or deputy."""
    asked = asked_of_rank(case)
    if asked and opinions.applies(asked) and not has_rank(official):
        raise SignatoryRankError(form=Asked(Word(BY_HEAD, "form"), asked["cite"]))
