"use strict";
// The seal: the signature file is rendered again and compared (clause 4), ECDSA on P-256 by WebCrypto, and the
// certificates as far as they are read (clause 5).

const DS = ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', XADES = ' xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"';
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#", DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256";
const ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const element = (name, attributes, content = "") => `<${name}${attributes}>${content}</${name.split(" ")[0]}>`;
const escaped = (value) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
const attribute = (name, value) => ` ${name}="${escaped(value)}"`;
const address = (name) =>
  name.split("/").map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)).join("/");

function listXml(listed) {
  const lines = [["/", MEDIA_TYPE], ...listed].map(([name, type]) =>
    element("manifest:file-entry", attribute("manifest:full-path", name) + attribute("manifest:media-type", type)));
  const space = ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2"';
  return element("manifest:manifest", space, lines.join(""));
}

const digested = (bytes, space = "") =>
  element("ds:DigestMethod", space + attribute("Algorithm", DIGEST)) + element("ds:DigestValue", space, base64(bytes));

/** SignedProperties as they stand in the file, or (``alone``) as they are digested. */
function properties(found, certificate, alone) {
  const space = alone ? DS : "";
  const named = element("xades:Cert", "", element("xades:CertDigest", "", digested(sha256(certificate), space)));
  const about = element("xades:SigningTime", "", found.at) + element("xades:SigningCertificateV2", "", named);
  const forms = found.covered.map((each, n) =>
    element("xades:DataObjectFormat", attribute("ObjectReference", `#S0-r${n}`), element("xades:MimeType", "", each.type)));
  return element("xades:SignedProperties", (alone ? XADES : "") + attribute("Id", "S0-signed"),
    element("xades:SignedSignatureProperties", "", about) + element("xades:SignedDataObjectProperties", "", forms.join("")));
}

function signedInfo(found, certificate, alone) {
  const references = found.covered.map((each, n) =>
    element("ds:Reference", attribute("Id", `S0-r${n}`) + attribute("URI", address(each.name)), digested(each.sha256)));
  const transforms = element("ds:Transforms", "", element("ds:Transform", attribute("Algorithm", EXCLUSIVE)));
  const own = element("ds:Reference", attribute("Type", "http://uri.etsi.org/01903#SignedProperties") + attribute("URI", "#S0-signed"),
    transforms + digested(sha256(utf8(properties(found, certificate, true)))));
  return element("ds:SignedInfo", alone ? DS : "",
    element("ds:CanonicalizationMethod", attribute("Algorithm", EXCLUSIVE)) +
    element("ds:SignatureMethod", attribute("Algorithm", ECDSA)) + references.join("") + own);
}

function rendered(found, parts) {
  const key = element("ds:KeyInfo", "", element("ds:X509Data", "", element("ds:X509Certificate", "", base64(parts.certificate))));
  const stamp = element("xades:SignatureTimeStamp", attribute("Id", "S0-T0"),
    element("ds:CanonicalizationMethod", attribute("Algorithm", EXCLUSIVE)) + element("xades:EncapsulatedTimeStamp", "", base64(parts.token)));
  const issuer = element("xades:CertificateValues", "", element("xades:EncapsulatedX509Certificate", "", base64(parts.issuer)));
  const answer = element("xades:RevocationValues", "", element("xades:OCSPValues", "", element("xades:EncapsulatedOCSPValue", "", base64(parts.answer))));
  const unsigned = element("xades:UnsignedProperties", "", element("xades:UnsignedSignatureProperties", "", stamp + issuer + answer));
  const qualifying = element("xades:QualifyingProperties", XADES + attribute("Target", "#S0"), properties(found, parts.certificate, false) + unsigned);
  const signature = element("ds:Signature", DS + attribute("Id", "S0"),
    signedInfo(found, parts.certificate, false) + element("ds:SignatureValue", attribute("Id", "S0-value"), base64(parts.value)) +
    key + element("ds:Object", "", qualifying));
  return element("asic:XAdESSignatures", ' xmlns:asic="http://uri.etsi.org/02918/v1.2.1#"', signature);
}

function only(seal, name) {
  const all = [...seal.matchAll(new RegExp(`<${name}[^<>]*>([A-Za-z0-9+/=]*)</${name}>`, "g"))];
  if (all.length !== 1) throw new Refused("form_not_determined", SEAL);
  return unbase64(all[0][1]);
}

/** The parts of a seal that holds over what the package lists; every byte of the signature file follows from them. */
async function checkSeal(found) {
  const method = /<ds:SignatureMethod Algorithm="([^"]*)">/.exec(found.seal);
  if (method && method[1] !== ECDSA) throw new Undecided("algorithm_not_here", method[1]);
  const parts = {
    value: only(found.seal, "ds:SignatureValue"),
    certificate: only(found.seal, "ds:X509Certificate"),
    token: only(found.seal, "xades:EncapsulatedTimeStamp"),
    issuer: only(found.seal, "xades:EncapsulatedX509Certificate"),
    answer: only(found.seal, "xades:EncapsulatedOCSPValue"),
  };
  if (rendered(found, parts) !== found.seal) throw new Refused("form_not_determined", SEAL);
  if (parts.value.length !== 64 || BigInt(`0x${hex(parts.value.subarray(32))}`) > ORDER / 2n) throw new Refused("form_not_determined", SEAL);
  const certificate = readCertificate(parts.certificate);
  const message = utf8(signedInfo(found, parts.certificate, true));
  if (!(await holds(certificate.key, parts.value, message))) throw new Refused("signature_broken");
  return { ...parts, read: certificate };
}

async function holds(spki, signature, message) {
  const kind = { name: "ECDSA", namedCurve: "P-256" };
  try {
    const key = await crypto.subtle.importKey("spki", spki, kind, false, ["verify"]);
    return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, message);
  } catch {
    return false;
  }
}

/** One DER element: { tag, content, whole, next }. */
function der(data, at = 0) {
  if (at + 2 > data.length) throw new Refused("certificate_unreadable");
  let length = data[at + 1], start = at + 2;
  if (length & 0x80) {
    const width = length & 0x7f;
    if (!width || width > 3 || start + width > data.length) throw new Refused("certificate_unreadable");
    length = 0;
    for (let n = 0; n < width; n++) length = length * 256 + data[start++];
  }
  const next = start + length;
  if (next > data.length) throw new Refused("certificate_unreadable");
  return { tag: data[at], content: data.subarray(start, next), whole: data.subarray(at, next), next };
}

function children(data) {
  const found = [];
  for (let at = 0; at < data.length; at = found[found.length - 1].next) found.push(der(data, at));
  return found;
}

const ALGORITHM = "300a06082a8648ce3d040302";
const [KEY_USAGE, CONSTRAINTS, EXTENDED] = ["551d0f", "551d13", "551d25"];

function readCertificate(data) {
  const outer = der(data);
  if (outer.next !== data.length) throw new Refused("certificate_unreadable");
  const [signed, algorithm, signature] = children(outer.content);
  const parts = children(signed.content);
  if (parts.length < 8 || parts[0].tag !== 0xa0) throw new Refused("certificate_unreadable");
  const [, , inner, issuer, validity, subject, key] = parts;
  if (hex(inner.whole) !== hex(algorithm.whole)) throw new Refused("certificate_unreadable");
  const [since, until] = children(validity.content).map(instant);
  const extensions = new Map(), critical = new Set();
  for (const each of children(children(parts[parts.length - 1].content)[0].content)) {
    const inside = children(each.content), name = hex(inside[0].content);
    extensions.set(name, inside[inside.length - 1].content);
    if (inside.length === 3) critical.add(name);
  }
  const bits = signature.content.subarray(1);
  if (hex(algorithm.whole) === ALGORITHM) {
    const again = sequence(signed.whole, algorithm.whole, tlv(0x03, ZERO, signatureDer(raw(bits))));
    if (!same(again, data)) throw new Refused("certificate_unreadable");
  }
  return { critical, serial: parts[1].whole, issuerWhole: issuer.whole, subjectWhole: subject.whole, keyBits: children(key.content)[1].content.subarray(1),
    signed: signed.whole, algorithm: hex(algorithm.whole), signature: bits, issuer: hex(issuer.whole), subject: hex(subject.whole), since, until, key: key.whole, extensions };
}

function instant({ tag, content }) {
  const digits = new TextDecoder().decode(content);
  const year = tag === 0x17 ? (Number(digits.slice(0, 2)) < 50 ? "20" : "19") + digits.slice(0, 2) : digits.slice(0, 4);
  const rest = digits.slice(tag === 0x17 ? 2 : 4);
  return `${year}-${rest.slice(0, 2)}-${rest.slice(2, 4)}T${rest.slice(4, 6)}:${rest.slice(6, 8)}:${rest.slice(8, 10)}Z`;
}

function raw(signature) {
  const numbers = children(der(signature).content).map(({ content }) => hex(content).replace(/^(00)+/, "").padStart(64, "0"));
  return unhex(numbers.join(""));
}

/** DER of a signature that stands as r beside s. */
function signatureDer(both) {
  const whole = [both.subarray(0, 32), both.subarray(32)].map((half) => {
    const digits = half.subarray(half.findIndex((byte, n) => byte !== 0 || n === 31));
    return tlv(0x02, digits[0] & 0x80 ? joined([ZERO, digits]) : digits);
  });
  return sequence(...whole);
}

const isAuthority = (certificate) => {
  const constraints = certificate.extensions.get(CONSTRAINTS);
  return constraints !== undefined && hex(constraints).includes("0101ff");
};
