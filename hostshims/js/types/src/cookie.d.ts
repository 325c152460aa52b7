/**
 * The value of the first cookie of a name in a request; undefined if there is none.
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
     * also sent to subdomains of this one
     */
    domain?: string;
};
/**
 * @typedef {object} CookieOptions
 * @property {boolean} secure sent over HTTPS only
 * @property {number} maxAge seconds; 0 deletes the cookie
 * @property {string} [domain] also sent to subdomains of this one
 */
/**
 * The value of a Set-Cookie header. Scripts of a page cannot read the cookie, and browsers
 * do not send it with other sites' forms and frames.
 * @param {string} name
 * @param {string} value of characters that are allowed in a cookie
 * @param {CookieOptions} options
 */
export declare function setCookie(name: string, value: string, { secure, maxAge, domain }: CookieOptions): string;
