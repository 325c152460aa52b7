import { checkApplication } from "./application.js";
import { toUTF8 } from "./bytes.js";
import { checkLabels } from "./canary.js";
import { coreSHA256 } from "./core-sha256.js";
import { checkCore } from "./core.js";
import { Follower } from "./follower.js";
import { inflate } from "./inflate.js";
import { checkEnvironment, compareManifests } from "./manifest.js";
import { Refused } from "./refused.js";
import { Root } from "./root.js";
import { Snapshot } from "./snapshot.js";
import { Status } from "./status.js";

/** Milliseconds between looks at the source, each moved at random by up to POLL_JITTER of it. */
export const DEFAULT_POLL = 5_000;
const POLL_JITTER = 0.2;

/** Milliseconds that a request waits for a first bundle before it gets the defaults. */
export const DEFAULT_COLD_START = 2_000;

/** Milliseconds that one look at the source may take. After them it counts as abandoned:
 * a platform may have stopped it together with the request that began it. */
const POLL_TIMEOUT = 30_000;

/** No bundle is active yet. */
export class NotReadyError extends Error {
  name = "NotReadyError";
}

/**
 * Keeps work alive after the response, as the platforms' waitUntil do.
 * @typedef {(work: Promise<unknown>) => void} WaitUntil
 */

/**
 * @typedef {object} HostOptions
 * @property {WebAssembly.Module} core core.wasm of this package
 * @property {Uint8Array<ArrayBuffer> | string} root the envelope of the root document: whom to trust
 * @property {string} environment the only one whose bundles are accepted
 * @property {string} [application] the one whose experiments and flags are had, of those that the
 *   directory serves; those of all of them without
 * @property {import("./source.js").Source} source where bundles are; not trusted
 * @property {Record<string, string>} [labels] for example {region: "eu"}: revisions can be
 *   offered to the hosts of some labels first
 * @property {import("./source.js").Source} [baked] a bundle to start from, deployed along
 * @property {import("./source.js").Store} [keep] keeps the last good bundle across starts
 * @property {number} [poll] milliseconds between looks at the source, DEFAULT_POLL
 * @property {number} [coldStart] milliseconds to wait for a first bundle, DEFAULT_COLD_START
 * @property {import("./envelope.js").Verify} [verify] Ed25519 where WebCrypto lacks it
 * @property {import("./inflate.js").Inflate} [inflate] gzip where DecompressionStream is missing
 * @property {() => number} [now] the clock, Date.now
 */

/**
 * Decides inside a worker, server or page. Making one touches nothing outside, so it may
 * be done in a worker's global scope.
 *
 * Once a bundle is active, deciding never waits: fresh looks at the source are made
 * beside the requests, and the last good bundle stays active whatever they find.
 */
export class Host {
  #options;
  #now;
  #status = new Status();
  /** @type {Follower | undefined} */ #follower;
  /** @type {Snapshot | undefined} */ #snapshot;
  #nextPoll = 0;
  /** @type {Promise<void> | undefined} the look that is being made */ #looking;
  #lookingSince = 0;

  /** @param {HostOptions} options */
  constructor(options) {
    checkEnvironment(options.environment);
    if (options.application !== undefined) checkApplication(options.application);
    checkLabels(options.labels ?? {});
    checkCore(options.core);
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#status.application = options.application ?? "";
  }

  /** A bundle is active. */
  get ready() {
    return this.#snapshot !== undefined;
  }

  /** The active bundle, undefined until there is one. */
  get snapshot() {
    return this.#snapshot;
  }

  /**
   * Begins a look at the source if one is due, without waiting for it; but if no bundle is
   * active yet, waits for a first one, for at most coldStart. To be called for each
   * request. It does not reject: status tells what is wrong.
   * @param {WaitUntil} [waitUntil] keeps the look alive after the response
   */
  async start(waitUntil) {
    if (this.#snapshot === undefined && (this.#looking !== undefined || this.#due)) {
      const look = this.refresh();
      waitUntil?.(look);
      await within(this.#options.coldStart ?? DEFAULT_COLD_START, look);
    }
    if (this.#snapshot !== undefined && this.#due) {
      const look = this.refresh();
      waitUntil?.(look);
    }
  }

  /** Looks at the source, or waits for the look that is being made. It does not reject. */
  refresh() {
    const now = this.#now();
    if (this.#looking === undefined || now - this.#lookingSince > POLL_TIMEOUT) {
      this.#lookingSince = now;
      const look = this.#look().finally(() => {
        if (this.#looking === look) this.#looking = undefined;
      });
      this.#looking = look;
    }
    return this.#looking;
  }

  get #due() {
    return this.#now() >= this.#nextPoll;
  }

  async #look() {
    const { poll = DEFAULT_POLL } = this.#options;
    this.#nextPoll = this.#now() + poll * (1 + POLL_JITTER * (2 * Math.random() - 1));
    try {
      if (this.#follower === undefined) {
        this.#follower = await this.#recall();
        if (this.#snapshot !== undefined) {
          this.#nextPoll = 0; // what was at hand serves at once, and the source is next
          return;
        }
      }
      await this.#follower.poll(AbortSignal.timeout(POLL_TIMEOUT));
      this.#bound();
    } catch (error) {
      this.#status.failed("root", new Refused("root", "the host's own", error), this.#now());
    }
  }

  /** Makes the follower, and activates what was kept or baked in. */
  async #recall() {
    const { root, verify, source, environment, application, labels = {}, keep, baked, inflate: inflater = inflate } = this.#options;
    const envelope = typeof root === "string" ? toUTF8(root.trim()) : root;
    const follower = new Follower({
      source, environment, application, labels, keep, inflate: inflater,
      root: await Root.parse(envelope, verify),
      status: this.#status,
      now: this.#now,
      activate: (bundle) => this.#activate(bundle),
    });
    const places = [];
    if (keep) places.push({ source: keep, origin: /** @type {const} */ ("kept") });
    if (baked) places.push({ source: baked, origin: /** @type {const} */ ("baked") });
    await follower.recall(places);
    return follower;
  }

  /** @param {import("./follower.js").Candidate & { payload?: Uint8Array<ArrayBuffer> }} bundle */
  #activate({ manifest, payload, origin }) {
    const last = this.#snapshot;
    if (last !== undefined && compareManifests(manifest, last.manifest) < 0) {
      throw new Refused("older", `revision ${last.manifest.revision} is active`);
    }
    this.#snapshot = payload === undefined ? renew(last, manifest) : Snapshot.load(this.#options.core, manifest, payload, this.#now);
    this.#bound();
    Object.assign(this.#status, {
      ready: true, epoch: manifest.epoch, revision: manifest.revision, origin, created: manifest.created,
      canary: manifest.canary !== null, activated: this.#now(), coreBehind: manifest.core.sha256 !== coreSHA256,
    });
  }

  /** A bundle is fresh for as long as both its manifest and the newest root are. */
  #bound() {
    if (this.#snapshot !== undefined) {
      this.#snapshot.expires = Math.min(this.#snapshot.manifest.expires, this.#status.rootExpires);
    }
  }

  /** Tells how following the source goes. */
  status() {
    const status = this.#status;
    status.expires = this.#snapshot?.expires ?? 0;
    status.stale = this.#snapshot?.stale ?? false;
    return { ...status, rejected: { ...status.rejected } };
  }

  /**
   * Decides one experiment or flag; undefined if the bundle has none of this key. It
   * throws a NotReadyError, a RequestError or a CoreError: each is to be answered with the
   * default.
   * @param {import("./request.js").Request} request
   * @param {string} key
   */
  decide(request, key) {
    return this.#active().decide(request, key);
  }

  /**
   * Decides everything, all of one bundle, and returns the decisions that have a variant:
   * the experiments that the unit takes part in, and every flag, by key. It throws as
   * decide does.
   * @param {import("./request.js").Request} request
   */
  decideAll(request) {
    return this.#active().decideAll(request);
  }

  #active() {
    if (this.#snapshot === undefined) throw new NotReadyError("no bundle is active yet");
    return this.#snapshot;
  }
}

/**
 * @param {Snapshot | undefined} last
 * @param {import("./manifest.js").Manifest} manifest
 */
function renew(last, manifest) {
  if (last?.manifest.payload.raw.sha256 !== manifest.payload.raw.sha256) throw new Error("another payload is active");
  return last.renewed(manifest);
}

/**
 * Waits for work, for so many milliseconds at most.
 * @param {number} ms
 * @param {Promise<unknown>} work
 */
async function within(ms, work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const timeout = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
