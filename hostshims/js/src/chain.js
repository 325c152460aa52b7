import { MAX_ROOTS } from "./limits.js";
import { Refused } from "./refused.js";

/**
 * A root that is trusted and the roots that follow it, each signed by the keys of the one
 * before and by its own.
 */
export class Chain {
  #roots;

  /** @param {import("./root.js").Root} given */
  constructor(given) {
    this.#roots = [given];
  }

  /** The newest root, which says whom to trust now. */
  get root() {
    return this.#roots[this.#roots.length - 1];
  }

  /**
   * Trusts the root that follows the newest. Refused for "root".
   * @param {Uint8Array<ArrayBuffer>} envelope
   */
  async extend(envelope) {
    if (this.#roots.length >= MAX_ROOTS) {
      throw new Refused("root", `over ${MAX_ROOTS}: begin with a newer one`);
    }
    this.#roots.push(await this.root.parseNext(envelope));
  }

  /**
   * Verifies a manifest of the source by the newest root alone. It is refused for "epoch"
   * rather than "signature" if the keys of an earlier epoch signed it.
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
   * Verifies a manifest that was accepted before: any root of the newest epoch may vouch
   * for it. It is refused as verifyCurrent does.
   * @param {Uint8Array<ArrayBuffer>} envelope
   */
  async verifyKept(envelope) {
    const { epoch } = this.root;
    const kept = await this.#verifyBy(envelope, (root) => root.epoch === epoch);
    return kept ?? this.verifyCurrent(envelope);
  }

  /**
   * The manifest in an envelope that any root of the chain vouched for; undefined if none
   * did.
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
