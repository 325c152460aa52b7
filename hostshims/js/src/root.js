// Root documents. A root lists the trusted keys, and how many of them must sign a root or a
// manifest.

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

/** The field "previous" of the first root, instead of a hash. */
const NONE = "0".repeat(64);

/** The name of a root's envelope in the bucket. @param {number} version */
export const rootName = (version) => `root/${version}.json`;

/** A root document whose own keys have signed it. */
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
    /** When bundles under this root become stale, in milliseconds since the Unix epoch. */
    this.expires = expires;
  }

  /**
   * Parses the envelope of a root, and verifies that the root's own keys signed it. This
   * does not prove that the root can be trusted: the caller must have it from a trusted
   * place. Refused for "envelope", "root" or "signature".
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
   * Parses the envelope of the root that follows this one. Enough keys of this root and of
   * its own must have signed it. It must have the next version, and name this root as the
   * previous one. It must have the same epoch and base, or a later epoch with a base that is
   * not lower. Refused for "root".
   * @param {Uint8Array<ArrayBuffer>} data
   */
  async parseNext(data) {
    try {
      const next = await Root.parse(data, this.#verify);
      await this.#check(openEnvelope(data, ROOT_TYPE), "root");
      const { version, previous, epoch, base } = next.#document;
      check(version === this.version + 1 && previous === this.hash, "version, previous: must follow that root");
      check(epoch > this.epoch ? base >= this.base : epoch === this.epoch && base === this.base, "epoch, base: must not go back");
      return next;
    } catch (error) {
      throw new Refused("root", `not the root after root ${this.version}`, error);
    }
  }

  /**
   * Parses the envelope of a manifest, verifies that enough publishing keys of the root
   * signed it, and checks every field. It does not check the environment, the time, or
   * whether the manifest is the newest. Refused for "envelope", "signature", "manifest" or
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
    check((document.version === 1) === (document.previous === NONE), "previous: must be zero in the first root, and only there");
    checkCount("epoch", document.epoch);
    const { epoch, base } = document;
    check(base >= 0 && base < Number.MAX_SAFE_INTEGER && (epoch > 1 || base === 0), `base: ${base} is out of range`);
    const { expires } = checkPeriod(document);
    checkRole("root", document);
    checkRole("publish", document);
    return { document, expires, keys: readKeys(document) };
  });
  for (const [id, key] of keys) {
    if ((await sha256(key)) !== id) throw new Refused("root", `keys: ${id} must be the SHA-256 of the key`);
  }
  return new Root(document, keys, await sha256(data), expires, verify);
}

/** @param {Document} document */
function readKeys({ keys, roles }) {
  checkCount("keys", keys.length, MAX_KEYS);
  checkAscending("keys", keys.map(({ id }) => id));
  return new Map(
    keys.map(({ id, scheme, public: text }) => {
      check(roles.root.keys.includes(id) || roles.publish.keys.includes(id), `keys: ${id} has no role`);
      const key = fromBase64(text);
      check(scheme === SCHEME && key.length === PUBLIC_KEY_SIZE, `keys: ${id} must be an ${SCHEME} key`);
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
