"""The readable form of a letter's translations: beside the original, each in its own language."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters.bodies import RequestBody
from comity.letters.bodies.translation import Translator
from comity.letters.document import Beside, Paragraphs, Section, Worded
from comity.letters.labels import Labels
from comity.letters.rendering.parts import section, table


def worded(name: str, text: str, body: RequestBody, labels: Labels) -> Beside:
    """A text as it was written, then what translates it."""
    found = [(each.language, each.texts[name].text) for each in body.translations if name in each.texts]
    if not found:
        return Beside([Worded(body.language or "", "", text)])
    language = body.language or ""
    original = f"{labels.language_name(language)} ({labels.word('original')})"
    return Beside(
        [
            Worded(language, original, text),
            *(
                Worded(code, f"{labels.language_name(code)} ({labels.word('translation')})", said)
                for code, said in found
            ),
        ]
    )


def described_elsewhere(body: RequestBody, labels: Labels) -> Iterator[Beside]:
    """The descriptions of items that are translated, under the table of items."""
    for item in body.items:
        name = f"item_{item.number}"
        if any(name in each.texts for each in body.translations):
            shown = worded(name, item.description, body, labels)
            heads = [f"{labels.word('number')} {item.number}, {one.heading}" for one in shown.texts]
            yield Beside(
                [Worded(one.language, head, one.text) for one, head in zip(shown.texts, heads, strict=True)]
            )


def translations(body: RequestBody, labels: Labels) -> Iterator[Section]:
    """Which language is the original, and who answers for each translation."""
    if body.language is None:
        return
    said = Paragraphs(f"{labels.word('original_in')}: {labels.language_name(body.language)}")
    if not body.translations:
        yield section(labels, "language", said)
        return
    rows = [
        [
            labels.language_name(each.language),
            *_translator(each.translator, labels),
            labels.instant(each.at),
        ]
        for each in body.translations
    ]
    statements = [
        Beside(
            [Worded("", f"{labels.word('statement')}: {labels.language_name(each.language)}", each.statement)]
        )
        for each in body.translations
        if each.statement
    ]
    made = table(labels, "language translator name post time", (3, 4, 4, 4, 4), rows)
    yield section(labels, "translations", said, made, *statements)


def _translator(translator: Translator | None, labels: Labels) -> list[str]:
    """Kind, name and post; a draft may not say them yet."""
    if translator is None:
        return ["", "", ""]
    return [labels("translator", translator.kind), translator.name, translator.post]
