// Deno, Deno Deploy, and Netlify Edge Functions, which run in Deno.

import { decoded } from "../src/attributes.js";
import { requestAttributes } from "../index.js";

export * from "../index.js";

/** Compiles this package's core. */
export async function loadCore() {
  const response = await fetch(new URL("../core.wasm", import.meta.url));
  return WebAssembly.compile(await response.arrayBuffer());
}

/**
 * The attributes of a request, including those of Netlify's context.
 * @param {Request} request
 * @param {{ geo?: { country?: { code?: string }, subdivision?: { code?: string }, city?: string, timezone?: string } }} [context]
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export function attributesOf(request, { geo } = {}) {
  return {
    ...requestAttributes(request),
    country: geo?.country?.code, region: geo?.subdivision?.code, city: decoded(geo?.city), timezone: geo?.timezone,
  };
}
