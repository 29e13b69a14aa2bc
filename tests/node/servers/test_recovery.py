"""A real node: backed up while it runs and answers, killed, restored elsewhere, resumed, run again."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import urllib.request
from datetime import datetime, timedelta
from urllib.error import HTTPError

import pytest
from tests.node.servers.conftest import Node, answers, comity, eventually, free_port

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node that was made by the command line, with its recovery key."""
    node = Node(tmp_path_factory.mktemp("recovery") / "kz", "KZ")
    made = node.make()
    node.key = node.folder.parent / "recovery.txt"
    node.key.write_text(re.search(r"AGE-SECRET-KEY-\S+", made.stdout)[0])
    node.health = f"127.0.0.1:{free_port()}"
    with (node.folder / "node.toml").open("a") as settings:
        settings.write(f'health_listen = "{node.health}"\n')
    yield node
    node.kill()


def fetched(node, path):
    with urllib.request.urlopen(f"http://{node.health}{path}", timeout=5) as answer:
        return answer.read().decode()


def stop_by_a_step_of_the_clock(node):
    """To the node it is the same whether its clock was set ahead, or what it believed was set back."""
    believed = node.folder / "run" / "clock"
    pair = json.loads(believed.read_text())
    earlier = datetime.fromisoformat(pair["wall"]) - timedelta(minutes=10)
    believed.write_text(json.dumps(pair | {"wall": earlier.isoformat()}))
    with pytest.raises(HTTPError) as refused:
        fetched(node, "/health")
    assert refused.value.read() == b"clock_stepped\n"
    assert "[clock_stepped]" in comity("node", "clock", node.folder, check=False).stdout
    accept = ("node", "clock", node.folder, "--accept", "compared with two servers")
    for named, code in (((), "administrator_unnamed"), (("--username", "d"), "not_authorised")):
        refused = comity(*accept, *named, check=False)
        assert (refused.returncode, f"[{code}]" in refused.stderr) == (2, True), refused.stderr
    comity(*accept, "--username", "keeper")
    by = "SELECT username FROM accounts_official WHERE id = json_extract(content, '$.by')"
    assert node.rows(f"SELECT ({by}) FROM ledger_entry WHERE kind = 'clock_step_accepted'") == [("keeper",)]
    assert fetched(node, "/health") == "ok\n"


def test_a_running_node_is_backed_up_restored_and_resumed(node, tmp_path):
    for name, role in (("keeper", "administrator"), ("d", "drafter")):
        account = ("--username", name, "--full-name", "N", "--post", "P", "--roles", role)
        comity("node", "person", "add", node.folder, *account)
    node.start()
    eventually(lambda: answers(node.health), "the figures do not answer")
    assert fetched(node, "/health") == "ok\n"
    assert "comity_worker_silent 0.0" in fetched(node, "/metrics")
    stop_by_a_step_of_the_clock(node)
    with (node.folder / "node.toml").open("a") as settings:
        settings.write('[mail]\nhost = "m.example"\nsender = "c@mail.example"\nca_file = "/apart/ca.pem"\n')
    told = comity("node", "backup", node.folder, tmp_path / "place").stderr
    assert "note: /apart/ca.pem (mail.ca_file in node.toml) is in no backup" in told
    node.kill()
    shutil.rmtree(node.folder)
    (backup,) = (tmp_path / "place").glob("*.backup.age")
    told = comity("node", "restore", backup, "--to", node.folder, "--key", node.key).stderr
    assert "not in the backup: /apart/ca.pem (mail.ca_file in node.toml); put it there again" in told

    refused = comity("node", "run", node.folder, check=False)
    assert refused.returncode == 2
    assert "[node_restored]" in refused.stderr
    comity("node", "resume", node.folder, "--nobody-holds-one", "no peer was known")
    node.start()
    eventually(lambda: answers(node.listen) and answers(node.peer_listen), "no answer")
    eventually(lambda: not (node.folder / "ask-witnesses").exists(), "the worker settles the ledger")
    node.stop()
    comity("node", "check", node.folder)


def test_a_node_that_lost_entries_has_one_way_out(pair, tmp_path):
    """As docs/operating.md says, “When the machine is lost”: there is no later backup."""
    kz, tm = pair
    key, note, place = (tmp_path / name for name in ("recovery.txt", "from-tm.note", "place"))
    key.write_text(re.search(r"AGE-SECRET-KEY-\S+", comity("node", "recovery-key", kz.folder).stdout)[0])
    keeper = ("--username", "keeper", "--full-name", "Keeper", "--post", "P", "--roles", "administrator")
    for node in pair:
        comity("node", "person", "add", node.folder, *keeper)
        node.start()
    cosigned = "SELECT count(*), max(size) FROM witnesses_head WHERE closed_at IS NULL AND cosigned_at > ''"
    eventually(lambda: tm.rows(cosigned)[0][0], "the peer cosigns")
    kept = int(re.search(r"(\d+) entries", comity("node", "backup", kz.folder, place).stdout)[1])
    comity("key", "rotate", kz.folder)
    eventually(lambda: tm.rows(cosigned)[0][1] > kept, "the peer cosigns what no backup has")
    kz.kill()
    shutil.rmtree(kz.folder)

    (backup,) = place.glob("*.backup.age")
    comity("node", "restore", backup, "--to", kz.folder, "--key", key)
    comity("ledger", "checkpoint", tm.folder, kz.id, "-o", note)
    for command, code in ((("resume", "--checkpoint", note), "ledger_behind"), (("run",), "node_restored")):
        refused = comity("node", command[0], kz.folder, *command[1:], check=False)
        assert (refused.returncode, f"[{code}]" in refused.stderr) == (2, True), refused.stderr
    declared = ("--username", "keeper", "--reason", "the disk failed", "--checkpoint", note)
    mark = (kz.folder / "restored").read_bytes()
    comity("ledger", "release", kz.folder, *declared)
    (kz.folder / "restored").write_bytes(mark)  # as if the power was cut once the break was entered
    for command in (("run",), ("resume", "--checkpoint", note)):
        refused = comity("node", command[0], kz.folder, *command[1:], check=False)
        assert (refused.returncode, "[node_restored]" in refused.stderr) == (2, True), refused.stderr
        assert "same command again, which finishes it: comity ledger release" in refused.stderr
    comity("ledger", "release", kz.folder, *declared)
    told = ("--username", "keeper", "--reason", "the keeper said so by telephone")
    comity("ledger", "accept-break", tm.folder, kz.id, *told)
    kz.start()
    eventually(lambda: tm.rows(cosigned)[0][0], "the peer cosigns the ledger that goes on")
    again = comity("ledger", "release", kz.folder, *declared, check=False)
    assert (again.returncode, "[ledger_not_held]" in again.stderr) == (2, True)
    for node in pair:
        node.stop()
    comity("ledger", "verify", kz.folder)


def test_a_database_of_a_later_version_is_left_alone(node):
    with sqlite3.connect(node.folder / "node.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '0999_later', '2030-01-01')"
        )
    for command in (("run",), ("upgrade",)):
        refused = comity("node", *command, node.folder, check=False)
        assert refused.returncode == 2
        assert "[database_newer]" in refused.stderr
    with sqlite3.connect(node.folder / "node.sqlite3") as database:
        database.execute("DELETE FROM django_migrations WHERE name = '0999_later'")


def test_an_upgrade_backs_up_first(node, tmp_path):
    with sqlite3.connect(node.folder / "node.sqlite3") as database:
        before = database.execute("SELECT app, name FROM django_migrations WHERE app = 'webhooks'").fetchall()
        last = max(name for _, name in before)
        database.execute("DELETE FROM django_migrations WHERE app = 'webhooks'")
        for (table,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'webhooks_%'"
        ).fetchall():
            database.execute(f"DROP TABLE {table}")
    refused = comity("node", "upgrade", node.folder, check=False)
    assert "[upgrade_without_backup]" in refused.stderr
    comity("node", "upgrade", node.folder, "--backup", tmp_path / "place")
    assert len(list((tmp_path / "place").glob("*.backup.age"))) == 1
    with sqlite3.connect(node.folder / "node.sqlite3") as database:
        assert (last,) in database.execute(
            "SELECT name FROM django_migrations WHERE app = 'webhooks'"
        ).fetchall()


def test_figures_are_for_this_machine_alone(node):
    settings = node.folder / "node.toml"
    own = settings.read_text()
    settings.write_text(own.replace(node.health, f"0.0.0.0:{free_port()}"))
    refused = comity("node", "run", node.folder, check=False)
    settings.write_text(own)
    assert refused.returncode == 2
    assert "[health_open]" in refused.stderr


def test_a_renewed_certificate_stands_on_the_new_card(node):
    before = comity(
        "node", "directory", "card", node.folder, "-o", node.folder / "run" / "before"
    ).stdout.strip()
    said = comity("key", "renew", node.folder, "--key", "tls").stdout
    after = comity(
        "node", "directory", "card", node.folder, "-o", node.folder / "run" / "after"
    ).stdout.strip()
    assert after != before
    assert after in said
