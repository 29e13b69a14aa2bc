"""The frame of all pages, sign-in, errors: what a page shows around its content."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from comity.node import pages
from comity.node.pages import frame, labels
from comity.node.pages.errors import refused, said
from comity.terms import ComityError, gettext_noop


class PlantedError(ComityError):
    """An error for these tests."""

    code = "planted"
    message = gettext_noop("There is no State “{state}”.")


@pytest.fixture
def signed_in(client, official):
    def enter(*roles, **columns):
        person = official(*roles, **columns)
        client.force_login(person)
        return client

    return enter


@pytest.mark.parametrize(
    "address", ["/", "/law/", "/law/uncc:art_42", "/directory/", "/ledger/", "/account/"]
)
def test_every_page_asks_to_sign_in_first(client, db, address):
    response = client.get(address)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/account/login/")


def test_the_sign_in_page_is_open_and_its_policy_allows_nothing_from_elsewhere(client, db):
    response = client.get("/account/login/")
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in response.content.decode()


def test_no_page_may_be_kept_by_a_cache(signed_in):
    assert signed_in("auditor").get("/law/").headers["Cache-Control"] == "no-store, private"


def test_the_menu_shows_rooms_the_roles_may_enter_and_no_others(signed_in):
    client = signed_in("administrator")
    shown = client.get("/account/").content.decode()
    assert f'href="{reverse("ledger")}"' in shown
    assert 'href="/requests/"' not in shown


def test_a_room_that_is_not_built_has_no_entry(signed_in, monkeypatch):
    monkeypatch.setattr(frame, "MENU", (("persons", "Persons", None), *frame.MENU))
    assert "Persons" not in signed_in("administrator").get("/account/").content.decode()


def test_the_account_s_language_is_used_until_the_browser_is_switched(signed_in):
    client = signed_in("auditor", language="ru")
    assert 'lang="ru"' in client.get("/law/").content.decode()
    client.post("/language/", {"language": "kk", "next": "/law/"})
    assert '<html lang="kk"' in client.get("/law/").content.decode()


def test_an_address_that_does_not_exist_has_a_page_with_a_code(signed_in):
    response = signed_in("auditor").get("/persons/")
    assert response.status_code == 404
    assert "not_found" in response.content.decode()


def test_a_page_outside_the_roles_is_refused_with_a_code(signed_in):
    response = signed_in("drafter").get("/ledger/")
    assert response.status_code == 403
    assert "not_authorised" in response.content.decode()


def test_a_form_without_its_token_is_refused_and_nothing_is_done(official, db):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(official("auditor"))
    response = client.post("/account/keys", {"shortcuts": "off"})
    assert response.status_code == 403
    assert "forbidden" in response.content.decode()
    assert frame.SHORTCUTS_COOKIE not in response.cookies


def test_an_error_is_translated_before_its_gaps_are_filled(monkeypatch):
    monkeypatch.setattr(
        "comity.node.pages.errors.gettext", lambda text: text.replace("There is no State", "Нет")
    )
    assert said(PlantedError(state="<b>")).happened == "Нет “<b>”."


def test_what_outsiders_wrote_is_escaped_on_the_error_page(rf, official):
    request = rf.get("/")
    request.user = official("auditor")
    page = refused(request, PlantedError(state="<script>alert(1)</script>")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_single_keys_can_be_switched_off_and_on(signed_in):
    client = signed_in("auditor")
    assert 'data-shortcuts="on"' in client.get("/law/").content.decode()
    client.post("/account/keys", {"shortcuts": "off"})
    assert 'data-shortcuts="off"' in client.get("/law/").content.decode()
    client.post("/account/keys", {"shortcuts": "on"})
    assert 'data-shortcuts="on"' in client.get("/law/").content.decode()


def test_an_assumed_treaty_status_is_named_on_every_page(signed_in, settings):
    from dataclasses import replace

    assumed = {"uncc": {"in_force_since": "2027-01-01", "KZ": {"status": "party"}, "TM": {"status": "party"}}}
    settings.NODE = replace(settings.NODE, assumptions=assumed)
    shown = signed_in("auditor", language="en").get("/account/").content.decode()
    assert "Assumption of this demonstration: UNCC is in force for Kazakhstan, Turkmenistan." in shown


def test_without_assumptions_nothing_is_claimed(signed_in):
    assert "Assumption of this demonstration" not in signed_in("auditor").get("/account/").content.decode()


@pytest.mark.parametrize(("list_name", "words"), list(labels.LISTS.items()))
def test_no_label_is_an_identifier(list_name, words):
    assert not [word for word in words.values() if "_" in str(word)]


def test_every_word_of_the_law_s_vocabulary_that_pages_show_has_a_label():
    from comity.treaties import load

    library = load()
    shown = {
        "measures": "measure",
        "contents": "field",
        "clocks": "clock",
        "limits": "limit",
        "duties": "duty",
        "custody_acts": "custody",
        "channels": "channel",
        "roles": "authority_role",
        "data_kinds": "data_kind",
        "barred_grounds": "barred_ground",
        "receipts": "receipt",
    }
    for name, label_list in shown.items():
        missing = set(library.words(name)) - labels.LISTS[label_list].keys()
        assert not missing, (name, missing)


def test_a_page_runs_from_right_to_left_where_its_language_does(rf):
    from django.utils import translation

    request = rf.get("/")
    request.user = AnonymousUser()
    with translation.override("ar"):
        assert frame.frame(request)["frame"]["direction"] == "rtl"
    with translation.override("kk"):
        assert frame.frame(request)["frame"]["direction"] == "ltr"


def test_no_style_names_a_left_or_a_right_side():
    """Layout is written by the beginning and the end of a line, so that it turns with the language."""
    physical = re.compile(
        r"(?:margin|padding|border|inset)-(?:left|right)|float:|text-align:\s*(?:left|right)|[;{\s](?:left|right):"
    )
    folder = Path(pages.__file__).parent / "static" / "comity"
    sheets = {file.name: physical.findall(file.read_text("utf-8")) for file in folder.glob("*.css")}
    assert len(sheets) > 5
    assert {name: found for name, found in sheets.items() if found} == {}
    assert physical.search("p { margin-left: 1rem }")
