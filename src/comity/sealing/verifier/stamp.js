"use strict";
// When it was sealed and whether the certificate counted then: the time-stamp (RFC 3161) and the responder's answer
// (RFC 6960), each assembled again from its parts and compared (clauses 6 and 7); certificates by the chosen anchors.

const CLOCKS = 5 * 60_000;
const SHA256 = unhex("300d06096086480165030402010500"), SHA256_ID = "608648016503040201", ECDSA_SHA256 = unhex(ALGORITHM);
const SIGNED_DATA = unhex("06092a864886f70d010702"), TST_INFO = unhex("060b2a864886f70d0109100104");
const CONTENT_TYPE = unhex("06092a864886f70d010903"), MESSAGE_DIGEST = unhex("06092a864886f70d010904");
const SIGNING_CERTIFICATE = unhex("060b2a864886f70d010910022f"), BASIC_ANSWER = unhex("06092b0601050507300101");
const UNDERSTOOD = [KEY_USAGE, CONSTRAINTS, EXTENDED];
const SERVICES = { time: "300a06082b06010505070308", revocation: "300a06082b06010505070309" };

/** One DER element of parts. */
function tlv(tag, ...parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const digits = size < 128 ? [] : unhex(size.toString(16).padStart(Math.ceil(size.toString(16).length / 2) * 2, "0"));
  return joined([Uint8Array.from([tag, ...(size < 128 ? [size] : [0x80 | digits.length, ...digits])]), ...parts]);
}
const sequence = (...parts) => tlv(0x30, ...parts);
const number = (value) => tlv(0x02, Uint8Array.from([value]));

const later = (moment, milliseconds) => `${new Date(Date.parse(moment) + milliseconds).toISOString().slice(0, 19)}Z`;
const present = () => later(new Date().toISOString(), 0);

/** Read with ``code`` for whatever does not have the form. */
async function readAs(code, read) {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Undecided || (error instanceof Refused && error.code !== "certificate_unreadable")) throw error;
    throw new Refused(code);
  }
}

function exactInstant(part, code) {
  if (part.tag !== 0x18 || !/^\d{14}Z$/.test(new TextDecoder().decode(part.content))) throw new Refused(code);
  return instant(part);
}

function demandLower(signature) {
  if (!same(signatureDer(raw(signature)), signature)) throw new Refused("form_not_determined");
  if (BigInt(`0x${hex(raw(signature).subarray(32))}`) > ORDER / 2n) throw new Refused("form_not_determined");
}

/** The token's certificate and time; its signature holds over exactly these stamped bytes. */
async function readToken(token, stamped) {
  const signed = children(children(children(der(token).content)[1].content)[0].content);
  const info = children(children(signed[2].content)[1].content)[0].content;
  const certificate = children(signed[3].content)[0].whole;
  const signers = children(signed[4].content);
  const parts = children(signers[0].content), signature = parts[parts.length - 1].content;
  const read = readCertificate(certificate), named = sequence(read.issuerWhole, read.serial);
  const digest = tlv(0x04, sha256(info));
  const attributes = [
    sequence(CONTENT_TYPE, tlv(0x31, TST_INFO)),
    sequence(MESSAGE_DIGEST, tlv(0x31, digest)),
    sequence(SIGNING_CERTIFICATE, tlv(0x31, sequence(sequence(sequence(tlv(0x04, sha256(certificate))))))),
  ];
  const fields = children(der(info).content), imprint = children(fields[2].content);
  if (hex(children(imprint[0].content)[0].content) !== SHA256_ID) throw new Undecided("algorithm_not_here");
  if (signers.length !== 1 || !same(imprint[1].content, sha256(stamped))) throw new Refused("timestamp_broken");
  if (!(await holds(read.key, raw(signature), tlv(0x31, ...attributes)))) throw new Refused("timestamp_broken");
  const signer = sequence(number(1), named, SHA256, tlv(0xa0, ...attributes), ECDSA_SHA256, tlv(0x04, signature));
  const data = sequence(number(3), tlv(0x31, SHA256), sequence(TST_INFO, tlv(0xa0, tlv(0x04, info))), tlv(0xa0, certificate), tlv(0x31, signer));
  if (!same(sequence(SIGNED_DATA, tlv(0xa0, data)), token)) throw new Refused("form_not_determined");
  demandLower(signature);
  return { certificate: read, at: exactInstant(fields[4], "timestamp_broken") };
}

/** What the responder says of the certificate: { certificate, since, until, revoked }. */
async function readAnswer(answer, certificate, anchor) {
  const basic = children(children(children(der(answer).content)[1].content)[0].content)[1].content;
  const [data, , sealed, certs] = children(der(basic).content);
  const signature = sealed.content.subarray(1), responder = children(certs.content)[0].content;
  const read = readCertificate(responder);
  if (!(await holds(read.key, raw(signature), data.whole))) throw new Refused("revocation_broken");
  const whole = sequence(data.whole, ECDSA_SHA256, tlv(0x03, ZERO, signature), tlv(0xa0, sequence(responder)));
  const outer = sequence(tlv(0x0a, ZERO), tlv(0xa0, sequence(BASIC_ANSWER, tlv(0x04, whole))));
  if (!same(outer, answer)) throw new Refused("form_not_determined");
  demandLower(signature);
  const answers = children(children(data.content).find((each) => each.tag === 0x30).content);
  if (answers.length !== 1) throw new Refused("revocation_broken");
  const [about, status, since, until] = children(answers[0].content), [how, name, key, serial] = children(about.content);
  if (hex(children(how.content)[0].content) !== SHA256_ID) throw new Undecided("algorithm_not_here");
  const right = same(name.content, sha256(anchor.subjectWhole)) && same(key.content, sha256(anchor.keyBits));
  if (!right || !same(serial.whole, certificate.serial)) throw new Refused("revocation_broken");
  if (status.tag !== 0x80 && status.tag !== 0xa1) throw new Refused("revocation_broken");
  return {
    certificate: read,
    since: exactInstant(since, "revocation_broken"),
    until: until && until.tag === 0xa0 ? exactInstant(children(until.content)[0], "revocation_broken") : null,
    revoked: status.tag === 0xa1 ? exactInstant(children(status.content)[0], "revocation_broken") : null,
  };
}

/** The anchor that issued the certificate for the purpose (seal, time, revocation); both were valid then. */
async function issuer(certificate, anchors, purpose, at) {
  for (const anchor of anchors) {
    const issued = certificate.issuer === anchor.certificate.subject && certificate.algorithm === ALGORITHM &&
      (await holds(anchor.certificate.key, raw(certificate.signature), certificate.signed));
    if (!issued) continue;
    const valid = [certificate, anchor.certificate].every((each) => each.since <= at && at <= each.until);
    if (!valid) throw new Refused("certificate_expired");
    if (!isAuthority(anchor.certificate) || isAuthority(certificate) || !serves(certificate, purpose))
      throw new Refused("certificate_purpose");
    return anchor;
  }
  throw new Refused("certificate_untrusted");
}

function serves(certificate, purpose) {
  const { extensions, critical } = certificate, usage = extensions.get(KEY_USAGE), extended = extensions.get(EXTENDED);
  if ([...critical].some((each) => !UNDERSTOOD.includes(each))) return false;
  if (purpose === "seal") return extended === undefined && usage !== undefined && (der(usage).content[1] & 0x40) !== 0;
  return extended !== undefined && hex(extended) === SERVICES[purpose] && (critical.has(EXTENDED) || purpose !== "time");
}

function anchorsOf(found, anchors) {
  if (!anchors.length) throw new Undecided("trust_unknown");
  const own = anchors.filter((each) => each.id === found.by);
  if (!own.length) throw new Undecided("signer_unknown", found.by);
  return own;
}

/** Step 6: the stamp is over this seal, from a chosen service, not of the future, and still proves something. */
async function checkTime(found, seal, anchors) {
  const value = element("ds:SignatureValue", DS + attribute("Id", "S0-value"), base64(seal.value));
  const token = await readAs("timestamp_broken", () => readToken(seal.token, utf8(value)));
  found.stamped = token.at;
  if (token.at > later(present(), CLOCKS)) throw new Refused("timestamp_in_future", token.at);
  if (found.at > later(token.at, CLOCKS)) throw new Refused("signing_time_contradicted", found.at);
  anchorsOf(found, anchors);
  const service = await issuer(token.certificate, anchors, "time", token.at);
  const end = [token.certificate.until, `${ALGORITHMS_UNTIL}T23:59:59Z`].sort()[0];
  if (present() > end) throw new Undecided("timestamp_outlived", end);
  const whose = !service.seals ? "independent" : service.id === found.by ? "own" : "peer";
  return [token.at, service.id, say(`clock.${whose}`)].join(", ");
}

/** Step 7: the seal's certificate is the named authority's, for sealing, and was valid at the time of the stamp. */
async function checkCertificate(found, seal, anchors) {
  const anchor = await issuer(seal.read, anchorsOf(found, anchors), "seal", found.stamped);
  if (!same(anchor.data, seal.issuer)) throw new Refused("certificate_untrusted");
  found.anchor = anchor;
  return `${anchor.name}, ${hex(sha256(anchor.data))}`;
}

/** Step 8: the certificate was not revoked when the stamp was given. */
async function checkRevocation(found, seal, anchors) {
  anchorsOf(found, anchors);
  const answer = await readAs("revocation_broken", () => readAnswer(seal.answer, seal.read, found.anchor.certificate));
  if (answer.since > later(present(), CLOCKS)) throw new Refused("revocation_broken");
  await issuer(answer.certificate, [found.anchor], "revocation", answer.since);
  if (answer.revoked !== null && answer.revoked <= found.stamped) throw new Refused("certificate_revoked", answer.revoked);
  if (answer.since < found.stamped && !(answer.until !== null && found.stamped <= answer.until)) throw new Undecided("revocation_unknown");
  return answer.until || answer.since;
}
