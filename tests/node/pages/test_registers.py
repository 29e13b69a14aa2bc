"""The directory's and the ledger's pages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

import comity.node
from comity.node.directory.models import Authority
from comity.node.ledger import entries, sequencer
from comity.node.pages import labels


@pytest.fixture
def auditor(client, official):
    client.force_login(official("auditor", language="en"))
    return client


@pytest.fixture
def logged(keys):
    """A log of sixty entries, each with content that no page may show."""
    for n in range(60):
        entries.append("case_opened", f"XA-2026-{n:06d}", {"secret": f"content {n}"}, now=timezone.now())
    return sequencer.sequence(timezone.now())


def test_the_directory_names_each_authority_and_who_confirmed_it(auditor, keys):
    shown = auditor.get("/directory/").content.decode()
    assert "xa-247" in shown
    assert "xb-247" in shown
    assert "by test" in auditor.get("/directory/xb-247/").content.decode()


def test_an_authority_s_page_shows_the_fingerprint_that_is_compared_by_voice(auditor, keys):
    from comity.node.directory import cards

    card = cards.export_card(Authority.objects.get(id="xb-247"))
    assert cards.fingerprint(card) in auditor.get("/directory/xb-247/").content.decode()


def test_an_authority_that_is_not_known_is_not_found(auditor, keys):
    assert auditor.get("/directory/xc-247/").status_code == 404


def test_the_ledger_pages_back_through_every_entry_once(auditor, logged):
    seen, address = [], "/ledger/"
    while address:
        response = auditor.get(address)
        page = response.context["page"]
        seen += [entry.index for entry in page.rows]
        address = f"/ledger/?after={page.following}" if page.following else ""
    assert seen == list(range(logged.size - 1, -1, -1))


def test_the_ledger_never_shows_what_an_entry_is_about(auditor, logged):
    for address in ("/ledger/", f"/ledger/{logged.size - 1}/"):
        assert "content 59" not in auditor.get(address).content.decode()


def test_an_entry_s_page_proves_that_it_stands_in_the_log(auditor, logged):
    response = auditor.get("/ledger/7/")
    assert response.context["proof"]["index"] == 7
    assert response.context["proof"]["size"] == logged.size


@pytest.mark.parametrize("cursor", ["x", "1~2", "~", "9" * 30 + "x"])
def test_a_cursor_that_was_not_made_here_is_not_found(auditor, logged, cursor):
    assert auditor.get("/ledger/", {"after": cursor}).status_code == 404


def kinds_of_entries() -> Iterator[str]:
    """The kinds with which the software writes entries, where they stand in the call or in a constant."""
    for path in Path(comity.node.__path__[0]).rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            target.id: ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "entries.append" and node.args:
                kind = node.args[0]
                if isinstance(kind, ast.Constant):
                    yield str(kind.value)
                elif isinstance(kind, ast.Name) and kind.id in constants:
                    yield constants[kind.id]


def test_every_entry_of_the_ledger_has_its_words():
    kinds = set(kinds_of_entries())
    assert len(kinds) > 60
    assert sorted(kind for kind in kinds if labels.label(kind, "entry") == kind) == []
