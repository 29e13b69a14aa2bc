"""Hostile signature files: bombs, broken values, and the eight shapes of signature wrapping."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree
from tests import packages
from tests.hostile import signing
from tests.hostile.classes import (
    SIGNATURE,
    foreign_package,
    hostile,
    removed,
    sound,
    with_files,
    with_signature,
)
from tests.hostile.signing import DS, XADES
from tests.hostile.zips import MIMETYPE, entries, rebuilt

# The signature file


@hostile("signature_missing")
def no_signature() -> bytes:
    return with_files(**{SIGNATURE: None})


@hostile("several_signatures")
def two_signature_files() -> bytes:
    return with_files(**{"META-INF/signatures1.xml": entries(sound())[SIGNATURE]})


@hostile("several_signatures")
def two_signatures_in_one_file() -> bytes:
    return with_signature(lambda root: root.append(etree.fromstring(etree.tostring(root[0]))))


@hostile("dtd_forbidden")
def an_entity_bomb() -> bytes:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return with_files(**{SIGNATURE: bomb + entries(sound())[SIGNATURE]})


@hostile("xml_unreadable")
def a_document_type_in_another_encoding() -> bytes:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'
    return with_files(**{SIGNATURE: text.encode("utf-16")})


@hostile("xml_unreadable")
def a_comment_that_splits_a_value() -> bytes:
    signature = entries(sound())[SIGNATURE]
    return with_files(**{SIGNATURE: signature.replace(b"<ds:DigestValue>", b"<ds:DigestValue><!-- -->", 1)})


@hostile("xml_unreadable")
def a_processing_instruction() -> bytes:
    return with_files(**{SIGNATURE: b"<?php ?>" + entries(sound())[SIGNATURE]})


@hostile("too_large")
def a_signature_file_of_five_mebibytes() -> bytes:
    return with_files(**{SIGNATURE: b" " * (5 << 20)})


@hostile("xml_unreadable")
def elements_a_hundred_thousand_deep() -> bytes:
    return with_files(**{SIGNATURE: b"<a>" * 100_000 + b"</a>" * 100_000})


@hostile("signature_broken")
def another_seal_value() -> bytes:
    def change(root: etree._Element) -> None:
        value = next(root.iter(f"{DS}SignatureValue"))
        value.text = signing.base64_text(bytes(64))

    return with_signature(change)


@hostile("signature_broken")
def the_signed_properties_changed() -> bytes:
    def change(root: etree._Element) -> None:
        next(root.iter(f"{XADES}SigningTime")).text = "2026-01-01T00:00:00Z"

    return with_signature(change)


@hostile("signature_broken")
def another_certificate_beside_the_seal() -> bytes:
    def change(root: etree._Element) -> None:
        from comity.sealing import certificates

        other = packages.authority("zz-247").seal.certificate
        next(root.iter(f"{DS}X509Certificate")).text = signing.base64_text(certificates.der(other))

    return with_signature(change)


@hostile("form_not_determined")
def a_further_certificate_among_the_unsigned_values() -> bytes:
    def change(root: etree._Element) -> None:
        values = next(root.iter(f"{XADES}CertificateValues"))
        values.append(etree.fromstring(etree.tostring(values[0])))

    return with_signature(change)


@hostile("form_not_determined")
def white_space_in_a_base64_value() -> bytes:
    def change(root: etree._Element) -> None:
        value = next(root.iter(f"{XADES}EncapsulatedTimeStamp"))
        value.text = f"{value.text}\n"

    return with_signature(change)


@hostile("timestamp_broken")
def the_time_stamp_of_another_seal() -> bytes:
    other = etree.fromstring(entries(packages.sealed())[SIGNATURE])

    def change(root: etree._Element) -> None:
        stamp = next(root.iter(f"{XADES}EncapsulatedTimeStamp"))
        stamp.text = next(other.iter(f"{XADES}EncapsulatedTimeStamp")).text

    return with_signature(change)


@hostile("timestamp_missing")
def no_time_stamp_in_a_foreign_container() -> bytes:
    files = {"a.txt": b"evidence"}
    signature = signing.changed(
        signing.foreign(files, method=signing.EXCLUSIVE), lambda root: removed(root, "SignatureTimeStamp")
    )
    return rebuilt({"mimetype": MIMETYPE, **files, SIGNATURE: signature})


@hostile("revocation_broken")
def the_answer_about_another_certificate() -> bytes:
    other = etree.fromstring(entries(packages.sealed(signer=packages.authority("zz-247")))[SIGNATURE])

    def change(root: etree._Element) -> None:
        answer = next(root.iter(f"{XADES}EncapsulatedOCSPValue"))
        answer.text = next(other.iter(f"{XADES}EncapsulatedOCSPValue")).text

    return with_signature(change)


# Signature wrapping: the verified element is moved and another stands at its place (eight shapes)


def wrapped(change: Callable[[etree._Element, etree._Element], None]) -> bytes:
    """``change`` gets the signature and a forged copy of its SignedProperties."""

    def changed(root: etree._Element) -> None:
        forged = etree.fromstring(etree.tostring(next(root.iter(f"{XADES}SignedProperties"))))
        next(forged.iter(f"{XADES}SigningTime")).text = "2020-01-01T00:00:00Z"
        change(root[0], forged)

    return with_signature(changed)


def _qualifying(signature: etree._Element) -> etree._Element:
    return next(signature.iter(f"{XADES}QualifyingProperties"))


@hostile("signature_misplaced")
def forged_properties_before_the_signed() -> bytes:
    return wrapped(lambda signature, forged: _qualifying(signature).insert(0, forged))


@hostile("signature_misplaced")
def forged_properties_after_the_signed() -> bytes:
    return wrapped(lambda signature, forged: _qualifying(signature).append(forged))


@hostile("signature_misplaced")
def forged_properties_with_the_signed_in_another_object() -> bytes:
    def change(signature: etree._Element, forged: etree._Element) -> None:
        qualifying = _qualifying(signature)
        holder = etree.SubElement(signature, f"{DS}Object")
        holder.append(qualifying[0])
        qualifying.insert(0, forged)

    return wrapped(change)


@hostile("signature_misplaced")
def forged_properties_that_contain_the_signed() -> bytes:
    def change(signature: etree._Element, forged: etree._Element) -> None:
        qualifying = _qualifying(signature)
        forged.append(qualifying[0])
        qualifying.insert(0, forged)

    return wrapped(change)


@hostile("signature_misplaced")
def forged_properties_under_another_id() -> bytes:
    def change(signature: etree._Element, forged: etree._Element) -> None:
        forged.set("Id", "other")
        qualifying = _qualifying(signature)
        etree.SubElement(signature, f"{DS}Object").append(qualifying[0])
        qualifying.insert(0, forged)

    return wrapped(change)


@hostile("signature_misplaced")
def a_second_signed_info() -> bytes:
    def change(signature: etree._Element, _: etree._Element) -> None:
        signature.insert(0, etree.fromstring(etree.tostring(signature[0])))

    return wrapped(change)


@hostile("signature_misplaced")
def the_signature_inside_another_element() -> bytes:
    def change(root: etree._Element) -> None:
        shell = etree.Element(f"{DS}Object")
        shell.append(root[0])
        root.append(shell)

    return with_signature(change)


@hostile("signature_misplaced")
def an_id_twice() -> bytes:
    def change(signature: etree._Element, _: etree._Element) -> None:
        signature[1].set("Id", "S0-signed")

    return wrapped(change)


@hostile("signature_misplaced")
def a_transform_on_a_file() -> bytes:
    def edit(root: etree._Element) -> None:
        reference = next(root.iter(f"{DS}Reference"))
        transforms = etree.SubElement(reference, f"{DS}Transforms")
        etree.SubElement(
            transforms, f"{DS}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"
        )

    return foreign_package(edit=edit)


@hostile("signature_misplaced")
def a_reference_to_a_server() -> bytes:
    def edit(root: etree._Element) -> None:
        next(root.iter(f"{DS}Reference")).set("URI", "http://attacker.example/a.txt")

    return foreign_package(edit=edit)


@hostile("signature_misplaced")
def no_certificate_named_under_the_seal() -> bytes:
    return foreign_package(edit=lambda root: removed(root, "SigningCertificateV2"))


@hostile("xml_unreadable")
def another_declared_encoding() -> bytes:
    signature = entries(sound())[SIGNATURE]
    return with_files(**{SIGNATURE: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + signature})


@hostile("signature_misplaced")
def another_root() -> bytes:
    return with_files(**{SIGNATURE: b"<signatures/>"})


@hostile("signature_missing")
def an_empty_root() -> bytes:
    return with_files(**{SIGNATURE: b'<x:XAdESSignatures xmlns:x="http://uri.etsi.org/02918/v1.2.1#"/>'})


@hostile("entry_missing")
def a_reference_to_a_file_that_is_not_there() -> bytes:
    return with_signature(lambda root: next(root.iter(f"{DS}Reference")).set("URI", "other"))


@hostile("signature_misplaced")
def two_time_stamps() -> bytes:
    def change(root: etree._Element) -> None:
        stamp = next(root.iter(f"{XADES}SignatureTimeStamp"))
        twin = etree.fromstring(etree.tostring(stamp))
        twin.set("Id", "twin")
        stamp.addnext(twin)

    return with_signature(change)


@hostile("signature_misplaced")
def a_time_stamp_without_its_canonical_form() -> bytes:
    def change(root: etree._Element) -> None:
        method = next(root.iter(f"{XADES}SignatureTimeStamp"))[0]
        etree.SubElement(method, "parameter")

    return with_signature(change)


@hostile("signature_misplaced")
def a_value_that_is_no_base64() -> bytes:
    def change(root: etree._Element) -> None:
        next(root.iter(f"{XADES}EncapsulatedOCSPValue")).text = "!!!"

    return with_signature(change)


@hostile("signature_misplaced")
def a_time_that_is_none() -> bytes:
    def change(root: etree._Element) -> None:
        next(root.iter(f"{XADES}SigningTime")).text = "yesterday"

    return with_signature(change)


@hostile("signature_misplaced")
def an_object_with_something_else() -> bytes:
    return wrapped(lambda signature, _: etree.SubElement(signature[3], f"{DS}Manifest"))


@hostile("signature_misplaced")
def properties_with_something_else() -> bytes:
    return wrapped(lambda signature, _: etree.SubElement(_qualifying(signature), f"{XADES}Other"))


@hostile("signature_misplaced")
def an_unknown_element_among_the_references() -> bytes:
    return wrapped(lambda signature, _: etree.SubElement(signature[0], f"{DS}Object"))


@hostile("signature_misplaced")
def no_reference_to_the_signed_properties() -> bytes:
    return wrapped(lambda signature, _: signature[0].remove(signature[0][-1]))


@hostile("signature_misplaced")
def two_transforms_of_the_signed_properties() -> bytes:
    def change(signature: etree._Element, _: etree._Element) -> None:
        transforms = signature[0][-1][0]
        transforms.append(etree.fromstring(etree.tostring(transforms[0])))

    return wrapped(change)


@hostile("signature_misplaced")
def no_certificate() -> bytes:
    return wrapped(lambda signature, _: signature[2].remove(signature[2][0]))
