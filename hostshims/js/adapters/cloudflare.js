// Cloudflare Workers. Workers cannot compile WebAssembly at run time, so import the core as
// a module: import core from "@sortition/edge/core.wasm".

import { requestAttributes } from "../index.js";
import { readStream } from "../src/source.js";

export * from "../index.js";

/** A request with a lower score is likely automated, by Cloudflare's own definition. */
const BOT_SCORE = 30;

/**
 * The attributes of a request, including those that Cloudflare provides.
 * @param {Request & { cf?: any }} request
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export function attributesOf(request) {
  const { cf = {} } = request;
  const attributes = requestAttributes(request);
  const score = cf.botManagement?.score;
  return {
    ...attributes,
    country: cf.country, region: cf.regionCode, city: cf.city, continent: cf.continent, timezone: cf.timezone,
    asn: cf.asn, bot_score: score, bot: score === undefined ? attributes.bot : score < BOT_SCORE,
  };
}

/**
 * Reads bundles from an R2 bucket.
 * @param {any} bucket the binding; names in it begin with prefix
 * @param {{ prefix?: string }} [options]
 * @returns {import("../src/source.js").Source}
 */
export function r2Source(bucket, { prefix = "" } = {}) {
  return {
    async get(name, { limit, etag }) {
      const object = await bucket.get(prefix + name, etag ? { onlyIf: { etagDoesNotMatch: etag } } : {});
      if (object === null) return "not_found";
      if (object.body === undefined) return "not_modified";
      if (object.size > limit) {
        await object.body.cancel();
        return "too_large";
      }
      return { data: new Uint8Array(await object.arrayBuffer()), etag: object.etag };
    },
  };
}

/**
 * Reads bundles from a KV namespace, or keeps the last good bundle there.
 * @param {any} namespace the binding; keys in it begin with prefix
 * @param {{ prefix?: string }} [options]
 * @returns {import("../src/source.js").Store}
 */
export function kvStore(namespace, { prefix = "" } = {}) {
  return {
    async get(name, { limit }) {
      const stream = await namespace.get(prefix + name, "stream");
      if (stream === null) return "not_found";
      const data = await readStream(stream, limit);
      return data === "too_large" ? data : { data };
    },
    put: (name, data) => namespace.put(prefix + name, data),
    remove: (name) => namespace.delete(prefix + name),
  };
}

/** Seconds for which the data center's cache keeps a bundle for workers that start there. */
const CACHE_AGE = 7 * 24 * 60 * 60;

/**
 * Keeps the last good bundle in the data center's cache.
 * @param {{ cache?: Cache, base?: string }} [options] cache is caches.default by default;
 *   base is the URL prefix of the cache's entries, by default of a host that cannot exist
 * @returns {import("../src/source.js").Store}
 */
export function cacheStore({ cache, base = "https://sortition.invalid/" } = {}) {
  const opened = () => cache ?? /** @type {any} */ (caches).default;
  return {
    async get(name, { limit }) {
      const response = await opened().match(base + name);
      if (response === undefined) return "not_found";
      const data = await readStream(response.body, limit);
      return data === "too_large" ? data : { data };
    },
    put: (name, data) =>
      opened().put(base + name, new Response(data, { headers: { "Cache-Control": `max-age=${CACHE_AGE}` } })),
    async remove(name) {
      await opened().delete(base + name);
    },
  };
}

/**
 * Delivers exposures to a Cloudflare Queue, which stores them until a consumer has sent
 * each batch to the collector with sendTo.
 * @param {any} queue the binding
 * @returns {import("../src/exposures.js").Send}
 */
export function sendToQueue(queue) {
  return async (batch) => {
    await queue.send(batch);
    return true;
  };
}
