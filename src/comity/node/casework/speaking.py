"""The language of a letter and its translations, as they are entered beside the form of an act.

A page posts both together; what is entered here goes into the body of the letter, whichever act writes it.
One translation is open on the page, under names that begin with ``spoken-``; the others go along hidden, each
named in ``spoken-kept`` and under names that begin with ``spoken-`` and its language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from comity import canonical
from comity.node.casework import languages
from comity.node.casework.acts.translate_draft import MOST
from comity.node.casework.drafts import LanguageTakenError
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case
from comity.node.casework.translation_forms import IntoForm, OriginalForm, TextsForm, TranslatorForm
from comity.node.directory import known
from comity.node.exchange.models import Direction, Letter
from comity.node.pages import labels
from comity.node.pages.times import language as reader_language
from comity.node.pages.wording import Spoken

PREFIX = "spoken"
OPEN, DROP, NEXT = f"{PREFIX}-open", f"{PREFIX}-drop", f"{PREFIX}-next-into"
STEPS = frozenset({OPEN, DROP, NEXT})
"""What the page is asked: to open a translation, to take one out, to begin another; no part of the letter."""
_INTO, _KEPT, _GOES = f"{PREFIX}-into", f"{PREFIX}-kept", f"{PREFIX}-untranslated"
_TRANSLATOR = ("name", "post", "statement")


def is_wanted(data: QueryDict) -> bool:
    """Whether the page of an act asks to translate its letter."""
    return data.get("sealing") == "translate" or OPEN in data or DROP in data


def turned(data: QueryDict) -> QueryDict:
    """What was entered once the page's step is taken: a translation opened or begun, or one taken out."""
    after = data.copy()
    drop, target = after.get(DROP, ""), after.get(OPEN, "")
    if after.get("sealing") == "translate":
        target = target or after.get(NEXT, "")
    for step in STEPS & after.keys():
        del after[step]
    kept, into = after.getlist(_KEPT), after.get(_INTO, "")
    if drop:
        _rename(after, _prefix(drop, into), None)
        kept = [code for code in kept if code != drop]
        if drop == into:
            into = ""
    if labels.is_language(target) and target != into:
        _rename(after, PREFIX, f"{PREFIX}-{into}" if into else None)
        kept = [*(code for code in kept if code not in (into, target)), *([into] if into else [])]
        _rename(after, f"{PREFIX}-{target}", PREFIX)
        into = target
    after.setlist(_KEPT, kept)
    after[_INTO] = into
    return after


class Entered:
    """One translation as it was entered, however little of it."""

    def __init__(self, language: str, data: QueryDict, prefix: str) -> None:
        self.language, self.data, self.prefix = language, data, prefix
        stem = f"{prefix}-text_"
        ids = [name.removeprefix(stem) for name in data if name.startswith(stem)]
        texts = [languages.Text(id, "", "", "", False) for id in ids]
        self.texts = TextsForm(data, prefix=prefix, texts=texts)
        named = any(data.get(f"{prefix}-{part}") for part in _TRANSLATOR)
        self.translator = TranslatorForm(data if named else None, prefix=prefix)

    @property
    def began(self) -> bool:
        """Whether any text of it was entered."""
        return any(self.data.get(f"{self.prefix}-text_{text.id}", "").strip() for text in self.texts.texts)

    @property
    def by(self) -> str:
        """Who translated, as far as it was said."""
        said = (self.data.get(f"{self.prefix}-{part}", "").strip() for part in ("name", "post"))
        return ", ".join(filter(None, said))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """All of it as hidden fields of a page on which it is not open."""
        mine = [name for name in self.data if name.startswith(f"{self.prefix}-")]
        parts = [name for name in mine if self.prefix != PREFIX or _is_of_translation(name)]
        stem = f"{PREFIX}-{self.language}"
        moved = (
            (f"{stem}{name.removeprefix(self.prefix)}", str(value))
            for name in parts
            for value in self.data.getlist(name)
        )
        return [(_KEPT, self.language), *moved]

    def is_valid(self) -> bool:
        """Whether it can be read."""
        named = self.translator.is_valid() if self.translator.is_bound else True
        return self.texts.is_valid() and named

    def said(self, at: datetime) -> dict[str, Any]:
        """It as a letter holds it, for what is valid; ``at`` is when it was made."""
        by = self.translator.cleaned_data if self.translator.is_bound else {}
        return {
            "language": self.language,
            "texts": {id: one for id, one in self.texts.entered({}).items() if one["text"].strip()},
            "translator": {part: by[part] for part in ("kind", "name", "post")} if by else None,
            "at": canonical.instant_text(at),
            "statement": by.get("statement") or None,
        }


class Speaking:
    """What was entered as to the language of a letter of a case; nothing yet where ``data`` is None."""

    def __init__(self, case: Case, data: QueryDict | None = None) -> None:
        self.case = case
        data = None if data is None else turned(data)
        self.accepted = languages.accepted(case)
        self.likely = [*self.accepted.codes, *self.accepted.card, *known.own().languages, reader_language()]
        self.likely += ["en", "kk", "ru"]
        self.original = OriginalForm(
            data,
            prefix=PREFIX,
            likely=self.likely,
            initial={"language": _said_before(case) if data is None else ""},
        )
        self.goes_untranslated = data is not None and _GOES in data
        into = data.get(_INTO, "") if data else ""
        codes = [code for code in dict.fromkeys(data.getlist(_KEPT)) if code != into] if data else []
        self.kept = [
            Entered(code, data, f"{PREFIX}-{code}") for code in codes if data and labels.is_language(code)
        ]
        self.current = Entered(into, data, PREFIX) if data and labels.is_language(into) else None
        self.unreadable = len(self.kept) < len(codes)

    @property
    def made(self) -> list[Entered]:
        """The translations of which any text was entered."""
        return [each for each in (*self.kept, self.current) if each and each.began]

    @property
    def began(self) -> bool:
        """Whether any translation was entered, however little of it."""
        return bool(self.made)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """All of them as the hidden fields of a page on which none is open."""
        return [field for each in self.made for field in each.fields]

    def is_valid(self) -> bool:
        """Whether all that was entered can be read."""
        valid = [self.original.is_valid(), *(each.is_valid() for each in (*self.kept, self.current) if each)]
        language = self.original.cleaned_data.get("language")
        if language and language in {each.language for each in self.made}:
            taken = LanguageTakenError(language=Spoken(language))
            self.original.add_error("language", taken.fill(gettext(taken.message)))
            return False
        return all(valid) and not self.unreadable and len(self.made) <= MOST

    def said(self, at: datetime) -> dict[str, Any]:
        """What the body of the letter says of it, for what is valid; nothing where nothing was entered.

        ``at`` is when the translations were made.
        """
        language = self.original.cleaned_data["language"]
        found: dict[str, Any] = {"language": language} if language else {}
        if self.began:
            found["translations"] = [each.said(at) for each in self.made]
        return found

    def demanded(self, at: datetime) -> dict[str, Any]:
        """The same; UntranslatedError where nobody said that the letter goes so, in no language of theirs."""
        said = self.said(at)
        if not self.goes_untranslated:
            languages.demand_spoken(self.case, said)
        return said

    def page(self, body: dict[str, Any], limits: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """The parts of the page on which a letter with this body is translated."""
        spoken = self.original["language"].value() or ""
        others = [each.language for each in self.kept]
        lacking = (code for code in self.accepted.codes if code not in (spoken, *others))
        into = self.current.language if self.current else next(lacking, "") if not self.kept else ""
        into = "" if into == spoken else into
        current = self.current if into and self.current and self.current.texts.texts else None
        form = TextsForm(
            current.data if current else None, prefix=PREFIX, texts=languages.beside(body, into, limits)
        )
        without = [spoken, into, *others]
        choice = IntoForm(prefix=f"{PREFIX}-next", likely=self.likely, without=without)
        choice.fields["into"].required = False
        return {
            "speaking": self,
            "into": into,
            "choice": choice if len(others) + bool(into) < MOST else None,
            "rows": form.rows() if into else [],
            "translator": self.current.translator if self.current else TranslatorForm(prefix=PREFIX),
        }


def rows(entered: Iterable[Iterable[str]]) -> Iterator[tuple[str, str, str]]:
    """Of what was filled in for a prepared letter: each translated text, with its language and its name."""
    said = [(name, value) for name, value in entered if name.startswith(PREFIX)]
    into = next((value for name, value in said if name == _INTO), "")
    stems = {into: f"{PREFIX}-text_"} | {
        code: f"{PREFIX}-{code}-text_" for name, code in said if name == _KEPT and code != into
    }
    for code, stem in stems.items():
        for name, value in said:
            if name.startswith(stem) and value.strip():
                yield code, labels.text_name(name.removeprefix(stem)), value


def is_own(name: str) -> bool:
    """Whether a field of a page belongs here and not to the form of the act."""
    return name.startswith(f"{PREFIX}-")


def _prefix(code: str, into: str) -> str:
    return PREFIX if code == into else f"{PREFIX}-{code}"


def _is_of_translation(name: str) -> bool:
    """Whether a name is that of a part of the translation that is open."""
    part = name.removeprefix(f"{PREFIX}-")
    return part.startswith(("text_", "seen_", "holds_")) or part in ("kind", *_TRANSLATOR)


def _rename(data: QueryDict, before: str, after: str | None) -> None:
    """Move all parts of a translation from one prefix to another, or take them out."""
    mine = [name for name in data if name.startswith(f"{before}-")]
    for name in mine:
        if before != PREFIX or _is_of_translation(name):
            values = data.pop(name)
            if after:
                data.setlist(f"{after}{name.removeprefix(before)}", values)


def _said_before(case: Case) -> str:
    """The language of this side's newest letter in the case that says one."""
    ours = Letter.objects.filter(case_reference=case.reference, direction=Direction.OUT)
    said = (read_body(letter).get("language", "") for letter in ours.order_by("-generation")[:5])
    return next(filter(None, said), "")
