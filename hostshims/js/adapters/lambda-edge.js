// Lambda@Edge: handlers for CloudFront's viewer requests and viewer responses.

import { decoded, numberOf } from "../src/attributes.js";
import { requestAttributes } from "../index.js";
import { privately } from "../src/cachecontrol.js";

export { directoryStore, loadCore } from "./node.js";
export * from "../index.js";

/** The request header that carries Set-Cookie values from the viewer-request handler to the
 * viewer-response handler. A header of this name from the viewer is removed. */
const COOKIES_HEADER = "sortition-set-cookie";

/** The same, to say that the page differs by visitor. */
const VARIES_HEADER = "sortition-varies";

/** Milliseconds that a request may wait for exposures to be delivered. Lambda freezes a
 * function once it has answered, and a delivery that is under way may then be lost. */
const DEFAULT_DELIVERY = 50;

/**
 * Converts the request of a CloudFront event to a web request.
 * @param {any} request
 */
function webRequest({ method, uri, querystring, headers }) {
  const list = Object.values(headers).flatMap((/** @type {any} */ same) => same.map((/** @type {any} */ h) => [h.key, h.value]));
  const host = headers.host?.[0]?.value ?? "localhost";
  const query = querystring ? `?${querystring}` : "";
  return new Request(`https://${host}${uri}${query}`, { method, headers: new Headers(list) });
}

/**
 * The attributes of a request, including those of the CloudFront-* headers, if the cache
 * behavior forwards them.
 * @param {Request} request
 * @returns {import("../src/attributes.js").EdgeAttributes}
 */
export function attributesOf(request) {
  const get = (/** @type {string} */ name) => request.headers.get(`CloudFront-${name}`) ?? undefined;
  const attributes = requestAttributes(request);
  return {
    ...attributes,
    country: get("Viewer-Country"), region: get("Viewer-Country-Region"), city: decoded(get("Viewer-City")),
    timezone: get("Viewer-Time-Zone"), asn: numberOf(get("Viewer-ASN")),
    device: deviceOf(get) ?? attributes.device,
  };
}

/** @param {(name: string) => string | undefined} get */
function deviceOf(get) {
  if (get("Is-Tablet-Viewer") === "true") return "tablet";
  if (get("Is-Mobile-Viewer") === "true") return "mobile";
  return get("Is-Desktop-Viewer") === "true" ? "desktop" : undefined;
}

/**
 * Makes a handler for viewer requests. It applies what decide returns to the request that
 * it passes on: another uri, or more headers.
 * @param {import("../src/shim.js").Shim} shim
 * @param {(visit: import("../src/visit.js").Visit, request: Request) => Promise<{ uri?: string, headers?: Record<string, string> } | void>} decide
 * @param {{ delivery?: number }} [options] delivery is how long to wait for exposures to be
 *   delivered, in milliseconds; 50 by default
 */
export function viewerRequest(shim, decide, { delivery = DEFAULT_DELIVERY } = {}) {
  return async (/** @type {any} */ event) => {
    const { request } = event.Records[0].cf;
    delete request.headers[COOKIES_HEADER];
    delete request.headers[VARIES_HEADER];
    const web = webRequest(request);
    const visit = await shim.assign(web);
    const { uri, headers = {} } = (await decide(visit, web)) ?? {};
    if (uri !== undefined) request.uri = uri;
    for (const [key, value] of Object.entries(headers)) request.headers[key.toLowerCase()] = [{ key, value }];
    const cookies = await visit.cookies();
    if (cookies.length > 0) request.headers[COOKIES_HEADER] = cookies.map((value) => ({ key: COOKIES_HEADER, value }));
    if (visit.varies) request.headers[VARIES_HEADER] = [{ key: VARIES_HEADER, value: "1" }];
    await Promise.race([visit.deliver(), new Promise((resolve) => setTimeout(resolve, delivery))]);
    return request;
  };
}

/**
 * Makes a handler for viewer responses. It sets the visit's cookies, and keeps downstream
 * caches from storing a page that differs by visitor.
 */
export function viewerResponse() {
  return async (/** @type {any} */ event) => {
    const { request, response: { headers }, response } = event.Records[0].cf;
    const cookies = request.headers[COOKIES_HEADER] ?? [];
    if (cookies.length > 0) {
      const all = (headers["set-cookie"] ??= []);
      for (const { value } of cookies) all.push({ key: "Set-Cookie", value });
    }
    if (cookies.length > 0 || request.headers[VARIES_HEADER] !== undefined) {
      const key = "Cache-Control";
      headers["cache-control"] = [{ key, value: privately(headers["cache-control"]?.[0].value) }];
    }
    return response;
  };
}
