// The parts of a payload that concern a host. Its form is told in the package comment of
// bundle in the Go module: a msgpack map whose big parts are flat columns.

import { fromUTF8 } from "./bytes.js";
import { SCHEMA } from "./limits.js";

/** Keys of the payload's map: the columns of this schema and room for later ones. */
const MAX_KEYS = 256;

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** A request with the records that every core must return for it.
 * @typedef {{ request: Uint8Array<ArrayBuffer>, records: Uint8Array<ArrayBuffer> }} Vector */

/** Reads columns. It refers to the payload's bytes, which must not change. */
export class Payload {
  /** @type {Map<string, Uint8Array<ArrayBuffer>>} */ #columns = new Map();
  /** @type {Uint8Array<ArrayBuffer>} */ #text;
  /** @type {Uint32Array} */ #textEnd;

  /**
   * Reads a raw payload, which must be verified. It throws if the form is wrong; the
   * program is checked by the core alone.
   * @param {Uint8Array<ArrayBuffer>} raw
   */
  constructor(raw) {
    const reader = new MapReader(raw);
    this.environment = "";
    for (let n = reader.mapLength(MAX_KEYS); n > 0; n--) {
      const key = fromUTF8(reader.string());
      switch (key) {
        case "schema": {
          const schema = reader.integer();
          if (schema !== SCHEMA) throw new RangeError(`schema ${schema}, this package reads ${SCHEMA}`);
          break;
        }
        case "environment":
          this.environment = fromUTF8(reader.string());
          break;
        default:
          if (this.#columns.has(key)) throw new SyntaxError(`column ${key} stands twice`);
          this.#columns.set(key, reader.binary());
      }
    }
    reader.end();
    this.#text = this.u8("text");
    this.#textEnd = this.u32("text.end");
  }

  /** @param {string} name */
  u8(name) {
    const column = this.#columns.get(name);
    if (column === undefined) throw new RangeError(`column ${name} is missing`);
    return column;
  }

  /**
   * A column of 4 bytes, which is stored as differences.
   * @param {string} name
   */
  u32(name) {
    const data = this.u8(name);
    if (data.length % 4 !== 0) throw new RangeError(`column ${name} is cut off`);
    const values = new Uint32Array(data.length / 4);
    let last = 0;
    for (let i = 0, at = 0; i < values.length; i++, at += 4) {
      last += data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24);
      values[i] = last;
    }
    return values;
  }

  /** @param {number} id */
  text(id) {
    const end = this.#textEnd;
    const from = id > 0 ? end[id - 1] : 0;
    if (id >= end.length || from > end[id] || end[id] > this.#text.length) throw new RangeError(`there is no text ${id}`);
    return this.#text.subarray(from, end[id]);
  }

  /**
   * A text as a string; bytes that are no UTF-8 are replaced.
   * @param {number} id
   */
  string(id) {
    return lenient.decode(this.text(id));
  }

  /**
   * A column of texts.
   * @param {string} name
   */
  strings(name) {
    return Array.from(this.u32(name), (id) => this.string(id));
  }

  /** @returns {Vector[]} */
  vectors() {
    const records = this.u32("vector.records");
    return Array.from(this.u32("vector.request"), (request, i) => ({
      request: this.text(request),
      records: this.text(records[i]),
    }));
  }
}

/** Reads the few msgpack forms that a payload's map is made of, and no others. */
class MapReader {
  #at = 0;

  /** @param {Uint8Array<ArrayBuffer>} data */
  constructor(data) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  /** @param {number} limit */
  mapLength(limit) {
    const tag = this.#tag();
    let n = Infinity;
    if (tag >> 4 === 0x8) n = tag & 0xf;
    else if (tag === 0xde) n = this.#unsigned(2);
    else if (tag === 0xdf) n = this.#unsigned(4);
    if (n > limit) throw new SyntaxError(`not a map of at most ${limit} keys`);
    return n;
  }

  string() {
    const tag = this.#tag();
    if (tag >> 5 === 0x5) return this.#bytes(tag & 0x1f);
    if (tag < 0xd9 || tag > 0xdb) throw new SyntaxError("a string is expected");
    return this.#bytes(this.#unsigned(1 << (tag - 0xd9)));
  }

  binary() {
    const tag = this.#tag();
    if (tag < 0xc4 || tag > 0xc6) throw new SyntaxError("a column is expected");
    return this.#bytes(this.#unsigned(1 << (tag - 0xc4)));
  }

  integer() {
    const tag = this.#tag();
    if (tag < 0x80) return tag;
    if (tag < 0xcc || tag > 0xce) throw new SyntaxError("a small integer is expected");
    return this.#unsigned(1 << (tag - 0xcc));
  }

  end() {
    if (this.#at !== this.data.length) throw new SyntaxError("there is something after the payload's end");
  }

  #tag() {
    return this.view.getUint8(this.#at++);
  }

  /** @param {number} width */
  #unsigned(width) {
    let n = 0;
    for (let i = 0; i < width; i++) n = n * 256 + this.#tag();
    return n;
  }

  /** @param {number} n */
  #bytes(n) {
    if (n > this.data.length - this.#at) throw new RangeError("it is cut off");
    return this.data.subarray(this.#at, (this.#at += n));
  }
}
