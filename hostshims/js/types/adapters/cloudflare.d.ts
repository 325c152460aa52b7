export * from "../index.js";
/**
 * The attributes of a request, with what Cloudflare knows.
 * @param {Request & { cf?: any }} request
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export declare function attributesOf(request: Request & {
    cf?: any;
}): import("../src/attributes.js").EdgeAttributes;
/**
 * An R2 bucket, or a folder of it, as a source.
 * @param {any} bucket the binding
 * @param {{ prefix?: string }} [options]
 * @returns {import("../src/source.js").Source}
 */
export declare function r2Source(bucket: any, { prefix }?: {
    prefix?: string;
}): import("../src/source.js").Source;
/**
 * A KV namespace as a source, or to keep the last good bundle in.
 * @param {any} namespace the binding
 * @param {{ prefix?: string }} [options]
 * @returns {import("../src/source.js").Store}
 */
export declare function kvStore(namespace: any, { prefix }?: {
    prefix?: string;
}): import("../src/source.js").Store;
/**
 * The data center's cache, to keep the last good bundle in.
 * @param {{ cache?: Cache, base?: string }} [options] by default caches.default, below a
 *   host that nobody has
 * @returns {import("../src/source.js").Store}
 */
export declare function cacheStore({ cache, base }?: {
    cache?: Cache;
    base?: string;
}): import("../src/source.js").Store;
/**
 * Delivers exposures to a queue, which keeps them until the collector has them. A consumer
 * passes each batch on with sendTo.
 * @param {any} queue the binding
 * @returns {import("../src/exposures.js").Send}
 */
export declare function sendToQueue(queue: any): import("../src/exposures.js").Send;
