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
  const body = /** @type {ReadableStream<BufferSource>} */ (new Response(packed).body);
  const raw = await readStream(body.pipeThrough(new DecompressionStream("gzip")), size);
  if (raw === "too_large" || raw.length < size) throw new RangeError(`does not inflate to ${size} bytes`);
  return raw;
}
