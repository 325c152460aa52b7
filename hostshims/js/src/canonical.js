// Canonical JSON: fields in order, no white space, no unnecessary escapes. A document is
// rebuilt from the fields that it must have, written again, and compared with the text that
// was read. This refuses white space, unknown, missing, repeated and misspelt fields, other
// forms of numbers, other escapes, and anything after the end.

import { fromUTF8 } from "./bytes.js";
import { check } from "./check.js";

/**
 * Parses a document of a form. It throws if data is not that document in canonical form.
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

// Forms. Each is a function that takes a parsed value and returns it, or throws.

/** @param {any} value @returns {string} */
export function string(value) {
  check(typeof value === "string" && !/[\ud800-\udfff]/u.test(value), "must be a string");
  return value;
}

/** @param {any} value @returns {number} */
export function integer(value) {
  check(Number.isInteger(value), "must be an integer");
  return value;
}

/** @param {any} value */
export function digest(value) {
  check(/^[0-9a-f]{64}$/.test(string(value)), "must be a SHA-256 in lower-case hex");
  return value;
}

/**
 * @template T
 * @param {(value: any) => T} form
 * @returns {(value: any) => T[]}
 */
export function list(form) {
  return (value) => {
    check(Array.isArray(value), "must be a list");
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
    check(typeof value === "object" && value !== null, "must be an object");
    return /** @type {any} */ (Object.fromEntries(entries.map(([name, form]) => [name, form(value[name])])));
  };
}
