import { checkApplication } from "./application.js";
import { toUTF8 } from "./bytes.js";
import { checkLabels } from "./canary.js";
import { coreSHA256 } from "./core-sha256.js";
import { checkCore } from "./core.js";
import { Follower } from "./follower.js";
import { inflate } from "./inflate.js";
import { DEFAULT_MAX_PAYLOAD } from "./limits.js";
import { checkEnvironment, compareManifests } from "./manifest.js";
import { Program } from "./program.js";
import { Refused } from "./refused.js";
import { Root } from "./root.js";
import { Snapshot } from "./snapshot.js";
import { Status } from "./status.js";
import { inTurn } from "./steps.js";

/** Milliseconds between polls of the source. POLL_JITTER is the share of that by which each
 * interval varies at random. */
export const DEFAULT_POLL = 5_000;
const POLL_JITTER = 0.2;

/** Milliseconds that a request waits for the first bundle before it gets the defaults. */
export const DEFAULT_COLD_START = 2_000;

/** Milliseconds that one poll may take. A longer one counts as abandoned: the platform may
 * have stopped it together with the request that started it. */
const POLL_TIMEOUT = 30_000;

/** No bundle is active yet. */
export class NotReadyError extends Error {
  name = "NotReadyError";
}

/**
 * Keeps work alive after the response, as waitUntil of a platform does.
 * @typedef {(work: Promise<unknown>) => void} WaitUntil
 */

/**
 * @typedef {object} HostOptions
 * @property {WebAssembly.Module} core core.wasm of this package
 * @property {Uint8Array<ArrayBuffer> | string} root the envelope of the root document, which
 *   says whose signatures are trusted
 * @property {string} environment the only one whose bundles are accepted
 * @property {string} [application] the one whose experiments and flags are loaded; by default
 *   those of all applications
 * @property {import("./source.js").Source} source where bundles are read from; it is not trusted
 * @property {Record<string, string>} [labels] for example {region: "eu"}; a canary can offer a
 *   revision to the hosts with some labels first
 * @property {import("./source.js").Source} [baked] a bundle that was deployed with the host, to
 *   start from
 * @property {import("./source.js").Store} [keep] keeps the last good bundle across restarts
 * @property {number} [poll] milliseconds between polls, DEFAULT_POLL by default
 * @property {number} [coldStart] milliseconds to wait for the first bundle, DEFAULT_COLD_START
 *   by default
 * @property {import("./envelope.js").Verify} [verify] verifies Ed25519 if WebCrypto cannot
 * @property {import("./inflate.js").Inflate} [inflate] inflates gzip if the runtime has no
 *   DecompressionStream
 * @property {number} [maxPayload] bytes of a raw payload at most; larger ones are refused.
 *   32 MiB by default, for which the memory of a worker is enough; in Node 128 MiB
 * @property {() => number} [now] returns the time in milliseconds, Date.now by default
 */

/**
 * Decides inside a worker, server or page. The constructor does no I/O, so it can run in a
 * worker's global scope.
 *
 * Once a bundle is active, deciding never waits: polls run in the background, and the last
 * good bundle stays active if they fail.
 */
export class Host {
  #options;
  #now;
  #status = new Status();
  /** @type {Follower | undefined} */ #follower;
  /** @type {Snapshot | undefined} */ #snapshot;
  #nextPoll = 0;
  /** @type {Promise<void> | undefined} the poll that is running */ #looking;
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

  /** Whether a bundle is active. */
  get ready() {
    return this.#snapshot !== undefined;
  }

  /** The active bundle; undefined until there is one. */
  get snapshot() {
    return this.#snapshot;
  }

  /**
   * Starts a poll in the background if one is due. If no bundle is active yet, it waits for
   * the first one, for at most coldStart. Call it for each request. It does not reject;
   * status says what failed.
   * @param {WaitUntil} [waitUntil] keeps the poll alive after the response
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

  /** Polls the source, or waits for the poll that is running. It does not reject. */
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
          this.#nextPoll = 0; // a kept or baked bundle serves at once; poll the source next
          return;
        }
      }
      await this.#follower.poll(AbortSignal.timeout(POLL_TIMEOUT));
      this.#bound();
    } catch (error) {
      this.#status.failed("root", new Refused("root", "the given root is invalid", error), this.#now());
    }
  }

  /** Makes the follower, and activates a kept or baked bundle. */
  async #recall() {
    const { root, verify, source, environment, application, labels = {}, keep, baked, inflate: inflater = inflate, maxPayload = DEFAULT_MAX_PAYLOAD } = this.#options;
    const envelope = typeof root === "string" ? toUTF8(root.trim()) : root;
    const follower = new Follower({
      source, environment, application, labels, keep, maxPayload, inflate: inflater,
      root: await Root.parse(envelope, verify),
      status: this.#status,
      now: this.#now,
      load: (payload) => inTurn(Program.open(this.#options.core, payload), () => this.ready),
      activate: (bundle, program) => this.#activate(bundle, program),
    });
    const places = [];
    if (keep) places.push({ source: keep, origin: /** @type {const} */ ("kept") });
    if (baked) places.push({ source: baked, origin: /** @type {const} */ ("baked") });
    await follower.recall(places);
    return follower;
  }

  /**
   * @param {import("./follower.js").Candidate} bundle
   * @param {Program} [program] absent if the payload is the active one
   */
  #activate({ manifest, origin }, program) {
    const last = this.#snapshot;
    if (last !== undefined && compareManifests(manifest, last.manifest) < 0) {
      throw new Refused("older", `revision ${last.manifest.revision} is active`);
    }
    this.#snapshot = program === undefined ? renew(last, manifest) : new Snapshot(program, manifest, this.#now);
    this.#bound();
    Object.assign(this.#status, {
      ready: true, epoch: manifest.epoch, revision: manifest.revision, origin, created: manifest.created,
      canary: manifest.canary !== null, activated: this.#now(), coreBehind: !manifest.core.sha256.startsWith(coreSHA256),
    });
  }

  /** A bundle is fresh as long as both its manifest and the newest root are. */
  #bound() {
    if (this.#snapshot !== undefined) {
      this.#snapshot.expires = Math.min(this.#snapshot.manifest.expires, this.#status.rootExpires);
    }
  }

  /** Returns the state of the host: what is active, and what failed. */
  status() {
    const status = this.#status;
    status.expires = this.#snapshot?.expires ?? 0;
    status.stale = this.#snapshot?.stale ?? false;
    return { ...status, rejected: { ...status.rejected } };
  }

  /**
   * Decides one experiment or flag; undefined if the bundle has none with this key. It
   * throws a NotReadyError, a RequestError or a CoreError; the caller then uses its default.
   * @param {import("./request.js").Request} request
   * @param {string} key
   */
  decide(request, key) {
    return this.#active().decide(request, key);
  }

  /**
   * Decides everything by one bundle. It returns the decisions that have a variant, sorted
   * by key: the experiments that the unit takes part in, and every flag. Each is made when it
   * is asked for. It throws as decide does.
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
 * Waits for work, for at most ms milliseconds.
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
