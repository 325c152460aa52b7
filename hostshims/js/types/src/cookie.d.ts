/**
 * The value of a request's first cookie of a name; undefined if it has none.
 * @param {Headers} headers
 * @param {string} name
 */
export declare function readCookie(headers: Headers, name: string): string | undefined;
export type CookieOptions = {
    /**
     * sent over HTTPS only
     */
    secure: boolean;
    /**
     * seconds; 0 deletes the cookie
     */
    maxAge: number;
    /**
     * sent to its subdomains too
     */
    domain?: string;
};
/**
 * @typedef {object} CookieOptions
 * @property {boolean} secure sent over HTTPS only
 * @property {number} maxAge seconds; 0 deletes the cookie
 * @property {string} [domain] sent to its subdomains too
 */
/**
 * A Set-Cookie header. Pages cannot read the cookie, and other sites' forms and frames do
 * not send it.
 * @param {string} name
 * @param {string} value of characters that a cookie may have
 * @param {CookieOptions} options
 */
export declare function setCookie(name: string, value: string, { secure, maxAge, domain }: CookieOptions): string;
