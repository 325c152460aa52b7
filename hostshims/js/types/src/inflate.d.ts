/**
 * Inflates gzip to at most so many bytes. It throws if there are more or fewer, before
 * more than that is kept.
 * @callback Inflate
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {number} size
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export type Inflate = (packed: Uint8Array<ArrayBuffer>, size: number) => Promise<Uint8Array<ArrayBuffer>>;
