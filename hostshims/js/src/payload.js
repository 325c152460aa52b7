// The parts of a payload that a host reads. The payload is a msgpack map whose big parts are
// flat columns. The Go module documents the format.

import { fromUTF8 } from "./bytes.js";
import { check } from "./check.js";
import { SCHEMA } from "./limits.js";

/** Keys of the payload's map at most: the columns of this schema, and room for later ones. */
const MAX_KEYS = 256;

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads columns of a payload where they lie. It keeps the payload's bytes, which must not
 * change.
 */
export class Payload {
  /** @type {Map<string, Uint8Array<ArrayBuffer>>} */ #columns = new Map();

  /**
   * Reads a raw payload, which must have been verified. It throws if the form is wrong. Only
   * the core checks the program in it.
   * @param {Uint8Array<ArrayBuffer>} raw
   */
  constructor(raw) {
    const { number, bytes, ended } = reader(raw);
    const keys = number();
    check(keys <= MAX_KEYS, `must be a map of at most ${MAX_KEYS} keys`);
    for (let i = 0; i < keys; i++) {
      const key = fromUTF8(bytes());
      if (key === "schema") {
        check(number() === SCHEMA, `must have schema ${SCHEMA}`);
        continue;
      }
      check(!this.#columns.has(key), `${key} is repeated`);
      this.#columns.set(key, bytes());
    }
    check(ended(), "has data after its end");
    /** All texts, one after the other, and where each ends. */
    this.text = this.u8("text");
    this.textEnd = this.u32("text.end");
  }

  /** @param {string} name of a column that older payloads may lack */
  has(name) {
    return this.#columns.has(name);
  }

  /** @param {string} name */
  u8(name) {
    const column = this.#columns.get(name);
    check(column !== undefined, `${name} is missing`);
    return column;
  }

  /**
   * A column of 32-bit numbers, each stored as the difference from the one before. The
   * machine must be little-endian; on any other, the checks of the payload fail.
   * @param {string} name
   * @param {number} [below] what every number must be less than
   */
  u32(name, below = 2 ** 32) {
    const data = this.u8(name);
    const values = new Uint32Array(data.slice().buffer); // a copy, which is aligned; throws if it is cut off
    const n = values.length;
    let last = 0;
    let fits = true;
    for (let i = 0; i < n; i++) {
      last = (last + values[i]) >>> 0;
      values[i] = last;
      if (last >= below) fits = false;
    }
    check(fits, `${name} is out of range`);
    return values;
  }

  /**
   * A column of texts, by number.
   * @param {string} name
   */
  texts(name) {
    return this.u32(name, this.textEnd.length);
  }

  /** The bytes of a text. @param {number} id */
  bytes(id) {
    const from = id > 0 ? this.textEnd[id - 1] : 0;
    const to = this.textEnd[id];
    check(from <= to && to <= this.text.length, `text ${id} does not exist`);
    return this.text.subarray(from, to);
  }

  /**
   * A text as a string. Invalid UTF-8 is replaced.
   * @param {number} id
   */
  string(id) {
    return lenient.decode(this.bytes(id));
  }

  /**
   * A column of texts as strings.
   * @param {string} name
   */
  strings(name) {
    return Array.from(this.texts(name), (id) => this.string(id));
  }

  /**
   * Whether texts ascend, from the one before a place to the one before another.
   * @param {Uint32Array} ids from texts
   * @param {number} from
   * @param {number} to
   */
  ascend(ids, from, to) {
    const text = this.text;
    const end = this.textEnd;
    for (let i = Math.max(from, 1); i < Math.min(to, ids.length); i++) {
      const a = ids[i - 1];
      const b = ids[i];
      let p = a > 0 ? end[a - 1] : 0;
      let q = b > 0 ? end[b - 1] : 0;
      const p1 = end[a];
      const q1 = end[b];
      while (p < p1 && q < q1 && text[p] === text[q]) {
        p++;
        q++;
      }
      if (q >= q1 || (p < p1 && text[p] > text[q])) return false;
    }
    return true;
  }
}

/**
 * Reads the few msgpack forms that a payload's map consists of. number reads an integer or
 * the length of a map; bytes reads a string or a column.
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
      if (!(n <= data.length - at)) throw new RangeError("is cut off, or is not a column");
      return data.subarray(at, (at += n));
    },
    ended: () => at === data.length,
  };
}
