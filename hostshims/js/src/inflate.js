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
  const reader = body.pipeThrough(new DecompressionStream("gzip")).getReader();
  const raw = new Uint8Array(size);
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (value.length > size - at) {
      // The rest is not wanted, and what becomes of it does not matter.
      reader.cancel().catch(() => {});
      throw new RangeError(`it inflates to more than ${size} bytes`);
    }
    raw.set(value, at);
    at += value.length;
  }
  if (at < size) throw new RangeError(`inflating ends after ${at} of ${size} bytes`);
  return raw;
}
