import { readStream } from "./source.js";

/**
 * Inflates gzip to exactly size bytes. It throws if there are more or fewer, and never keeps
 * more than size bytes.
 * @callback Inflate
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {number} size
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */

/**
 * Inflates with the runtime's DecompressionStream. If the runtime has none, give the host
 * the function of "@sortition/edge/fflate".
 * @type {Inflate}
 */
export async function inflate(packed, size) {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  // If the bytes are not gzip, reading fails too, and says so.
  writer.write(packed).catch(() => {});
  writer.close().catch(() => {});
  const raw = await readStream(/** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (readable), size);
  if (raw === "too_large" || raw.length < size) throw new RangeError(`does not inflate to ${size} bytes`);
  return raw;
}
