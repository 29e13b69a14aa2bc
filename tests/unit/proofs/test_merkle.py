"""Known answers of the Certificate Transparency test tree, and the edges of both proofs."""

from __future__ import annotations

import pytest

from comity.proofs import merkle

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]
EIGHT = merkle.subtrees(HASHES)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert merkle.root_of(HASHES[:size]).hex() == ROOTS[size]
    assert merkle.root(size, EIGHT).hex() == ROOTS[size]


def test_the_root_of_leaves_that_come_one_after_the_other_is_the_root_of_all() -> None:
    leaves = [merkle.leaf_hash(b"%d" % n) for n in range(70)]
    running = merkle.RunningRoot()
    for size in range(len(leaves) + 1):
        assert running.root() == merkle.root_of(leaves[:size])
        if size < len(leaves):
            running.add(leaves[size])


def test_the_known_inclusion_path_of_leaf_five_of_eight() -> None:
    assert [step.hex() for step in merkle.prove_inclusion(5, 8, EIGHT)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_the_known_consistency_path_from_six_to_eight() -> None:
    assert [step.hex() for step in merkle.prove_consistency(6, 8, EIGHT)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@pytest.mark.parametrize("steps", [[1] * 8, [8], [3, 1, 4], [5, 2, 1], [1, 6, 1], [0, 7, 0, 1]])
def test_extending_yields_every_subtree_that_becomes_complete(steps: list[int]) -> None:
    stored: dict[tuple[int, int], bytes] = {}
    size = 0
    for step in steps:
        edge = {at: digest for at, digest in stored.items() if at in _largest(size)}
        new = {
            (level, first + n): digest
            for level, first, row in merkle.extend(
                size, HASHES[size : size + step], lambda *at, known=edge: known[at]
            )
            for n, digest in enumerate(row)
        }
        assert not new.keys() & stored.keys()
        stored |= new
        size += step
    assert len(stored) == 15
    assert stored[(3, 0)].hex() == ROOTS[8]
    assert all(digest == EIGHT(*at) for at, digest in stored.items())


def _largest(size: int) -> set[tuple[int, int]]:
    """The largest complete subtrees of so many leaves: one for each bit."""
    return {(level, (size >> level) - 1) for level in range(4) if size >> level & 1}


@pytest.mark.parametrize(("index", "size"), [(-1, 8), (8, 8), (0, 0)])
def test_an_entry_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(merkle.InclusionUnprovenError):
        merkle.prove_inclusion(index, size, EIGHT)
    with pytest.raises(merkle.InclusionUnprovenError):
        merkle.check_inclusion(HASHES[0], index, size, [], HASHES[0])


def test_a_shrunk_tree_has_no_consistency_proof() -> None:
    with pytest.raises(merkle.ConsistencyUnprovenError):
        merkle.prove_consistency(8, 6, EIGHT)
    with pytest.raises(merkle.ConsistencyUnprovenError):
        merkle.check_consistency(8, merkle.root(8, EIGHT), 6, merkle.root(6, EIGHT), [])


def test_an_empty_old_tree_is_continued_by_every_tree_but_its_root_is_still_checked() -> None:
    merkle.check_consistency(0, merkle.EMPTY_ROOT, 8, merkle.root(8, EIGHT), [])
    with pytest.raises(merkle.ConsistencyUnprovenError):
        merkle.check_consistency(0, HASHES[0], 8, merkle.root(8, EIGHT), [])


def test_equal_sizes_with_different_roots_are_a_fork() -> None:
    with pytest.raises(merkle.ConsistencyUnprovenError):
        merkle.check_consistency(8, merkle.root(8, EIGHT), 8, HASHES[0], [])


def test_a_leaf_cannot_pass_for_an_inner_node() -> None:
    assert merkle.leaf_hash(HASHES[0] + HASHES[1]) != merkle.node_hash(HASHES[0], HASHES[1])
