import { toBase64URL } from "./bytes.js";
import { readCookie, setCookie } from "./cookie.js";

const PURPOSE = "sortition id v1";

/** Bytes of a random id: as many as a UUID has, which makes collisions negligible. */
const ID_SIZE = 16;

/** Seconds for which a cookie is kept: 400 days, the longest that browsers allow. */
export const MAX_COOKIE_AGE = 400 * 24 * 60 * 60;

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
export class Identity {
  #options;

  /** How many cookies were ignored because their signature was wrong. */
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
