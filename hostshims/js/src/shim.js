import { requestAttributes } from "./attributes.js";
import { fromUTF8 } from "./bytes.js";
import { Router } from "./route.js";
import { readStream } from "./source.js";
import { Visit } from "./visit.js";

/** Experiments that one beacon may name, and bytes of its body. */
const MAX_BEACON = 64;
const MAX_BEACON_SIZE = 8 << 10;

/**
 * @typedef {object} ShimOptions
 * @property {import("./host.js").Host} host
 * @property {import("./identity.js").Identity} [identity] knows visitors by a cookie
 * @property {string} [unit] the unit type whose id that is, "user"
 * @property {(request: any) => Record<string, any>} [attributes] what the platform knows,
 *   by default what the URL and the headers tell
 * @property {import("./sticky.js").Sticky} [sticky] keeps variants
 * @property {import("./exposures.js").Exposures} [exposures] records who was shown what
 */

/**
 * What else is known about a request.
 * @typedef {object} Context
 * @property {import("./host.js").WaitUntil} [waitUntil] the platform's, which keeps work
 *   alive after the response
 * @property {Record<string, string | undefined>} [units] ids that the site knows: they
 *   stand above the cookie's
 * @property {Record<string, import("./request.js").Value | undefined>} [attributes] more
 *   attributes: they stand above the platform's
 */

/** Assigns visitors, in front of pages. */
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
   * Takes a request in, and gives what is decided for it. It does not reject because
   * something outside failed: the visit then has no decisions, and pages their defaults.
   * @param {Request} request
   * @param {Context} [context]
   */
  async assign(request, { waitUntil, units, attributes } = {}) {
    const { host, identity, sticky, exposures, unit, attributes: platform } = this.#options;
    const [visitor, kept] = await Promise.all([identity?.identify(request), sticky?.read(request), host.start(waitUntil)]);
    return new Visit({
      request, visitor, sticky, exposures, waitUntil,
      router: this.#router,
      kept: visitor?.id === undefined ? undefined : kept, // nothing is kept, or read, without consent
      snapshot: host.snapshot,
      input: {
        units: { [unit]: visitor?.id, ...units },
        attributes: { ...platform(request), ...attributes },
      },
    });
  }

  /**
   * Answers a page that tells what it has shown: navigator.sendBeacon(url,
   * JSON.stringify([experiment, …])). Only what this visitor is given counts, whatever the
   * page says.
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
 * The experiments that a beacon names; undefined if it is none.
 * @param {Request} request
 * @returns {Promise<unknown[] | undefined>}
 */
async function readBeacon(request) {
  try {
    const body = await readStream(/** @type {any} */ (request.body), MAX_BEACON_SIZE);
    const experiments = body === "too_large" ? undefined : JSON.parse(fromUTF8(body));
    return Array.isArray(experiments) && experiments.length <= MAX_BEACON ? experiments : undefined;
  } catch {
    return undefined; // cut off, or no JSON
  }
}
