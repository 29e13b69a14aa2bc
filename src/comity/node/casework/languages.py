"""In which languages a letter may be sent, what of it is translated, and what still has to be.

Which languages the other side accepts is the law's finding on the case; where the law leaves it to what a
State notifies, its authority's card is shown beside it, as what the authority says of itself. Those rules are
about requests: of any other letter a lack is told, and its writer decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from comity.letters.bodies import digest, texts_of
from comity.node.casework import opinions
from comity.node.casework.models import Case, LetterTranslation
from comity.node.pages import labels
from comity.node.pages.wording import Series
from comity.node.pages.wording import Spoken as LanguageName
from comity.terms import ComityError, gettext_noop


class TranslationLackingError(ComityError):
    """The request is not, or not wholly, in a language that it must be in."""

    code = "translation_lacking"
    message = gettext_noop("The translation is not ready: {lacking}")
    next_step = gettext_noop(
        "Complete it on the page “Languages and translation”, then hand the draft on again."
    )


class TranslationUnreadyError(ComityError):
    """A letter would go with half a translation."""

    code = "translation_unready"
    message = gettext_noop("The translation of the letter is not ready: {lacking}")
    next_step = gettext_noop("Complete the translation, or let the letter go without it.")


class UntranslatedError(ComityError):
    """The letter would go in a language that its recipient does not name, and nobody said that it shall."""

    code = "untranslated"
    message = gettext_noop(
        "The letter is not, and is not translated, in a language of the other side: {languages}"
    )
    next_step = gettext_noop("Add a translation, or say that the letter goes without one.")


@dataclass(frozen=True, slots=True)
class Rule:
    """A provision on languages: those it accepts, none where it leaves them to a State's notification."""

    cite: str
    finding: dict[str, Any]
    accepted: tuple[str, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the other side accepts: by the law's rules, and what its authority's card says."""

    rules: tuple[Rule, ...]
    card: tuple[str, ...]

    @property
    def binding(self) -> Rule | None:
        """The rule that says for certain in which languages a request is sent."""
        return next((rule for rule in self.rules if rule.certain and rule.accepted), None)

    @property
    def codes(self) -> tuple[str, ...]:
        """The languages to choose from: the law's, else those that the authority itself names."""
        return self.binding.accepted if self.binding else self.card

    @property
    def ruled_out(self) -> tuple[str, ...]:
        """Languages of the card that the law does not provide for."""
        return tuple(code for code in self.card if self.binding and code not in self.binding.accepted)

    @property
    def cite(self) -> str:
        """The provision to show: the binding one, else the first on languages, else none."""
        return self.binding.cite if self.binding else self.rules[0].cite if self.rules else ""


def accepted(case: Case) -> Accepted:
    """What the other side accepts: by the opinion on the case, where it is about that State, and its card."""
    found = [each for each in (case.opinion or {}).get("languages", []) if each["of"] == case.peer.state]
    rules = [
        Rule(each["cite"], each, tuple(each.get("accepted") or ()), opinions.applies(each)) for each in found
    ]
    return Accepted(tuple(rules), tuple(str(code) for code in case.peer.languages))


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the draft beside its translation; ``stale`` when the original was changed since."""

    id: str
    original: str
    digest: str
    text: str
    stale: bool

    @property
    def name(self) -> str:
        """The field, or the item whose description it is."""
        return labels.text_name(self.id)


def translation(draft: dict[str, Any], language: str) -> dict[str, Any] | None:
    """The draft's translation into a language, if it was begun."""
    return next((each for each in draft.get("translations", []) if each["language"] == language), None)


def beside(draft: dict[str, Any], language: str, limits: Iterable[dict[str, Any]] = ()) -> list[Text]:
    """Every text of a draft or a letter in its order, each with what translates it."""
    made = (translation(draft, language) or {}).get("texts", {})
    found = []
    for id, original in texts_of(draft, limits).items():
        known, said = digest(original), made.get(id)
        stale = said is not None and said["original"] != known
        found.append(Text(id, original, known, said["text"] if said else "", stale))
    return found


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a draft lacks as to language; ``is_error`` when it cannot be handed on so."""

    code: str
    languages: tuple[str, ...]
    cite: str
    is_error: bool
    texts: tuple[str, ...] = ()

    SENTENCES = {
        "language_unsaid": gettext_noop("Say in which language it is written. Accepted: {languages}"),
        "translation_needed": gettext_noop("A translation is needed into one of: {languages}"),
        "texts_untranslated": gettext_noop("Not yet translated into {languages}: {texts}"),
        "texts_stale": gettext_noop(
            "The original was changed after its translation into {languages}: {texts}"
        ),
        "translator_unsaid": gettext_noop("Say who translated into {languages}"),
        "statement_missing": gettext_noop(
            "The sworn translator’s statement of accuracy is missing: {languages}"
        ),
    }

    def __str__(self) -> str:
        named = {
            "languages": Series(LanguageName(code) for code in self.languages),
            "texts": ", ".join(labels.text_name(text) for text in self.texts),
        }
        return gettext(self.SENTENCES[self.code]).format_map(named)


def lacking(case: Case) -> list[Lack]:
    """What the draft of a request lacks as to language, what must be there first."""
    rule = accepted(case)
    return _sorted(_lacking(case.draft or {}, (), rule, must=rule.binding is not None))


def lacking_in(case: Case, body: dict[str, Any], limits: Sequence[dict[str, Any]]) -> list[Lack]:
    """The same of another letter: only half a translation keeps it back."""
    return _sorted(_lacking(body, limits, accepted(case), must=False))


def _sorted(lacks: Iterable[Lack]) -> list[Lack]:
    return sorted(lacks, key=lambda lack: not lack.is_error)


def _lacking(
    draft: dict[str, Any], limits: Sequence[dict[str, Any]], rule: Accepted, *, must: bool
) -> Iterator[Lack]:
    said, made = draft.get("language"), draft.get("translations", [])
    if not said and (rule.codes or made):
        yield Lack("language_unsaid", rule.codes, rule.cite, must or bool(made))
    if said and not _speaks(draft, rule):
        yield Lack("translation_needed", rule.codes, rule.cite, must)
    for each in made:
        yield from _incomplete(draft, limits, each, rule.cite)


def _speaks(body: dict[str, Any], rule: Accepted) -> bool:
    """Whether a letter or a translation in it is in a language that is accepted, where any is named."""
    spoken = {body["language"], *(each["language"] for each in body.get("translations", []))}
    return not rule.codes or bool(spoken & set(rule.codes))


def _incomplete(
    draft: dict[str, Any], limits: Sequence[dict[str, Any]], made: dict[str, Any], cite: str
) -> Iterator[Lack]:
    """What is wrong with a translation that was begun: a half of one is not sent."""
    language = (made["language"],)
    texts = beside(draft, made["language"], limits)
    untranslated = tuple(text.id for text in texts if not text.text)
    stale = tuple(text.id for text in texts if text.stale)
    if untranslated:
        yield Lack("texts_untranslated", language, cite, True, untranslated)
    if stale:
        yield Lack("texts_stale", language, cite, True, stale)
    if not made["translator"]:
        yield Lack("translator_unsaid", language, cite, True)
    elif made["translator"]["kind"] == "sworn" and not made["statement"]:
        yield Lack("statement_missing", language, cite, True)


def demand_translated(case: Case) -> None:
    """Raise TranslationLackingError for what a request cannot be handed on or signed without."""
    errors = [lack for lack in lacking(case) if lack.is_error]
    if errors:
        raise TranslationLackingError(lacking=Series(errors))


def demand_whole(case: Case, body: dict[str, Any], limits: Sequence[dict[str, Any]]) -> None:
    """Raise TranslationUnreadyError for a letter with half a translation."""
    errors = [lack for lack in lacking_in(case, body, limits) if lack.is_error]
    if errors:
        raise TranslationUnreadyError(lacking=Series(errors))


def demand_spoken(case: Case, body: dict[str, Any]) -> None:
    """Raise UntranslatedError for a letter that says its language and is in none of the other side's."""
    rule = accepted(case)
    if body.get("language") and not _speaks(body, rule):
        raise UntranslatedError(languages=Series(LanguageName(code) for code in rule.codes))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text in one language as a page shows it; ``own`` when this authority translated it for itself."""

    language: str
    text: str
    own: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One text of a letter: the original first, then its translations."""

    name: str
    spoken: tuple[Spoken, ...]


def beside_draft(draft: dict[str, Any], limits: Iterable[dict[str, Any]] = ()) -> list[Row]:
    """The texts of a draft that are translated, as its letter will hold them."""
    rows = (_row(draft, id, text) for id, text in texts_of(draft, limits).items())
    return [row for row in rows if len(row.spoken) > 1]


def _row(body: dict[str, Any], id: str, text: str) -> Row:
    """A text and the translations of it that a letter holds."""
    made = [
        Spoken(each["language"], each["texts"][id]["text"])
        for each in body.get("translations", [])
        if id in each["texts"]
    ]
    return Row(labels.text_name(id), (Spoken(body.get("language", ""), text), *made))


def beside_letter(body: dict[str, Any], limits: Iterable[dict[str, Any]], letter: Any) -> list[Row]:
    """The texts of a letter that are translated, in the letter or by this authority for itself."""
    ours = list(LetterTranslation.objects.filter(letter=letter).select_related("by"))
    rows = []
    for id, text in texts_of(body, limits).items():
        row = _row(body, id, text)
        own = (Spoken(each.language, each.texts[id], True, str(each.by)) for each in ours if id in each.texts)
        rows.append(Row(row.name, (*row.spoken, *own)))
    return [row for row in rows if len(row.spoken) > 1]
