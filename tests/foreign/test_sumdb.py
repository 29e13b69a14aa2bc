"""Checkpoints and proofs before the Go project's own implementation (golang.org/x/mod/sumdb)."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.foreign.building import go_program

from comity.proofs import merkle
from comity.proofs.checkpoints import Checkpoint, key_name, origin, sign_checkpoint
from comity.proofs.entries import leaf_hash
from comity.proofs.notes import Signer

pytestmark = pytest.mark.foreign

COMMITMENTS = [bytes([n]) * 32 for n in range(13)]
INDEX, OLD_SIZE, SIZE = 4, 6, 13


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return go_program("sumdb", ".", tmp_path_factory.mktemp("sumdb") / "check", "golang.org/x/mod")


def proof_case() -> dict[str, Any]:
    signer = Signer.generate(key_name("kz-247"))
    tree = merkle.subtrees([leaf_hash(commitment) for commitment in COMMITMENTS])
    root = merkle.root(SIZE, tree)
    return {
        "Verifier": signer.verifier.text,
        "Note": sign_checkpoint(Checkpoint(origin("kz-247"), SIZE, root), signer),
        "Leaf": b"comity-leaf/1\n" + COMMITMENTS[INDEX],
        "Index": INDEX,
        "Size": SIZE,
        "OldSize": OLD_SIZE,
        "Root": root,
        "OldRoot": merkle.root(OLD_SIZE, tree),
        "Inclusion": merkle.prove_inclusion(INDEX, SIZE, tree),
        "Consistency": merkle.prove_consistency(OLD_SIZE, SIZE, tree),
    }


def ask(checker: Path, case: dict[str, Any]) -> str:
    data = json.dumps(case, default=lambda value: base64.b64encode(value).decode())
    answer = subprocess.run(
        [str(checker)], input=data, capture_output=True, text=True, timeout=30, check=False
    )
    return answer.stdout.strip()


def flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def test_go_accepts_the_checkpoint_and_both_proofs(checker: Path) -> None:
    assert ask(checker, proof_case()) == "ok"


@pytest.mark.parametrize(
    "damage",
    [
        lambda case: case.update(Note=case["Note"].replace(b"\n13\n", b"\n14\n")),
        lambda case: case.update(Leaf=case["Leaf"] + b"x"),
        lambda case: case.update(Index=INDEX + 1),
        lambda case: case["Inclusion"].append(case["Root"]),
        lambda case: case["Inclusion"].__setitem__(0, flipped(case["Inclusion"][0])),
        lambda case: case["Consistency"].__setitem__(0, flipped(case["Consistency"][0])),
        lambda case: case.update(OldRoot=flipped(case["OldRoot"])),
    ],
)
def test_go_refuses_them_damaged(checker: Path, damage: Callable[[dict[str, Any]], None]) -> None:
    case = proof_case()
    damage(case)
    assert ask(checker, case) not in {"ok", ""}
