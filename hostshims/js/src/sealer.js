// Sealed text is signed, so that a visitor who carries it cannot change it. It consists of
// the text, a dot, and half of an HMAC-SHA-256 over the purpose of the text and the text.

import { equal, fromBase64URL, toBase64URL, toUTF8 } from "./bytes.js";

/** Bytes of the code. 128 bits cannot be guessed, and cookies, which are sent with every
 * request, stay short. */
const MAC_SIZE = 16;

/** Bytes of a secret: as many as a SHA-256 hash has. */
export const MIN_SECRET_SIZE = 32;

/** Signs with the newest of several secrets, and accepts all of them. */
export class Sealer {
  /** @type {Uint8Array<ArrayBuffer>[]} */ #secrets;
  /** @type {Promise<CryptoKey>[] | undefined} */ #keys;

  /**
   * @param {string | string[]} secrets newest first, each of at least MIN_SECRET_SIZE bytes
   */
  constructor(secrets) {
    this.#secrets = [secrets].flat().map(toUTF8);
    if (this.#secrets.length === 0 || this.#secrets.some((secret) => secret.length < MIN_SECRET_SIZE)) {
      throw new TypeError(`a secret must have at least ${MIN_SECRET_SIZE} bytes: make one with "openssl rand -hex 32"`);
    }
  }

  /**
   * @param {string} purpose text that is sealed for one purpose is not valid for another
   * @param {string} text
   */
  async seal(purpose, text) {
    const mac = await this.#mac(0, purpose, text);
    return `${text}.${toBase64URL(mac)}`;
  }

  /**
   * The text that was sealed; undefined if the signature is wrong.
   * @param {string} purpose
   * @param {string} sealed
   */
  async open(purpose, sealed) {
    const at = sealed.lastIndexOf(".");
    const text = sealed.slice(0, Math.max(at, 0));
    let given;
    try {
      given = fromBase64URL(sealed.slice(at + 1));
    } catch {
      return undefined;
    }
    for (let i = 0; i < this.#secrets.length; i++) {
      if (equal(given, await this.#mac(i, purpose, text))) return text;
    }
    return undefined;
  }

  /**
   * @param {number} i
   * @param {string} purpose
   * @param {string} text
   */
  async #mac(i, purpose, text) {
    // Imported on first use, because platforms have no cryptography in the global scope.
    const keys = (this.#keys ??= this.#secrets.map((secret) =>
      crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
    ));
    const mac = await crypto.subtle.sign("HMAC", await keys[i], toUTF8(`${purpose}\0${text}`));
    return new Uint8Array(mac, 0, MAC_SIZE);
  }
}
