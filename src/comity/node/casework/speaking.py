"""The language of a letter and its translation, as they are entered beside the form of an act.

A page posts both together; what is entered here goes into the body of the letter, whichever act writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.http import QueryDict

from comity import canonical
from comity.node.casework import languages
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case
from comity.node.casework.translation_forms import IntoForm, OriginalForm, TextsForm, TranslatorForm
from comity.node.directory import known
from comity.node.exchange.models import Direction, Letter
from comity.node.pages import labels
from comity.node.pages.times import language as reader_language

PREFIX = "spoken"
_TEXT, _INTO, _GOES = f"{PREFIX}-text_", f"{PREFIX}-into", f"{PREFIX}-untranslated"


class Speaking:
    """What was entered as to the language of a letter of a case; nothing yet where ``data`` is None."""

    def __init__(self, case: Case, data: QueryDict | None = None) -> None:
        self.case, self.data = case, data
        self.accepted = languages.accepted(case)
        self.likely = [*self.accepted.codes, *self.accepted.card, *known.own().languages, reader_language()]
        self.likely += ["en", "kk", "ru"]
        self.original = OriginalForm(
            data,
            prefix=PREFIX,
            likely=self.likely,
            initial={"language": _said_before(case) if data is None else ""},
        )
        into = data.get(_INTO, "") if data is not None else ""
        self.into = into if labels.is_language(into) else ""
        self.goes_untranslated = data is not None and _GOES in data
        ids = [name.removeprefix(_TEXT) for name in data or () if name.startswith(_TEXT)]
        self.texts = TextsForm(
            data, prefix=PREFIX, texts=[languages.Text(id, "", "", "", False) for id in ids if self.into]
        )
        named = data is not None and any(
            data.get(f"{PREFIX}-{part}") for part in ("name", "post", "statement")
        )
        self.translator = TranslatorForm(data if named else None, prefix=PREFIX)

    @property
    def began(self) -> bool:
        """Whether a translation was entered, however little of it."""
        return (
            any(self.data.get(f"{_TEXT}{text.id}", "").strip() for text in self.texts.texts)
            if self.data
            else False
        )

    def is_valid(self) -> bool:
        """Whether all that was entered can be read."""
        whole = self.translator.is_valid() if self.translator.is_bound else True
        return self.original.is_valid() and self.texts.is_valid() and whole

    def said(self, at: datetime) -> dict[str, Any]:
        """What the body of the letter says of it, for what is valid; nothing where nothing was entered.

        ``at`` is when the translation was made.
        """
        language = self.original.cleaned_data["language"]
        found: dict[str, Any] = {"language": language} if language else {}
        if self.began:
            found["translations"] = [self._translation(at)]
        return found

    def demanded(self, at: datetime) -> dict[str, Any]:
        """The same; UntranslatedError where nobody said that the letter goes so, in no language of theirs."""
        said = self.said(at)
        if not self.goes_untranslated:
            languages.demand_spoken(self.case, said)
        return said

    def _translation(self, at: datetime) -> dict[str, Any]:
        made = {id: one for id, one in self.texts.entered({}).items() if one["text"].strip()}
        by = self.translator.cleaned_data if self.translator.is_bound else {}
        return {
            "language": self.into,
            "texts": made,
            "translator": {part: by[part] for part in ("kind", "name", "post")} if by else None,
            "at": canonical.instant_text(at),
            "statement": by.get("statement") or None,
        }

    def page(self, body: dict[str, Any], limits: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """The parts of the page on which a letter with this body is translated."""
        spoken = self.original["language"].value() or ""
        into = self.into or next((code for code in self.accepted.codes if code != spoken), "")
        into = "" if into == spoken else into
        texts = languages.beside(body, into, limits)
        form = TextsForm(self.data if self.texts.texts else None, prefix=PREFIX, texts=texts)
        return {
            "speaking": self,
            "language": spoken,
            "into": into,
            "choice": IntoForm(prefix=PREFIX, likely=self.likely, without=[spoken], initial={"into": into}),
            "rows": form.rows() if into else [],
            "translator": self.translator,
        }


def rows(entered: Iterable[Iterable[str]]) -> Iterator[tuple[str, str, str]]:
    """Of what was filled in for a prepared letter: its language, then each translated text by its name."""
    said = {name: value for name, value in entered if name.startswith(PREFIX)}
    into = said.get(_INTO, "")
    for name, value in said.items():
        if name.startswith(_TEXT) and value.strip():
            yield into, labels.text_name(name.removeprefix(_TEXT)), value


def is_own(name: str) -> bool:
    """Whether a field of a page belongs here and not to the form of the act."""
    return name.startswith(f"{PREFIX}-")


def _said_before(case: Case) -> str:
    """The language of this side's newest letter in the case that says one."""
    ours = Letter.objects.filter(case_reference=case.reference, direction=Direction.OUT)
    said = (read_body(letter).get("language", "") for letter in ours.order_by("-generation")[:5])
    return next(filter(None, said), "")
