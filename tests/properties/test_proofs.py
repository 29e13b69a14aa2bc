"""For any tree: what is true proves, and nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comity.proofs import merkle

SIZES = st.integers(1, 200)


def leaves(size: int, seed: int = 0) -> list[bytes]:
    return [merkle.leaf_hash(f"{seed}/{n}".encode()) for n in range(size)]


def definition(hashes: Sequence[bytes]) -> bytes:
    """MTH as RFC 9162, section 2.1.1 writes it down, without any cleverness."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + definition(hashes[:split]) + definition(hashes[split:])).digest()


@given(size=st.integers(0, 200))
def test_the_root_is_the_one_of_the_definition(size: int) -> None:
    assert merkle.root_of(leaves(size)) == definition(leaves(size))


@given(size=SIZES, data=st.data())
def test_every_entry_is_proved_and_no_flipped_bit_is(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    subtree = merkle.subtrees(hashes)
    root, path = merkle.root(size, subtree), merkle.prove_inclusion(index, size, subtree)
    merkle.check_inclusion(hashes[index], index, size, path, root)

    parts = [hashes[index], root, *path]
    at, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[at] = flip(parts[at], bit)
    with pytest.raises(merkle.InclusionUnprovenError):
        merkle.check_inclusion(parts[0], index, size, parts[2:], parts[1])


@given(size=SIZES, data=st.data())
def test_a_proof_holds_for_its_own_place_only(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    subtree = merkle.subtrees(hashes)
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size + 2))
    assume(other != index)
    root, path = merkle.root(size, subtree), merkle.prove_inclusion(index, size, subtree)
    with pytest.raises(merkle.InclusionUnprovenError):
        merkle.check_inclusion(hashes[index], other, size, path, root)
    for wrong in (path[:-1] if path else [root], [*path, root]):
        with pytest.raises(merkle.InclusionUnprovenError):
            merkle.check_inclusion(hashes[index], index, size, wrong, root)


@given(new=SIZES, data=st.data())
def test_growth_is_proved_and_no_flipped_bit_is(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    subtree = merkle.subtrees(leaves(new))
    old_root, new_root = merkle.root(old, subtree), merkle.root(new, subtree)
    path = merkle.prove_consistency(old, new, subtree)
    merkle.check_consistency(old, old_root, new, new_root, path)

    parts = [old_root, new_root, *path]
    at, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[at] = flip(parts[at], bit)
    with pytest.raises(merkle.ConsistencyUnprovenError):
        merkle.check_consistency(old, parts[0], new, parts[1], parts[2:])


@given(new=SIZES, data=st.data())
def test_a_rewritten_past_has_no_proof(new: int, data: st.DataObject) -> None:
    """An honest prover over a rewritten tree cannot satisfy a verifier who kept the old root."""
    old = data.draw(st.integers(1, new))
    honest = leaves(new)
    old_root = merkle.root_of(honest[:old])
    rewritten = list(honest)
    rewritten[data.draw(st.integers(0, old - 1))] = merkle.leaf_hash(b"rewritten")
    subtree = merkle.subtrees(rewritten)
    path = merkle.prove_consistency(old, new, subtree)
    with pytest.raises(merkle.ConsistencyUnprovenError):
        merkle.check_consistency(old, old_root, new, merkle.root(new, subtree), path)


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
