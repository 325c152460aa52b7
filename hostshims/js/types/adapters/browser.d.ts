export * from "../index.js";
/**
 * Compiles the core.
 * @param {string | URL} url where the site serves core.wasm, as application/wasm
 */
export declare function loadCore(url: string | URL): Promise<WebAssembly.Module>;
/**
 * The browser's cache storage, to keep the last good bundle in.
 * @param {{ name?: string }} [options]
 * @returns {import("../src/source.js").Store}
 */
export declare function cacheStorage({ name: cacheName }?: {
    name?: string;
}): import("../src/source.js").Store;
