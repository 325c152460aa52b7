// Work in steps: a generator that yields wherever it may be interrupted, so that requests are
// answered between two steps.

/**
 * @template T
 * @typedef {Generator<undefined, T>} Steps
 */

/**
 * Takes all steps at once.
 * @template T
 * @param {Steps<T>} steps
 * @returns {T}
 */
export function atOnce(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Takes one step after the other. Before each it lets the runtime answer what waits, if it is
 * busy.
 * @template T
 * @param {Steps<T>} steps
 * @param {() => boolean} busy
 * @returns {Promise<T>}
 */
export async function inTurn(steps, busy) {
  for (;;) {
    if (busy()) await new Promise((resolve) => /** @type {any} */ (globalThis.setImmediate ?? setTimeout)(resolve));
    const { done, value } = steps.next();
    if (done) return value;
  }
}
