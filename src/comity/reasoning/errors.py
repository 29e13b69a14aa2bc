"""Why facts cannot be read: each with a stable code and the path of the field at fault."""

from __future__ import annotations

from comity.terms import ComityError, gettext_noop


class FactsUnreadableError(ComityError):
    """The facts do not have the form that the contract gives them."""

    code = "facts_unreadable"
    message = gettext_noop("The facts cannot be read at “{path}”.")
    next_step = gettext_noop("Compare the file with the FACTS example in the documentation.")


class FactKeyUnknownError(FactsUnreadableError):
    """A key that no fact has; it is refused rather than silently ignored."""

    code = "fact_key_unknown"
    message = gettext_noop("“{path}” is not a fact that Comity knows.")
    next_step = gettext_noop("Write one of: {choices}; or leave it out.")


class FactRequiredError(FactsUnreadableError):
    """The two States, the measure and one offence cannot be absent."""

    code = "fact_required"
    message = gettext_noop("“{path}” is missing; without it no opinion can be given.")
    next_step = gettext_noop("Add it to the facts.")


class FactWrongTypeError(FactsUnreadableError):
    """A value of another JSON type than the fact has."""

    code = "fact_wrong_type"
    message = gettext_noop("“{path}” must be of the type {expected}.")
    next_step = gettext_noop("Write the value in that type, or leave the fact out if it is unknown.")


class FactWordUnknownError(FactsUnreadableError):
    """A word that is not in the closed list of this fact."""

    code = "fact_word_unknown"
    message = gettext_noop("“{value}” at “{path}” is not a word that can stand there.")
    next_step = gettext_noop("Use one of: {choices}.")


class FactOutOfRangeError(FactWordUnknownError):
    """A number that this fact cannot have."""

    message = gettext_noop("“{value}” at “{path}” is no number that can stand there.")
    next_step = gettext_noop("Write a number from {least} to {most}.")


class FactsTooManyError(FactsUnreadableError):
    """A list longer than any case has."""

    code = "facts_too_many"
    message = gettext_noop("“{path}” has {count} entries; at most {most} can be weighed in one opinion.")
    next_step = gettext_noop("Divide the case into several requests, or leave out what says the same.")


class MeasureUnknownError(FactsUnreadableError):
    """The measure is not in the closed list."""

    code = "measure_unknown"
    message = gettext_noop("“{value}” at “{path}” is not a measure that Comity knows.")
    next_step = gettext_noop("Use one of: {choices}; or other_assistance for what no article names.")


class StateUnknownError(FactsUnreadableError):
    """Not an ISO 3166-1 alpha-2 code, nor one of the codes for invented States."""

    code = "state_unknown"
    message = gettext_noop("“{value}” at “{path}” is not the code of a State.")
    next_step = gettext_noop("Use the two capital letters of ISO 3166-1, for example {example}.")


class SameStateTwiceError(FactsUnreadableError):
    """A State does not ask itself for assistance."""

    code = "same_state_twice"
    message = gettext_noop("{value} stands both as requesting and as requested State.")
    next_step = gettext_noop("Correct “requesting_state” or “requested_state”.")


class OffenceUnknownError(FactsUnreadableError):
    """The citation names no offence of a treaty's catalogue."""

    code = "offence_unknown"
    message = gettext_noop("“{value}” at “{path}” is not an offence of a treaty's catalogue.")
    next_step = gettext_noop("Cite one, such as {choices}, or write null for one outside every catalogue.")


class CitationUnknownError(FactsUnreadableError):
    """The citation leads to no provision."""

    code = "citation_unknown"
    message = gettext_noop("“{value}” at “{path}” leads to no provision of the texts.")
    next_step = gettext_noop("Look up what there is with comity law show {nearest}.")


class InstrumentUnknownError(FactsUnreadableError):
    """The treaty is not among the law data."""

    code = "instrument_unknown"
    message = gettext_noop("“{value}” at “{path}” is not a treaty that Comity has.")
    next_step = gettext_noop("Use one of: {choices}.")


class DateImpossibleError(FactsUnreadableError):
    """Not a day of the calendar in the form YYYY-MM-DD."""

    code = "date_impossible"
    message = gettext_noop("“{value}” at “{path}” is not a date.")
    next_step = gettext_noop("Write the day as YYYY-MM-DD.")


class DateMissingError(FactsUnreadableError):
    """An opinion is always given as of a day, and this room has no clock."""

    code = "as_of_missing"
    message = gettext_noop("Neither the facts nor the call say as of which day the opinion is wanted.")
    next_step = gettext_noop("Add “as_of” to the facts, or give --as-of.")
