"""What can be wrong in a file of law data: each mistake with its place, a stable code and the remedy.

Loading raises the first of them; ``comity law validate`` collects them all.
"""

from __future__ import annotations

from comity.terms import gettext_noop
from comity.treaties.errors import LawDataUnreadableError


class TomlUnreadableError(LawDataUnreadableError):
    """The file is not TOML."""

    code = "toml_unreadable"
    message = gettext_noop("{at}: this is not TOML: {reason}.")
    next_step = gettext_noop("Correct that line: text stands in straight quotes, a key stands once.")


class EncodingWrongError(LawDataUnreadableError):
    """The file is not UTF-8."""

    code = "encoding_wrong"
    message = gettext_noop("{at}: the file is not a text in UTF-8.")
    next_step = gettext_noop("Save it as UTF-8.")


class FileTooLargeError(LawDataUnreadableError):
    """A file larger than any law needs."""

    code = "file_too_large"
    message = gettext_noop("{at}: the file has more than the {limit} bytes that are allowed.")
    next_step = gettext_noop("Divide it into several files, or take out what does not belong there.")


class FileMissingError(LawDataUnreadableError):
    """A file that every instrument has is not there."""

    code = "file_missing"
    message = gettext_noop("{at}: the file cannot be read: {reason}.")
    next_step = gettext_noop("Write it; docs/law/adding-a-treaty.md says what it holds.")


class TextFolderWrongError(LawDataUnreadableError):
    """The text of an instrument is in no folder, or in several."""

    code = "text_folder_wrong"
    message = gettext_noop("{at}: the text should stand in one folder text/<language>; found: {found}.")
    next_step = gettext_noop(
        "Keep the one text that the rules quote; name its folder by ISO 639, for example kk."
    )


class FileMisnamedError(LawDataUnreadableError):
    """A file is not named after what it holds."""

    code = "file_misnamed"
    message = gettext_noop("{at}: the file holds {holds} but is not named {name}.")
    next_step = gettext_noop("Rename the file, or correct what it says it holds.")


class BelongsElsewhereError(LawDataUnreadableError):
    """A file or folder says it belongs to another instrument or State."""

    code = "belongs_elsewhere"
    message = gettext_noop("{at}: “{found}” belongs to another instrument or State than {wanted}.")
    next_step = gettext_noop("Correct the name, or move the file.")


class KeyUnknownError(LawDataUnreadableError):
    """A key that nobody reads."""

    code = "key_unknown"
    message = gettext_noop("{at}: there is no key “{key}” here.")
    next_step = gettext_noop("Write one of: {choices}; or delete the line.")


class RuleKeyUnknownError(KeyUnknownError):
    """A rule has a key that its kind does not know."""

    code = "rule_key_unknown"
    message = gettext_noop("{at}: a rule of kind {kind} has no key “{key}”.")


class KeyMissingError(LawDataUnreadableError):
    """A key that must be there is not."""

    code = "key_missing"
    message = gettext_noop("{at}: “{key}” is missing.")
    next_step = gettext_noop("Add it.")


class TypeWrongError(LawDataUnreadableError):
    """A value is not of the kind that its key needs."""

    code = "type_wrong"
    message = gettext_noop("{at}: “{key}” should be {expected}.")
    next_step = gettext_noop("Write the value in that form.")


class WordUnknownError(LawDataUnreadableError):
    """A word is not in the closed list it should be in."""

    code = "word_unknown"
    message = gettext_noop("{at}: “{word}” is not in {list}.")
    next_step = gettext_noop("Use one of: {choices}.")


class RuleKindUnknownError(WordUnknownError):
    """A rule is of a kind that does not exist."""

    code = "rule_kind_unknown"
    message = gettext_noop("{at}: there is no kind of rule “{word}”.")


class ConditionUnknownError(WordUnknownError):
    """A rule, a measure or a precedence names a condition that does not exist."""

    code = "condition_unknown"
    message = gettext_noop("{at}: there is no condition “{word}”.")
    next_step = gettext_noop(
        "Use one of: {choices}; or add the word to the list it belongs to in vocabulary/."
    )


class WordListWrongError(LawDataUnreadableError):
    """A closed list is empty, repeats an id, or explains other ids than it has."""

    code = "word_list_wrong"
    message = gettext_noop("{at}: the list and its meanings differ, or an id stands twice: {words}.")
    next_step = gettext_noop("List each id once and give each one sentence in [meaning], or none at all.")


class LanguagesMissingError(LawDataUnreadableError):
    """A text is not there in every language."""

    code = "languages_missing"
    message = gettext_noop("{at}: “{key}” is missing in {languages}.")
    next_step = gettext_noop("Write it in en, kk and ru.")


class TranslationMissingError(LanguagesMissingError):
    """A heading, a summary or a name is not there in every language."""

    code = "translation_missing"
    warning = True


class LanguageUnknownError(LawDataUnreadableError):
    """A text in a language that Comity does not show."""

    code = "language_unknown"
    message = gettext_noop("{at}: “{key}” has no language “{language}”.")
    next_step = gettext_noop("Write it in en, kk and ru.")


class DurationWrongError(LawDataUnreadableError):
    """A duration is not ISO 8601."""

    code = "duration_wrong"
    message = gettext_noop("{at}: “{duration}” is no duration.")
    next_step = gettext_noop("Write it after ISO 8601, for example P60D, P6M, P1Y or PT24H.")


class DayImpossibleError(LawDataUnreadableError):
    """Two days of the status data contradict each other."""

    code = "day_impossible"
    message = gettext_noop("{at}: {day} lies before {other}, the day of {what}.")
    next_step = gettext_noop("Compare both days with their sources and correct the wrong one.")


class SourceTooOldError(LawDataUnreadableError):
    """A source cannot prove what was done after its own day."""

    code = "source_too_old"
    message = gettext_noop("{at}: the source is of {day}, before {other}, the day of the act.")
    next_step = gettext_noop("Cite a later source, or say in “note” how the day follows from this one.")


class EidMalformedError(LawDataUnreadableError):
    """What should name a place of the text does not have that form."""

    code = "eid_malformed"
    message = gettext_noop("{at}: “{eid}” does not have the form of a place of a text.")
    next_step = gettext_noop("Write it like art_40__para_21__point_b.")


class EidRepeatedError(LawDataUnreadableError):
    """A text names a place twice."""

    code = "eid_repeated"
    message = gettext_noop("{at}: the place {eid} is given twice.")
    next_step = gettext_noop("Correct the second, or the plan from which the text was parsed.")


class RulePlaceUnknownError(LawDataUnreadableError):
    """Something points to a provision that the text does not have."""

    code = "rule_place_unknown"
    message = gettext_noop("{at}: there is no provision {place}.")
    next_step = gettext_noop("Look up what there is with comity law show {nearest}.")


class RulePlaceElsewhereError(LawDataUnreadableError):
    """A rule stands in the file of another article."""

    code = "rule_place_elsewhere"
    message = gettext_noop("{at}: {place} is no part of {article}.")
    next_step = gettext_noop("Move the rule to the file of its own article, or correct “eid”.")


class QuoteNotVerbatimError(LawDataUnreadableError):
    """The quoted words are not those of the provision."""

    code = "quote_not_verbatim"
    message = gettext_noop("{at}: the words of “quote” do not stand in {place}.")
    next_step = gettext_noop("Copy them exactly as comity law show {place} prints them.")


class RuleRepeatedError(LawDataUnreadableError):
    """The same rule is given twice."""

    code = "rule_repeated"
    message = gettext_noop("{at}: this rule stands already in line {line} of {first}.")
    next_step = gettext_noop("Delete one of the two, or tell them apart by “suffix”.")


class RuleUnreachedError(LawDataUnreadableError):
    """No measure leads to a rule, so that no opinion will ever show it."""

    code = "rule_unreached"
    message = gettext_noop("{at}: no measure leads to {place}, so no opinion will ever show this rule.")
    next_step = gettext_noop("Name the place in “basis”, “governed_by” or “general” of measures.toml.")


class MeasureUnopenedError(LawDataUnreadableError):
    """No scope rule opens the instrument for a measure of its column."""

    code = "measure_unopened"
    message = gettext_noop("{at}: no rule of kind scope opens the instrument for {measure}.")
    next_step = gettext_noop("Name the measure in “measures” of a rule of kind scope.")


class IdRepeatedError(LawDataUnreadableError):
    """An id that must be unique in its instrument is not."""

    code = "id_repeated"
    message = gettext_noop("{at}: the id “{id}” stands already in line {line} of {first}.")
    next_step = gettext_noop("Choose another id.")


class FieldGroupedTwiceError(LawDataUnreadableError):
    """A field of a request stands twice in the groups of the guided draft."""

    code = "field_grouped_twice"
    message = gettext_noop("{at}: the field “{field}” stands twice in the groups.")
    next_step = gettext_noop("Keep it in one group, once.")


class SourceUnlistedError(LawDataUnreadableError):
    """A fact about a State names a source that the file does not list."""

    code = "source_unlisted"
    message = gettext_noop("{at}: the source “{source}” is not listed in this file.")
    next_step = gettext_noop("Add a [[source]] with that key: no fact without a source.")


class ActUnfitError(LawDataUnreadableError):
    """The treaty knows no such act of a State."""

    code = "act_unfit"
    message = gettext_noop("{at}: the act {reason}.")
    next_step = gettext_noop("Correct the act in status.toml, or the final clauses in instrument.toml.")


class StateUnknownError(LawDataUnreadableError):
    """A code is no State's."""

    code = "state_unknown"
    message = gettext_noop("{at}: “{state}” is not the code of a State.")
    next_step = gettext_noop("Use the two capital letters of ISO 3166-1, for example KZ.")


class TargetUnknownError(LawDataUnreadableError):
    """A home names a model or an act that the software does not have."""

    code = "target_unknown"
    message = gettext_noop("{at}: the software has nothing named {target}.")
    next_step = gettext_noop("Name the model or the act in full, or write [[awaited]] while it is not built.")


class CaseUnreadableError(LawDataUnreadableError):
    """The facts of a case cannot be read."""

    code = "case_unreadable"
    message = gettext_noop("{at}: the facts cannot be read: {reason}")
    next_step = gettext_noop("{remedy}")


class CaseDisagreesError(LawDataUnreadableError):
    """The opinion is not what a case expects."""

    code = "case_disagrees"
    message = gettext_noop("{at}: the opinion differs from what the case expects: {reason}.")
    next_step = gettext_noop("Read the provision again, then correct the rule or the case.")


class ProvisionHomelessError(LawDataUnreadableError):
    """Nothing in the software speaks for a provision."""

    code = "provision_homeless"
    message = gettext_noop("{at}: no rule, question or home stands on {place}.")
    next_step = gettext_noop("Write a [[rule]], a [[question]], a [[home]] or an [[awaited]] for it.")
    warning = True
