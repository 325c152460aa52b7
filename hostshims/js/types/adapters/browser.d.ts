export * from "../index.js";
/**
 * Compiles the core.
 * @param {string | URL} url where the site serves core.wasm, as application/wasm
 */
export declare function loadCore(url: string | URL): Promise<WebAssembly.Module>;
/**
 * Keeps the last good bundle in the browser's cache storage.
 * @param {{ name?: string }} [options]
 * @returns {import("../src/source.js").Store}
 */
export declare function cacheStorage({ name: cacheName }?: {
    name?: string;
}): import("../src/source.js").Store;
