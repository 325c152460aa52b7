// The one JSON text of a document: fields in order, no white space, nothing escaped that
// need not be. A document is rebuilt from the fields that it must have, written again,
// and compared with what was read; so white space, unknown, missing, repeated or misspelt
// fields, other forms of numbers, other escapes and anything after the end are refused.

import { fromUTF8 } from "./bytes.js";

/**
 * Reads data as a document of a form, or throws.
 * @template T
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {(value: any) => T} form
 * @returns {{ document: T, text: string }}
 */
export function decodeCanonical(data, form) {
  const text = fromUTF8(data);
  const document = form(JSON.parse(text));
  if (JSON.stringify(document) !== text) throw new SyntaxError("not in canonical form");
  return { document, text };
}

// Forms: each takes a parsed value and returns it, or throws a TypeError.

/** @param {unknown} value */
export function string(value) {
  if (typeof value !== "string" || /\p{Surrogate}/u.test(value)) throw new TypeError("a string is expected");
  return value;
}

/** @param {unknown} value */
export function integer(value) {
  if (!Number.isInteger(value)) throw new TypeError("an integer is expected");
  return /** @type {number} */ (value);
}

/** @param {unknown} value */
export function digest(value) {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
    throw new TypeError("64 lower-case hex digits are expected");
  }
  return value;
}

/**
 * @template T
 * @param {(value: any) => T} form
 * @returns {(value: unknown) => T[]}
 */
export function list(form) {
  return (value) => {
    if (!Array.isArray(value)) throw new TypeError("a list is expected");
    return value.map((item) => form(item));
  };
}

/**
 * @template {Record<string, (value: any) => any>} F
 * @param {F} fields
 * @returns {(value: any) => { [K in keyof F]: ReturnType<F[K]> }}
 */
export function object(fields) {
  const entries = Object.entries(fields);
  return (value) => {
    if (typeof value !== "object" || value === null) throw new TypeError("an object is expected");
    return /** @type {any} */ (Object.fromEntries(entries.map(([name, form]) => [name, form(value[name])])));
  };
}
