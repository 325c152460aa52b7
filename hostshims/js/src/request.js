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
 * Makes a function that returns the number of a name, given the name's place in the request;
 * -1 if it has none. Requests mostly have the same names in the same order, so it first
 * compares a name with the one that the last request had in its place.
 * @param {Map<string, number>} numbers by name
 */
function numbered(numbers) {
  /** @type {string[]} */
  const names = [];
  /** @type {number[]} */
  const last = [];
  return (/** @type {string} */ name, /** @type {number} */ place) => {
    if (names[place] === name) return last[place];
    const number = numbers.get(name) ?? -1;
    if (place < REMEMBERED) {
      names[place] = name;
      last[place] = number;
    }
    return number;
  };
}

/**
 * Makes a function that writes requests for one instance of the core. It returns the size of
 * the request in bytes. Units and attributes that the payload does not have are left out. It
 * throws a RequestError.
 * @param {import("./core.js").Instance} instance
 * @param {{ units: Map<string, number>, attributes: Map<string, number> }} numbers the numbers
 *   of unit types and attributes, by name
 * @returns {(request: Request, clock: number) => number} clock is the time to decide at if the
 *   request has none
 */
export function requestWriter({ bytes: { buffer }, request }, numbers) {
  const bytes = new Uint8Array(buffer, request, MAX_REQUEST);
  const view = new DataView(buffer, request, MAX_REQUEST);
  const unitNumber = numbered(numbers.units);
  const attributeNumber = numbered(numbers.attributes);
  let at = 0; // offset of the next value
  let text = 0; // offset of its text

  /**
   * @param {number} to
   * @param {number} n an integer of at most 53 bits
   */
  function setInt(to, n) {
    view.setUint32(to, n, true);
    view.setInt32(to + 4, Math.floor(n / 2 ** 32), true);
  }

  /**
   * Appends a value.
   * @param {number} number of the unit type or attribute
   * @param {number} kind
   * @param {number} n the value, or the offset of its text
   * @param {number} [length] of its text
   */
  function put(number, kind, n, length = 0) {
    view.setUint32(at, number | (kind << 16), true);
    view.setUint32(at + 4, length, true);
    setInt(at + 8, n);
    at += VALUE_SIZE;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  function write(name, value) {
    const from = text;
    const n = value.length;
    if (n > MAX_STRING_LENGTH || n > MAX_REQUEST - from - 2) throw new RequestError(`${name} must be ${n > MAX_STRING_LENGTH ? SHORT : ROOM}`);
    let i = 0;
    for (let c; i < n && (c = value.charCodeAt(i)) < 0x80; i++) bytes[from + i] = c;
    text = from + n;
    if (i === n) return;
    const { read, written } = encoder.encodeInto(value, bytes.subarray(from, from + MAX_STRING_LENGTH));
    expect(read === n, name, from > MAX_REQUEST - MAX_STRING_LENGTH ? ROOM : SHORT);
    text = from + written;
  }

  /**
   * @param {string} name
   * @param {number} number
   * @param {Exclude<Value, string>} value
   */
  function other(name, number, value) {
    switch (typeof value) {
      case "number":
        if (Number.isSafeInteger(value)) return put(number, INT, value);
        put(number, NUMBER, 0);
        return view.setFloat64(at - 8, value, true);
      case "boolean":
        return put(number, BOOL, value ? 1 : 0);
      case "bigint":
        expect(BigInt.asIntN(64, value) === value, name, "an integer of 64 bits");
        put(number, INT, 0);
        return view.setBigInt64(at - 8, value, true);
    }
    if (value instanceof Date) return put(number, INT, value.getTime());
    expect(Array.isArray(value) && value.length <= MAX_LIST_ITEMS, name, `a list of at most ${MAX_LIST_ITEMS} strings, or of another type that attributes have`);
    const from = text;
    for (const item of value) {
      expect(typeof item === "string", name, "a list of strings");
      const length = text;
      text += 2;
      write(name, item);
      view.setUint16(length, text - length - 2, true);
    }
    put(number, LIST, from, text - from);
  }

  /**
   * @param {Record<string, any> | undefined} values
   * @param {(name: string, place: number) => number} numberOf
   * @param {number} limit
   */
  function putAll(values, numberOf, limit) {
    let count = 0;
    let place = 0;
    for (const name in values) {
      const value = values[name];
      const number = numberOf(name, place++);
      if (number < 0 || value === undefined || value === null) continue;
      if (++count > limit) throw new RequestError(`${name}: there must be at most ${limit}`);
      if (typeof value === "string") {
        const from = text;
        write(name, value);
        put(number, STRING, from, text - from);
      } else {
        expect(limit > MAX_UNITS, name, "a string");
        other(name, number, value);
      }
    }
    return count;
  }

  return ({ units, attributes, now }, clock) => {
    at = HEADER_SIZE;
    text = TEXTS;
    setInt(0, Math.trunc(Number(now ?? clock)));
    view.setUint32(8, putAll(units, unitNumber, MAX_UNITS), true);
    view.setUint32(12, putAll(attributes, attributeNumber, MAX_ATTRIBUTES), true);
    return text;
  };
}
