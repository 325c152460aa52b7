export { directoryStore, loadCore } from "./node.js";
export * from "../index.js";
/**
 * The attributes of a request, with what CloudFront knows if its behaviour forwards the
 * CloudFront-* headers.
 * @param {Request} request
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export declare function attributesOf(request: Request): import("../src/attributes.js").EdgeAttributes;
/**
 * A handler of viewer requests. What decide returns is done to the request that goes on:
 * another uri, or more headers.
 * @param {import("../src/shim.js").Shim} shim
 * @param {(visit: import("../src/visit.js").Visit, request: Request) => Promise<{ uri?: string, headers?: Record<string, string> } | void>} decide
 * @param {{ delivery?: number }} [options] milliseconds to wait for exposures, 50
 */
export declare function viewerRequest(shim: import("../src/shim.js").Shim, decide: (visit: import("../src/visit.js").Visit, request: Request) => Promise<{
    uri?: string;
    headers?: Record<string, string>;
} | void>, { delivery }?: {
    delivery?: number;
}): (/** @type {any} */ event: any) => Promise<any>;
/**
 * A handler of viewer responses: sets the cookies of the visit, and keeps caches beyond
 * CloudFront from handing a page that differs by visitor to another.
 */
export declare function viewerResponse(): (/** @type {any} */ event: any) => Promise<any>;
