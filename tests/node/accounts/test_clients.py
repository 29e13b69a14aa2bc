"""From whom a request comes, where proxies stand before the node: only those that are named are believed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from tests.node.conftest import PASSWORD, START
from tests.node.servers.conftest import comity

from comity.node import clients, config
from comity.node.accounts.adapters import AccountAdapter
from comity.node.config import NodeFolderUnusableError
from comity.node.providers import accounts

LOGIN = "/account/login/"
PROXIES = ["127.0.0.1", "::1", "10.20.0.0/28"]


@pytest.fixture(autouse=True)
def no_earlier_failures() -> None:
    cache.clear()


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Names the proxies that are believed."""
    before = config.current()

    def trust(*proxies: str) -> None:
        node = replace(before, trusted_proxies=list(proxies))
        monkeypatch.setattr(config, "current", lambda: node)

    return trust


def asked(peer: str, forwarded: str | None = None) -> Any:
    said = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **said)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "192.0.2.1, 198.51.100.7", "198.51.100.7"),  # the left one was written by the client
        ("127.0.0.1", "192.0.2.1, 198.51.100.7, 10.20.0.3", "198.51.100.7"),
        ("127.0.0.1", "10.20.0.4, 10.20.0.3", "10.20.0.4"),
        ("127.0.0.1", "198.51.100.7:50123", "198.51.100.7"),
        ("127.0.0.1", "[2001:db8::7]:50123", "2001:db8::7"),
        ("127.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "192.0.2.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1,", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("10.20.0.16", "198.51.100.7", "10.20.0.16"),  # the first beyond the network
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7, 127.0.0.1", "203.0.113.9"),
        ("", "198.51.100.7", ""),
    ],
)
def test_the_client_is_the_rightmost_that_is_no_trusted_proxy(
    trusting: Any, peer: str, forwarded: str | None, client: str
) -> None:
    trusting(*PROXIES)
    assert clients.address(asked(peer, forwarded)) == client


def test_without_the_setting_the_header_says_nothing(trusting: Any) -> None:
    trusting()
    assert config.NodeConfig.__dataclass_fields__["trusted_proxies"].default_factory() == []
    assert clients.address(asked("127.0.0.1", "198.51.100.7")) == "127.0.0.1"
    assert AccountAdapter().get_client_ip(asked("127.0.0.1", "198.51.100.7")) == "127.0.0.1"


def test_one_household_of_ipv6_is_one() -> None:
    assert (
        clients.household("2001:db8:1:2:3::4") == clients.household("2001:db8:1:2:5::6") == "2001:db8:1:2::"
    )
    assert clients.household("2001:db8:1:3::4") != "2001:db8:1:2::"
    assert (clients.household("198.51.100.7"), clients.household("none")) == ("198.51.100.7", "")


@pytest.mark.parametrize("said", ['["0.0.0.0/0"]', '["::/0"]', '["proxy.example"]', '["10.0.0.1/8"]', "7"])
def test_what_names_no_proxy_is_refused(tmp_path: Path, said: str) -> None:
    node = 'id = "kz-247"\nstate = "KZ"\nname = "K"\n'
    (tmp_path / "node.toml").write_text(node + f"trusted_proxies = {said}\n")
    with pytest.raises(NodeFolderUnusableError):
        config.read(tmp_path)
    (tmp_path / "node.toml").write_text(node + 'trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]\n')
    assert config.read(tmp_path).trusted_proxies == ["127.0.0.1", "10.0.0.0/8"]


@pytest.mark.elsewhere
def test_a_node_is_made_with_its_proxies(tmp_path: Path) -> None:
    make = ("node", "init", tmp_path / "kz", "--state", "KZ", "--name", "X")
    for said in ("proxy.example", "0.0.0.0/0", "10.20.0.1/28"):
        refused = comity(*make, "--trusted-proxy", said, check=False)
        assert (refused.returncode, "is no address such as" in refused.stderr) == (2, True)
        assert not (tmp_path / "kz").exists()
    comity(*make, "--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.20.0.0/28")
    assert config.read(tmp_path / "kz").trusted_proxies == ["127.0.0.1", "10.20.0.0/28"]


def tried(name: str, password: str, forwarded: str, peer: str = "127.0.0.1") -> Client:
    browser = Client(REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded})
    browser.post(LOGIN, {"login": name, "password": password})
    return browser


def opened(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


@pytest.mark.django_db
def test_guessing_through_the_proxy_shuts_the_door_to_the_guesser_alone(official: Any, trusting: Any) -> None:
    person = official("drafter")
    trusting(*PROXIES)
    for number in range(20):
        tried(f"nobody{number}", "wrong", "192.0.2.66")
    assert opened(tried(person.username, PASSWORD, "198.51.100.7"))
    assert not opened(tried(person.username, PASSWORD, "192.0.2.66"))
    # written by the guesser, to be somebody else: the proxy added the guesser's own address
    assert not opened(tried(person.username, PASSWORD, "198.51.100.8, 192.0.2.66"))


@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [(), PROXIES])
def test_a_forged_header_makes_nobody_another(official: Any, trusting: Any, proxies: tuple[str, ...]) -> None:
    """Twenty tries from an address that is no trusted proxy's are twenty, whatever their headers say."""
    person = official("drafter")
    trusting(*proxies)
    for number in range(20):
        tried(f"nobody{number}", "wrong", f"192.0.2.{number}", peer="203.0.113.9")
    assert not opened(tried(person.username, PASSWORD, "198.51.100.7", peer="203.0.113.9"))


@pytest.mark.django_db
def test_the_desks_of_providers_count_the_same_address(trusting: Any) -> None:
    trusting(*PROXIES)
    for number in range(20):
        accounts.failed(asked("127.0.0.1", "192.0.2.66"), f"nobody{number}", now=START)
    now = START + timedelta(seconds=1)
    with pytest.raises(accounts.TooManyTriesError):
        accounts.demand_patience(asked("127.0.0.1", "192.0.2.66"), "somebody", now=now)
    accounts.demand_patience(asked("127.0.0.1", "198.51.100.7"), "somebody", now=now)
    for number in range(20):
        accounts.failed(asked("203.0.113.9", f"198.51.100.{number}"), f"nobody{number}", now=START)
    with pytest.raises(accounts.TooManyTriesError):
        accounts.demand_patience(asked("203.0.113.9", "198.51.100.77"), "somebody", now=now)
    for number in range(20):
        accounts.failed(asked("127.0.0.1", f"2001:db8::{number}"), f"nobody{number}", now=START)
    with pytest.raises(accounts.TooManyTriesError):
        accounts.demand_patience(asked("127.0.0.1", "2001:db8::77"), "somebody", now=now)
    accounts.demand_patience(asked("127.0.0.1", "2001:db8:0:1::77"), "somebody", now=now)


def test_no_other_place_reads_an_address() -> None:
    """All limits ask ``clients``: a place that read connection or header itself would be beside it."""
    source = Path(clients.__file__).parent
    of_a_request = re.compile(
        r"""["'](?:HTTP_)?(?:REMOTE_ADDR|X.FORWARDED.FOR|X.REAL.IP)["']""", re.IGNORECASE
    )
    names = {path.relative_to(source).as_posix(): path.read_text("utf-8") for path in source.rglob("*.py")}
    assert {name for name, text in names.items() if of_a_request.search(text)} == {"clients.py"}
    assert {name for name, text in names.items() if "get_client_ip" in text} == {"accounts/adapters.py"}
