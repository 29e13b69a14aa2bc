"""Whoever touches one byte, row, file or the order of a node's stored evidence is found, without the node."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from tests import archives, packages

from comity import canonical
from comity.sealing import archive
from comity.sealing.archive import files as rows_and_files
from comity.sealing.archive import steps
from comity.sealing.report import Sentence

TABLES = ("checkpoints.jsonl", "entries.jsonl", "custody.jsonl", "segments.jsonl", "receipts.jsonl")
EDITS = 6000
Files = dict[str, bytes]


def byte_changed(files: Files, chance: random.Random) -> None:
    name = chance.choice(sorted(files))
    at = chance.randrange(len(files[name]))
    data = bytearray(files[name])
    data[at] ^= 1 << chance.randrange(8)
    files[name] = bytes(data)


def byte_removed(files: Files, chance: random.Random) -> None:
    name = chance.choice(sorted(files))
    at = chance.randrange(len(files[name]))
    files[name] = files[name][:at] + files[name][at + 1 :]


def byte_added(files: Files, chance: random.Random) -> None:
    name = chance.choice(sorted(files))
    at = chance.randrange(len(files[name]) + 1)
    files[name] = files[name][:at] + chance.randbytes(1) + files[name][at:]


def row_removed(files: Files, chance: random.Random) -> None:
    name = chance.choice(TABLES)
    rows = files[name].splitlines(keepends=True)
    rows.pop(chance.randrange(len(rows)))
    files[name] = b"".join(rows)


def row_repeated(files: Files, chance: random.Random) -> None:
    name = chance.choice(TABLES)
    rows = files[name].splitlines(keepends=True)
    rows.insert(chance.randrange(len(rows) + 1), chance.choice(rows))
    files[name] = b"".join(rows)


def rows_exchanged(files: Files, chance: random.Random) -> None:
    name = chance.choice(TABLES)
    rows = files[name].splitlines(keepends=True)
    one, other = chance.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]
    files[name] = b"".join(rows)


def value_changed(files: Files, chance: random.Random) -> None:
    """A row of the right form with one value of another row, or with none."""
    name = chance.choice(TABLES)
    rows = [canonical.read(line) for line in files[name].splitlines()]
    row, other = chance.choice(rows), chance.choice(rows)
    key = chance.choice(sorted(row))
    row[key] = chance.choice([other[key], None])
    files[name] = archives.lines(rows)


def entry_erased(files: Files, chance: random.Random) -> None:
    """Salt and content gone, as if the entry had been erased by right."""
    rows = [canonical.read(line) for line in files["entries.jsonl"].splitlines()]
    row = chance.choice(rows)
    row["salt"] = row["content"] = None
    files["entries.jsonl"] = archives.lines(rows)


def file_removed(files: Files, chance: random.Random) -> None:
    del files[chance.choice(sorted(files))]


def file_added(files: Files, chance: random.Random) -> None:
    folder = chance.choice(["", "segments/", "containers/"])
    files[f"{folder}{chance.randbytes(8).hex()}"] = chance.randbytes(20)


def files_exchanged(files: Files, chance: random.Random) -> None:
    one, other = chance.sample(sorted(files), 2)
    files[one], files[other] = files[other], files[one]


def file_renamed(files: Files, chance: random.Random) -> None:
    name = chance.choice(sorted(files))
    files[f"{name}x"] = files.pop(name)


EVERY: tuple[Callable[[Files, random.Random], None], ...] = (
    byte_changed,
    byte_removed,
    byte_added,
    row_removed,
    row_repeated,
    rows_exchanged,
    value_changed,
    entry_erased,
    file_removed,
    file_added,
    files_exchanged,
    file_renamed,
)


def test_an_untouched_archive_passes():
    report = archives.judged(archives.sound())
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert [step.id for step in report.steps] == [
        "ledger",
        "containers",
        "custody",
        "segments",
        "receipts",
        "complete",
    ]


@pytest.mark.parametrize("seed", range(6))
def test_every_edit_of_stored_evidence_is_found(seed):
    chance = random.Random(seed)
    sound = archives.sound()
    made: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for n in range(EDITS // 6 * 2):
        edit = EVERY[0] if n % 2 else EVERY[n // 2 % len(EVERY)]
        files = dict(sound)
        edit(files, chance)
        if files == sound:
            continue  # two equal rows or values were exchanged: nothing was touched
        made[edit.__name__] += 1
        report = archives.judged(files)
        found[edit.__name__] += report.verdict == "failed"
        touched = [name for name in files if files[name] != sound.get(name)]
        assert report.verdict == "failed", (edit.__name__, touched)
        if sum(made.values()) == EDITS // 6:
            break
    assert sum(made.values()) == EDITS // 6
    assert made == found
    assert set(made) == {edit.__name__ for edit in EVERY}


def test_every_byte_of_the_tables_counts():
    """Not only chosen ones: each byte of the small tables once."""
    sound = archives.sound()
    for name in ("log.vkey", "segments.jsonl"):
        for at in range(len(sound[name])):
            data = bytearray(sound[name])
            data[at] ^= 1
            assert archives.judged(sound | {name: bytes(data)}).verdict == "failed", (name, at)


def test_without_an_anchor_nobody_says_whose_ledger_it_is():
    report = archive.verify(archives.Memory(archives.sound()), None, as_of=packages.NOW)
    assert (report.verdict, report.codes) == ("indeterminate", ["trust_unknown"])


def test_another_nodes_key_does_not_do():
    key = packages.authority("tm-247").log.verifier
    report = archive.verify(archives.Memory(archives.sound()), key, as_of=packages.NOW)
    assert report.codes == ["evidence_changed"]


def test_a_link_is_no_file_of_an_archive(tmp_path):
    for name, data in archives.sound().items():
        (tmp_path / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / name).write_bytes(data)
    key = packages.authority(archives.OWN).log.verifier
    assert archive.verify(archive.Folder(tmp_path / "a"), key, as_of=packages.NOW).verdict == "passed"
    table = tmp_path / "a" / "custody.jsonl"
    table.rename(tmp_path / "elsewhere")
    table.symlink_to(tmp_path / "elsewhere")
    report = archive.verify(archive.Folder(tmp_path / "a"), key, as_of=packages.NOW)
    assert (report.verdict, report.codes) == ("failed", ["evidence_missing"])


@pytest.mark.parametrize(
    ("protection", "weakened", "edit"),
    [
        ("demand_order", lambda name, keys: None, rows_exchanged),
        ("_same", lambda there, wanted, optional: None, file_removed),
        ("_check_nothing_else", lambda archive: Sentence(""), file_added),
    ],
    ids=["order", "completeness", "nothing else"],
)
def test_without_a_protection_its_edits_pass(protection, weakened, edit, monkeypatch):
    """The edits above are found by these protections and by no accident."""
    if protection.startswith("_check"):
        weaker = [(name, weakened if run.__name__ == protection else run) for name, run in steps.STEPS]
        monkeypatch.setattr(steps, "STEPS", tuple(weaker))
    else:
        room = rows_and_files if hasattr(rows_and_files, protection) else steps
        monkeypatch.setattr(room, protection, weakened)
    chance, sound = random.Random(1), archives.sound()
    passed = 0
    for _ in range(120):
        edited = dict(sound)
        edit(edited, chance)
        passed += edited != sound and archives.judged(edited).verdict == "passed"
    assert passed > 0
