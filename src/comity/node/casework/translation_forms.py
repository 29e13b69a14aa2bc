"""What officials enter about languages: that of the original, texts in another one, who translated them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework.languages import Text
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField


def _choices(likely: Iterable[str], without: Iterable[str] = ()) -> list[Any]:
    """Languages to choose from, the likely ones first."""
    left_out = set(without)
    first = [(code, labels.language_name(code)) for code in dict.fromkeys(likely) if code not in left_out]
    others = [
        (code, name)
        for code, name in labels.language_choices()
        if code not in {*left_out, *(one for one, _name in first)}
    ]
    return [("", "—"), (_("Likely"), first), (_("All languages"), others)]


class OriginalForm(forms.Form):
    """The language of the original."""

    language = forms.ChoiceField(label=_("Language of the original"), required=False)

    def __init__(self, *args: Any, likely: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = _choices(likely)  # type: ignore[attr-defined]


class IntoForm(forms.Form):
    """The language to translate into."""

    into = forms.ChoiceField(label=_("Translate into"))

    def __init__(self, *args: Any, likely: Sequence[str], without: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = _choices(likely, without)  # type: ignore[attr-defined]


class TextsForm(forms.Form):
    """A text by field and item in another language.

    Beside each text the page carries the digest of the original that was seen. A text that was not touched
    keeps the original it was made from, unless somebody says that it still holds.
    """

    def __init__(self, *args: Any, texts: Sequence[Text], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts
        for text in texts:
            self.fields[f"text_{text.id}"] = ProseField(required=False, initial=text.text)
            self.fields[f"seen_{text.id}"] = forms.RegexField(r"^[0-9a-f]{64}$", required=False)
            self.fields[f"holds_{text.id}"] = forms.BooleanField(required=False)

    def entered(self, made: dict[str, Any]) -> dict[str, dict[str, str]]:
        """What was entered, each with the digest of the original it translates."""
        found = {}
        for text in self.texts:
            if self.add_prefix(f"text_{text.id}") not in self.data:
                continue
            said, seen = self.cleaned_data[f"text_{text.id}"], self.cleaned_data[f"seen_{text.id}"]
            before = made.get(text.id)
            untouched = before is not None and before["text"] == said
            if before is not None and untouched and not self.cleaned_data[f"holds_{text.id}"]:
                seen = before["original"]
            found[text.id] = {"text": said, "original": seen or text.digest}
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Each text with what was entered for it and what is wrong with that."""
        return [
            {
                "text": text,
                "field": self[f"text_{text.id}"],
                "seen": self[f"seen_{text.id}"],
                "holds": self[f"holds_{text.id}"],
            }
            for text in self.texts
        ]


class TranslatorForm(forms.Form):
    """Who answers for a translation."""

    kind = forms.ChoiceField(
        label=_("Translated by"),
        choices=[("official", _("an official of this authority")), ("sworn", _("a sworn translator"))],
        widget=forms.RadioSelect,
        initial="official",
    )
    name = LineField(label=_("Translator’s name"))
    post = LineField(label=_("Post, or number of the translator’s oath or licence"))
    statement = ProseField(
        label=_("Statement of accuracy"),
        required=False,
        rows=3,
        help_text=_("A sworn translator always makes one; otherwise where the other side asks for it."),
    )
