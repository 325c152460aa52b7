// Keeps a host on the newest bundle of a source that is not trusted, as package edge/reload
// of the Go module does. It polls the hint. If the hint changed, and also periodically, it
// walks forward over roots and manifests. It verifies them, refuses what is older than the
// active bundle, and activates the newest usable one. If anything fails, the active bundle
// stays active, and the status says why.

import { forApplication } from "./application.js";
import { includes } from "./canary.js";
import { Chain } from "./chain.js";
import { fetchPayload } from "./fetch.js";
import { MAX_ENVELOPE_SIZE } from "./limits.js";
import { LATEST_NAME, checkUsable, compareManifests, manifestName, payloadName } from "./manifest.js";
import { Refused, orRefuse } from "./refused.js";
import { rootName } from "./root.js";

/** One of so many polls walks even if the hint did not change, because an attacker can hold
 * the hint back. */
const WALK_EVERY = 12;

/** Manifests that one poll reads beyond the hint. Platforms limit the fetches of a request. */
const WALK_STEPS = 16;

/** Roots that one poll follows. */
const ROOT_STEPS = 8;

/** Bundles that one poll tries, newest first, if payloads are missing or refused. */
const MAX_ATTEMPTS = 3;

/** Attempts to activate a bundle. The second is for failures that may be temporary. */
const MAX_ACTIVATIONS = 2;

/**
 * A verified manifest that may be activated, and where it was read.
 * @typedef {object} Candidate
 * @property {import("./manifest.js").Manifest} manifest
 * @property {Uint8Array<ArrayBuffer>} envelope
 * @property {import("./source.js").Source} source
 * @property {import("./status.js").Origin} origin
 */

/**
 * @typedef {object} Options
 * @property {import("./source.js").Source} source
 * @property {import("./root.js").Root} root
 * @property {string} environment
 * @property {string} [application] the one whose payloads are loaded; by default those of all
 * @property {Readonly<Record<string, string>>} labels of this host
 * @property {import("./inflate.js").Inflate} inflate
 * @property {import("./source.js").Store} [keep]
 * @property {number} maxPayload
 * @property {(payload: Uint8Array<ArrayBuffer>) => Promise<import("./program.js").Program>} load
 *   checks a raw payload and loads it into the core, while the active bundle decides; it
 *   rejects if that fails
 * @property {(bundle: Candidate, program?: import("./program.js").Program) => void} activate
 *   throws if it cannot activate the bundle; if program is absent, the bundle has that of the
 *   active one
 * @property {import("./status.js").Status} status
 * @property {() => number} now
 */

/** Follows a source. One call of poll or recall runs at a time. */
export class Follower {
  #options;
  #status;
  #chain;
  /** @type {import("./manifest.js").Manifest | undefined} nothing older is accepted */ #floor;
  #have = false; // the floor is active
  /** The kept manifest, even if its payload cannot be used.
   * @type {import("./manifest.js").Manifest | undefined} */
  #kept;
  /** @type {string | undefined} of the last hint that was handled completely */ #etag;
  #polls = 0;
  #walkNext = false;
  #cursor = 0; // the last revision that an unfinished walk read
  #trouble = false; // in this poll the source did not answer, or lacked a payload
  #refused = false; // in this poll something was refused
  /** @type {Map<string, number>} activations that failed, by text of the manifest */ #failed = new Map();

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    this.#status = options.status;
    this.#chain = new Chain(options.root);
    this.#trust();
  }

  /**
   * Activates the newest kept or baked bundle. Nothing older than the kept manifest is
   * accepted afterwards.
   * @param {{ source: import("./source.js").Source, origin: import("./status.js").Origin }[]} places
   */
  async recall(places) {
    /** @type {Candidate[]} */
    const found = [];
    for (const { source, origin } of places) {
      await this.#followRoots(source);
      const hint = await this.#get(source, LATEST_NAME);
      if (typeof hint === "object") await this.#consider(found, LATEST_NAME, hint.data, source, origin);
    }
    const floor = (this.#floor = this.#kept);
    await this.#adopt(found.filter(({ manifest }) => floor === undefined || compareManifests(manifest, floor) >= 0));
  }

  /**
   * Reads the source once, and activates the newest bundle that it finds. It does not throw.
   * @param {AbortSignal} [signal] cancels waiting for the source
   */
  async poll(signal) {
    const periodic = this.#polls++ % WALK_EVERY === 0;
    this.#trouble = this.#refused = false;
    const { version } = this.#chain.root;
    const { found, hint, walked } = await this.#discover(periodic, signal);
    await this.#adopt(found, signal);
    if (this.#trouble) {
      this.#walkNext = true;
      return;
    }
    // A new root may accept a hint that the old one refused.
    if (version !== this.#chain.root.version) this.#walkNext = true;
    else if (hint !== "not_modified") this.#etag = typeof hint === "object" ? hint.etag : undefined;
    this.#status.polls++;
    this.#status.lastAnswer = this.#options.now();
    if (walked && !this.#refused) {
      this.#status.lastError = this.#status.lastReason = "";
      this.#status.lastErrorTime = 0;
    }
  }

  /**
   * Reads the hint. If it changed or a walk is due, it also reads newer roots and manifests.
   * @param {boolean} periodic
   * @param {AbortSignal} [signal]
   */
  async #discover(periodic, signal) {
    const { source } = this.#options;
    /** @type {Candidate[]} */
    const found = [];
    const hint = await this.#get(source, LATEST_NAME, signal, { etag: this.#etag });
    // A hint that the source withholds must not hide newer revisions for ever.
    const walked = periodic || this.#walkNext || (hint !== "not_modified" && hint !== undefined);
    if (walked) {
      this.#walkNext = false;
      await this.#followRoots(source, signal);
    }
    if (typeof hint === "object") await this.#consider(found, LATEST_NAME, hint.data, source, "source");
    if (walked) await this.#walk(found, signal);
    return { found, hint, walked };
  }

  /**
   * Reads the roots after the newest one by one, and appends valid ones to the chain.
   * @param {import("./source.js").Source} source
   * @param {AbortSignal} [signal]
   */
  async #followRoots(source, signal) {
    for (let step = 0; step < ROOT_STEPS; step++) {
      const name = rootName(this.#chain.root.version + 1);
      const answer = await this.#get(source, name, signal, { tooLarge: "root" });
      if (typeof answer !== "object") return;
      try {
        await this.#chain.extend(answer.data);
      } catch (error) {
        this.#refuse(name, error);
        return;
      }
      if (source !== this.#options.keep) await this.#keep(name, answer.data);
      this.#trust();
    }
    this.#walkNext = true; // there may be more
  }

  /** Applies the newest root. What was refused under the old one may be accepted now. */
  #trust() {
    const { version, expires } = this.#chain.root;
    this.#cursor = 0;
    this.#etag = undefined;
    this.#status.rootVersion = version;
    this.#status.rootExpires = expires;
  }

  /**
   * Reads the manifests after the newest one that is active or found, one by one. If it stops
   * before the last one, the next poll continues.
   * @param {Candidate[]} found
   * @param {AbortSignal} [signal]
   */
  async #walk(found, signal) {
    const { epoch, base } = this.#chain.root;
    const floor = this.#floor?.epoch === epoch ? this.#floor.revision : 0;
    const from = Math.max(base, this.#cursor, floor, ...found.map(({ manifest }) => manifest.revision));
    for (let revision = from + 1; revision <= from + WALK_STEPS; revision++) {
      const name = manifestName(epoch, revision);
      const answer = await this.#get(this.#options.source, name, signal);
      if (answer === undefined) return;
      if (answer === "not_found") {
        this.#cursor = 0;
        return;
      }
      if (typeof answer === "object") await this.#consider(found, name, answer.data, this.#options.source, "source");
    }
    this.#cursor = from + WALK_STEPS;
    this.#walkNext = true;
  }

  /**
   * Verifies the manifest in an envelope, and appends it to found if it may be activated.
   * @param {Candidate[]} found
   * @param {string} name
   * @param {Uint8Array<ArrayBuffer>} envelope
   * @param {import("./source.js").Source} source
   * @param {import("./status.js").Origin} origin
   * @param {import("./manifest.js").Manifest} [canary] if set, the envelope must hold the stable
   *   revision of this canary
   */
  async #consider(found, name, envelope, source, origin, canary) {
    const fresh = origin === "source" && canary === undefined;
    try {
      const verified = await (fresh ? this.#chain.verifyCurrent(envelope) : this.#chain.verifyKept(envelope));
      if (canary !== undefined && !isStable(verified, canary)) throw new Refused("manifest", "not the stable revision of the canary");
      checkUsable(verified, this.#options.environment);
      if (origin === "kept") this.#kept = verified;
      const manifest = forApplication(verified, this.#options.application);
      if (fresh && this.#forOthers(manifest)) {
        await this.#considerStable(found, manifest, source);
        return;
      }
      if (this.#compare(manifest) === 0 && this.#have) return; // it is active already
      if (this.#failures(manifest) < MAX_ACTIVATIONS) found.push({ manifest, envelope, source, origin });
      else this.#refused = true; // its refusal was counted before
    } catch (error) {
      // After a change of keys the newest manifest may still be the active one, which only an
      // older root verifies.
      if (canary !== undefined || !(await this.#active(envelope))) this.#refuse(name, error);
    }
  }

  /** How often a manifest could not be activated. @param {import("./manifest.js").Manifest} m */
  #failures({ text }) {
    return this.#failed.get(text) ?? 0;
  }

  /**
   * Reports whether a manifest is for a canary to which this host does not belong. A host that
   * is beyond the stable revision belongs to every canary, because it cannot go back.
   * @param {import("./manifest.js").Manifest} m
   */
  #forOthers({ epoch, canary }) {
    if (canary === null || includes(canary, this.#options.labels)) return false;
    const floor = this.#floor;
    return floor === undefined || floor.epoch !== epoch || floor.revision <= canary.stable;
  }

  /**
   * Reads the stable revision of a canary to which this host does not belong, and appends it
   * to found if it may be activated.
   * @param {Candidate[]} found
   * @param {import("./manifest.js").Manifest} canary
   * @param {import("./source.js").Source} source
   */
  async #considerStable(found, canary, source) {
    const same = (/** @type {import("./manifest.js").Manifest} */ m) => isStable(m, canary);
    if ((this.#have && this.#floor && same(this.#floor)) || found.some(({ manifest }) => same(manifest))) return;
    const name = manifestName(canary.epoch, canary.canary?.stable ?? 0);
    const answer = await this.#get(source, name);
    if (answer === "not_found") this.#refuse(name, new Refused("payload_missing", "the stable revision of the canary is missing"));
    if (typeof answer === "object") await this.#consider(found, name, answer.data, source, "source", canary);
  }

  /**
   * Reports whether an envelope holds the active manifest.
   * @param {Uint8Array<ArrayBuffer>} envelope
   */
  async #active(envelope) {
    if (!this.#have) return false;
    const manifest = await this.#chain.recognise(envelope);
    return manifest !== undefined && manifest.text === this.#floor?.text;
  }

  /**
   * Compares a manifest with the floor. The result is positive if it is newer, and 0 if it is
   * the same. Refused for "older" or "equivocation".
   * @param {import("./manifest.js").Manifest} m
   */
  #compare(m) {
    const floor = this.#floor;
    if (floor === undefined) return 1;
    const order = compareManifests(m, floor);
    if (order < 0) {
      throw new Refused("older", `older than revision ${floor.revision} of epoch ${floor.epoch}`);
    }
    if (order === 0 && m.text !== floor.text) {
      throw new Refused("equivocation", "another manifest of this revision was accepted before");
    }
    return order;
  }

  /**
   * Activates the newest usable candidate.
   * @param {Candidate[]} found
   * @param {AbortSignal} [signal]
   */
  async #adopt(found, signal) {
    found.sort((a, b) => compareManifests(b.manifest, a.manifest));
    for (const candidate of found.slice(0, MAX_ATTEMPTS)) {
      if (await this.#try(candidate, signal)) return;
    }
  }

  /**
   * Tries to activate a candidate, and reports whether it did.
   * @param {Candidate} candidate
   * @param {AbortSignal} [signal]
   */
  async #try(candidate, signal) {
    const { manifest, envelope, origin } = candidate;
    const name = manifestName(manifest.epoch, manifest.revision);
    try {
      const last = this.#have ? this.#floor : undefined;
      const opened = last?.payload.raw.sha256 === manifest.payload.raw.sha256 ? undefined : await fetchPayload(candidate, this.#options, signal);
      const program = opened && (await this.#load(opened.payload));
      this.#compare(manifest); // again, because a poll that counted as abandoned may have continued
      orRefuse("activation", () => this.#options.activate(candidate, program));
      this.#floor = manifest;
      this.#have = true;
      this.#failed.clear();
      if (origin !== "kept") await this.#keepBundle(manifest, envelope, opened?.packed, last);
      return true;
    } catch (error) {
      const reason = error instanceof Refused && error.reason;
      if (reason === "activation") this.#failed.set(manifest.text, this.#failures(manifest) + 1);
      this.#refuse(name, error);
      return false;
    }
  }

  /**
   * Loads a payload. Refused for "activation".
   * @param {Uint8Array<ArrayBuffer>} payload
   */
  #load(payload) {
    return this.#options.load(payload).catch((error) => {
      throw new Refused("activation", "activation", error);
    });
  }

  /**
   * Keeps the active bundle in the store. It writes the payload, unless it is there already,
   * before the manifest that names it.
   * @param {import("./manifest.js").Manifest} manifest
   * @param {Uint8Array<ArrayBuffer>} envelope
   * @param {Uint8Array<ArrayBuffer> | undefined} packed
   * @param {import("./manifest.js").Manifest | undefined} last
   */
  async #keepBundle(manifest, envelope, packed, last) {
    const name = payloadName(manifest.payload.gzip);
    if (packed !== undefined) await this.#keep(name, packed);
    await this.#keep(LATEST_NAME, envelope);
    const old = last && payloadName(last.payload.gzip);
    if (old === undefined || old === name) return;
    await this.#state(old, this.#options.keep?.remove(old));
  }

  /**
   * @param {string} name
   * @param {Uint8Array<ArrayBuffer>} data
   */
  async #keep(name, data) {
    await this.#state(name, this.#options.keep?.put(name, data));
  }

  /**
   * Waits for a change of the store. It counts a failure, and does not throw.
   * @param {string} name
   * @param {Promise<void> | undefined} change
   */
  async #state(name, change) {
    await change?.catch((error) => this.#refuse(name, new Refused("state", "cannot write or remove it", error)));
  }

  /**
   * Reads an envelope. It returns undefined if the source did not answer.
   * @param {import("./source.js").Source} source
   * @param {string} name
   * @param {AbortSignal} [signal]
   * @param {{ etag?: string, tooLarge?: import("./refused.js").Reason }} [options]
   */
  async #get(source, name, signal, { etag, tooLarge = "too_large" } = {}) {
    try {
      const answer = await source.get(name, { limit: MAX_ENVELOPE_SIZE, etag, signal });
      if (answer === "too_large") this.#refuse(name, new Refused(tooLarge, `longer than ${MAX_ENVELOPE_SIZE} bytes`));
      return answer;
    } catch (error) {
      this.#refuse(name, error);
      return undefined;
    }
  }

  /**
   * Counts a refusal. Any other error means that the source did not answer.
   * @param {string} name
   * @param {unknown} error
   */
  #refuse(name, error) {
    if (error instanceof Refused) this.#refused = true;
    if (!(error instanceof Refused) || error.reason === "payload_missing") this.#trouble = true; // it may appear later
    this.#status.failed(name, error, this.#options.now());
  }
}

/**
 * Reports whether a manifest is the stable revision that a canary names.
 * @param {import("./manifest.js").Manifest} m
 * @param {import("./manifest.js").Manifest} of
 */
const isStable = (m, of) => m.epoch === of.epoch && m.revision === of.canary?.stable && m.canary === null;
