"""Keep a draft's texts as a template of the organisation, begin a draft from one, withdraw one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import contents, drafts, events, patterns, versions
from comity.node.casework.acts.save_draft import take
from comity.node.casework.models import Case, Origin, Preparation, Side, Template
from comity.node.casework.standing import begin, demand_preparation
from comity.node.pages.wording import Series, Word


@transaction.atomic
def keep_template(
    official: Official, case: Case, name: str, fields: Collection[str], *, now: datetime
) -> Template:
    """Keep the texts of these fields. Items, persons and what speaks of the case alone are never taken.

    Raises TemplateEmptyError without a text, TemplateOfTheCaseError for one that names an identifier of an
    item or the case's number.
    """
    case = begin(official, "keep_templates", case, Side.REQUESTING)
    draft = drafts.of(case)
    kept = {field: text for field, text in patterns.keepable(draft).items() if field in fields}
    if not kept:
        raise patterns.TemplateEmptyError
    betraying = patterns.betraying(case, kept)
    if betraying:
        raise patterns.TemplateOfTheCaseError(fields=Series(Word(field, "field") for field in betraying))
    return Template.objects.create(
        organisation=official.organisation,
        name=name,
        instrument=draft["instrument"],
        measure=draft["measure"],
        contents=kept,
        at=now,
        by=official,
    )


@transaction.atomic
def withdraw_template(official: Official, template: int, *, now: datetime) -> None:
    """Take a template out of use; drafts that were begun from it stay as they are."""
    authorise(official, "keep_templates")
    found = patterns.find(official, template)
    found.withdrawn_at = now
    found.save(update_fields=["withdrawn_at"])


@transaction.atomic
def draft_from_template(official: Official, case: Case, template: int, *, now: datetime) -> Case:
    """Take a template's texts into the fields that are asked for and still empty; others stay as they are."""
    case = begin(official, "save_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    draft, found = drafts.of(case), patterns.find(official, template)
    if (found.instrument, found.measure) != (draft["instrument"], draft["measure"]):
        raise patterns.TemplateUnfitError
    asked = {field.id for field in contents.fields(case)}
    texts = {field: text for field, text in found.contents.items() if field in asked}
    take(official, case, drafts.merge(draft, {"contents": {**texts, **draft["contents"]}}), now=now)
    versions.keep(case, official, now=now, origin=Origin.TEMPLATE, source=found.name)
    events.note(case, "draft_from_template", now=now, by=official, name=found.name)
    return case
