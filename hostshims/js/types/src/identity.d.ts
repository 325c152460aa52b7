/** Seconds for which a cookie is kept: 400 days, the longest that browsers allow. */
export declare const MAX_COOKIE_AGE: number;
export type Visitor = {
    /**
     * undefined without consent
     */
    id?: string;
    /**
     * the value of a Set-Cookie header; undefined if there is
     * nothing to set
     */
    setCookie?: string;
};
export type IdentityOptions = {
    sealer: import("./sealer.js").Sealer;
    /**
     * reports whether the visitor agreed to
     * store an id; it has no default, because only the site knows
     */
    consent: (request: Request) => boolean;
    /**
     * the cookie's name, "sortition_id" by default
     */
    cookie?: string;
    /**
     * the name of a cookie that, with any value, opts a visitor
     * out; "sortition_opt_out" by default
     */
    optOutCookie?: string;
    /**
     * shares the id with subdomains of this one
     */
    domain?: string;
};
/**
 * A visitor, and the cookie to set for it.
 * @typedef {object} Visitor
 * @property {string} [id] undefined without consent
 * @property {string} [setCookie] the value of a Set-Cookie header; undefined if there is
 *   nothing to set
 */
/**
 * @typedef {object} IdentityOptions
 * @property {import("./sealer.js").Sealer} sealer
 * @property {(request: Request) => boolean} consent reports whether the visitor agreed to
 *   store an id; it has no default, because only the site knows
 * @property {string} [cookie] the cookie's name, "sortition_id" by default
 * @property {string} [optOutCookie] the name of a cookie that, with any value, opts a visitor
 *   out; "sortition_opt_out" by default
 * @property {string} [domain] shares the id with subdomains of this one
 */
/**
 * Recognizes visitors by a random id in a signed first-party cookie. Without consent, or if
 * the visitor opted out, there is no id, and a stored id is deleted. Experiments then assign
 * no variant, and flags give their defaults.
 */
export declare class Identity {
    #private;
    /** How many cookies were ignored because their signature was wrong. */
    tampered: number;
    /** @param {IdentityOptions} options */
    constructor(options: IdentityOptions);
    /**
     * @param {Request} request
     * @returns {Promise<Visitor>}
     */
    identify(request: Request): Promise<Visitor>;
}
