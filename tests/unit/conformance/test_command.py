"""``comity conformance`` on the command line: what it prints, and its exit status."""

from __future__ import annotations

import json

import pytest
from tests.unit.conformance.model import Model
from tests.unit.conformance.model_server import Server
from tests.unit.conformance.test_conformance import free_port, present

from comity import canonical
from comity.cli import main
from comity.conformance import connecting, parting, steps, suite, tester
from comity.conformance.trial import Stated
from comity.directory.cards import fingerprint


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """A model node and a tester that was made on the command line and has the node's card."""
    folder = tmp_path_factory.mktemp("command")
    url = f"https://127.0.0.1:{free_port()}"
    tester.create(folder / "node", id="xb-247", state="XB", name="Node", url=url, now=present())
    further = ["--url", url, "--second-url", f"https://127.0.0.1:{free_port()}"]
    assert main(["conformance", "init", str(folder / "tester"), *further]) == 0
    card = (folder / "node" / tester.CARD).read_bytes()
    (folder / "tester" / tester.NODE_CARD).write_bytes(card + b"\n")
    return folder


def run(sides, monkeypatch, *without, arguments=(), of=connecting.GROUP.steps):
    monkeypatch.setattr(suite, "STEPS", of)
    own = sides / "tester"
    with Server(Model(sides / "node", own, present(), frozenset(without))) as server:
        url = f"https://127.0.0.1:{server.server_address[1]}"
        return main(["conformance", url, str(own), *arguments])


def test_a_tester_is_made_with_a_card_that_a_node_can_import(sides, capsys, tmp_path):
    folder = tmp_path / "another"
    arguments = ["--url", "https://tester.example:8451", "--state", "XC", "--json"]
    assert main(["conformance", "init", str(folder), *arguments]) == 0
    said = json.loads(capsys.readouterr().out)
    card = (folder / tester.CARD).read_bytes()
    assert (said["card"], said["fingerprint"]) == (canonical.read(card), fingerprint(card))
    assert (said["card"]["id"], said["card"]["peer_url"]) == ("xc-tester", "https://tester.example:8451")
    second, of_second = said["second"], (folder / "second" / tester.CARD).read_bytes()
    assert (second["card"], second["fingerprint"]) == (canonical.read(of_second), fingerprint(of_second))
    about = (second["card"]["id"], second["card"]["peer_url"])
    assert about == ("xc-tester-second", "https://tester.example:8452")
    assert main(["conformance", "init", str(folder), *arguments]) == 2, "a folder is never overwritten"
    assert "already_there" in capsys.readouterr().err


def test_a_node_that_keeps_the_rules_is_told_so(sides, monkeypatch, capsys):
    assert run(sides, monkeypatch) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["1", "passed", "tls_spoken", "WIRE-1,", "WIRE-2"]
    assert said[-1] == "passed: 7 of 7 steps passed by xb-247"


def test_what_the_operator_states_is_what_the_steps_look_for(sides, monkeypatch, capsys):
    seen = []

    def step(trial):
        seen.append(trial.stated)

    stated = ["--letters-an-hour", "300", "--bytes-a-day", "67108864", "--delivery-hours", "0.01"]
    assert run(sides, monkeypatch, arguments=stated, of=[steps.Step("step", (), "Something", step)]) == 0
    assert seen == [Stated(letters_an_hour=300, bytes_a_day=67108864, delivery_hours=0.01)]


def test_what_was_not_seen_is_counted_and_never_as_passed(sides, monkeypatch, capsys):
    chosen = [*connecting.GROUP.steps, parting.GROUP.steps[-1]]
    assert run(sides, monkeypatch, of=chosen) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "passed: 7 of 8 steps passed by xb-247, 1 not seen"


def test_what_a_node_may_do_either_way_is_told_and_counted_apart(sides, monkeypatch, capsys):
    noted = steps.Step("step", ("WIRE-5",), "Something", lambda _: "hung up on after 10.0 seconds")
    assert run(sides, monkeypatch, of=[*connecting.GROUP.steps, noted]) == 0
    *_, verdict, seen, last = capsys.readouterr().out.splitlines()
    assert verdict.split() == ["8", "noted", "step", "WIRE-5"]
    assert seen.strip() == "Something. hung up on after 10.0 seconds"
    assert last == "passed: 7 of 8 steps passed by xb-247, 1 noted"


def test_officials_are_told_what_to_do_where_their_letters_are_waited_for(sides, monkeypatch, capsys):
    assert run(sides, monkeypatch, arguments=["--letters", "1"]) == 0
    told = capsys.readouterr().err
    assert "write to xx-tester: three letters below and one above 1 MiB" in told
    assert "one more, an urgent request" in told
    assert run(sides, monkeypatch, arguments=["--letters", "1", "--relay-hours", "0.01"]) == 0
    assert "write to xx-tester: four letters below and one above 1 MiB" in capsys.readouterr().err
    assert run(sides, monkeypatch) == 0
    assert capsys.readouterr().err == ""


def test_a_broken_rule_is_exit_status_1_with_its_clause(sides, monkeypatch, capsys):
    assert run(sides, monkeypatch, "tls_1_3", arguments=["--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    (failed,) = [step for step in said["steps"] if step["verdict"] != "passed"]
    assert (said["verdict"], failed["id"], failed["n"], failed["clauses"]) == (
        "failed",
        "tls_older",
        2,
        ["WIRE-1"],
    )
    assert (failed["code"], failed["text"]) == ("rule_broken", "TLS 1.2 is not spoken")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["http://127.0.0.1:9"], "address_unusable"),
        (["https://127.0.0.1:1"], "node_unreachable"),
        (["https://127.0.0.1:1", "--listen", "here"], "listen_unreadable"),
        (["https://127.0.0.1:1", "--second-listen", "here"], "listen_unreadable"),
        (["https://127.0.0.1:1", "--card", "missing"], "tester_unreadable"),
        *(
            (["https://127.0.0.1:1", "--letters", text], "option_beyond_reach")
            for text in ("inf", "nan", "-1")
        ),
        (["https://127.0.0.1:1", "--letters-an-hour", "10000"], "option_beyond_reach"),
        (["https://127.0.0.1:1", "--bytes-a-day", "1"], "option_beyond_reach"),
        (["https://127.0.0.1:1", "--delivery-hours", "inf"], "option_beyond_reach"),
        *(
            (["https://127.0.0.1:1", "--patience", text], "option_beyond_reach")
            for text in ("inf", "0", "nan")
        ),
    ],
)
def test_wrong_use_is_exit_status_2(sides, capsys, arguments, code):
    url, *further = arguments
    assert main(["conformance", url, str(sides / "tester"), *further]) == 2
    assert code in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--listen", "--second-listen"])
def test_a_place_that_is_none_of_this_machine_is_wrong_use(sides, monkeypatch, capsys, option):
    assert run(sides, monkeypatch, arguments=[option, "192.0.2.1:9"]) == 2
    assert "place_unusable" in capsys.readouterr().err


def test_a_tester_without_an_address_and_a_folder_that_is_none_are_wrong_use(capsys, tmp_path):
    assert main(["conformance", "init", str(tmp_path / "new")]) == 2
    assert "tester_undescribed" in capsys.readouterr().err
    assert main(["conformance", "https://127.0.0.1:1", str(tmp_path)]) == 2
    assert "tester_unreadable" in capsys.readouterr().err
