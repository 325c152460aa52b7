import { Host as AnyHost } from "../index.js";
export * from "../index.js";
/** A host in a server: it inflates with zlib, and accepts payloads of every size. */
export declare class Host extends AnyHost {
    /** @param {import("../src/host.js").HostOptions} options */
    constructor(options: import("../src/host.js").HostOptions);
}
/** Compiles this package's core. */
export declare function loadCore(): Promise<WebAssembly.Module>;
/**
 * Reads bundles from a directory, or keeps the last good bundle there.
 * @param {string | URL} directory
 * @returns {import("../src/source.js").Store}
 */
export declare function directoryStore(directory: string | URL): import("../src/source.js").Store;
/**
 * Converts a request of node:http to a web request, for Shim.assign.
 * @param {import("node:http").IncomingMessage} incoming
 * @param {{ protocol?: "http" | "https" }} [options] protocol is the one that visitors use,
 *   by default "https"
 */
export declare function webRequest(incoming: import("node:http").IncomingMessage, { protocol }?: {
    protocol?: "http" | "https";
}): Request;
