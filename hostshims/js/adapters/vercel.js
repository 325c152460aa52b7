// Vercel's edge runtime. Import the core as a module: import core from
// "@sortition/edge/core.wasm?module".

import { decoded, numberOf } from "../src/attributes.js";
import { requestAttributes } from "../index.js";

export * from "../index.js";

/**
 * The attributes of a request, including those that Vercel provides.
 * @param {Request} request
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export function attributesOf(request) {
  const get = (/** @type {string} */ name) => request.headers.get(`x-vercel-${name}`) ?? undefined;
  return {
    ...requestAttributes(request),
    country: get("ip-country"), region: get("ip-country-region"), city: decoded(get("ip-city")),
    continent: get("ip-continent"), timezone: get("ip-timezone"), asn: numberOf(get("ip-as-number")),
  };
}
