/** Seconds: 400 days, which is as long as browsers keep a cookie. */
export declare const MAX_COOKIE_AGE: number;
export type Visitor = {
    /**
     * undefined without consent
     */
    id?: string;
    /**
     * a Set-Cookie header
     */
    setCookie?: string;
};
export type IdentityOptions = {
    sealer: import("./sealer.js").Sealer;
    /**
     * whether the visitor has agreed that an
     * id is stored; there is no default, since it is for the site to know
     */
    consent: (request: Request) => boolean;
    /**
     * the cookie's name, "sortition_id"
     */
    cookie?: string;
    /**
     * a cookie of this name, with any value, is a visitor's
     * wish to be left out, "sortition_opt_out"
     */
    optOutCookie?: string;
    /**
     * to share the id with subdomains
     */
    domain?: string;
};
/**
 * Who a visitor is, and what is to be told the browser about it.
 * @typedef {object} Visitor
 * @property {string} [id] undefined without consent
 * @property {string} [setCookie] a Set-Cookie header
 */
/**
 * @typedef {object} IdentityOptions
 * @property {import("./sealer.js").Sealer} sealer
 * @property {(request: Request) => boolean} consent whether the visitor has agreed that an
 *   id is stored; there is no default, since it is for the site to know
 * @property {string} [cookie] the cookie's name, "sortition_id"
 * @property {string} [optOutCookie] a cookie of this name, with any value, is a visitor's
 *   wish to be left out, "sortition_opt_out"
 * @property {string} [domain] to share the id with subdomains
 */
/**
 * Knows visitors by a random id in a signed first-party cookie. Without consent, or where
 * a visitor has opted out, there is no id, and an id that was stored is deleted:
 * experiments then assign nobody, and flags give their defaults.
 */
export declare class Identity {
    #private;
    /** Cookies that were not what this shim signs, and were ignored. */
    tampered: number;
    /** @param {IdentityOptions} options */
    constructor(options: IdentityOptions);
    /**
     * @param {Request} request
     * @returns {Promise<Visitor>}
     */
    identify(request: Request): Promise<Visitor>;
}
