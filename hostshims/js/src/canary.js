// A canary says which hosts a revision is for; all other hosts keep the stable one. A worker
// has no lasting id, so no share of hosts can include it: it belongs to a canary by labels
// only, if the canary's share is all slots.

import { integer, list, object, string } from "./canonical.js";
import { check, checkAscending, checkCount, checkLength } from "./check.js";
import { MAX_HOST_LABELS, MAX_LABEL_LENGTH, MAX_LABEL_VALUES, SLOTS } from "./limits.js";

const canary = object({
  stable: integer,
  salt: string,
  share: integer,
  labels: list(object({ name: string, values: list(string) })),
});

/** @typedef {ReturnType<typeof canary>} Canary */

/**
 * The form of the manifest's field "canary".
 * @param {any} value
 * @returns {Canary | null}
 */
export const canaryForm = (value) => (value === null ? null : canary(value));

/**
 * @param {Canary | null} c
 * @param {number} revision
 */
export function checkCanary(c, revision) {
  if (c === null) return;
  checkCount("canary: stable", c.stable, revision - 1);
  checkWord("canary: salt", c.salt);
  checkCount("canary: share", c.share, SLOTS);
  checkLength("canary: labels", c.labels, MAX_HOST_LABELS);
  checkAscending("canary: labels", c.labels.map(({ name }) => name));
  for (const { name, values } of c.labels) {
    checkWord("canary: label", name);
    checkCount(`canary: label ${name}: values`, values.length, MAX_LABEL_VALUES);
    checkAscending(`canary: label ${name}`, values);
    for (const value of values) checkWord(`canary: label ${name}`, value);
  }
}

/**
 * Reports whether a host without an id belongs to a canary.
 * @param {Canary} c
 * @param {Readonly<Record<string, string>>} labels of the host
 */
export function includes(c, labels) {
  return c.share === SLOTS && c.labels.every(({ name, values }) => Object.hasOwn(labels, name) && values.includes(labels[name]));
}

/**
 * Checks the labels of a host.
 * @param {Readonly<Record<string, string>>} labels
 */
export function checkLabels(labels) {
  const entries = Object.entries(labels);
  checkLength("labels", entries, MAX_HOST_LABELS);
  for (const [name, value] of entries) {
    checkWord("label", name);
    checkWord(`label ${name}`, value);
  }
}

/**
 * @param {string} field
 * @param {string} word
 */
function checkWord(field, word) {
  const fits = word.length <= MAX_LABEL_LENGTH && /^[\w-][\w.-]*$/.test(word);
  check(fits, `${field}: "${word}" must be 1 to ${MAX_LABEL_LENGTH} letters, digits, and inner - _ .`);
}
