"""``comity key`` on a node: listed, replaced, ended, and destroyed by two administrators."""

from __future__ import annotations

import io
import json

import pytest
from tests.node.conftest import PASSWORD

from comity import cli
from comity.node import config
from comity.node.directory import known
from comity.node.exchange import transport
from comity.node.exchange.models import TransportKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder_restored")]


@pytest.fixture
def key(capsys):
    """Run ``comity key``: status, output, errors."""

    def run(command, *arguments):
        status = cli.main(["key", command, str(config.current().folder), *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


def listed(key):
    return json.loads(key("list", "--json")[1])


def test_keys_are_replaced_ended_revoked_and_listed(key):
    assert key("rotate")[0] == key("expire", 1)[0] == key("revoke", 2)[0] == 0
    assert [each["state"] for each in listed(key)["own"]] == ["expired", "revoked", "current"]
    assert "age1" not in key("list")[1], "a key is named by its digest"
    assert key("revoke", 9)[0] == 2


def test_a_peers_key_is_withdrawn(key):
    assert key("revoke", "--of", "xb-247")[0] == 0
    assert known.find("xb-247").recipient_withdrawn_at is not None
    assert listed(key)["peers"][0]["withdrawn"] is True
    assert key("revoke", "--of", "xa-247")[0] == 2


def test_two_administrators_destroy_a_former_key(key, official, monkeypatch):
    first, second = official("administrator"), official("administrator")
    key("rotate")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n{PASSWORD}\n"))
    named = ["--official", first.username, "--official", second.username]
    assert key("destroy", 1, *named, "--password-stdin")[0] == 0
    assert TransportKey.objects.get(number=1).destroyed_at is not None


@pytest.mark.parametrize(
    ("roles", "passwords", "code"),
    [
        (["administrator"], [PASSWORD], "two_officials_needed"),
        (["administrator", "same"], [PASSWORD, PASSWORD], "four_eyes"),
        (["administrator", "administrator"], [PASSWORD, "guess"], "two_officials_needed"),
        (["administrator", "auditor"], [PASSWORD, PASSWORD], "not_authorised"),
    ],
)
def test_one_alone_destroys_nothing(key, official, monkeypatch, roles, passwords, code):
    key("rotate")
    people = [official(role) for role in roles if role != "same"]
    people += people[:1] * ("same" in roles)
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{each}\n" for each in passwords)))
    named = [word for person in people for word in ("--official", person.username)]
    status, _, said = key("destroy", 1, *named, "--password-stdin")
    assert (status, f"[{code}]" in said) == (2, True), said
    assert TransportKey.objects.get(number=1).destroyed_at is None
    assert transport.current().number == 2
