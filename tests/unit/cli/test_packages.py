from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from comity.cli import main


@pytest.fixture
def evidence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "evidence"
    (folder / "inner").mkdir(parents=True)
    (folder / "log.txt").write_text("sign-in\n")
    (folder / "inner" / "құжат.json").write_text("{}")
    assert main(["key", "new", "--out", "kz", "--name", "24/7 point", "--state", "KZ"]) == 0
    assert main(["key", "new", "--out", "tm", "--name", "Нүкте", "--state", "TM", "--id", "tm-247"]) == 0
    return folder


def seal(*more: str) -> int:
    return main(["seal", "evidence", "--key", "kz", *more])


def error(capsys) -> str:
    return capsys.readouterr().err


def test_what_was_sealed_for_another_authority_verifies_and_opens_there(evidence, capsys):
    assert seal("--to", "tm", "-o", "p.asice.age") == 0
    assert main(["directory", "export", "kz", "tm", "--trust", "anchors"]) == 0
    capsys.readouterr()
    assert main(["verify", "p.asice.age", "--identity", "tm", "--trust", "anchors", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "passed"
    assert [file["name"] for file in report["files"]] == ["evidence/inner/құжат.json", "evidence/log.txt"]
    assert {"n", "id", "verdict", "code", "text"} < set(report["steps"][0])
    assert main(["open", "p.asice.age", "--identity", "tm", "--trust", "anchors", "-o", "out"]) == 0
    assert Path("out/evidence/log.txt").read_text() == "sign-in\n"


def test_verify_says_no_without_anchors_and_without_an_identity(evidence, capsys):
    assert seal("-o", "p.asice") == 0
    assert main(["verify", "p.asice"]) == 1
    assert "[trust_unknown]" in capsys.readouterr().out
    assert seal("--to", "tm", "-o", "p.asice.age") == 0
    assert main(["verify", "p.asice.age", "--trust", "kz"]) == 1
    assert "[identity_needed]" in capsys.readouterr().out


def test_verify_names_the_step_that_a_changed_byte_fails(evidence, capsys):
    seal("-o", "p.asice")
    package = Path("p.asice")
    package.write_bytes(package.read_bytes().replace(b"sign-in", b"sign-on"))
    assert main(["verify", "p.asice", "--trust", "kz"]) == 1
    out = capsys.readouterr().out
    assert "  4  files        failed        [content_damaged]" in out
    assert "Verdict: failed" in out


def test_verify_as_of_another_time(evidence, capsys):
    seal("-o", "p.asice")
    assert main(["verify", "p.asice", "--trust", "kz", "--as-of", "2030-01-01"]) == 0
    assert main(["verify", "p.asice", "--trust", "kz", "--as-of", "2020-01-01T00:00:00Z"]) == 1
    assert "[timestamp_in_future]" in capsys.readouterr().out
    assert main(["verify", "p.asice", "--trust", "kz", "--as-of", "yesterday"]) == 2
    assert "[time_unreadable]" in error(capsys)


def test_what_cannot_be_read_is_wrong_use(evidence, capsys):
    assert main(["verify", "absent.asice"]) == 2
    assert "[package_unreadable]" in error(capsys)
    assert main(["seal", "--key", "kz", "-o", "p", "evidence", "absent"]) == 2
    assert "[source_unreadable]" in error(capsys)
    assert main(["seal", "--key", "kz", "-o", "p"]) == 2
    assert "[nothing_to_seal]" in error(capsys)
    assert main(["seal", "evidence", "--key", "evidence", "-o", "p"]) == 2
    assert "[key_folder_unreadable]" in error(capsys)
    assert seal("--to", "age1nonsense", "-o", "p") == 2
    assert "[recipient_unreadable]" in error(capsys)
    assert sorted(path.name for path in Path().iterdir()) == ["evidence", "kz", "tm"]


def test_open_leaves_nothing_of_a_package_that_does_not_verify(evidence, capsys):
    seal("-o", "p.asice")
    package = Path("p.asice")
    package.write_bytes(package.read_bytes().replace(b"sign-in", b"sign-on"))
    assert main(["open", "p.asice", "-o", "out"]) == 1
    assert not Path("out").exists()


def test_open_with_anchors_demands_that_they_vouch(evidence, capsys):
    seal("-o", "p.asice")
    assert main(["open", "p.asice", "--trust", "tm", "-o", "out"]) == 1
    assert "[signer_unknown]" in capsys.readouterr().out
    assert not Path("out").exists()
    assert main(["open", "p.asice", "-o", "out"]) == 0
    assert "not checked" in error(capsys)


def test_open_never_overwrites(evidence, capsys):
    seal("-o", "p.asice")
    Path("out").mkdir()
    Path("out/mine.txt").write_text("mine")
    assert main(["open", "p.asice", "-o", "out"]) == 2
    assert "[already_there]" in error(capsys)
    assert [path.name for path in Path("out").iterdir()] == ["mine.txt"]
    Path("elsewhere").mkdir()
    Path("link").symlink_to("elsewhere")
    assert main(["open", "p.asice", "-o", "link"]) == 2
    assert list(Path("elsewhere").iterdir()) == []


def test_a_link_or_a_device_is_never_sealed(evidence, capsys):
    (evidence / "link").symlink_to("/etc/hostname")
    assert seal("-o", "p.asice") == 2
    assert "[source_unreadable]" in error(capsys)
    (evidence / "link").unlink()
    os.mkfifo(evidence / "pipe")
    assert seal("-o", "p.asice") == 2
    assert not Path("p.asice").exists()


def test_a_list_gives_names_and_expected_digests(evidence, capsys):
    listed = {"about": {"case": "KZ-2026-000001"}, "files": [{"path": "evidence/log.txt", "name": "e1.log"}]}
    Path("list.json").write_text(json.dumps(listed))
    assert main(["seal", "--manifest", "list.json", "--key", "kz", "-o", "p.asice", "--json"]) == 0
    sealed = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert sealed["manifest"]["about"] == {"case": "KZ-2026-000001"}
    assert [file["name"] for file in sealed["manifest"]["files"]] == ["e1.log"]
    listed["files"][0]["sha256"] = "0" * 64
    Path("list.json").write_text(json.dumps(listed))
    assert main(["seal", "--manifest", "list.json", "--key", "kz", "-o", "q.asice"]) == 2
    assert "[file_differs]" in error(capsys)
    Path("list.json").write_text('{"files": [{"path": "x"}]}')
    assert main(["seal", "--manifest", "list.json", "--key", "kz", "-o", "q.asice"]) == 2
    assert "[list_unreadable]" in error(capsys)


def test_paths_can_be_read_from_a_list(evidence, capsys):
    Path("paths.txt").write_text("evidence/log.txt\n\nevidence/inner\n")
    assert main(["seal", "--files-from", "paths.txt", "--key", "kz", "-o", "p.asice"]) == 0
    capsys.readouterr()
    main(["verify", "p.asice", "--trust", "kz", "--json"])
    names = [file["name"] for file in json.loads(capsys.readouterr().out)["files"]]
    assert names == ["log.txt", "inner/құжат.json"]


def test_open_tells_what_it_wrote(evidence, capsys):
    seal("-o", "p.asice")
    capsys.readouterr()
    assert main(["open", "p.asice", "--trust", "kz", "-o", "out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "passed"


def test_lists_and_identities_that_cannot_be_read_are_wrong_use(evidence, capsys):
    Path("paths.txt").write_bytes(b"\xff\xfe")
    assert main(["seal", "--files-from", "paths.txt", "--key", "kz", "-o", "p"]) == 2
    assert "[list_unreadable]" in error(capsys)
    for option in ("--files-from", "--manifest"):
        assert main(["seal", option, "absent", "--key", "kz", "-o", "p"]) == 2
        assert "[source_unreadable]" in error(capsys)
    assert main(["seal", "/dev/null", "--key", "kz", "-o", "p"]) == 2
    assert "[source_unreadable]" in error(capsys)
    seal("--to", "tm", "-o", "p.age")
    assert main(["verify", "p.age", "--identity", "evidence/log.txt"]) == 2
    assert "[identity_unreadable]" in error(capsys)


def limited(*command: str, bytes_of_a_file: int) -> subprocess.CompletedProcess[str]:
    """Run the command where no file may grow beyond a size: a full disk without filling one."""

    def limit() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_of_a_file, bytes_of_a_file))

    return subprocess.run(
        [sys.executable, "-m", "comity.cli", *command], preexec_fn=limit, capture_output=True, text=True
    )


@pytest.mark.parametrize("more", [(), ("--to", "tm")])
def test_a_full_disk_leaves_no_half_package(evidence, more):
    (evidence / "big.bin").write_bytes(bytes(1 << 20))
    done = limited("seal", "evidence", "--key", "kz", *more, "-o", "p.asice", bytes_of_a_file=500_000)
    assert done.returncode == 2
    assert "[disk_full]" in done.stderr
    assert not [path for path in Path().iterdir() if "p.asice" in path.name]


def test_a_full_disk_leaves_nothing_half_opened(evidence):
    (evidence / "big.bin").write_bytes(bytes(1 << 20))
    assert seal("-o", "p.asice") == 0
    done = limited("open", "p.asice", "-o", "out", bytes_of_a_file=500_000)
    assert done.returncode == 2
    assert "[disk_full]" in done.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["evidence", "kz", "p.asice", "tm"]


def test_verifying_what_is_encrypted_stores_nothing_plain_and_needs_no_room(evidence):
    (evidence / "big.bin").write_bytes(bytes(1 << 20))
    assert seal("--to", "tm", "-o", "p.asice.age") == 0
    done = limited("verify", "p.asice.age", "--identity", "tm", "--trust", "kz", bytes_of_a_file=1)
    assert done.returncode == 0, done.stderr


def test_a_folder_is_no_package(evidence, capsys):
    assert main(["verify", "evidence"]) == 2
    assert "[package_unreadable]" in error(capsys)


NODE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from comity.cli import main
from comity.node import folders, start
folder = Path("node")
now = datetime.now(UTC)
settings = {"id": "xb-247", "state": "XB", "name": "Point of contact of State XB"}
folders.make(folder, settings, now=now)
node = start.prepare(folder)
start.migrate(anew=True)
from comity.node.directory import owner
owner.enter(node, created_at="2026-11-22T03:12:00Z", roles=["point_of_contact_24_7"])
sys.exit(main(["directory", "export", "node", "--trust", "anchors"]))
"""


def test_a_nodes_directory_gives_the_anchors_of_what_the_node_seals(evidence):
    done = subprocess.run([sys.executable, "-c", NODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("xb-247  XB  Point of contact of State XB")
    assert main(["seal", "evidence", "--key", "node/keys", "-o", "p.asice"]) == 0
    assert main(["verify", "p.asice", "--trust", "anchors"]) == 0


def test_an_export_of_nothing_is_wrong_use(evidence, capsys, monkeypatch):
    monkeypatch.delenv("COMITY_NODE", raising=False)
    monkeypatch.chdir("evidence")
    assert main(["directory", "export", "--trust", "../anchors"]) == 2
    assert "[trust_unreadable]" in error(capsys)
    assert not Path("../anchors").exists()


MEASURE = """
import resource, sys
from comity.cli import main
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
assert main(["seal", "small", "--key", "kz", "-o", "small.asice"]) == 0
assert main(["verify", "small.asice", "--trust", "kz"]) == 0
before = peak()
assert main(["seal", "big", "--key", "kz", "--to", "tm", "-o", "big.asice.age"]) == 0
assert main(["verify", "big.asice.age", "--trust", "kz", "--identity", "tm"]) == 0
print("GROWTH", peak() - before)
"""


def test_memory_does_not_grow_with_the_evidence(evidence):
    Path("small").write_bytes(b"x")
    with Path("big").open("wb") as big:
        big.truncate(256 << 20)
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    growth = int(done.stdout.rpartition("GROWTH ")[2])
    assert growth < 64, f"{growth} MiB"


def test_a_key_needs_a_readable_state(tmp_path, capsys):
    assert main(["key", "new", "--out", str(tmp_path / "k"), "--name", "X", "--state", "Kaz"]) == 2
    assert "[state_unreadable]" in error(capsys)


@pytest.mark.parametrize("out", ["evidence/log.txt", "taken.asice", "folder"])
def test_seal_overwrites_nothing(evidence, capsys, out):
    Path("taken.asice").write_text("the only copy")
    Path("folder").mkdir()
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    assert main(["seal", "evidence/log.txt", "--key", "kz", "-o", out]) == 2
    assert "[already_there]" in error(capsys)
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("wrong", [["--name", ""], ["--name", "a\nb"], ["--name", "a", "--id", "../x"]])
def test_an_authority_that_cannot_be_described_leaves_nothing(evidence, capsys, wrong):
    assert main(["key", "new", "--out", "new", "--state", "KZ", *wrong]) == 2
    assert "[authority_undescribable]" in error(capsys)
    assert not Path("new").exists()


@pytest.mark.parametrize(
    "wrong", [["--name", ""], ["--name", "a", "--id", "../x"], ["--name", "a", "--state", "KAZ"]]
)
def test_a_node_that_cannot_be_made_leaves_nothing(evidence, capsys, wrong):
    assert main(["node", "init", "new", "--state", "KZ", *wrong]) == 2
    assert not Path("new").exists()


def test_a_time_before_all_times_is_named(evidence, capsys):
    seal("-o", "p.asice")
    assert main(["verify", "p.asice", "--as-of", "0001-01-01T00:00:00+05:00"]) == 2
    assert "[time_unreadable]" in error(capsys)


def test_the_directory_of_the_folder_one_stands_in_is_exported(evidence, monkeypatch):
    monkeypatch.delenv("COMITY_NODE", raising=False)
    monkeypatch.chdir("kz")
    assert main(["directory", "export", "--trust", "../anchors"]) == 0
    assert list(Path("../anchors").rglob("ca.crt"))


def test_a_package_is_sealed_again_and_its_first_files_are_taken_out(evidence, capsys):
    assert seal("-o", "p.asice") == 0
    assert main(["reseal", "p.asice", "--key", "tm", "--trust", "kz", "-o", "r.asice"]) == 0
    assert main(["directory", "export", "kz", "tm", "--trust", "anchors"]) == 0
    assert main(["verify", "r.asice", "--trust", "anchors"]) == 0
    assert "renewed" in capsys.readouterr().out
    assert main(["open", "r.asice", "--trust", "anchors", "-o", "out"]) == 0
    assert Path("out/evidence/log.txt").read_text() == "sign-in\n"


def test_what_does_not_verify_is_not_sealed_again(evidence, capsys):
    seal("-o", "p.asice")
    Path("p.asice").write_bytes(Path("p.asice").read_bytes().replace(b"sign-in", b"sign-on"))
    assert main(["reseal", "p.asice", "--key", "kz", "--trust", "kz", "-o", "r.asice"]) == 1
    assert not Path("r.asice").exists()


def test_one_file_is_disclosed_and_proved_without_the_others(evidence, capsys):
    assert seal("--to", "tm", "-o", "p.asice.age") == 0
    shown = ["disclose", "p.asice.age", "--identity", "tm", "--trust", "kz", "--file", "evidence/log.txt"]
    assert main([*shown, "-o", "d.asice"]) == 0
    assert "құжат".encode() not in Path("d.asice").read_bytes()
    capsys.readouterr()
    assert main(["verify", "d.asice", "--trust", "kz", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [file["name"] for file in report["files"]] == ["evidence/log.txt"]
    assert main(["disclose", "p.asice.age", "--file", "evidence/log.txt", "-o", "e.asice"]) == 1
    assert main([*shown[:-1], "nothing.txt", "--identity", "tm", "-o", "e.asice"]) == 2
    assert "[file_not_in_package]" in error(capsys)
    assert not Path("e.asice").exists()


def test_the_page_that_verifies_is_written_once(evidence, capsys):
    assert main(["verifier", "-o", "verifier.html"]) == 0
    assert Path("verifier.html").read_bytes().startswith(b"<!doctype html>")
    assert main(["verifier", "-o", "verifier.html"]) == 2
    assert "[already_there]" in error(capsys)


def test_an_archive_of_evidence_is_verified_by_the_same_command(evidence, capsys):
    from tests import archives, packages

    for name, data in archives.sound().items():
        path = Path("archive") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    anchors = str(packages.key_folder(archives.OWN))
    assert main(["verify", "archive", "--trust", anchors]) == 0
    assert main(["verify", "archive"]) == 1
    assert "[trust_unknown]" in capsys.readouterr().out
    assert main(["verify", "archive", "--trust", "tm"]) == 1
    custody = Path("archive/custody.jsonl")
    custody.write_bytes(custody.read_bytes().replace(b"Custodian of kz-247", b"Custodian of KZ-247", 1))
    capsys.readouterr()
    assert main(["verify", "archive", "--trust", anchors, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["steps"][-1]["code"] == "evidence_uncommitted"
