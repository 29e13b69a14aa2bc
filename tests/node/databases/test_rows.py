"""Rows by statements that stand already are what Django's own would be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from comity.node.databases import rows, troubles
from comity.node.directory.models import Authority
from comity.node.jobs.models import Job
from comity.node.ledger import entries
from comity.node.ledger.models import Entry


@pytest.fixture(params=["the driver", "Django's cursors"], autouse=True)
def asked(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Who is asked: where somebody listens, Django's cursors, whose statements are noted here."""
    statements: list[str] = []
    if request.param == "the driver":
        yield statements
        return

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def test_who_listens_hears_each_statement(db: None, asked: list[str], request: Any) -> None:
    before = len(asked)
    assert rows.value("SELECT %(text)s || '100%%'", {"text": "it is "}) == "it is 100%"
    assert len(asked) - before == ("the driver" not in request.node.callspec.params.values())


def test_a_statement_that_fails_ends_the_transaction_as_djangos_do(db: None, clock: Any) -> None:
    rows.insert(job(clock, "one"))
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():  # noqa: PT012
        with pytest.raises(IntegrityError), transaction.atomic(savepoint=False):
            rows.insert(job(clock, "one"))
        rows.insert(job(clock, "other"))
    assert rows.find(Job, key="other") is None


def test_an_empty_text_and_nothing_are_kept_apart(db: None, clock: Any) -> None:
    rows.insert(job(clock, "one", lane="", leased_until=None))
    found = Job.objects.get()
    assert (found.lane, found.leased_until) == ("", None)


def values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in type(row)._meta.concrete_fields}


def job(clock: Any, key: str, **more: Any) -> Job:
    return Job(
        kind="test", key=key, payload={"n": [1, None]}, run_after=clock.now, asked_at=clock.now, **more
    )


def test_what_is_found_is_what_django_finds(keys: Any, clock: Any) -> None:
    rows.insert(job(clock, "one"))
    entry = entries.append("test", "one", {"what": "test", "n": 1}, now=clock.now)
    for model, key in ((Authority, "xa-247"), (Job, Job.objects.get().pk), (Entry, entry.pk)):
        expected, found = model.objects.get(pk=key), rows.get(model, **{model._meta.pk.attname: key})
        assert values(found) == values(expected)
        assert [type(each) for each in values(found).values()] == [
            type(each) for each in values(expected).values()
        ]
        assert (found == expected, found._state.adding, found._state.db) == (True, False, "default")
    assert rows.find(Job, key="another") is None
    assert values(rows.get(Job, leased_until=None)) == values(Job.objects.get())
    with pytest.raises(Job.DoesNotExist):
        rows.get(Job, key="another")


def test_what_is_inserted_is_what_django_inserts(db: None, clock: Any) -> None:
    one, other = job(clock, "one", lane="a"), job(clock, "other", lane="a")
    assert rows.insert(one)
    other.save()
    found = [values(each) for each in Job.objects.order_by("id")]
    assert [each.pop("id") for each in found] == [one.pk, other.pk]
    assert found[0] | {"key": "other"} == found[1]


def test_a_row_that_is_there_is_left_as_it_is(db: None, clock: Any) -> None:
    rows.insert(job(clock, "one"))
    assert not rows.insert(job(clock, "one", lane="another"), unless_there=True)
    assert Job.objects.get().lane == ""


def test_a_change_is_of_the_row_and_the_fields_that_were_named_only(db: None, clock: Any) -> None:
    one, other = job(clock, "one"), job(clock, "other")
    rows.insert(one)
    rows.insert(other)
    one.lane, one.attempts, one.leased_until = "changed", 7, clock.now
    assert not rows.update(one, ["lane"], state="done")
    assert rows.update(one, ["lane", "leased_until"], state="waiting")
    found = Job.objects.get(key="one")
    assert (found.lane, found.attempts, found.leased_until) == ("changed", 0, clock.now)
    assert values(Job.objects.get(key="other")) == values(other)


def test_a_row_may_be_locked_inside_a_transaction(db: None, clock: Any) -> None:
    rows.insert(job(clock, "one"))
    with transaction.atomic():
        assert rows.get(Job, lock=True, key="one").key == "one"


def test_a_column_that_is_not_there_is_missed_and_never_read_as_a_text(keys: Any) -> None:
    """A node whose database is of the release before: SQLite takes a bare name of no column for a text."""
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE "directory_authority" RENAME COLUMN "contact" TO "contact_before"')
    with pytest.raises(DatabaseError) as missed, transaction.atomic():
        rows.find(Authority, own=True)
    told = troubles.told(missed.value)
    assert told is not None
    assert told.code == "database_outdated"
