import { toBase64URL } from "./bytes.js";
import { readCookie, setCookie } from "./cookie.js";

const PURPOSE = "sortition id v1";

/** Bytes of a random id: as many as a UUID has, so that no two visitors get the same. */
const ID_SIZE = 16;

/** Seconds: 400 days, which is as long as browsers keep a cookie. */
export const MAX_COOKIE_AGE = 400 * 24 * 60 * 60;

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
export class Identity {
  #options;

  /** Cookies that were not what this shim signs, and were ignored. */
  tampered = 0;

  /** @param {IdentityOptions} options */
  constructor(options) {
    this.#options = { cookie: "sortition_id", optOutCookie: "sortition_opt_out", ...options };
  }

  /**
   * @param {Request} request
   * @returns {Promise<Visitor>}
   */
  async identify(request) {
    const { sealer, consent, cookie, optOutCookie, domain } = this.#options;
    const stored = readCookie(request.headers, cookie);
    const secure = new URL(request.url).protocol === "https:";
    if (readCookie(request.headers, optOutCookie) !== undefined || !consent(request)) {
      return stored === undefined ? {} : { setCookie: setCookie(cookie, "", { secure, domain, maxAge: 0 }) };
    }
    if (stored !== undefined) {
      const id = await sealer.open(PURPOSE, stored);
      if (id !== undefined) return { id };
      this.tampered++;
    }
    const id = toBase64URL(crypto.getRandomValues(new Uint8Array(ID_SIZE)));
    const sealed = await sealer.seal(PURPOSE, id);
    return { id, setCookie: setCookie(cookie, sealed, { secure, domain, maxAge: MAX_COOKIE_AGE }) };
  }
}
