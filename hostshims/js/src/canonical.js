// The one JSON text of a document: fields in order, no white space, nothing escaped that
// need not be. A document is rebuilt from the fields that it must have, written again,
// and compared with what was read; so white space, unknown, missing, repeated or misspelt
// fields, other forms of numbers, other escapes and anything after the end are refused.

import { fromUTF8 } from "./bytes.js";
import { check } from "./check.js";

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
  check(JSON.stringify(document) === text, "not in canonical form");
  return { document, text };
}

// Forms: each takes a parsed value and returns it, or throws.

/** @param {any} value @returns {string} */
export function string(value) {
  check(typeof value === "string" && !/\p{Surrogate}/u.test(value), "a string is expected");
  return value;
}

/** @param {any} value @returns {number} */
export function integer(value) {
  check(Number.isInteger(value), "an integer is expected");
  return value;
}

/** @param {any} value */
export function digest(value) {
  check(/^[0-9a-f]{64}$/.test(string(value)), "a SHA-256 in lower-case hex is expected");
  return value;
}

/**
 * @template T
 * @param {(value: any) => T} form
 * @returns {(value: any) => T[]}
 */
export function list(form) {
  return (value) => {
    check(Array.isArray(value), "a list is expected");
    return /** @type {any[]} */ (value).map((item) => form(item));
  };
}

/**
 * A field that may be left out.
 * @template T
 * @param {(value: any) => T} form
 * @returns {(value: unknown) => T | undefined}
 */
export const optional = (form) => (value) => (value === undefined ? undefined : form(value));

/**
 * @template {Record<string, (value: any) => any>} F
 * @param {F} fields
 * @returns {(value: any) => { [K in keyof F]: ReturnType<F[K]> }}
 */
export function object(fields) {
  const entries = Object.entries(fields);
  return (value) => {
    check(typeof value === "object" && value !== null, "an object is expected");
    return /** @type {any} */ (Object.fromEntries(entries.map(([name, form]) => [name, form(value[name])])));
  };
}
