// Writes what is decided on into the core's memory, in the form that wasm/ABI.md tells:
// the one file that knows it.

import { MAX_REQUEST } from "./core.js";

/** Limits of one request, those of package wasm/request of the Go module. */
export const MAX_UNITS = 8;
export const MAX_ATTRIBUTES = 256;
export const MAX_STRING_LENGTH = 1_024; // bytes of UTF-8
export const MAX_LIST_ITEMS = 256;

/** A list is an array of strings; a time is a Date, milliseconds, or RFC 3339 text.
 * @typedef {string | number | bigint | boolean | Date | readonly string[]} Value */

/**
 * What is decided on. A value that is null or undefined counts as missing.
 * @typedef {object} Request
 * @property {Record<string, string | null | undefined>} [units] ids by unit type
 * @property {Record<string, Value | null | undefined>} [attributes] values by name
 * @property {number | Date} [now] when, in milliseconds; the clock's time by default
 */

/** A request that is over a limit or has a value of a type that attributes do not have. */
export class RequestError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "RequestError";
  }
}

const encoder = new TextEncoder();

/** Writes requests for one instance of the core. */
export class RequestWriter {
  #bytes;
  #view;
  #start;
  #end;
  #at = 0;

  /** @param {import("./core.js").Instance} instance */
  constructor(instance) {
    this.#bytes = instance.bytes;
    this.#view = instance.view;
    this.#start = instance.request;
    this.#end = instance.request + MAX_REQUEST;
  }

  /**
   * Writes a request and returns its size in bytes. It throws a RequestError.
   * @param {Request} request
   * @param {number} clock the time, for a request that has none of its own
   */
  write({ units, attributes, now }, clock) {
    this.#at = this.#start;
    this.#byte(0x83);
    this.#text("now");
    this.#integer(Math.trunc(Number(now ?? clock)));
    this.#text("units");
    this.#map(units, MAX_UNITS);
    this.#text("attributes");
    this.#map(attributes, MAX_ATTRIBUTES);
    return this.#at - this.#start;
  }

  /**
   * @param {Record<string, any> | undefined} entries
   * @param {number} limit
   */
  #map(entries, limit) {
    const head = this.#at;
    this.#room(3);
    this.#at += 3;
    let count = 0;
    for (const name in entries) {
      const value = entries[name];
      if (value === undefined || value === null) continue;
      if (++count > limit) throw new RequestError(`more than ${limit} units or attributes`);
      this.#text(name);
      this.#value(name, value);
    }
    this.#bytes[head] = 0xde;
    this.#view.setUint16(head + 1, count);
  }

  /**
   * @param {string} name
   * @param {Value} value
   */
  #value(name, value) {
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return Number.isSafeInteger(value) ? this.#integer(value) : this.#double(value);
      case "boolean":
        return this.#byte(value ? 0xc3 : 0xc2);
      case "bigint":
        return this.#bigint(name, value);
    }
    if (value instanceof Date) return this.#integer(value.getTime());
    if (Array.isArray(value)) return this.#list(name, value);
    throw new RequestError(`attribute ${name} is of no type that attributes have`);
  }

  /**
   * @param {string} name
   * @param {readonly string[]} items
   */
  #list(name, items) {
    if (items.length > MAX_LIST_ITEMS) throw new RequestError(`attribute ${name} has more than ${MAX_LIST_ITEMS} items`);
    this.#byte(0xdc);
    this.#byte(items.length >> 8);
    this.#byte(items.length);
    for (const item of items) {
      if (typeof item !== "string") throw new RequestError(`attribute ${name} has an item that is no string`);
      this.#text(item);
    }
  }

  /** @param {string} text */
  #text(text) {
    const n = text.length;
    this.#room(3 + n);
    if (n < 32) {
      const bytes = this.#bytes;
      const at = this.#at;
      let i = 0;
      for (let c; i < n && (c = text.charCodeAt(i)) < 0x80; i++) bytes[at + 1 + i] = c;
      if (i === n) {
        bytes[at] = 0xa0 | n;
        this.#at = at + 1 + n;
        return;
      }
    }
    const from = this.#at + 3;
    const into = this.#bytes.subarray(from, Math.min(from + MAX_STRING_LENGTH, this.#end));
    const { read, written } = encoder.encodeInto(text, into);
    if (read < n) throw new RequestError(`a string of over ${MAX_STRING_LENGTH} bytes, or too many of them`);
    this.#byte(0xda);
    this.#byte(written >> 8);
    this.#byte(written);
    this.#at += written;
  }

  /** @param {number} n an integer of at most 53 bits; NaN is written as 0 */
  #integer(n) {
    if (n >= 0 && n < 0x80) return this.#byte(n);
    this.#room(9);
    this.#bytes[this.#at] = 0xd3;
    this.#view.setInt32(this.#at + 1, Math.floor(n / 2 ** 32));
    this.#view.setUint32(this.#at + 5, n);
    this.#at += 9;
  }

  /**
   * @param {string} name
   * @param {bigint} n
   */
  #bigint(name, n) {
    if (BigInt.asIntN(64, n) !== n) throw new RequestError(`attribute ${name} is an integer of over 64 bits`);
    this.#room(9);
    this.#bytes[this.#at] = 0xd3;
    this.#view.setBigInt64(this.#at + 1, n);
    this.#at += 9;
  }

  /** @param {number} x */
  #double(x) {
    this.#room(9);
    this.#bytes[this.#at] = 0xcb;
    this.#view.setFloat64(this.#at + 1, x);
    this.#at += 9;
  }

  /** @param {number} b */
  #byte(b) {
    this.#room(1);
    this.#bytes[this.#at++] = b;
  }

  /** @param {number} n */
  #room(n) {
    if (n > this.#end - this.#at) throw new RequestError(`the request is over ${MAX_REQUEST} bytes`);
  }
}
