// Where bundles come from: a bucket, behind whatever a platform has for it.

/**
 * An object that was read, or why there is none.
 * @typedef {{ data: Uint8Array<ArrayBuffer>, etag?: string } | "not_found" | "not_modified" | "too_large"} Answer
 */

/**
 * Reads the objects of a bucket. A source is not trusted: whatever it returns is verified.
 * @typedef {object} Source
 * @property {(name: string, options: GetOptions) => Promise<Answer>} get reads an object,
 *   whole. It answers "not_modified" if the object still has the ETag, and "too_large" if
 *   it is longer than the limit. That it throws means that the source could not answer.
 */

/**
 * @typedef {object} GetOptions
 * @property {number} limit the longest object that is wanted, in bytes
 * @property {string} [etag]
 * @property {AbortSignal} [signal] ends the wait
 */

/**
 * A source that the last good bundle is kept in, for the next start.
 * @typedef {Source & { put(name: string, data: Uint8Array<ArrayBuffer>): Promise<void>, remove(name: string): Promise<void> }} Store
 */

/**
 * Reads a stream to its end, but keeps no more than limit bytes of it.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} stream
 * @param {number} limit
 * @returns {Promise<Uint8Array<ArrayBuffer> | "too_large">}
 */
export async function readStream(stream, limit) {
  const data = new Uint8Array(limit);
  const reader = stream?.getReader();
  let at = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return data.subarray(0, at);
    if (value.length > limit - at) {
      // The rest is not wanted, and what becomes of it does not matter.
      reader?.cancel().catch(() => {});
      return "too_large";
    }
    data.set(value, at);
    at += value.length;
  }
}

/**
 * The source below a URL such as https://cdn.example.com/bundles.
 * @param {string | URL} base
 * @param {{ fetch?: (url: string, init: RequestInit) => Promise<Response> }} [options]
 * @returns {Source}
 */
export function httpSource(base, { fetch: fetcher = (url, init) => fetch(url, init) } = {}) {
  const { href } = new URL(base);
  if (!/^https?:[^?#]+$/.test(href)) throw new TypeError(`a source has a URL of the form https://host/path, not ${base}`);
  const prefix = href.replace(/\/?$/, "/");
  return {
    async get(name, { limit, etag, signal }) {
      /** @type {Record<string, string>} */
      const headers = etag ? { "If-None-Match": etag } : {};
      const response = await fetcher(prefix + name, { headers, signal, redirect: "follow" });
      const { status, body } = response;
      const seen = response.headers.get("ETag") ?? undefined;
      const same = etag && (status === 304 || (status === 200 && seen === etag));
      if (status === 200 && !same) {
        const data = await readStream(body, limit);
        return data === "too_large" ? data : { data, etag: seen };
      }
      await body?.cancel();
      if (same) return "not_modified";
      // 403 is what a bucket that may not be listed answers for an object that is not there.
      if (status === 404 || status === 403) return "not_found";
      throw new Error(`${prefix}${name}: ${status}`);
    },
  };
}

/**
 * The source of a bundle that was baked into a deployment: objects by name, in base64, as
 * the command sortition-bake writes them.
 * @param {Record<string, string>} objects
 * @returns {Source}
 */
export function bakedSource(objects) {
  return {
    async get(name, { limit }) {
      if (!Object.hasOwn(objects, name)) return "not_found";
      const binary = atob(objects[name]);
      return binary.length > limit ? "too_large" : { data: Uint8Array.from(binary, (c) => c.charCodeAt(0)) };
    },
  };
}
