// Writes requests into the core's memory, in the form that wasm/ABI.md defines. No other file
// depends on that form.

import { MAX_REQUEST } from "./core.js";

/** Limits of one request, the same as in package wasm/request of the Go module. Units and
 * attributes that the payload does not have do not count. */
export const MAX_UNITS = 8;
export const MAX_ATTRIBUTES = 256;
export const MAX_STRING_LENGTH = 1_024; // bytes of UTF-8
export const MAX_LIST_ITEMS = 256;

// Offsets and sizes in a request, and kinds of values.
const HEADER_SIZE = 16;
const VALUE_SIZE = 16;
const TEXTS = HEADER_SIZE + (MAX_UNITS + MAX_ATTRIBUTES) * VALUE_SIZE;
const STRING = 1;
const NUMBER = 2;
const INT = 3;
const BOOL = 4;
const LIST = 5;

/** A list is an array of strings. A time is a Date, a number of milliseconds since the Unix
 * epoch, or RFC 3339 text.
 * @typedef {string | number | bigint | boolean | Date | readonly string[]} Value */

/**
 * The ids and attributes to decide on. A value that is null or undefined counts as missing.
 * @typedef {object} Request
 * @property {Record<string, string | null | undefined>} [units] ids by unit type
 * @property {Record<string, Value | null | undefined>} [attributes] values by name
 * @property {number | Date} [now] the time at which to decide, in milliseconds since the Unix
 *   epoch; the host's clock by default
 */

/** A request is over a limit, or has a value of a type that no attribute can have. */
export class RequestError extends Error {
  name = "RequestError";
}

const encoder = new TextEncoder();

/**
 * @param {boolean} ok
 * @param {string} name of a unit or an attribute
 * @param {string} what the value must be
 * @returns {asserts ok}
 */
function expect(ok, name, what) {
  if (!ok) throw new RequestError(`${name} must be ${what}`);
}

const ROOM = `in a request of at most ${MAX_REQUEST} bytes`;
const SHORT = `of at most ${MAX_STRING_LENGTH} bytes`;

/** Names at the beginning of a request whose numbers are remembered. */
const REMEMBERED = 64;

/**
 * The numbers of names. Requests of one program mostly have the same names in the same order,
 * so it first compares a name with the one that the last request had in its place.
 */
class Numbers {
  #numbers;
  /** @type {string[]} */ #names = [];
  /** @type {number[]} */ #last = [];

  /** @param {Map<string, number>} numbers by name */
  constructor(numbers) {
    this.#numbers = numbers;
  }

  /**
   * The number of a name; -1 if it has none.
   * @param {string} name
   * @param {number} place of the name in the request
   */
  of(name, place) {
    if (this.#names[place] === name) return this.#last[place];
    const number = this.#numbers.get(name) ?? -1;
    if (place < REMEMBERED && place <= this.#names.length) {
      this.#names[place] = name;
      this.#last[place] = number;
    }
    return number;
  }
}

/** Writes requests for one instance of the core. */
export class RequestWriter {
  #bytes;
  #view;
  #units;
  #attributes;
  #at = 0; // offset of the next value
  #text = 0; // offset of its text

  /**
   * @param {import("./core.js").Instance} instance
   * @param {{ units: Map<string, number>, attributes: Map<string, number> }} numbers the
   *   numbers of unit types and attributes, by name
   */
  constructor({ bytes: { buffer }, request }, { units, attributes }) {
    this.#bytes = new Uint8Array(buffer, request, MAX_REQUEST);
    this.#view = new DataView(buffer, request, MAX_REQUEST);
    this.#units = new Numbers(units);
    this.#attributes = new Numbers(attributes);
  }

  /**
   * Writes a request and returns its size in bytes. Units and attributes that the payload
   * does not have are left out. It throws a RequestError.
   * @param {Request} request
   * @param {number} clock the time to decide at if the request has none
   */
  write({ units, attributes, now }, clock) {
    const view = this.#view;
    this.#at = HEADER_SIZE;
    this.#text = TEXTS;
    this.#setInt(0, Math.trunc(Number(now ?? clock)));
    view.setUint32(8, this.#values(units, this.#units, MAX_UNITS), true);
    view.setUint32(12, this.#values(attributes, this.#attributes, MAX_ATTRIBUTES), true);
    return this.#text;
  }

  /**
   * @param {Record<string, any> | undefined} values
   * @param {Numbers} numbers
   * @param {number} limit
   */
  #values(values, numbers, limit) {
    let count = 0;
    let place = 0;
    for (const name in values) {
      const value = values[name];
      const number = numbers.of(name, place++);
      if (number < 0 || value === undefined || value === null) continue;
      count++;
      if (count > limit) throw new RequestError(`${name}: there must be at most ${limit}`);
      if (typeof value === "string") {
        const from = this.#text;
        this.#write(name, value);
        this.#put(number, STRING, from, this.#text - from);
      } else {
        expect(limit > MAX_UNITS, name, "a string");
        this.#value(name, number, value);
      }
    }
    return count;
  }

  /**
   * @param {string} name
   * @param {number} number
   * @param {Exclude<Value, string>} value
   */
  #value(name, number, value) {
    switch (typeof value) {
      case "number":
        if (Number.isSafeInteger(value)) {
          this.#put(number, INT, 0);
          return this.#setInt(this.#at - 8, value);
        }
        this.#put(number, NUMBER, 0);
        return this.#view.setFloat64(this.#at - 8, value, true);
      case "boolean":
        return this.#put(number, BOOL, value ? 1 : 0);
      case "bigint":
        expect(BigInt.asIntN(64, value) === value, name, "an integer of 64 bits");
        this.#put(number, INT, 0);
        return this.#view.setBigInt64(this.#at - 8, value, true);
    }
    if (value instanceof Date) {
      this.#put(number, INT, 0);
      return this.#setInt(this.#at - 8, value.getTime());
    }
    expect(Array.isArray(value) && value.length <= MAX_LIST_ITEMS, name, `a list of at most ${MAX_LIST_ITEMS} strings, or of another type that attributes have`);
    const from = this.#text;
    for (const item of value) {
      expect(typeof item === "string", name, "a list of strings");
      const length = this.#text;
      this.#text = length + 2;
      this.#write(name, item);
      this.#view.setUint16(length, this.#text - length - 2, true);
    }
    this.#put(number, LIST, from, this.#text - from);
  }

  /**
   * Appends a value.
   * @param {number} number of the unit type or attribute
   * @param {number} kind
   * @param {number} n the value, or the offset of its text: 32 bits
   * @param {number} [length] of its text
   */
  #put(number, kind, n, length = 0) {
    const view = this.#view;
    const at = this.#at;
    this.#at = at + VALUE_SIZE;
    view.setUint32(at, number | (kind << 16), true);
    view.setUint32(at + 4, length, true);
    view.setUint32(at + 8, n, true);
    view.setUint32(at + 12, 0, true);
  }

  /**
   * @param {number} at
   * @param {number} n an integer of at most 53 bits
   */
  #setInt(at, n) {
    this.#view.setUint32(at, n, true);
    this.#view.setInt32(at + 4, Math.floor(n / 2 ** 32), true);
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #write(name, text) {
    const bytes = this.#bytes;
    const from = this.#text;
    const n = text.length;
    if (n > MAX_STRING_LENGTH || n > MAX_REQUEST - from - 2) throw new RequestError(`${name} must be ${n > MAX_STRING_LENGTH ? SHORT : ROOM}`);
    let i = 0;
    for (let c; i < n && (c = text.charCodeAt(i)) < 0x80; i++) bytes[from + i] = c;
    this.#text = from + n;
    if (i === n) return;
    const { read, written } = encoder.encodeInto(text, bytes.subarray(from, from + MAX_STRING_LENGTH));
    expect(read === n, name, from > MAX_REQUEST - MAX_STRING_LENGTH ? ROOM : SHORT);
    this.#text = from + written;
  }
}
