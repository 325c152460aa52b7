import { Visit } from "./visit.js";
export type ShimOptions = {
    host: import("./host.js").Host;
    /**
     * recognizes visitors by a cookie
     */
    identity?: import("./identity.js").Identity;
    /**
     * the unit type of the visitor's id, "user" by default
     */
    unit?: string;
    /**
     * returns the attributes of a
     * request; requestAttributes by default
     */
    attributes?: (request: any) => Record<string, any>;
    /**
     * keeps variants in a cookie
     */
    sticky?: import("./sticky.js").Sticky;
    /**
     * records exposures and delivers them
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
     * ids that the site knows; they take
     * precedence over the cookie's
     */
    units?: Record<string, string | undefined>;
    /**
     * more
     * attributes; they take precedence over the platform's
     */
    attributes?: Record<string, import("./request.js").Value | undefined>;
};
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
export declare class Shim {
    #private;
    /** @param {ShimOptions} options */
    constructor(options: ShimOptions);
    get host(): import("./host.js").Host;
    /**
     * Starts the visit of a request. It does not reject if the source or the collector fails:
     * the visit then has no decisions, and pages use their defaults.
     * @param {Request} request
     * @param {Context} [context]
     */
    assign(request: Request, { waitUntil, units, attributes }?: Context): Promise<Visit>;
    /**
     * Answers a beacon, by which a page says what it showed: navigator.sendBeacon(url,
     * JSON.stringify([experiment, …])). It decides again for the visitor, and exposes the
     * variants of that decision.
     * @param {Request} request
     * @param {Context} [context]
     */
    beacon(request: Request, context?: Context): Promise<Response>;
}
