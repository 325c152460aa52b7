import { Visit } from "./visit.js";
export type ShimOptions = {
    host: import("./host.js").Host;
    /**
     * knows visitors by a cookie
     */
    identity?: import("./identity.js").Identity;
    /**
     * the unit type whose id that is, "user"
     */
    unit?: string;
    /**
     * what the platform knows,
     * by default what the URL and the headers tell
     */
    attributes?: (request: any) => Record<string, any>;
    /**
     * keeps variants
     */
    sticky?: import("./sticky.js").Sticky;
    /**
     * records who was shown what
     */
    exposures?: import("./exposures.js").Exposures;
};
export type Context = {
    /**
     * the platform's, which keeps work
     * alive after the response
     */
    waitUntil?: import("./host.js").WaitUntil;
    /**
     * ids that the site knows: they
     * stand above the cookie's
     */
    units?: Record<string, string | undefined>;
    /**
     * more
     * attributes: they stand above the platform's
     */
    attributes?: Record<string, import("./request.js").Value | undefined>;
};
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
export declare class Shim {
    #private;
    /** @param {ShimOptions} options */
    constructor(options: ShimOptions);
    get host(): import("./host.js").Host;
    /**
     * Takes a request in, and gives what is decided for it. It does not reject because
     * something outside failed: the visit then has no decisions, and pages their defaults.
     * @param {Request} request
     * @param {Context} [context]
     */
    assign(request: Request, { waitUntil, units, attributes }?: Context): Promise<Visit>;
    /**
     * Answers a page that tells what it has shown: navigator.sendBeacon(url,
     * JSON.stringify([experiment, …])). Only what this visitor is given counts, whatever the
     * page says.
     * @param {Request} request
     * @param {Context} [context]
     */
    beacon(request: Request, context?: Context): Promise<Response>;
}
