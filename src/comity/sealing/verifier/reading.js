"use strict";
// The strict reader of Comity's own containers (docs/sealing.md, clauses 2, 3 and 14).

class Refused extends Error {
  constructor(code, name = "") {
    super(code);
    this.code = code;
    this.about = name;
  }
}
class Undecided extends Refused {}

const LIMIT = 2 ** 30 + 2 ** 24, PIECE = 4 << 20, SMALL = 8 << 20, ENTRIES = 2048;
const MEDIA_TYPE = "application/vnd.etsi.asic-e+zip";
const MANIFEST = "_comity/manifest.json", ROOT = "_comity/root.json", ROOT_SEAL = "_comity/root.xml";
const DISCLOSED = "_comity/disclosed.json", LISTED = "META-INF/manifest.xml", SEAL = "META-INF/signatures0.xml";

async function slice(file, from, size) {
  if (from < 0 || from + size > file.size) throw new Refused("cut_off");
  return new Uint8Array(await file.slice(from, from + size).arrayBuffer());
}

/** The entries in their order, every header re-derived and compared: { name, bytes, crc32, offset, start }. */
async function readContainer(file) {
  if (file.size < 22) throw new Refused("not_a_container");
  const first = await slice(file, 0, 4);
  if (hex(first) !== "504b0304") throw new Refused("not_a_container");
  const end = new DataView((await slice(file, file.size - 22, 22)).buffer);
  if (end.getUint32(0, true) !== 0x06054b50) throw new Refused("trailing_bytes");
  const count = end.getUint16(10, true), size = end.getUint32(12, true), start = end.getUint32(16, true);
  if (count > ENTRIES || size > SMALL) throw new Refused("too_large");
  if (start + size + 22 !== file.size) throw new Refused("gap");
  const central = await slice(file, start, size);
  const entries = listed(central, count);
  let at = 0;
  for (const entry of entries) {
    const header = localHeader(entry);
    if (entry.offset !== at) throw new Refused("gap", entry.name);
    if (!same(await slice(file, at, header.length), header)) throw new Refused("header_mismatch", entry.name);
    entry.start = at + header.length;
    at = entry.start + entry.bytes;
  }
  if (at !== start) throw new Refused("gap");
  const whole = [...entries.map(centralHeader), endRecord(count, size, start)];
  if (!same(await slice(file, start, size + 22), joined(whole))) throw new Refused("form_not_determined");
  checkNames(entries.map((entry) => entry.name));
  return entries;
}

function listed(central, count) {
  const view = new DataView(central.buffer), entries = [];
  for (let at = 0, n = 0; n < count; n++) {
    if (at + 46 > central.length) throw new Refused("header_mismatch");
    const length = view.getUint16(at + 28, true);
    const next = at + 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (view.getUint32(at, true) !== 0x02014b50 || next > central.length) throw new Refused("header_mismatch");
    let name;
    try {
      name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        central.subarray(at + 46, at + 46 + length),
      );
    } catch {
      throw new Refused("name_unsafe");
    }
    entries.push({
      name,
      crc32: view.getUint32(at + 16, true),
      bytes: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return entries;
}

function fields(...pairs) {
  const out = new DataView(new ArrayBuffer(pairs.reduce((sum, [width]) => sum + width, 0)));
  let at = 0;
  for (const [width, value] of pairs) {
    if (width === 2) out.setUint16(at, value, true);
    else out.setUint32(at, value, true);
    at += width;
  }
  return new Uint8Array(out.buffer);
}

function joined(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function common(entry, name) {
  return [[2, 0x0800], [2, 0], [2, 0], [2, 0x21], [4, entry.crc32], [4, entry.bytes], [4, entry.bytes], [2, name.length], [2, 0]];
}

function localHeader(entry) {
  const name = utf8(entry.name);
  return joined([fields([4, 0x04034b50], [2, 20], ...common(entry, name)), name]);
}

function centralHeader(entry) {
  const name = utf8(entry.name);
  const rest = [[2, 0], [2, 0], [2, 0], [4, 0], [4, entry.offset]];
  return joined([fields([4, 0x02014b50], [2, 20], [2, 20], ...common(entry, name), ...rest), name]);
}

function endRecord(count, size, start) {
  return fields([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, start], [2, 0]);
}

function checkNames(names) {
  const seen = new Set();
  for (const name of names) {
    const plain = name.replace(/[\u200c\u200d]/g, "");
    const parts = name.split("/");
    if (
      utf8(name).length > 512 ||
      /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\\:*?"<>|]/u.test(plain) ||
      parts.some((part) => ["", ".", ".."].includes(part) || part !== part.trim())
    )
      throw new Refused("name_unsafe", name);
    const folded = name.normalize("NFC").toLowerCase();
    if (seen.has(folded)) throw new Refused("name_clash", name);
    seen.add(folded);
  }
}

/** RFC 8785: ECMAScript's own numbers and strings, keys in the order of their UTF-16 units. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

function parsed(bytes, code = "manifest_unreadable") {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = JSON.parse(text);
    if (canonical(value) === text) return value;
  } catch {
    // refused below
  }
  throw new Refused(code);
}

const HASH = /^[0-9a-f]{64}$/, INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function demand(value, shape) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Refused("manifest_unreadable");
  const keys = Object.keys(value).sort().join();
  if (keys !== Object.keys(shape).sort().join()) throw new Refused("manifest_unreadable");
  for (const [key, test] of Object.entries(shape)) if (!test(value[key])) throw new Refused("manifest_unreadable");
  return value;
}

const text = (value) => typeof value === "string";
const count = (value) => Number.isSafeInteger(value) && value >= 0;
const hash = (value) => text(value) && HASH.test(value);
const salt = (value) => text(value) && base64OrNull(value);
const base64OrNull = (value) => { try { return unbase64(value).length > 0; } catch { return false; } };
const stated = { schema: text, kind: text, created_at: (value) => text(value) && INSTANT.test(value), by: text };
const mediaType = (value) => text(value) && /^[a-z0-9.+-]+\/[A-Za-z0-9.+-]+$/.test(value);
const OF_FILE = { name: text, media_type: mediaType, bytes: count, sha256: hash, crc32: (v) => text(v) && /^[0-9a-f]{8}$/.test(v), salt, leaf: hash };
const OF_MANIFEST = { ...stated, about: (value) => value !== null && typeof value === "object", files: Array.isArray, root: hash };
const OF_ROOT = { ...stated, files: count, root: hash };
const OF_PROOF = { name: text, bytes: count, sha256: hash, salt, index: count, path: (value) => Array.isArray(value) && value.length <= 64 && value.every(hash) };

const ZERO = new Uint8Array([0]), ONE = new Uint8Array([1]);
const node = (left, right) => sha256(ONE, left, right);

function leaf(file) {
  const { name, bytes, sha256: digest, salt: grain } = file;
  return sha256(ZERO, utf8(canonical({ name, bytes, sha256: digest, salt: grain })));
}

function merkleRoot(leaves) {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return leaves[0];
  let middle = 1;
  while (middle * 2 < leaves.length) middle *= 2;
  return node(merkleRoot(leaves.slice(0, middle)), merkleRoot(leaves.slice(middle)));
}

/** RFC 9162, 2.1.3.2. */
function leadsTo(root, hashed, index, size, path) {
  if (index >= size) return false;
  let here = index, last = size - 1, digest = hashed;
  for (const sibling of path) {
    if (last === 0) return false;
    if (here % 2 === 1 || here === last) {
      digest = node(sibling, digest);
      while (here !== 0 && here % 2 === 0) { here = Math.floor(here / 2); last = Math.floor(last / 2); }
    } else digest = node(digest, sibling);
    here = Math.floor(here / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && same(digest, root);
}

/** What the package lists: { by, at, files, covered, total }; every byte of its lists is re-derived. */
async function readManifest(file, entries) {
  const there = new Map(entries.map((entry) => [entry.name, entry]));
  const small = async (name) => {
    const entry = there.get(name);
    if (!entry) throw new Refused("entry_missing", name);
    if (entry.bytes > SMALL) throw new Refused("too_large", name);
    const data = await slice(file, entry.start, entry.bytes);
    if (crc32(data) !== entry.crc32) throw new Refused("content_damaged", name);
    return data;
  };
  const json = "application/json";
  if ((await small("mimetype")).length !== MEDIA_TYPE.length || !same(await small("mimetype"), utf8(MEDIA_TYPE)))
    throw new Refused("mimetype_wrong");
  let found;
  if (there.has(DISCLOSED)) {
    const rootBytes = await small(ROOT), root = demand(parsed(rootBytes), OF_ROOT);
    const proofs = parsed(await small(DISCLOSED));
    if (root.schema !== "comity-root/1" || !Array.isArray(proofs)) throw new Refused("manifest_unreadable");
    if (!proofs.length) throw new Refused("disclosure_unproved");
    proofs.forEach((proof, n) => {
      demand(proof, OF_PROOF);
      const proved = leadsTo(unhex(root.root), leaf(proof), proof.index, root.files, proof.path.map(unhex));
      if (!proved || (n && proofs[n - 1].index >= proof.index)) throw new Refused("disclosure_unproved", proof.name);
    });
    const listed = [...proofs.map(({ name }) => [name, "application/octet-stream"]), [ROOT, json], [DISCLOSED, json]];
    const covered = [{ name: ROOT, type: json, sha256: sha256(rootBytes) }];
    found = { by: root.by, at: root.created_at, kind: "disclosure", total: root.files, files: proofs, listed, covered };
  } else {
    if (!there.has(MANIFEST)) throw new Undecided("other_maker");
    const bytes = await small(MANIFEST), read = parsed(bytes);
    if (read !== null && typeof read === "object" && "packed" in read) throw new Undecided("packed_not_here");
    const said = /^comity-manifest\/([1-9][0-9]{0,8})$/.exec(read !== null && typeof read === "object" ? read.schema : "");
    if (said && Number(said[1]) > 2) throw new Undecided("newer_version");
    const manifest = demand(read, OF_MANIFEST);
    if (manifest.schema !== (manifest.kind === "remains" ? "comity-manifest/2" : "comity-manifest/1")) throw new Refused("manifest_unreadable");
    manifest.files.forEach((each) => demand(each, OF_FILE));
    if (manifest.files.some((each) => hex(leaf(each)) !== each.leaf)) throw new Refused("manifest_mismatch");
    if (hex(merkleRoot(manifest.files.map(leaf))) !== manifest.root) throw new Refused("manifest_mismatch", "root");
    const beside = [];
    if (there.has(ROOT)) {
      const { kind, created_at, by, root } = manifest, files = manifest.files.length;
      const statement = utf8(canonical({ schema: "comity-root/1", kind, created_at, by, files, root }));
      if (!same(await small(ROOT), statement)) throw new Refused("manifest_mismatch", ROOT);
      beside.push({ name: ROOT, type: json, sha256: sha256(statement) });
      beside.push({ name: ROOT_SEAL, type: "text/xml", sha256: sha256(await small(ROOT_SEAL)) });
    }
    const own = [...beside, { name: MANIFEST, type: json, sha256: sha256(bytes) }];
    const listed = [...manifest.files.map((each) => [each.name, each.media_type]), ...own.map((each) => [each.name, each.type])];
    const covered = [...manifest.files.map((each) => ({ name: each.name, type: each.media_type, sha256: unhex(each.sha256) })), ...own];
    found = { by: manifest.by, at: manifest.created_at, kind: manifest.kind, total: manifest.files.length, files: manifest.files, listed, covered };
  }
  const order = ["mimetype", ...found.listed.map(([name]) => name), LISTED, SEAL];
  const names = entries.map((entry) => entry.name);
  for (const name of names) if (!order.includes(name)) throw new Refused("entry_unsigned", name);
  for (const name of order) if (!there.has(name)) throw new Refused("entry_missing", name);
  if (order.join("\n") !== names.join("\n")) throw new Refused("form_not_determined");
  if (!same(await small(LISTED), utf8(listXml(found.listed)))) throw new Refused("form_not_determined", LISTED);
  for (const each of found.files) {
    const entry = there.get(each.name);
    if (each.bytes !== entry.bytes || (each.crc32 && parseInt(each.crc32, 16) !== entry.crc32))
      throw new Refused("manifest_mismatch", each.name);
  }
  return { ...found, there, seal: new TextDecoder().decode(await small(SEAL)) };
}

/** Read every file once, in pieces; memory does not grow with it. */
async function hashFiles(file, found, progress) {
  let read = 0;
  for (const each of found.files) {
    const entry = found.there.get(each.name), digest = new Sha256();
    let crc = 0;
    for (let at = 0; at < entry.bytes; at += PIECE) {
      const piece = await slice(file, entry.start + at, Math.min(PIECE, entry.bytes - at));
      digest.update(piece);
      crc = crc32(piece, crc);
      progress((read += piece.length));
    }
    if (crc !== entry.crc32) throw new Refused("content_damaged", each.name);
    if (hex(digest.digest()) !== each.sha256) throw new Refused("file_changed", each.name);
  }
  return read;
}
