import { requestAttributes } from "./attributes.js";
import { fromUTF8 } from "./bytes.js";
import { Router } from "./route.js";
import { readStream } from "./source.js";
import { Visit } from "./visit.js";

/** The experiments that one beacon may name, and the bytes of its body. */
const MAX_BEACON = 64;
const MAX_BEACON_SIZE = 8 << 10;

/**
 * @typedef {object} ShimOptions
 * @property {import("./host.js").Host} host
 * @property {import("./identity.js").Identity} [identity] recognizes visitors by a cookie
 * @property {string} [unit] the unit type of the visitor's id, "user" by default
 * @property {(request: any) => Record<string, any>} [attributes] returns the attributes of a
 *   request; requestAttributes by default
 * @property {import("./sticky.js").Sticky} [sticky] keeps variants in a cookie
 * @property {import("./exposures.js").Exposures} [exposures] records exposures and delivers them
 */

/**
 * What the caller knows about a request.
 * @typedef {object} Context
 * @property {import("./host.js").WaitUntil} [waitUntil] the platform's, which keeps work
 *   alive after the response
 * @property {Record<string, string | undefined>} [units] ids that the site knows; they take
 *   precedence over the cookie's
 * @property {Record<string, import("./request.js").Value | undefined>} [attributes] more
 *   attributes; they take precedence over the platform's
 */

/** Assigns visitors to variants, for a site behind it. */
export class Shim {
  #options;
  #router = new Router();

  /** @param {ShimOptions} options */
  constructor(options) {
    this.#options = { unit: "user", attributes: requestAttributes, ...options };
  }

  get host() {
    return this.#options.host;
  }

  /**
   * Starts the visit of a request. It does not reject if the source or the collector fails:
   * the visit then has no decisions, and pages use their defaults.
   * @param {Request} request
   * @param {Context} [context]
   */
  async assign(request, { waitUntil, units, attributes } = {}) {
    const { host, identity, sticky, exposures, unit, attributes: platform } = this.#options;
    const [visitor, kept] = await Promise.all([identity?.identify(request), sticky?.read(request), host.start(waitUntil)]);
    return new Visit({
      request, visitor, sticky, exposures, waitUntil,
      router: this.#router,
      kept: visitor?.id === undefined ? undefined : kept, // without consent nothing is read or kept
      snapshot: host.snapshot,
      input: {
        units: { [unit]: visitor?.id, ...units },
        attributes: { ...platform(request), ...attributes },
      },
    });
  }

  /**
   * Answers a beacon, by which a page says what it showed: navigator.sendBeacon(url,
   * JSON.stringify([experiment, …])). It decides again for the visitor, and exposes the
   * variants of that decision.
   * @param {Request} request
   * @param {Context} [context]
   */
  async beacon(request, context) {
    const experiments = request.method === "POST" ? await readBeacon(request) : undefined;
    if (experiments === undefined) return new Response(null, { status: 400 });
    const visit = await this.assign(request, context);
    for (const experiment of experiments) visit.expose(String(experiment));
    return visit.respond(new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } }));
  }
}

/**
 * The experiments that a beacon names; undefined if the beacon is invalid.
 * @param {Request} request
 * @returns {Promise<unknown[] | undefined>}
 */
async function readBeacon(request) {
  try {
    const body = await readStream(/** @type {any} */ (request.body), MAX_BEACON_SIZE);
    const experiments = body === "too_large" ? undefined : JSON.parse(fromUTF8(body));
    return Array.isArray(experiments) && experiments.length <= MAX_BEACON ? experiments : undefined;
  } catch {
    return undefined; // the body is cut off or is not JSON
  }
}
