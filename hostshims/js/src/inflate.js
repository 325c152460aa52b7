import { readStream } from "./source.js";

/**
 * Inflates gzip to at most so many bytes. It throws if there are more or fewer, before
 * more than that is kept.
 * @callback Inflate
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {number} size
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */

/**
 * Inflates with the runtime's own DecompressionStream. Where that is missing, give the
 * host the one of "@sortition/edge/fflate".
 * @type {Inflate}
 */
export async function inflate(packed, size) {
  const body = /** @type {ReadableStream<BufferSource>} */ (new Response(packed).body);
  const raw = await readStream(body.pipeThrough(new DecompressionStream("gzip")), size);
  if (raw === "too_large" || raw.length < size) throw new RangeError(`it does not inflate to ${size} bytes`);
  return raw;
}
