export { directoryStore, loadCore } from "./node.js";
export * from "../index.js";
/**
 * The attributes of a request, including those of the CloudFront-* headers, if the cache
 * behavior forwards them.
 * @param {Request} request
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export declare function attributesOf(request: Request): import("../src/attributes.js").EdgeAttributes;
/**
 * Makes a handler for viewer requests. It applies what decide returns to the request that
 * it passes on: another uri, or more headers.
 * @param {import("../src/shim.js").Shim} shim
 * @param {(visit: import("../src/visit.js").Visit, request: Request) => Promise<{ uri?: string, headers?: Record<string, string> } | void>} decide
 * @param {{ delivery?: number }} [options] delivery is how long to wait for exposures to be
 *   delivered, in milliseconds; 50 by default
 */
export declare function viewerRequest(shim: import("../src/shim.js").Shim, decide: (visit: import("../src/visit.js").Visit, request: Request) => Promise<{
    uri?: string;
    headers?: Record<string, string>;
} | void>, { delivery }?: {
    delivery?: number;
}): (/** @type {any} */ event: any) => Promise<any>;
/**
 * Makes a handler for viewer responses. It sets the visit's cookies, and keeps downstream
 * caches from storing a page that differs by visitor.
 */
export declare function viewerResponse(): (/** @type {any} */ event: any) => Promise<any>;
