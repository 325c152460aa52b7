// Browsers: pages and service workers.

export * from "../index.js";

/**
 * Compiles the core.
 * @param {string | URL} url where the site serves core.wasm, as application/wasm
 */
export function loadCore(url) {
  return WebAssembly.compileStreaming(fetch(url));
}

/**
 * Keeps the last good bundle in the browser's cache storage.
 * @param {{ name?: string }} [options]
 * @returns {import("../src/source.js").Store}
 */
export function cacheStorage({ name: cacheName = "sortition" } = {}) {
  const at = (/** @type {string} */ name) => new URL(`/sortition-kept/${name}`, location.origin).href;
  return {
    async get(name, { limit }) {
      const cache = await caches.open(cacheName);
      const response = await cache.match(at(name));
      if (response === undefined) return "not_found";
      const data = new Uint8Array(await response.arrayBuffer());
      return data.length > limit ? "too_large" : { data };
    },
    async put(name, data) {
      const cache = await caches.open(cacheName);
      await cache.put(at(name), new Response(data));
    },
    async remove(name) {
      const cache = await caches.open(cacheName);
      await cache.delete(at(name));
    },
  };
}
