// Whom to trust: the keys, and how many of them must sign what.

import { fromBase64, sha256 } from "./bytes.js";
import { decodeCanonical, digest, integer, list, object, string } from "./canonical.js";
import { check, checkAscending, checkCount, checkPeriod } from "./check.js";
import { verifyEd25519 } from "./ed25519.js";
import { MANIFEST_TYPE, ROOT_TYPE, openEnvelope, verifyEnvelope } from "./envelope.js";
import { MAX_KEYS, MAX_SIGNATURES } from "./limits.js";
import { parseManifest } from "./manifest.js";
import { Refused, orRefuse } from "./refused.js";

const SCHEME = "ed25519";
const PUBLIC_KEY_SIZE = 32;

const role = object({ threshold: integer, keys: list(digest) });

const form = object({
  version: integer,
  previous: digest,
  epoch: integer,
  base: integer,
  created: string,
  expires: string,
  keys: list(object({ id: digest, scheme: string, public: string })),
  roles: object({ root: role, publish: role }),
});

/** @typedef {ReturnType<typeof form>} Document */

/** What the first root has instead of the hash of the one before. */
const NONE = "0".repeat(64);

/** The name of a root's envelope in the bucket. @param {number} version */
export const rootName = (version) => `root/${version}.json`;

/** A root document that is known to be whole. */
export class Root {
  /** @type {Document} */ #document;
  /** @type {Map<string, Uint8Array<ArrayBuffer>>} */ #keys;
  /** @type {import("./envelope.js").Verify} */ #verify;

  /**
   * @param {Document} document
   * @param {Map<string, Uint8Array<ArrayBuffer>>} keys by id
   * @param {string} hash
   * @param {number} expires
   * @param {import("./envelope.js").Verify} verify
   */
  constructor(document, keys, hash, expires, verify) {
    this.#document = document;
    this.#keys = keys;
    this.#verify = verify;
    this.version = document.version;
    /** The SHA-256 of the document, which does not depend on who signed it. */
    this.hash = hash;
    this.epoch = document.epoch;
    /** The last revision of earlier epochs that counts. */
    this.base = document.base;
    /** When what the root vouches for becomes stale, in milliseconds. */
    this.expires = expires;
  }

  /**
   * Reads the envelope of a root and verifies that the root's own keys signed it. That
   * proves it whole, not that it is to be trusted: trust comes from where the caller has
   * it from. Refused for "envelope", "root" or "signature".
   * @param {Uint8Array<ArrayBuffer>} data
   * @param {import("./envelope.js").Verify} [verify] by default WebCrypto's
   */
  static async parse(data, verify = verifyEd25519) {
    const envelope = openEnvelope(data, ROOT_TYPE);
    const root = await parseDocument(envelope.payload, verify);
    await root.#check(envelope, "root");
    return root;
  }

  /**
   * Reads the envelope of the root that follows this one: signed by enough of this root's
   * keys and of its own, of the next version, naming this root as the one before, and of
   * the same epoch and base or of a later epoch whose base is no lower. Refused for "root".
   * @param {Uint8Array<ArrayBuffer>} data
   */
  async parseNext(data) {
    try {
      const next = await Root.parse(data, this.#verify);
      await this.#check(openEnvelope(data, ROOT_TYPE), "root");
      const { version, previous, epoch, base } = next.#document;
      check(version === this.version + 1 && previous === this.hash, "version, previous: another root's");
      check(epoch > this.epoch ? base >= this.base : epoch === this.epoch && base === this.base, "epoch, base: go back");
      return next;
    } catch (error) {
      throw new Refused("root", `not the root after root ${this.version}`, error);
    }
  }

  /**
   * Reads the envelope of a manifest, verifies that enough publishing keys of the root
   * signed it, and checks every field. It does not look at the environment, at the clock,
   * or at what else has been published. Refused for "envelope", "signature", "manifest" or
   * "epoch".
   * @param {Uint8Array<ArrayBuffer>} data
   */
  async verifyManifest(data) {
    const envelope = openEnvelope(data, MANIFEST_TYPE);
    await this.#check(envelope, "publish");
    const m = parseManifest(envelope.payload);
    if (m.epoch !== this.epoch || m.revision <= this.base) {
      throw new Refused("epoch", `revision ${m.revision} of epoch ${m.epoch} under root ${this.version}`);
    }
    return m;
  }

  /**
   * @param {ReturnType<typeof openEnvelope>} envelope
   * @param {"root" | "publish"} name
   */
  #check(envelope, name) {
    const { keys, threshold } = this.#document.roles[name];
    const held = new Map([...this.#keys].filter(([id]) => keys.includes(id)));
    return verifyEnvelope(envelope, held, threshold, this.#verify);
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {import("./envelope.js").Verify} verify
 */
async function parseDocument(data, verify) {
  const { document, expires, keys } = orRefuse("root", () => {
    const { document } = decodeCanonical(data, form);
    checkCount("version", document.version);
    check((document.version === 1) === (document.previous === NONE), "previous: missing, or of the first root");
    checkCount("epoch", document.epoch);
    const { epoch, base } = document;
    check(base >= 0 && base < Number.MAX_SAFE_INTEGER && (epoch > 1 || base === 0), `base: ${base}`);
    const { expires } = checkPeriod(document);
    checkRole("root", document);
    checkRole("publish", document);
    return { document, expires, keys: readKeys(document) };
  });
  for (const [id, key] of keys) {
    if ((await sha256(key)) !== id) throw new Refused("root", `keys: ${id} is of another`);
  }
  return new Root(document, keys, await sha256(data), expires, verify);
}

/** @param {Document} document */
function readKeys({ keys, roles }) {
  checkCount("keys", keys.length, MAX_KEYS);
  checkAscending("keys", keys.map(({ id }) => id));
  return new Map(
    keys.map(({ id, scheme, public: text }) => {
      check(roles.root.keys.includes(id) || roles.publish.keys.includes(id), `keys: ${id} holds no role`);
      const key = fromBase64(text);
      check(scheme === SCHEME && key.length === PUBLIC_KEY_SIZE, `keys: ${id} is no key of ${SCHEME}`);
      return [id, key];
    }),
  );
}

/**
 * @param {"root" | "publish"} name
 * @param {Document} document
 */
function checkRole(name, document) {
  const { keys, threshold } = document.roles[name];
  checkCount(`${name}: threshold`, threshold, Math.min(keys.length, MAX_SIGNATURES));
  checkAscending(name, keys);
  for (const id of keys) {
    check(document.keys.some((key) => key.id === id), `${name}: ${id} is not among the keys`);
  }
}
