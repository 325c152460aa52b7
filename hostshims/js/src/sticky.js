import { fromBase64URL, fromUTF8, toBase64URL, toUTF8 } from "./bytes.js";
import { readCookie, setCookie } from "./cookie.js";
import { MAX_COOKIE_AGE } from "./identity.js";

/** The purpose of the signature, which includes the version of the cookie's form. */
const PURPOSE = "sortition sticky v1";

/** Experiments that a cookie holds. If there are more, the oldest are dropped. */
export const MAX_STICKY = 32;

/** Bytes of the cookie's value. Browsers accept 4,096 with name and attributes. */
export const MAX_STICKY_SIZE = 3_072;

/** Reasons of decisions over which a kept variant takes precedence: the visitor left the
 * audience, is beyond the traffic, or has another id now. All other decisions take precedence
 * over the kept variant. */
const YIELDING = new Set(["audience", "traffic", "split"]);

/** A kept decision: experiment, phase, variant.
 * @typedef {[string, number, string]} Entry */

/**
 * @typedef {object} StickyOptions
 * @property {import("./sealer.js").Sealer} sealer
 * @property {string} [cookie] the cookie's name, "sortition_sticky"
 * @property {string} [domain]
 */

/** Keeps variants in a signed cookie, for experiments with sticky: true. */
export class Sticky {
  #options;

  /** How many cookies were ignored because their signature was wrong. */
  tampered = 0;

  /** @param {StickyOptions} options */
  constructor(options) {
    this.#options = { cookie: "sortition_sticky", ...options };
  }

  /**
   * Reads the cookie of a request.
   * @param {Request} request
   */
  async read(request) {
    const { sealer, cookie } = this.#options;
    const stored = readCookie(request.headers, cookie);
    if (stored === undefined) return new Kept([]);
    const text = stored.length <= MAX_STICKY_SIZE ? await sealer.open(PURPOSE, stored) : undefined;
    const entries = text === undefined ? undefined : parse(text);
    if (entries === undefined) this.tampered++;
    return new Kept(entries ?? []);
  }

  /**
   * Returns the Set-Cookie header for the kept variants; undefined if they did not change.
   * @param {Kept} kept
   * @param {Request} request
   */
  async write(kept, request) {
    if (!kept.changed) return undefined;
    const { sealer, cookie, domain } = this.#options;
    const entries = kept.entries.slice(-MAX_STICKY);
    let sealed;
    do {
      sealed = await sealer.seal(PURPOSE, toBase64URL(toUTF8(JSON.stringify(entries))));
    } while (sealed.length > MAX_STICKY_SIZE && entries.shift());
    const secure = new URL(request.url).protocol === "https:";
    return setCookie(cookie, sealed, { secure, domain, maxAge: MAX_COOKIE_AGE });
  }
}

/**
 * Parses the entries of an opened cookie; undefined if they are malformed.
 * @param {string} text
 * @returns {Entry[] | undefined}
 */
function parse(text) {
  try {
    const entries = JSON.parse(fromUTF8(fromBase64URL(text)));
    return entries.every(isEntry) ? entries : undefined;
  } catch {
    return undefined;
  }
}

/** @param {unknown} entry */
const isEntry = (entry) =>
  Array.isArray(entry) && entry.length === 3 &&
  typeof entry[0] === "string" && Number.isSafeInteger(entry[1]) && typeof entry[2] === "string";

/** The earlier decisions of one visitor. */
export class Kept {
  changed = false;

  /** @param {Entry[]} entries oldest first */
  constructor(entries) {
    this.entries = entries;
  }

  /**
   * Returns the decision that applies. It is the kept one if there is one for this phase;
   * otherwise it is the given one, which is kept from now on.
   * @param {import("./decision.js").Decision} decision
   */
  apply(decision) {
    const { experiment, kind, phase, variant } = decision;
    if (kind !== "experiment" || !YIELDING.has(decision.reason) || !decision.sticky) return decision;
    const earlier = this.entries.find(([key, at]) => key === experiment && at === phase);
    if (earlier !== undefined) {
      const kept = earlier[2] === variant ? decision : decision.withVariant(earlier[2], "sticky");
      if (kept !== undefined) return kept;
    }
    if (variant !== undefined) {
      this.entries = this.entries.filter(([key]) => key !== experiment);
      this.entries.push([experiment, phase, variant]);
      this.changed = true;
    }
    return decision;
  }
}
