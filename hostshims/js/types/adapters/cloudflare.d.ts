export * from "../index.js";
/**
 * The attributes of a request, including those that Cloudflare provides.
 * @param {Request & { cf?: any }} request
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export declare function attributesOf(request: Request & {
    cf?: any;
}): import("../src/attributes.js").EdgeAttributes;
/**
 * Reads bundles from an R2 bucket.
 * @param {any} bucket the binding; names in it begin with prefix
 * @param {{ prefix?: string }} [options]
 * @returns {import("../src/source.js").Source}
 */
export declare function r2Source(bucket: any, { prefix }?: {
    prefix?: string;
}): import("../src/source.js").Source;
/**
 * Reads bundles from a KV namespace, or keeps the last good bundle there.
 * @param {any} namespace the binding; keys in it begin with prefix
 * @param {{ prefix?: string }} [options]
 * @returns {import("../src/source.js").Store}
 */
export declare function kvStore(namespace: any, { prefix }?: {
    prefix?: string;
}): import("../src/source.js").Store;
/**
 * Keeps the last good bundle in the data center's cache.
 * @param {{ cache?: Cache, base?: string }} [options] cache is caches.default by default;
 *   base is the URL prefix of the cache's entries, by default of a host that cannot exist
 * @returns {import("../src/source.js").Store}
 */
export declare function cacheStore({ cache, base }?: {
    cache?: Cache;
    base?: string;
}): import("../src/source.js").Store;
/**
 * Delivers exposures to a Cloudflare Queue, which stores them until a consumer has sent
 * each batch to the collector with sendTo.
 * @param {any} queue the binding
 * @returns {import("../src/exposures.js").Send}
 */
export declare function sendToQueue(queue: any): import("../src/exposures.js").Send;
