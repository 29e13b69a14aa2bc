"""Search: what it finds in which words, whom it shows what, and that it stays bounded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import CONTENTS, ITEM, request_body

from comity.node.casework import finding, words
from comity.node.casework.acts.change_access import assign
from comity.node.casework.acts.open_letter import open_letter
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.models import Case, Form, Item, Mention
from comity.node.clocks.models import Clock
from comity.node.directory import known

pytestmark = pytest.mark.django_db


@pytest.fixture
def find(official: Any, clock: Any) -> Callable[..., list[str]]:
    """References found by an official who sees every case."""
    registrar = official("registrar")

    def search(query: str = "", by: Any = None, **filters: Any) -> list[str]:
        asked = finding.Asked(words=query, **filters)
        found = finding.search(by or registrar, asked, now=clock.now)
        return [case.reference for case in found.cases]

    return search


@pytest.fixture
def make(keys: Any, clock: Any) -> Callable[..., Case]:
    def create(n: int, heading: str, **columns: Any) -> Case:
        base = {"side": "requesting", "peer": known.find("xb-247"), "instrument": "uncc"}
        times = {"opened_at": clock.now, "changed_at": clock.now}
        case = Case.objects.create(
            reference=f"XA-2027-{n:06}", heading=heading, **{**base, **times, **columns}
        )
        words.keep(case)
        return case

    return create


@pytest.mark.parametrize(
    ("heading", "query"),
    [
        ("Доступ к серверам банка", "БАНК"),
        ("Доступ к серверам банка", "банком сервера"),
        ("Доступ к серверам банка", "XA-2027-000001"),
        ("Доступ к серверам банка", "1 2027"),
        ("Банк серверлеріне өтініш", "ӨТІНІШТІ"),
        ("Банк серверлеріне өтініш", "отиниш"),
        ("Access to a bank's servers", "SERVER bank"),
        ("Ёлкин", "елкин"),
    ],
)
def test_words_are_found_in_any_case_ending_and_alphabet(
    make: Callable[..., Case], find: Callable[..., list[str]], heading: str, query: str
) -> None:
    case = make(1, heading)
    make(2, "Выдача лица, прочее")
    assert find(query) == [case.reference]


@pytest.mark.parametrize("query", ["қырмызыгүл", "bank құжат", "XA-2027-000009", "серт"])
def test_what_no_case_says_is_not_found(
    make: Callable[..., Case], find: Callable[..., list[str]], query: str
) -> None:
    make(1, "Access to a bank, сервер")
    assert find(query) == []


def test_the_acts_keep_what_a_case_says(
    open_case: Any, drafter: Any, clock: Any, find: Callable[..., list[str]]
) -> None:
    case = open_case()
    assert find("мошенничество") == []
    contents = CONTENTS | {"facts": "Мошенничества с картами."}
    save_draft(drafter, case, {"contents": contents, "items": [ITEM]}, now=clock.now)
    assert find("мошенничество") == find("heron") == [case.reference]
    save_draft(drafter, case, {"contents": CONTENTS}, now=clock.now)
    assert find("мошенничество") == []
    assert not Mention.objects.filter(form__text="мошенничества").exists()


def test_what_a_letter_says_is_found_once_it_is_opened(
    arrive: Any, from_xb: Any, official: Any, clock: Any, find: Callable[..., list[str]]
) -> None:
    body = request_body() | {"contents": CONTENTS | {"facts": "Ұрланған деректер"}}
    row = arrive(from_xb("request", body))
    assert find("XB-2027-000007") == [row.case_reference]
    assert find("ұрланған") == []
    row.sha256 = "0" * 64
    row.save()
    open_letter(official("registrar"), row, now=clock.now)
    assert find("ұрланған") == [row.case_reference]


def test_nothing_is_found_that_the_official_may_not_see(
    make: Callable[..., Case], find: Callable[..., list[str]], official: Any, clock: Any
) -> None:
    case, drafter = make(1, "Bank"), official("drafter")
    assert find("bank", by=drafter) == []
    assert find(side="requesting", by=drafter) == []
    assign(drafter, case, clock.now)
    assert find("bank", by=drafter) == find(mine=True, by=drafter) == [case.reference]


def test_who_only_oversees_finds_by_the_record_and_not_by_what_it_says(
    make: Callable[..., Case], find: Callable[..., list[str]], official: Any, clock: Any
) -> None:
    case = make(1, "Bank", draft={"contents": {"facts": "Secret"}})
    auditor = official("auditor")
    assert find("secret") == [case.reference]
    assert find("bank", by=auditor) == [case.reference]
    assert find("secret", by=auditor) == []
    assign(auditor, case, clock.now)
    assert find("secret", by=auditor) == [case.reference]


def test_filters(make: Callable[..., Case], find: Callable[..., list[str]], clock: Any) -> None:
    one = make(1, "A", urgent=True, preparation="draft", facts={"measure": "preserve_data"})
    two = make(2, "B", side="requested", actual="refused", instrument="uncac")
    Clock.objects.create(
        case_reference=two.reference,
        kind="execution",
        cite="uncc:art_42__para_8",
        of="requested",
        starts_at=clock.now,
        due_at=clock.now + timedelta(hours=3),
        state="running",
    )
    first, second = [one.reference], [two.reference]
    assert find(urgent=True) == find(status="draft") == find(measure="preserve_data") == first
    assert (
        find(side="requested") == find(status="refused") == find(treaty="uncac") == find(due=True) == second
    )
    assert find(state="XB") == second + first
    assert find(state="XC") == []
    assert find("a", urgent=True) == first


@pytest.mark.parametrize("few", [2_000, 0])
def test_pages_hold_each_case_once_whether_few_or_many_have_the_word(
    make: Callable[..., Case], official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(finding, "_FEW", few)
    monkeypatch.setattr(finding, "_STRETCH", 20)
    made = [make(n, "Bank" if n % 2 else "Other") for n in range(1, 121)]
    seen: list[str] = []
    after = None
    for _ in range(30):
        found = finding.search(official("registrar"), finding.Asked(words="bank"), after=after, now=clock.now)
        seen += [case.reference for case in found.cases]
        after = found.following
        if after is None:
            break
    assert seen == [case.reference for case in reversed(made) if case.heading == "Bank"]


def test_the_number_of_queries_does_not_grow(
    make: Callable[..., Case], find: Callable[..., list[str]], django_assert_max_num_queries: Any
) -> None:
    for n in range(1, 40):
        make(n, "Bank and server of a company")
    with django_assert_max_num_queries(4):
        assert len(find("bank server company and")) == finding.SIZE


def test_a_word_is_kept_once_and_goes_with_its_case_s_text(make: Callable[..., Case]) -> None:
    case = make(1, "Bank bank БАНК")
    assert Form.objects.filter(text__in=["bank", "банк"]).count() == 2
    case.heading = "Server"
    words.keep(case)
    assert not case.mentions.filter(form__text="bank").exists()


def test_related_cases_are_shown_to_those_who_may_read_both(
    make: Callable[..., Case], official: Any, clock: Any
) -> None:
    one, two, three = (make(n, "Bank") for n in (1, 2, 3))
    for case, value in ((one, "a@post.example"), (two, "a@post.example"), (three, "b@post.example")):
        Item.objects.create(
            case=case, number=1, measure="preserve_data", identifier_type="email", identifier_value=value
        )
    assert finding.related(official("registrar"), one) == [two]
    assert finding.related(official("auditor"), one) == []  # it would tell what the items name
    drafter = official("drafter")
    assign(drafter, one, clock.now)
    assert finding.related(drafter, one) == []
    assign(drafter, two, clock.now)
    assert finding.related(drafter, one) == [two]
