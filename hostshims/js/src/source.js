// Sources of bundles: a bucket, as each platform gives access to it.

import { fromBinary } from "./bytes.js";

/**
 * An object that was read, or the reason why there is none.
 * @typedef {{ data: Uint8Array<ArrayBuffer>, etag?: string } | "not_found" | "not_modified" | "too_large"} Answer
 */

/**
 * Reads the objects of a bucket. A source is not trusted: what it returns is verified.
 * @typedef {object} Source
 * @property {(name: string, options: GetOptions) => Promise<Answer>} get reads a whole object.
 *   It returns "not_modified" if the object still has the ETag, and "too_large" if it is
 *   longer than the limit. It rejects if the source does not answer.
 */

/**
 * @typedef {object} GetOptions
 * @property {number} limit bytes of the object at most
 * @property {string} [etag]
 * @property {AbortSignal} [signal] ends the wait
 */

/**
 * A source that can also keep the last good bundle for the next start.
 * @typedef {Source & { put(name: string, data: Uint8Array<ArrayBuffer>): Promise<void>, remove(name: string): Promise<void> }} Store
 */

/**
 * Reads a stream to its end. If it has more than limit bytes, it stops there and returns
 * "too_large".
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
      // The rest is not needed, so an error does not matter.
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
  if (!/^https?:[^?#]+$/.test(href)) throw new TypeError(`the URL of a source must have the form https://host/path, not ${base}`);
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
      // A bucket that may not be listed answers 403 for an object that does not exist.
      if (status === 404 || status === 403) return "not_found";
      throw new Error(`${prefix}${name}: ${status}`);
    },
  };
}

/**
 * The source of a bundle that was deployed with the host.
 * @param {Record<string, string>} objects by name, in base64, as sortition-bake writes them
 * @returns {Source}
 */
export function bakedSource(objects) {
  return {
    async get(name, { limit }) {
      if (!Object.hasOwn(objects, name)) return "not_found";
      const binary = atob(objects[name]);
      return binary.length > limit ? "too_large" : { data: fromBinary(binary) };
    },
  };
}
