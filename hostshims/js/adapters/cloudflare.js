// Cloudflare Workers. Import the core as a module, since workers compile nothing at run
// time: import core from "@sortition/edge/core.wasm".

import { requestAttributes } from "../index.js";
import { readStream } from "../src/source.js";

export * from "../index.js";

/** As in Cloudflare's dashboards: below this score a request is likely automated. */
const BOT_SCORE = 30;

/**
 * The attributes of a request, with what Cloudflare knows.
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
 * An R2 bucket, or a folder of it, as a source.
 * @param {any} bucket the binding
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
 * A KV namespace as a source, or to keep the last good bundle in.
 * @param {any} namespace the binding
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

/** Seconds that the data center's cache keeps a bundle for workers that start there. */
const CACHE_AGE = 7 * 24 * 60 * 60;

/**
 * The data center's cache, to keep the last good bundle in.
 * @param {{ cache?: Cache, base?: string }} [options] by default caches.default, below a
 *   host that nobody has
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
 * Delivers exposures to a queue, which keeps them until the collector has them. A consumer
 * passes each batch on with sendTo.
 * @param {any} queue the binding
 * @returns {import("../src/exposures.js").Send}
 */
export function sendToQueue(queue) {
  return async (batch) => {
    await queue.send(batch);
    return true;
  };
}
