export * from "../index.js";
/** Compiles this package's core. */
export declare function loadCore(): Promise<WebAssembly.Module>;
/**
 * A directory as a source, or to keep the last good bundle in.
 * @param {string | URL} directory
 * @returns {import("../src/source.js").Store}
 */
export declare function directoryStore(directory: string | URL): import("../src/source.js").Store;
/**
 * The request of node:http as the web has it, for Shim.assign.
 * @param {import("node:http").IncomingMessage} incoming
 * @param {{ protocol?: "http" | "https" }} [options] how visitors reach the server, "https"
 */
export declare function webRequest(incoming: import("node:http").IncomingMessage, { protocol }?: {
    protocol?: "http" | "https";
}): Request;
