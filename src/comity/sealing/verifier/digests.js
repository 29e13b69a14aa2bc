"use strict";
// Streaming SHA-256 (FIPS 180-4) and CRC-32 (ISO 3309): WebCrypto digests only what is in memory as a whole.

const ROUND = new Uint32Array(64), START = new Uint32Array(8);
for (let number = 2, found = 0; found < 64; number++) {
  let prime = true;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) prime = false;
  if (!prime) continue;
  // The first 32 bits of the fractional parts of the roots of the first primes (4.2.2, 5.3.3).
  if (found < 8) START[found] = (Math.sqrt(number) % 1) * 0x100000000;
  ROUND[found++] = (Math.cbrt(number) % 1) * 0x100000000;
}

class Sha256 {
  constructor() {
    this.state = Uint32Array.from(START);
    this.words = new Int32Array(64);
    this.rest = new Uint8Array(64);
    this.held = 0;
    this.bytes = 0;
  }

  update(data) {
    this.bytes += data.length;
    let at = 0;
    if (this.held) {
      const taken = Math.min(64 - this.held, data.length);
      this.rest.set(data.subarray(0, taken), this.held);
      this.held += taken;
      at = taken;
      if (this.held < 64) return this;
      this._blocks(this.rest, 0, 1);
      this.held = 0;
    }
    const blocks = (data.length - at) >>> 6;
    this._blocks(data, at, blocks);
    at += blocks * 64;
    this.rest.set(data.subarray(at));
    this.held = data.length - at;
    return this;
  }

  digest() {
    const bits = this.bytes * 8;
    const end = new Uint8Array(this.held < 56 ? 64 - this.held : 128 - this.held);
    end[0] = 0x80;
    const view = new DataView(end.buffer);
    view.setUint32(end.length - 8, Math.floor(bits / 0x100000000));
    view.setUint32(end.length - 4, bits >>> 0);
    this.update(end);
    const out = new Uint8Array(32);
    this.state.forEach((word, n) => new DataView(out.buffer).setUint32(n * 4, word));
    return out;
  }

  _blocks(data, at, count) {
    const w = this.words, state = this.state;
    let [h0, h1, h2, h3, h4, h5, h6, h7] = state;
    for (; count > 0; count--, at += 64) {
      for (let n = 0; n < 16; n++) {
        const p = at + n * 4;
        w[n] = (data[p] << 24) | (data[p + 1] << 16) | (data[p + 2] << 8) | data[p + 3];
      }
      for (let n = 16; n < 64; n++) {
        const x = w[n - 15], y = w[n - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[n] = (w[n - 16] + s0 + w[n - 7] + s1) | 0;
      }
      let a = h0 | 0, b = h1 | 0, c = h2 | 0, d = h3 | 0, e = h4 | 0, f = h5 | 0, g = h6 | 0, h = h7 | 0;
      for (let n = 0; n < 64; n++) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[n] + w[n]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      h0 = (h0 + a) | 0; h1 = (h1 + b) | 0; h2 = (h2 + c) | 0; h3 = (h3 + d) | 0;
      h4 = (h4 + e) | 0; h5 = (h5 + f) | 0; h6 = (h6 + g) | 0; h7 = (h7 + h) | 0;
    }
    state.set([h0, h1, h2, h3, h4, h5, h6, h7]);
  }
}

const CRC = new Uint32Array(256).map((_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

function crc32(data, before = 0) {
  let crc = ~before;
  for (let n = 0; n < data.length; n++) crc = CRC[(crc ^ data[n]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

const sha256 = (...parts) => parts.reduce((running, part) => running.update(part), new Sha256()).digest();
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
const utf8 = (text) => new TextEncoder().encode(text);
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const same = (one, other) => one.length === other.length && one.every((byte, n) => byte === other[n]);

function unbase64(text) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Refused("form_not_determined");
  }
  if (base64(bytes) !== text) throw new Refused("form_not_determined");
  return bytes;
}
