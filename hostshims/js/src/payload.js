// The parts of a payload that concern a host. Its form is told in the package comment of
// bundle in the Go module: a msgpack map whose big parts are flat columns.

import { fromUTF8 } from "./bytes.js";
import { check } from "./check.js";
import { RECORD_SIZE } from "./core.js";
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
    const { number, bytes, ended } = reader(raw);
    const keys = number();
    check(keys <= MAX_KEYS, `not a map of at most ${MAX_KEYS} keys`);
    for (let i = 0; i < keys; i++) {
      const key = fromUTF8(bytes());
      if (key === "schema") {
        check(number() === SCHEMA, `it has not schema ${SCHEMA}`);
        continue;
      }
      check(!this.#columns.has(key), `${key} stands twice`);
      this.#columns.set(key, bytes());
    }
    check(ended(), "there is something after its end");
    this.#text = this.u8("text");
    this.#textEnd = this.u32("text.end");
  }

  /** @param {string} name of a column that older payloads may lack */
  has(name) {
    return this.#columns.has(name);
  }

  /** @param {string} name */
  u8(name) {
    const column = this.#columns.get(name);
    if (column === undefined) throw new RangeError(`there is no ${name}`);
    return column;
  }

  /**
   * A column of 4 bytes, which is stored as differences.
   * @param {string} name
   */
  u32(name) {
    const data = this.u8(name);
    check(data.length % 4 === 0, `${name} is cut off`);
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
    check(id < end.length && from <= end[id] && end[id] <= this.#text.length, `there is no text ${id}`);
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
    const requests = this.u32("vector.request");
    const ends = this.u32("vector.records.end");
    const records = this.#records();
    return Array.from(requests, (request, i) => {
      const from = i > 0 ? ends[i - 1] : 0;
      check(from <= ends[i] && ends[i] * RECORD_SIZE <= records.length, `vector ${i} has no records`);
      return { request: this.text(request), records: records.slice(from * RECORD_SIZE, ends[i] * RECORD_SIZE) };
    });
  }

  /** The records of all vectors, put together from the columns of their fields. */
  #records() {
    const experiments = this.u32("vector.experiment");
    const variants = this.u8("vector.variant");
    const reasons = this.u8("vector.reason");
    const rules = this.u8("vector.rule");
    const n = experiments.length;
    check(variants.length === 2 * n && reasons.length === n && rules.length === n, "the vectors' records are cut off");
    const records = new Uint8Array(n * RECORD_SIZE);
    const view = new DataView(records.buffer);
    for (let i = 0, at = 0; i < n; i++, at += RECORD_SIZE) {
      view.setUint32(at, experiments[i], true);
      records.set(variants.subarray(2 * i, 2 * i + 2), at + 4);
      records[at + 6] = reasons[i];
      records[at + 7] = rules[i];
    }
    return records;
  }
}

/**
 * Reads the few msgpack forms that a payload's map is made of: the next number of each call
 * is an integer or the length of a map, and the next bytes are a string or a column.
 * @param {Uint8Array<ArrayBuffer>} data
 */
function reader(data) {
  let at = 0;
  /** @param {number} width */
  const unsigned = (width) => {
    let n = 0;
    while (width-- > 0) n = n * 256 + data[at++];
    return n;
  };
  return {
    number() {
      const tag = data[at++];
      if (tag < 0x80) return tag;
      if (tag < 0x90) return tag & 0xf;
      if (tag >= 0xcc && tag <= 0xce) return unsigned(1 << (tag - 0xcc));
      return tag === 0xde ? unsigned(2) : tag === 0xdf ? unsigned(4) : NaN;
    },
    bytes() {
      const tag = data[at++];
      let n = NaN;
      if (tag >= 0xa0 && tag < 0xc0) n = tag & 0x1f;
      else if (tag >= 0xc4 && tag <= 0xc6) n = unsigned(1 << (tag - 0xc4));
      else if (tag >= 0xd9 && tag <= 0xdb) n = unsigned(1 << (tag - 0xd9));
      if (!(n <= data.length - at)) throw new SyntaxError("it is cut off, or no column");
      return data.subarray(at, (at += n));
    },
    ended: () => at === data.length,
  };
}
