"""The files that travel with a request or with information until it is signed: which, and how large.

Their content lies with the exhibits, hashed on its way in and kept under custody, so that what the letter
announces is what is sealed.
"""

from __future__ import annotations

from typing import Any

from comity.node.casework import drafts, information
from comity.node.casework.models import Case, CaseKind, Preparation
from comity.node.casework.standing import demand_preparation
from comity.node.exhibits import release
from comity.node.exhibits.models import Exhibit
from comity.terms import ComityError, gettext_noop

LARGEST = 25 * 1024 * 1024
"""Bytes of one file."""
MOST = 20
MOST_BYTES = 100 * 1024 * 1024
"""Files, and their bytes together, that one request may carry."""


class EnclosureTooLargeError(ComityError):
    """The file, or all files together, are larger than a request carries."""

    code = "enclosure_too_large"
    message = gettext_noop("“{name}” is too large: a file has at most 25 MB, all files of a letter 100 MB.")
    next_step = gettext_noop("Send a smaller copy; evidence of any size travels with a result.")


class EnclosureEmptyError(ComityError):
    """The file holds nothing."""

    code = "enclosure_empty"
    message = gettext_noop("“{name}” is empty.")
    next_step = gettext_noop("Choose the file again and look whether it can be opened.")


class TooManyEnclosuresError(ComityError):
    """The letter has as many files as it may carry."""

    code = "too_many_enclosures"
    message = gettext_noop("A letter carries at most 20 files.")
    next_step = gettext_noop("Take one out, or put several documents into one file.")


class EnclosureUnknownError(ComityError):
    """The draft has no such file."""

    code = "enclosure_unknown"
    message = gettext_noop("The draft has no such file.")
    next_step = gettext_noop("Open the page of the files again.")


def is_preparing(case: Case) -> bool:
    """Whether files can be added to what is being prepared in the case."""
    return case.preparation == Preparation.DRAFT or information.is_unsent(case)


def demand_preparing(case: Case) -> None:
    """Raise NotNowError unless a request is being drafted in the case, or information is not sent yet."""
    if case.kind == CaseKind.INFORMATION:
        information.demand_unsent(case)
    else:
        demand_preparation(case, {Preparation.DRAFT})
        drafts.of(case)


def waiting(case: Case) -> list[Exhibit]:
    """The files that go with the next request, in the order of their numbers."""
    ids = case.enclosures.filter(letter=None).values_list("exhibit", flat=True)
    return list(Exhibit.objects.filter(pk__in=list(ids)).order_by("taken_in_at", "number"))


def announced(case: Case) -> list[dict[str, Any]]:
    """The same as the letter lists them: name, media type, size, hash."""
    return [release.announce(exhibit) for exhibit in waiting(case)]


def demand_room(case: Case, name: str, size: int) -> None:
    """Raise an error for a file that the next request cannot carry beside those it has."""
    there = waiting(case)
    if size < 1:
        raise EnclosureEmptyError(name=name)
    if size > LARGEST or size + sum(each.bytes for each in there) > MOST_BYTES:
        raise EnclosureTooLargeError(name=name)
    if len(there) >= MOST:
        raise TooManyEnclosuresError
