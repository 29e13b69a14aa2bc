"""A node in miniature that speaks the published formats, and from which single rules can be taken away.

It is no part of the product: the conformance suite must find every rule that is missing here.
"""

from __future__ import annotations

import base64
import io
import json
import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.unit.conformance.model_bounds import Bounds, Silence
from tests.unit.conformance.model_desk import Desk
from tests.unit.conformance.model_sender import ProblemError, Sender
from tests.unit.conformance.model_several import Several
from tests.unit.conformance.model_witness import Witness

from comity import canonical
from comity.conformance import tester as testers
from comity.conformance.trial import Stated
from comity.delivery.envelope import Envelope, EnvelopeMalformedError
from comity.delivery.incoming import REASONS, Known, Refuse, Repeat, judge_arrival
from comity.directory.cards import Card, read_card
from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.proofs import letter_entries, receipts
from comity.proofs.entries import EntryProof, commit, leaf_hash
from comity.proofs.notes import Signer, Verifier
from comity.proofs.receipts import ReceiptName, Statement
from comity.proofs.transport_keys import open_notice
from comity.sealing import encryption, keys, trust
from comity.sealing.verification import examined
from comity.terms import ComityError, Verdict

LARGE, MOST = 1024 * 1024, 64 * 1024**3
Said = tuple[int, dict[str, str], bytes]


class Model:
    """One node; ``without`` names the rules that it does not keep."""

    def __init__(
        self,
        folder: Path,
        tester: Path,
        now: datetime,
        without: frozenset[str],
        stated: Stated | None = None,
    ) -> None:
        self.folder, self.tester_folder, self.without, self.now = folder, tester, without, now
        self.keys, self.card = (
            keys.load(folder / testers.KEYS),
            read_card((folder / testers.CARD).read_bytes()),
        )
        self.tester = read_card((tester / testers.CARD).read_bytes())
        self.second = read_card((tester / testers.SECOND / testers.CARD).read_bytes())
        self.asker = self.tester
        self.trust = trust.load(tester / testers.KEYS)
        self.ledger = testers.Ledger(self.keys.id, self.keys.log)
        for number in range(3):
            self.ledger.grow(leaf_hash(commit(bytes(32), number)))
        self.known: dict[str, Known] = {}
        self.answers: dict[tuple[str, str, str], bytes] = {}
        self.attested: dict[str, list[tuple[str, int, Any]]] = {}
        self.parts: dict[tuple[str, ...], bytearray] = {}
        self.generations: dict[str, int] = {}
        self.lock, self.arrived, self.lost = threading.Lock(), queue.Queue[Any](), set[bytes]()
        self.answering = {each.id: threading.Semaphore(4) for each in (self.tester, self.second)}
        self.stated = stated or Stated()
        self.sender, self.desk, self.witness = Sender(self), Desk(self), Witness(self)
        self.several = Several(self)
        self.bounds, self.silence = Bounds(self, self.stated), Silence(self, self.stated)

    def keeps(self, rule: str) -> bool:
        return rule not in self.without

    @property
    def verifier(self) -> Verifier:
        """The key of who asks."""
        return Verifier.parse(self.asker.log_key)

    def peer(self, certificate: bytes | None) -> Card:
        """Whose certificate it is; the tester where nobody knows."""
        own = ssl.PEM_cert_to_DER_cert(self.second.certificates.tls)
        return self.second if certificate == own else self.tester

    @contextmanager
    def at_once(self, peer: Card) -> Iterator[bool]:
        """Whether one more request of a peer is answered: four at once are."""
        if not self.keeps("bounds"):
            yield True
            return
        answering = self.answering[peer.id if self.keeps("lanes") else self.tester.id]
        admitted = answering.acquire(blocking=False)
        try:
            yield admitted
        finally:
            if admitted:
                answering.release()

    # ---- the connection

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own = self.folder / testers.KEYS
        context.load_cert_chain(own / "tls.crt", own / "tls.key")
        old = ssl.TLSVersion.TLSv1_2
        context.minimum_version = ssl.TLSVersion.TLSv1_3 if self.keeps("tls_1_3") else old
        if not self.keeps("certificates"):
            return context
        context.num_tickets = 0 if self.keeps("no_tickets") else 2
        context.verify_mode = ssl.CERT_REQUIRED
        if self.keeps("pins"):
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            both = "\n".join((self.tester.certificates.tls, self.second.certificates.tls))
            context.load_verify_locations(
                cadata=both if self.keeps("second") else self.tester.certificates.tls
            )
        else:
            context.load_verify_locations(cadata=self.tester.certificates.ca)
        return context

    def answer(self, method: str, path: str, headers: Any, body: bytes, peer: Card) -> Said:
        with self.lock:
            self.asker = peer
            status, said, data = self.told(lambda: self._serve(method, path, headers, body))
        return (
            status,
            said | (self.several.told() if status < 400 or self.keeps("several_always") else {}),
            data,
        )

    def told(self, serve: Callable[[], Said]) -> Said:
        """What it answers, or the problem that was met."""
        try:
            return serve()
        except ProblemError as error:
            return self._problem(error.status, error.said, error.headers)
        except ComityError as error:
            return self._problem(400, error.code, {})

    def _problem(self, status: int, code: str, headers: dict[str, str]) -> Said:
        document = {"code": code, "message": "No.", "next_step": "Do otherwise."}
        if not self.keeps("problem_form"):
            document.pop("next_step")
        return status, headers, json.dumps(document).encode()

    def _serve(self, method: str, path: str, headers: Any, body: bytes) -> Said:
        first = path.split("/")[1]
        if method == "GET" and path.endswith("/entries") and self.keeps("entries"):
            return self._entries(path.split("/")[2])
        if path.endswith("/several") and self.keeps("several"):
            return self.several.serve(path, body)
        if first == "letters" and method in ("POST", "PUT"):
            return self.letter(method, path, headers, body)
        if (method, path) == ("POST", "/receipts"):
            return self.receipt(body)
        if (method, path) == ("POST", "/keys"):
            return self._key(body)
        if first == "drills":
            return self.desk.serve(method, path, body)
        if self.keeps("witness") and (found := self.witness.serve(method, path, body)) is not None:
            return found
        raise ProblemError(404 if self.keeps("not_served") else 400, "not_served")

    # ---- letters

    def letter(self, method: str, path: str, headers: Any, body: bytes) -> Said:
        envelope = self._envelope(path, headers.get("Comity-Envelope", ""))
        judged = self._judged(envelope)
        if isinstance(judged, bytes):
            return 200, {}, judged
        there = len(self.parts.get(self._place(envelope), b""))
        self.bounds.demand(envelope.bytes - there)
        if method == "POST":
            return 202, {"Comity-Offset": str(there)}, b""
        return self._take(envelope, headers.get("Content-Range"), body, there)

    def _envelope(self, path: str, text: str) -> Envelope:
        try:
            data = base64.b64decode(text, validate=self.keeps("base64"))
            value = canonical.read_canonical(data) if self.keeps("canonical") else json.loads(data)
            fields = {field.alias or name for name, field in Envelope.model_fields.items()}
            if not self.keeps("closed"):
                value = {name: each for name, each in value.items() if name in fields}
            if not self.keeps("complete"):
                value = {"generation": 1} | value
            elif "schema" not in value:
                raise EnvelopeMalformedError(where="schema", why="it is missing")
            if not self.keeps("version"):
                value |= {"schema": "comity-envelope/1"}
            if not self.keeps("values") and set(value) == fields:
                return Envelope.model_construct(
                    **{name: value[field.alias or name] for name, field in Envelope.model_fields.items()}
                )
            envelope = Envelope.model_validate(value)
        except (ValueError, ComityError):
            raise ProblemError(400, EnvelopeMalformedError.code) from None
        if self.keeps("address") and path != f"/letters/{envelope.letter}":
            raise ProblemError(400, EnvelopeMalformedError.code)
        return envelope

    def _judged(self, envelope: Envelope) -> bytes | None:
        """The stored or signed answer; None where the container is wanted."""
        key = (envelope.letter, envelope.sha256, self.asker.id)
        known = self.known.get(envelope.letter)
        if not self.keeps("ids_of_all") and known and known.peer != self.asker.id:
            known = None
        judged = judge_arrival(
            envelope,
            own_id=self.card.id,
            peer_id=self.asker.id if self.keeps("own_letters") else envelope.source,
            known=known,
            now=self.now,
            max_bytes=MOST,
        )
        if not self.keeps("order") and canonical.read_instant(envelope.expires_at) <= self.now:
            judged = Refuse("expired")
        if isinstance(judged, Repeat):
            return self.answers[key] if self.keeps("repeats") else self._accepted(envelope)
        if isinstance(judged, Refuse) and self.keeps(judged.code):
            if key not in self.answers or not self.keeps("stored_refusal"):
                reason = {"code": judged.code, "text": REASONS[judged.code]}
                self.answers[key] = self.attest(envelope, ReceiptName.RELAY_REMMD_REJECTION, reason)
            return self.answers[key]
        return None

    def _take(self, envelope: Envelope, ranged: str | None, body: bytes, there: int) -> Said:
        whole, part = envelope.bytes, range(envelope.bytes)
        if ranged is not None:
            span, _, size = ranged.removeprefix("bytes ").partition("/")
            first, last = map(int, span.split("-"))
            part = range(first, last + 1)
            if self.keeps("range") and not (int(size) == whole and first <= last < whole):
                raise ProblemError(400, EnvelopeMalformedError.code)
        if whole < LARGE and part != range(whole) and self.keeps("small_whole"):
            raise ProblemError(503, "container_differs")
        if part.start not in (0, there) and self.keeps("offset"):
            raise ProblemError(409, "offset_differs", **{"Comity-Offset": str(there)})
        container = self.parts.pop(self._place(envelope), bytearray())
        if part.start == 0:
            container.clear()
        container += body[: len(part)]
        self.bounds.charge(0, len(body[: len(part)]))
        if len(container) < whole:
            if self.keeps("whole"):
                return self._kept(envelope, container, part)
        elif self.keeps("digest") and sha256(container).hexdigest() != envelope.sha256:
            raise ProblemError(503, "container_differs")
        note = self._accepted(envelope)
        self.arrived.put((envelope, bytes(container)))
        return 200, {}, note

    def _place(self, envelope: Envelope) -> tuple[str, ...]:
        """Where what came of a letter is kept."""
        return (envelope.letter, self.asker.id) if self.keeps("own_parts") else (envelope.letter,)

    def _kept(self, envelope: Envelope, container: bytearray, part: range) -> Said:
        if envelope.bytes >= LARGE:
            self.parts[self._place(envelope)] = container if self.keeps("kept") else container + bytes(5)
        if len(container) < part.stop:
            raise ProblemError(503, "cut_off")
        return 202, {"Comity-Offset": str(len(container))}, b""

    def _accepted(self, envelope: Envelope) -> bytes:
        self.bounds.charge(1, 0)
        self.known[envelope.letter] = Known(self.asker.id, envelope.sha256)
        note = self.attest(envelope, ReceiptName.RELAY_REMMD_ACCEPTANCE)
        self.answers[envelope.letter, envelope.sha256, self.asker.id] = note
        return note

    def enter(self, letter: str, content: Any) -> int:
        """Write an entry about a letter of who asks; its number."""
        index = self.ledger.grow(leaf_hash(commit(bytes(32), content)))
        self.attested.setdefault(letter, []).append((self.asker.id, index, content))
        return index

    def attest(
        self, envelope: Envelope, name: ReceiptName, reason: Any = None, at: datetime | None = None
    ) -> bytes:
        container = {"sha256": envelope.sha256, "bytes": envelope.bytes}
        if not self.keeps("receipt_container"):
            container["bytes"] += 1
        statement = Statement.model_validate(
            {
                "receipt": name,
                "letter": envelope.letter,
                "container": container,
                "from": self.card.id,
                "to": self.asker.id,
                "at": canonical.instant_text(at or self.now)
                if self.keeps("receipt_at")
                else "2000-01-01T00:00:00Z",
                "reason": reason,
            }
        )
        salt, content = bytes(32), statement.content()
        index = self.enter(envelope.letter, content)
        path = self.ledger.included(index if self.keeps("receipt_proof") else 0)
        if not self.keeps("receipt_proof"):
            path.append(bytes(32))
        proof = EntryProof(index, salt, content, len(self.ledger.leaves), path)
        own = self.keys.log
        signer = own if self.keeps("receipt_signed") else Signer.generate(own.name)
        return receipts.sign_receipt(statement, proof, self.ledger.head(), signer)

    def _entries(self, letter: str) -> Said:
        """What the ledger holds about a letter of who asks."""
        self.silence.attest(letter)
        own = [each for each in self.attested.get(letter, []) if each[0] == self.asker.id]
        if not self.keeps("entries_of_peer"):
            own = self.attested.get(letter, [])
        if not own:
            raise ProblemError(404, "letter_unknown")
        size = len(self.ledger.leaves)
        proofs = [
            EntryProof(
                index,
                bytes(32),
                content,
                size,
                self.ledger.included(index if self.keeps("entries_proved") else 0),
            )
            for _, index, content in own
        ]
        head = self.ledger.head().decode()
        return 200, {}, letter_entries.of(self.card.id, letter, proofs, head).as_bytes()

    # ---- receipts and keys

    def receipt(self, note: bytes) -> Said:
        if self.keeps("receipt_verified"):
            receipts.verify_receipt(note, self.verifier)
        if not self.keeps("receipt_taken") and note not in self.lost:
            self.lost.add(note)
            raise ProblemError(500, "unexpected")
        return self.sender.keep(note)

    def _key(self, note: bytes) -> Said:
        try:
            notice = open_notice(note, self.verifier)
        except ComityError as error:
            if not self.keeps("notice_signed") and error.code == "note_unsigned":
                return 204, {}, b""
            if not self.keeps("notice_form") and error.code == "key_notice_malformed":
                return 204, {}, b""
            raise
        end = canonical.read_instant(notice.valid_until)
        possible = notice.authority == self.asker.id and self.now < end <= self.now + timedelta(days=90)
        if self.keeps("key_begun"):
            possible = possible and canonical.read_instant(notice.valid_from) <= self.now
        if self.keeps("notice_checked") and not possible:
            raise ProblemError(400, "key_notice_unacceptable")
        if self.keeps("key_order") and notice.recipient != self.asker.recipient:
            raise ProblemError(409, "key_notice_outdated")
        return 204, {}, b""

    # ---- opening

    def open_all(self) -> None:
        """Open what arrived, until None comes."""
        while (each := self.arrived.get()) is not None:
            envelope, container = each
            with self.lock:
                self.asker = self.second if envelope.source == self.second.id else self.tester
                code = self._opened(envelope, container)
                name = ReceiptName.NON_DELIVERY if code else ReceiptName.DELIVERY
                said = (envelope, name, {"code": code, "text": "No."} if code else None)
                note = self.attest(*said)
            if self.keeps("receipts_brought"):
                self.sender.bring(note, said)

    def _opened(self, envelope: Envelope, container: bytes) -> str | None:
        plain = io.BytesIO()
        try:
            encryption.decrypt(io.BytesIO(container), plain, [self.keys.identity])
        except ComityError as error:
            return error.code if self.keeps("decrypted") else None
        plain.seek(0)
        with examined(plain, trust=self.trust, identities=None, as_of=self.now) as case:
            report = case.report
            if report.verdict is not Verdict.PASSED:
                return str(report.codes[0]) if self.keeps("sealed") else None
            if report.kind != "letter":
                return "sealed_by_another" if self.keeps("letter") else None
            try:
                document = parse(case.package.read("letter.json", MOST))
            except ComityError as error:
                return error.code if self.keeps("understood") else None
            if find_problems(document) and self.keeps("sound"):
                return "letter_unsound"
        return self._compared(document, envelope)

    def _compared(self, document: Any, envelope: Envelope) -> str | None:
        if self.keeps("recipient_inside") and document.target != self.card.id:
            return "wrong_recipient"
        said = (envelope.letter, envelope.generation, envelope.expires_at)
        same = (document.id, document.generation, document.expires_at) == said
        if self.keeps("compared") and not same:
            return "envelope_false"
        case = document.case.requesting
        if self.keeps("generations") and document.generation <= self.generations.get(case, 0):
            return "generation_stale"
        self.generations[case] = document.generation
        return None
