"""Templates of an organisation: which texts of a draft one may keep, and which templates fit a draft."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from comity.node.accounts.models import Official
from comity.node.casework import drafts, opinions
from comity.node.casework.models import Case, Template
from comity.terms import ComityError, gettext_noop
from comity.treaties.drafting import guide


class TemplateUnknownError(ComityError):
    """The official's organisation keeps no such template."""

    code = "template_unknown"
    message = gettext_noop("Your organisation keeps no such template.")
    next_step = gettext_noop("Choose one from the list of templates.")


class TemplateUnfitError(ComityError):
    """The template is for another measure or treaty."""

    code = "template_unfit"
    message = gettext_noop("The template is for another measure or another treaty than this draft.")
    next_step = gettext_noop("Choose a template of the draft’s own measure and treaty.")


class TemplateEmptyError(ComityError):
    """No text was chosen that a template may hold."""

    code = "template_empty"
    message = gettext_noop("A template needs at least one text.")
    next_step = gettext_noop("Choose a text that does not speak of this case alone.")


class TemplateOfTheCaseError(ComityError):
    """A text speaks of the case itself: it names an identifier of an item or the case's number."""

    code = "template_of_the_case"
    message = gettext_noop(
        "This text names something of the case and cannot be kept in a template: {fields}."
    )
    next_step = gettext_noop("Leave the text out, or take what belongs to the case out of it first.")


def keepable(draft: dict[str, Any]) -> dict[str, str]:
    """The texts of a draft that a template may hold: fields that speak of one case alone are left out."""
    left_out = guide(opinions.library()).of_the_case
    return {field: text for field, text in draft["contents"].items() if field not in left_out}


def betraying(case: Case, fields: Iterable[str]) -> list[str]:
    """The fields whose text names an identifier of one of the draft's items, or a number of the case."""
    draft = drafts.of(case)
    named = [item["identifier"]["value"] for item in draft["items"]] + [case.reference, case.peer_reference]
    marks = [mark.strip().casefold() for mark in named if mark.strip()]
    said = draft["contents"]
    return [field for field in fields if any(mark in said[field].casefold() for mark in marks)]


def of_organisation(official: Official) -> QuerySet[Template]:
    """The templates that an official's organisation keeps and has not withdrawn."""
    return Template.objects.filter(organisation=official.organisation, withdrawn_at=None).select_related("by")


def fitting(official: Official, draft: dict[str, Any]) -> QuerySet[Template]:
    """Those for the draft's measure under its treaty."""
    return of_organisation(official).filter(instrument=draft["instrument"], measure=draft["measure"])


def find(official: Official, template: int) -> Template:
    """A template of the official's organisation; raise TemplateUnknownError."""
    found = of_organisation(official).filter(pk=template).first()
    if found is None:
        raise TemplateUnknownError
    return found
