"""The readable form of a letter's translations: beside the original, each in its own language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from comity.letters.bodies import Translatable, texts_of
from comity.letters.bodies.translation import Translator
from comity.letters.document import Beside, Paragraphs, Section, Worded
from comity.letters.labels import Labels
from comity.letters.rendering.parts import section, table
from comity.letters.schema import Limit


def worded(name: str, text: str, body: Translatable, labels: Labels) -> Beside:
    """A text as it was written, then what translates it."""
    found = [(each.language, each.texts[name].text) for each in body.translations if name in each.texts]
    language = body.language or ""
    if not found:
        return Beside([Worded(language, "", text)])
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


def beneath(
    body: Translatable, labels: Labels, *names: str, limits: Iterable[Limit] = ()
) -> Iterator[Beside]:
    """What is translated of the words in a table, under it.

    A name is a field, or what is numbered: ``item`` stands for ``item_1`` and the rest.
    """
    if not body.translations:
        return
    for id, text in texts_of(body.as_json(), [limit.as_json() for limit in limits]).items():
        name, _, number = id.rpartition("_")
        if (id in names or (name in names and number.isdigit())) and any(
            id in each.texts for each in body.translations
        ):
            yield _headed(id if id in names else number, worded(id, text, body, labels), labels)


def _headed(name: str, shown: Beside, labels: Labels) -> Beside:
    """Each language under what its text is of: a number in the table, or a field."""
    what = f"{labels.word('number')} {name}" if name.isdigit() else labels.word(name)
    return Beside([Worded(one.language, f"{what}, {one.heading}", one.text) for one in shown.texts])


def translations(body: object, labels: Labels) -> Iterator[Section]:
    """Which language is the original, and who answers for each translation."""
    if not isinstance(body, Translatable) or body.language is None:
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
