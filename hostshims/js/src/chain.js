import { MAX_ROOTS } from "./limits.js";
import { Refused } from "./refused.js";

/**
 * A chain of roots. It begins with a root that is trusted; each later root is signed by the
 * keys of the root before it and by its own keys.
 */
export class Chain {
  #roots;

  /** @param {import("./root.js").Root} given */
  constructor(given) {
    this.#roots = [given];
  }

  /** The newest root, whose keys are trusted now. */
  get root() {
    return this.#roots[this.#roots.length - 1];
  }

  /**
   * Verifies the root that follows the newest one, and appends it. Refused for "root".
   * @param {Uint8Array<ArrayBuffer>} envelope
   */
  async extend(envelope) {
    if (this.#roots.length >= MAX_ROOTS) {
      throw new Refused("root", `the chain has ${MAX_ROOTS} roots, the limit: start from a newer root`);
    }
    this.#roots.push(await this.root.parseNext(envelope));
  }

  /**
   * Verifies a manifest of the source by the newest root alone. If keys of an earlier epoch
   * signed it, it is refused for "epoch", and not for "signature".
   * @param {Uint8Array<ArrayBuffer>} envelope
   */
  async verifyCurrent(envelope) {
    const current = this.root;
    try {
      return await current.verifyManifest(envelope);
    } catch (error) {
      if (!(error instanceof Refused) || error.reason !== "signature") throw error;
      const old = await this.#verifyBy(envelope, (root) => root.epoch !== current.epoch);
      if (old === undefined) throw error;
      throw new Refused("epoch", `revision ${old.revision} of epoch ${old.epoch} under root ${current.version}`);
    }
  }

  /**
   * Verifies a manifest that was accepted before, by any root of the newest epoch. It is
   * refused for the same reasons as by verifyCurrent.
   * @param {Uint8Array<ArrayBuffer>} envelope
   */
  async verifyKept(envelope) {
    const { epoch } = this.root;
    const kept = await this.#verifyBy(envelope, (root) => root.epoch === epoch);
    return kept ?? this.verifyCurrent(envelope);
  }

  /**
   * Returns the manifest in an envelope if it verifies by any root of the chain; otherwise
   * undefined.
   * @param {Uint8Array<ArrayBuffer>} envelope
   */
  recognise(envelope) {
    return this.#verifyBy(envelope, () => true);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} envelope
   * @param {(root: import("./root.js").Root) => boolean} eligible
   */
  async #verifyBy(envelope, eligible) {
    for (const root of this.#roots.filter(eligible).reverse()) {
      const manifest = await root.verifyManifest(envelope).catch(() => undefined);
      if (manifest !== undefined) return manifest;
    }
    return undefined;
  }
}
