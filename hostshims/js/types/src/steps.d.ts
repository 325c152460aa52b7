export type Steps<T> = Generator<undefined, T>;
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
export declare function atOnce<T>(steps: Steps<T>): T;
/**
 * Takes one step after the other. Before each it lets the runtime answer what waits, if it is
 * busy.
 * @template T
 * @param {Steps<T>} steps
 * @param {() => boolean} busy
 * @returns {Promise<T>}
 */
export declare function inTurn<T>(steps: Steps<T>, busy: () => boolean): Promise<T>;
