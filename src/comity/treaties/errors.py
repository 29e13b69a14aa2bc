"""What can be wrong with law data, or with a question about it."""

from __future__ import annotations

from pathlib import Path

from comity.terms import ComityError, gettext_noop


class LawFolderMissingError(ComityError):
    """No folder of law data was found."""

    code = "law_folder_missing"
    message = gettext_noop("No law data found in {folder}.")
    next_step = gettext_noop("Set COMITY_LAW to the folder that holds vocabulary/ and the instruments.")


class LawDataUnreadableError(ComityError):
    """A file of law data does not have its form."""

    code = "law_data_unreadable"
    message = gettext_noop("The law data in {file} cannot be read: {reason}.")
    next_step = gettext_noop("Correct the file; docs/law.md describes the form.")

    def __init__(self, *, file: Path | str, reason: str) -> None:
        super().__init__(file=_short(file), reason=reason)


class RuleKeyUnknownError(LawDataUnreadableError):
    """A rule has a key that its kind does not know."""

    code = "rule_key_unknown"


class RuleKindUnknownError(LawDataUnreadableError):
    """A rule is of a kind that does not exist."""

    code = "rule_kind_unknown"


class WordUnknownError(LawDataUnreadableError):
    """An id is in none of the closed lists it should be in."""

    code = "word_unknown"


class RulePlaceUnknownError(LawDataUnreadableError):
    """A rule stands on a provision that the text does not have."""

    code = "rule_place_unknown"


class InstrumentUnknownError(ComityError):
    """No instrument has this id."""

    code = "instrument_unknown"
    message = gettext_noop("There is no instrument “{instrument}”.")
    next_step = gettext_noop("Choose one of: {choices}.")


class ProvisionUnknownError(ComityError):
    """The citation has the right form, but the text has no such place."""

    code = "provision_unknown"
    message = gettext_noop("“{citation}” is not a provision of {instrument}.")
    next_step = gettext_noop("See what stands at {nearest}.")


class StateUnknownError(ComityError):
    """A code is no State's (nor one of those set aside for tests)."""

    code = "state_unknown"
    message = gettext_noop("“{state}” is not the code of a State.")
    next_step = gettext_noop("Use the two capital letters of ISO 3166-1, for example KZ.")


class StatusFileUnreadableError(ComityError):
    """A table of participants does not have a form that is known."""

    code = "status_file_unreadable"
    message = gettext_noop("The table of participants cannot be read (line {line}): {reason}.")
    next_step = gettext_noop("docs/law/status.md describes the forms that can be imported.")


class StatusFileExistsError(ComityError):
    """The file to write is there already."""

    code = "status_file_exists"
    message = gettext_noop("{file} exists already; nothing was written.")
    next_step = gettext_noop("Name a new file, or add to this one with --into.")


class StatusDatesDifferError(ComityError):
    """The page gives another day than the one stated for the source."""

    code = "status_dates_differ"
    message = gettext_noop(
        "The page shows the status as at {page}, but the source was given the date {given}."
    )
    next_step = gettext_noop("Give the day of the page with --date.")


class SourceKeyTakenError(ComityError):
    """The file has another source under this key."""

    code = "source_key_taken"
    message = gettext_noop("{file} has a source “{key}” already, with another title, address or date.")
    next_step = gettext_noop("Give the new source another key with --key.")


def _short(file: Path | str) -> str:
    """The last parts of a path: where in ``law/``, not where on the machine."""
    parts = Path(file).parts
    return "/".join(parts[parts.index("law") + 1 :] if "law" in parts else parts[-3:])
