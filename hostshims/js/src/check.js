// Checks of single fields. Each throws a RangeError that names the field. (The messages are
// short, since every worker carries them; the publisher's say more.)

import { toUTF8 } from "./bytes.js";

/**
 * @param {boolean} ok
 * @param {string} message
 */
export function check(ok, message) {
  if (!ok) throw new RangeError(message);
}

/**
 * @param {string} field
 * @param {number} n
 */
export function checkCount(field, n, max = Number.MAX_SAFE_INTEGER) {
  check(n >= 1 && n <= max, `${field}: ${n} is not from 1 to ${max}`);
}

/**
 * Accepts UTC in whole seconds and returns milliseconds since the Unix epoch.
 * @param {string} field
 * @param {string} text
 */
export function checkTime(field, text) {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text);
  const ms = form ? Date.parse(text) : NaN;
  // What Date reads and does not write the same is no day of the calendar.
  const exact = ms >= 0 && new Date(ms).toISOString() === text.replace("Z", ".000Z");
  check(exact, `${field}: ${text} is no UTC time in whole seconds`);
  return ms;
}

/** @param {{ created: string, expires: string }} document */
export function checkPeriod({ created, expires }) {
  const period = { created: checkTime("created", created), expires: checkTime("expires", expires) };
  check(period.expires > period.created, "expires: is not after created");
  return period;
}

/**
 * Accepts one line of at most so many bytes of UTF-8.
 * @param {string} field
 * @param {string} text
 * @param {number} limit
 */
export function checkText(field, text, limit) {
  check(toUTF8(text).length <= limit, `${field}: is over ${limit} bytes`);
  check(!/[\p{Cc}\u2028\u2029]/u.test(text), `${field}: is not one line`);
}

/**
 * @param {string} what
 * @param {string[]} ids
 */
export function checkAscending(what, ids) {
  for (let i = 1; i < ids.length; i++) {
    check(ids[i - 1] < ids[i], `${what}: ids do not ascend`);
  }
}
