// Checks of single fields. Each throws a RangeError that names the field. The messages are
// short because every worker carries them; the publisher's messages say more.

import { toUTF8 } from "./bytes.js";

/**
 * @param {boolean} ok
 * @param {string} message
 * @returns {asserts ok}
 */
export function check(ok, message) {
  if (!ok) throw new RangeError(message);
}

/**
 * @param {string} field
 * @param {number} n
 */
export function checkCount(field, n, max = Number.MAX_SAFE_INTEGER) {
  check(n >= 1 && n <= max, `${field}: ${n} must be from 1 to ${max}`);
}

/**
 * @param {string} field
 * @param {{ length: number }} items
 * @param {number} max
 */
export function checkLength(field, { length }, max) {
  check(length <= max, `${field}: the length is ${length}; the limit is ${max}`);
}

/**
 * Parses a time in UTC with whole seconds. It returns milliseconds since the Unix epoch.
 * @param {string} field
 * @param {string} text
 */
export function checkTime(field, text) {
  const ms = Date.parse(text);
  // If Date does not write the same text again, the text has another form or is not a day of
  // the calendar. A longer text is beyond the year 9999.
  const exact = ms >= 0 && text.length === 20 && new Date(ms).toISOString() === text.replace("Z", ".000Z");
  check(exact, `${field}: ${text} must be UTC in whole seconds`);
  return ms;
}

/** @param {{ created: string, expires: string }} document */
export function checkPeriod({ created, expires }) {
  const period = { created: checkTime("created", created), expires: checkTime("expires", expires) };
  check(period.expires > period.created, "expires: must be after created");
  return period;
}

/**
 * Checks that text is a single line.
 * @param {string} field
 * @param {string} text
 * @param {number} limit in bytes of UTF-8
 */
export function checkText(field, text, limit) {
  checkLength(field, toUTF8(text), limit);
  check(!/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(text), `${field}: must be one line`);
}

/**
 * @param {string} what
 * @param {string[]} ids
 */
export function checkAscending(what, ids) {
  for (let i = 1; i < ids.length; i++) {
    check(ids[i - 1] < ids[i], `${what}: must be in ascending order`);
  }
}
