"""Step 3 of a packed package: the index says what the pack holds."""

from __future__ import annotations

from comity.sealing import packing
from comity.sealing.case import Case
from comity.sealing.container import FILES
from comity.sealing.manifest import Kind, PackStatement
from comity.sealing.packing import INDEX, PACK, Packed
from comity.sealing.refusals import FormNotDeterminedError, ManifestMismatchError


# 3 manifest
def read_index(case: Case, stated: PackStatement) -> Packed:
    """Read the index; number, sizes and root of its files are those of manifest and pack."""
    listed = case.own_manifest
    described = [(file.name, file.media_type) for file in listed.files]
    if described != list(packing.MEDIA_TYPES.items()) or listed.kind is not Kind.FILES:
        raise FormNotDeterminedError(part=PACK)
    packed = packing.read(case.package.read(INDEX, packing.LIMIT))
    if len(packed.files) <= FILES:
        raise FormNotDeterminedError(part=INDEX)
    if (len(packed.files), packed.root) != (stated.files, stated.root):
        raise ManifestMismatchError(name=INDEX)
    if packed.size != case.package.size(PACK):
        raise ManifestMismatchError(name=PACK)
    return packed
