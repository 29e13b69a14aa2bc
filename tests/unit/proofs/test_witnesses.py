"""Cosignatures, requests to witnesses, proofs of fork: vectors, a thousand forks, and what is no fork."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache

import pytest

from comity.proofs import cosignatures, forks, merkle
from comity.proofs.checkpoints import Checkpoint, origin, sign_checkpoint
from comity.proofs.forks import ForkKind
from comity.proofs.notes import NoteMalformedError, NoteUnsignedError, Signer, Verifier, open_note
from comity.proofs.witnessing import Submission, WitnessRequestMalformedError, tolerated

AT = datetime(2027, 6, 12, 3, 12, 7, tzinfo=UTC)
# The example of C2SP tlog-cosignature: key id and time stand in its first bytes.
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa {log}
— witness.example.com/w1 {witness}
""".format(
    log="Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
    witness="jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0"
    "xUe+mbIUBkBIfZ+qnA==",
)


@cache
def keys():
    return (
        Signer.generate("kz-247.comity"),
        Signer.generate("uz-247.comity"),
        Signer.generate("kg-247.comity"),
    )


def leaves(*names):
    return [merkle.leaf_hash(str(name).encode()) for name in names]


def head(names, after=None):
    checkpoint = Checkpoint(origin("kz-247"), len(names), merkle.root_of(leaves(*names)), after)
    return checkpoint, sign_checkpoint(checkpoint, keys()[0]).decode()


def test_a_cosignature_names_who_and_when():
    log, witness, other = keys()
    checkpoint, note = head(range(5))
    line = cosignatures.cosign(checkpoint.text, witness, AT)
    cosigned = note + line
    (found,) = cosignatures.read(cosigned.encode(), [witness.verifier, other.verifier])
    assert (found.name, found.at, found.line) == ("uz-247.comity", AT, line)
    assert open_note(cosigned.encode(), [log.verifier]).text == checkpoint.text


def test_the_form_is_that_of_the_specification():
    witness = Verifier("witness.example.com/w1", bytes(32))
    assert cosignatures.key_id(witness) != witness.key_id
    with pytest.raises(NoteUnsignedError):
        open_note(EXAMPLE.encode(), [witness])
    assert cosignatures.read(EXAMPLE.encode(), [witness]) == []  # another key's line is passed over


@pytest.mark.parametrize("at", range(8))
def test_a_changed_time_or_text_is_no_cosignature(at):
    _, witness, _ = keys()
    checkpoint, note = head(range(5))
    line = cosignatures.cosign(checkpoint.text, witness, AT)
    name, encoded = line.removeprefix("— ").split()
    data = bytearray(cosignatures.notes.decode_base64(encoded))
    data[4 + at] ^= 1
    forged = note + cosignatures.notes.line(name, bytes(data))
    with pytest.raises(cosignatures.CosignatureWrongError):
        cosignatures.read(forged.encode(), [witness.verifier])
    other = head(range(6))[1] + line
    with pytest.raises(cosignatures.CosignatureWrongError):
        cosignatures.read(other.encode(), [witness.verifier])


def test_a_log_signature_is_no_cosignature_nor_the_reverse():
    log, witness, _ = keys()
    checkpoint, note = head(range(3))
    assert cosignatures.read(note.encode(), [log.verifier]) == []
    alone = f"{checkpoint.text}\n{cosignatures.cosign(checkpoint.text, witness, AT)}"
    with pytest.raises(NoteUnsignedError):
        open_note(alone.encode(), [witness.verifier])
    twice = note + 2 * cosignatures.cosign(checkpoint.text, witness, AT)
    with pytest.raises(NoteMalformedError):
        cosignatures.read(twice.encode(), [witness.verifier])


def test_a_submission_is_read_as_it_was_written():
    submission = Submission(7, tuple(leaves(1, 2, 3)), head(range(9))[1].encode())
    assert Submission.parse(submission.as_bytes()) == submission


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 1\n",
        b"old 01\n\nx",
        b"old -1\n\nx",
        b"new 1\n\nx",
        b"old 1\nAAAA\n\nx",
        b"old 1\n!\n\nx",
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\nx",
        "old 1\né\n\nx".encode(),
    ],
)
def test_a_malformed_submission_is_refused(body):
    with pytest.raises(WitnessRequestMalformedError):
        Submission.parse(body)


@pytest.mark.parametrize(
    ("n", "t", "f"),
    [
        (0, 0, 0),
        (1, 1, 0),
        (2, 2, 0),
        (3, 2, 0),
        (3, 3, 0),
        (4, 3, 1),
        (5, 4, 1),
        (7, 5, 2),
        (4, 4, 0),
        (4, 5, 0),
    ],
)
def test_what_a_quorum_stands(n, t, f):
    assert tolerated(n, t) == f
    assert f == 0 or (2 * t > n + f and t <= n - f)


def proved(count):
    """Forks, rollbacks and truncations at random places: which are proved from two signed heads alone."""
    chance = random.Random(6)
    kinds = dict.fromkeys(ForkKind, 0)
    for n in range(count):
        size = chance.randint(2, 40)
        names = list(range(size))
        common = chance.randrange(size)
        forked = names[:common] + [f"fork {n} {each}" for each in range(chance.randint(1, 40))]
        if (
            n % 3 == 0
        ):  # a rollback that hides a head which it signed: what it signs next follows an older one
            one, other = (
                head(names, after=common),
                head(names + ["more"] * chance.randint(1, 3), after=common),
            )
        else:
            one, other = head(names), head(forked)
        fork = forks.between("kz-247", one, other)
        if one[0].size != other[0].size and n % 3:
            larger, size = max((names, forked), key=len), min(len(names), len(forked))
            tree = merkle.subtrees(leaves(*larger))
            path = [step.hex() for step in merkle.prove_consistency(size, len(larger), tree)]
            prefix = {"root": merkle.root(size, tree).hex(), "path": path}
            fork = forks.Fork.model_validate(fork.model_dump(by_alias=True) | {"prefix": prefix})
        with suppress(forks.ForkUnprovedError):
            kinds[forks.verify(forks.read(fork.as_bytes()), keys()[0].verifier).kind] += 1
    return kinds


def test_a_thousand_forks_are_proved():
    kinds = proved(1000)
    assert all(kinds.values()), kinds
    assert sum(kinds.values()) == 1000


def test_without_its_comparison_a_kind_of_fork_is_not_proved(monkeypatch):
    """Negative controls: of the heads themselves, and of what the larger one's tree was before."""
    whole = proved(60)
    with monkeypatch.context() as without:
        without.setattr(forks, "_another_prefix", lambda *_: None)
        assert proved(60) == whole | {ForkKind.PREFIX: 0}
    monkeypatch.setattr(forks, "contradiction", lambda smaller, larger: None)
    assert sum(proved(60).values()) == whole[ForkKind.PREFIX]


def test_an_honest_log_is_never_disproved():
    sizes = [1, 2, 5, 9, 16, 33]
    heads = [head(range(size), after) for after, size in zip([0, *sizes], sizes, strict=False)]
    for one in heads:
        for other in heads:
            tree = merkle.subtrees(leaves(*range(max(one[0].size, other[0].size))))
            fork = forks.between("kz-247", one, other)
            sized = sorted((one[0].size, other[0].size))
            prefix = {
                "root": merkle.root(sized[0], tree).hex(),
                "path": [step.hex() for step in merkle.prove_consistency(*sized, tree)],
            }
            whole = forks.Fork.model_validate(fork.model_dump(by_alias=True) | {"prefix": prefix})
            for each in (fork, whole):
                with pytest.raises(forks.ForkUnprovedError):
                    forks.verify(each, keys()[0].verifier)


def test_nobody_is_accused_by_heads_that_another_signed():
    fork = forks.between("kz-247", head([1, 2]), head([1, 3]))
    with pytest.raises(NoteUnsignedError):
        forks.verify(fork, keys()[1].verifier)


def test_a_path_that_does_not_lead_to_the_signed_root_accuses_nobody():
    fork = forks.between("kz-247", head([1, 2]), head([1, 3, 4]))
    prefix = {"root": "00" * 32, "path": ["11" * 32]}
    forged = forks.Fork.model_validate(fork.model_dump(by_alias=True) | {"prefix": prefix})
    with pytest.raises(merkle.ConsistencyUnprovenError):
        forks.verify(forged, keys()[0].verifier)


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"authority":"kz-247"}'])
def test_what_is_no_proof_is_refused(data):
    with pytest.raises(forks.ForkUnreadableError):
        forks.read(data)


@pytest.mark.parametrize("part", [b'"prefix":null,', b',"schema":"comity-fork/1"'])
def test_a_proof_that_leaves_out_what_is_always_written_is_refused(part):
    data = forks.between("kz-247", head([1, 2]), head([1, 3])).as_bytes()
    assert forks.read(data)
    assert part in data
    with pytest.raises(forks.ForkUnreadableError):
        forks.read(data.replace(part, b""))
