"""Steps about the connection: who is let in, and what an address that is none answers."""

from __future__ import annotations

import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from comity.conformance.peer import demand, demand_problem
from comity.conformance.steps import Group
from comity.conformance.tester import DAYS, KEYS, strangers_chain, written_chain
from comity.conformance.trial import Trial
from comity.conformance.wire import Met, client_context, knock
from comity.sealing import issuing, keys
from comity.sealing.keys import FileKey

GROUP = Group()


@GROUP.step("WIRE-1", "WIRE-2")
def tls_spoken(trial: Trial) -> None:
    """TLS 1.3 is spoken, with the certificate on the node's card."""
    met = knock(trial.line, client_context(_own(trial)))
    demand("an answer over TLS 1.3", met is not None and met.version == "TLSv1.3", met.version if met else "")
    assert met is not None
    expected = ssl.PEM_cert_to_DER_cert(trial.node.certificates.tls)
    demand("the certificate on the card", met.certificate == expected, "another one")


@GROUP.step("WIRE-1")
def tls_older(trial: Trial) -> None:
    """TLS 1.2 is not spoken."""
    context = client_context(_own(trial))
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    _hung_up(knock(trial.line, context))


@GROUP.step("WIRE-1", "WIRE-2")
def certificate_missing(trial: Trial) -> None:
    """A caller without a certificate is hung up on."""
    _hung_up(knock(trial.line, client_context(None)))


@GROUP.step("WIRE-2")
def certificate_unknown(trial: Trial) -> None:
    """A stranger's certificate with the tester's names is hung up on."""
    with TemporaryDirectory() as folder:
        chain = strangers_chain(trial.tester, Path(folder))
        _hung_up(knock(trial.line, client_context(chain)))


@GROUP.step("WIRE-2")
def certificate_of_same_ca(trial: Trial) -> None:
    """Another certificate of the tester's own CA is hung up on."""
    ca = keys.signer(trial.tester.folder / KEYS, "ca")
    assert isinstance(ca.key, FileKey)  # a tester's keys lie in files
    issuer = issuing.Issuer(ca.certificate.subject, ca.key.private, trial.now)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = issuing.issue_leaf(issuer, trial.tester.keys.description, "tls", key.public_key(), DAYS)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with TemporaryDirectory() as folder:
        _hung_up(knock(trial.line, client_context(written_chain(Path(folder), leaf, private))))


@GROUP.step("WIRE-2")
def session_not_resumed(trial: Trial) -> None:
    """No session can be resumed without a certificate."""
    met = knock(trial.line, client_context(_own(trial)))
    demand("no ticket for a later session", met is not None and not met.has_ticket, "a ticket")


@GROUP.step("WIRE-4")
def address_unknown(trial: Trial) -> None:
    """An address that is none is answered with its code."""
    demand_problem(trial.ask("GET", "/conformance"), 404, "not_served")
    demand_problem(trial.ask("DELETE", "/receipts"), 404, "not_served")


def _own(trial: Trial) -> tuple[Path, Path]:
    folder = trial.tester.folder / KEYS
    return folder / "tls.crt", folder / "tls.key"


def _hung_up(met: Met | None) -> None:
    demand("to be hung up on", met is None, "an answer")
