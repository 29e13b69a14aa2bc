"""Hostile contents: files, manifests and algorithms that the seal does not cover or may not use."""

from __future__ import annotations

import json

from lxml import etree
from tests import packages
from tests.hostile import signing
from tests.hostile.classes import (
    LOG,
    MANIFEST,
    MANIFEST_XML,
    foreign_package,
    foreign_raws,
    hostile,
    sound,
    with_files,
)
from tests.hostile.signing import DS
from tests.hostile.zips import Raw, entries, rebuilt, zipped

from comity import canonical

# What the seal covers


@hostile("entry_unsigned")
def an_unsigned_extra_file() -> bytes:
    return with_files(**{"exhibits/extra.log": b"planted"})


@hostile("entry_unsigned")
def an_unsigned_file_in_the_folder_of_signatures() -> bytes:
    return with_files(**{"META-INF/extra.xml": b"<planted/>"})


@hostile("entry_unsigned")
def an_unsigned_extra_file_in_a_foreign_container() -> bytes:
    return zipped([*foreign_raws(), Raw("extra.txt", b"planted")])


@hostile("entry_missing")
def a_missing_file() -> bytes:
    return with_files(**{LOG: None})


@hostile("file_changed")
def a_swapped_file() -> bytes:
    files = entries(sound())
    manifest = files[MANIFEST]
    return rebuilt(
        files | {LOG: b"x" * len(files[LOG]), MANIFEST: _crc_fixed(manifest, b"x" * len(files[LOG]))}
    )


def _crc_fixed(manifest: bytes, data: bytes) -> bytes:
    import zlib

    value = json.loads(manifest)
    value["files"][0]["crc32"] = f"{zlib.crc32(data):08x}"
    return canonical.write(value)


@hostile("file_changed")
def a_manifest_that_was_written_anew() -> bytes:
    other = entries(packages.sealed(signer=packages.authority()))
    return with_files(**{MANIFEST: other[MANIFEST]})


@hostile("file_changed")
def a_swapped_file_in_a_foreign_container() -> bytes:
    raws = foreign_raws()
    raws[1].data = b"evidenze"
    return zipped(raws)


@hostile("entry_missing")
def the_manifest_removed_to_look_foreign() -> bytes:
    return with_files(**{MANIFEST: None})


@hostile("manifest_unreadable")
def a_manifest_with_a_key_twice() -> bytes:
    manifest = entries(sound())[MANIFEST]
    return with_files(**{MANIFEST: manifest.replace(b'{"about"', b'{"about":{"x":1},"about"', 1)})


@hostile("manifest_mismatch")
def a_manifest_with_another_root() -> bytes:
    value = json.loads(entries(sound())[MANIFEST])
    value["root"] = "0" * 64
    return with_files(**{MANIFEST: canonical.write(value)})


@hostile("manifest_mismatch")
def a_manifest_with_another_size() -> bytes:
    value = json.loads(entries(sound())[MANIFEST])
    value["files"][0]["bytes"] += 1
    return with_files(**{MANIFEST: canonical.write(value)})


@hostile("form_not_determined")
def files_in_another_order() -> bytes:
    files = entries(sound())
    names = list(files)
    names[1], names[2] = names[2], names[1]
    return rebuilt({name: files[name] for name in names})


@hostile("form_not_determined")
def a_rewritten_list_of_files() -> bytes:
    listed = entries(sound())[MANIFEST_XML]
    return with_files(**{MANIFEST_XML: listed.replace(b"><", b">\n<")})


@hostile("manifest_mismatch")
def a_foreign_list_that_names_other_files() -> bytes:
    raws = foreign_raws()
    listed = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return zipped([*raws, Raw(MANIFEST_XML, listed)])


def with_manifest(**changes: object) -> bytes:
    """The first file's line of the manifest changed; its leaf and the root are not."""
    value = json.loads(entries(sound())[MANIFEST])
    value["files"][0] |= changes
    return with_files(**{MANIFEST: canonical.write(value)})


@hostile("manifest_mismatch")
def a_manifest_with_another_checksum() -> bytes:
    return with_manifest(crc32="00000000")


@hostile("manifest_unreadable")
def a_manifest_with_an_unsafe_name() -> bytes:
    return with_manifest(name="../x")


@hostile("manifest_mismatch")
def a_manifest_with_a_reserved_name() -> bytes:
    return with_manifest(name="META-INF/x")


@hostile("manifest_unreadable")
def a_manifest_with_an_unknown_key() -> bytes:
    return with_manifest(note="more")


@hostile("manifest_mismatch")
def a_foreign_signature_that_names_a_file_twice() -> bytes:
    def edit(root: etree._Element) -> None:
        reference = next(root.iter(f"{DS}Reference"))
        twin = etree.fromstring(etree.tostring(reference))
        twin.set("Id", "twin")
        reference.addprevious(twin)

    return foreign_package(edit=edit)


# Algorithms, keys, trust


@hostile("algorithm_forbidden")
def a_file_digest_of_sha1() -> bytes:
    return foreign_package(digest=signing.SHA1)


@hostile("algorithm_forbidden")
def a_seal_with_sha1() -> bytes:
    def edit(root: etree._Element) -> None:
        method = next(root.iter(f"{DS}SignatureMethod"))
        method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1")

    return foreign_package(edit=edit)


@hostile("signature_misplaced")
def a_canonical_form_with_comments() -> bytes:
    def edit(root: etree._Element) -> None:
        method = next(root.iter(f"{DS}CanonicalizationMethod"))
        method.set("Algorithm", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments")

    return foreign_package(edit=edit)


@hostile("certificate_untrusted")
def a_foreign_container_of_an_unknown_authority() -> bytes:
    return foreign_package(signer=packages.authority("zz-247"))
