// Lambda@Edge: handlers of CloudFront's viewer requests and viewer responses.

import { decoded, numberOf } from "../src/attributes.js";
import { requestAttributes } from "../index.js";
import { privately } from "../src/cachecontrol.js";

export { directoryStore, loadCore } from "./node.js";
export * from "../index.js";

/** A header in which the viewer request tells the viewer response of its cookies. It is
 * dropped from what the viewer sends. */
const COOKIES_HEADER = "sortition-set-cookie";

/** The same, that the page differs by visitor. */
const VARIES_HEADER = "sortition-varies";

/** Milliseconds that a response may wait for exposures to be delivered: a function is
 * frozen once it has answered, and what is on its way may be lost then. */
const DEFAULT_DELIVERY = 50;

/**
 * CloudFront's request as the web has it.
 * @param {any} request of the event
 */
function webRequest({ method, uri, querystring, headers }) {
  const list = Object.values(headers).flatMap((/** @type {any} */ same) => same.map((/** @type {any} */ h) => [h.key, h.value]));
  const host = headers.host?.[0]?.value ?? "localhost";
  const query = querystring ? `?${querystring}` : "";
  return new Request(`https://${host}${uri}${query}`, { method, headers: new Headers(list) });
}

/**
 * The attributes of a request, with what CloudFront knows if its behaviour forwards the
 * CloudFront-* headers.
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
 * A handler of viewer requests. What decide returns is done to the request that goes on:
 * another uri, or more headers.
 * @param {import("../src/shim.js").Shim} shim
 * @param {(visit: import("../src/visit.js").Visit, request: Request) => Promise<{ uri?: string, headers?: Record<string, string> } | void>} decide
 * @param {{ delivery?: number }} [options] milliseconds to wait for exposures, 50
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
 * A handler of viewer responses: sets the cookies of the visit, and keeps caches beyond
 * CloudFront from handing a page that differs by visitor to another.
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
