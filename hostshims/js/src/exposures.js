import { fromUTF8, toBase64URL, toUTF8 } from "./bytes.js";

/** Exposures of one batch and bytes of its JSON that the collector accepts. */
export const MAX_BATCH = 1_000;
const MAX_BATCH_BYTES = 1 << 20;

/** Bytes of an id and of a name that the collector accepts. */
const MAX_ID_LENGTH = 256;
const MAX_NAME_LENGTH = 128;

/** Exposures that wait in memory. A worker delivers after every response, so many wait only
 * while the collector does not answer. */
const DEFAULT_CAPACITY = 10_000;

/** Exposures that are remembered, to recognize duplicates. */
const MAX_REMEMBERED = 10_000;

/** Failed deliveries after which a flush leaves the rest to the next one. */
const ATTEMPTS = 3;

/** Milliseconds to wait after the first failure. The wait doubles with each further one. */
const BACKOFF = 200;

/** Milliseconds after which a flush counts as abandoned: the platform may have stopped it
 * together with the request that started it. All attempts together take less. */
const FLUSH_TIMEOUT = 30_000;

/** Milliseconds that one delivery may take. */
const SEND_TIMEOUT = 8_000;

/** An exposure in the form that the collector accepts (package bundle/event of the Go module).
 * @typedef {object} Exposure
 * @property {number} seq
 * @property {number} time
 * @property {string} experiment
 * @property {string} variant
 * @property {number} phase
 * @property {string} unit
 * @property {string} unit_id
 * @property {number} revision
 * @property {true} [override] */

/** @typedef {{ source: string, boot: string, exposures: Exposure[] }} Batch */

/**
 * Delivers a batch. It returns true if the batch was accepted, and false if it never will be.
 * It rejects if another attempt may succeed.
 * @callback Send
 * @param {Batch} batch
 * @returns {Promise<boolean>}
 */

/**
 * @typedef {object} ExposureOptions
 * @property {string} source the name of this host, the same for all of its workers
 * @property {Send} send
 * @property {number} [capacity] exposures that may wait in memory, 10,000 by default
 * @property {() => number} [now] returns the time in milliseconds, Date.now by default
 */

/**
 * Records exposures, and delivers them in the background. Every exposure except duplicates
 * gets the next sequence number of this instance's boot id, even if it is dropped later, so
 * results show how many are missing. stats says what became of them; at any time
 * emitted = sent + duplicate + shed + rejected + queued.
 */
export class Exposures {
  #options;
  #boot = "";
  #seq = 0;
  /** @type {Exposure[]} */ #queue = [];
  /** @type {Set<string>} */ #seen = new Set();
  #counts = { emitted: 0, sent: 0, duplicate: 0, shed: 0, rejected: 0 };
  /** @type {Exposure[]} the batch that is being sent */ #inFlight = [];
  /** @type {Promise<void> | undefined} */ #flushing;
  #flushingSince = 0;

  /** @param {ExposureOptions} options */
  constructor(options) {
    if (!nameFits(options.source)) throw new TypeError(`source: must have 1 to ${MAX_NAME_LENGTH} bytes`);
    this.#options = { capacity: DEFAULT_CAPACITY, now: Date.now, ...options };
  }

  /**
   * Records that a unit was shown a variant of an experiment. It ignores flags and decisions
   * without a variant, which are not measured.
   * @param {import("./decision.js").Decision} decision
   * @param {string} id the id of the decision's unit. Half a surrogate pair in it counts as U+FFFD,
   *   as it does for deciding.
   */
  add(decision, id) {
    const { experiment, kind, variant, phase, unit, revision, reason } = decision;
    if (kind !== "experiment" || variant === undefined) return;
    const counts = this.#counts;
    counts.emitted++;
    const encoded = toUTF8(id);
    const unitID = fromUTF8(encoded);
    const key = JSON.stringify([experiment, variant, phase, unit, unitID]);
    if (this.#seen.has(key)) {
      counts.duplicate++;
      return;
    }
    const seq = ++this.#seq;
    if (id === "" || encoded.length > MAX_ID_LENGTH) {
      counts.rejected++; // the collector would refuse the whole batch
      return;
    }
    if (this.#queue.length >= this.#options.capacity && !this.#shed(unit, unitID)) {
      counts.shed++;
      return;
    }
    if (this.#seen.size >= MAX_REMEMBERED) this.#seen.clear();
    this.#seen.add(key);
    this.#queue.push({
      seq, time: this.#options.now(), experiment, variant, phase, unit, unit_id: unitID, revision,
      ...(reason === "override" ? { override: true } : {}),
    });
  }

  /**
   * Drops the exposures of the half of the units that have the higher hashes. What is missing
   * then depends on neither time nor variant. It reports whether there is room for an exposure
   * of this unit: it is in the half that stays, and the queue is below capacity.
   * @param {string} unit
   * @param {string} id
   */
  #shed(unit, id) {
    const stay = this.#queue.filter((e) => !upperHalf(e.unit, e.unit_id));
    this.#counts.shed += this.#queue.length - stay.length;
    this.#queue = stay;
    return !upperHalf(unit, id) && stay.length < this.#options.capacity;
  }

  /**
   * Delivers the exposures that wait. It does not reject; what could not be delivered waits
   * for the next call. Pass the promise to the platform's waitUntil.
   * @returns {Promise<void>}
   */
  flush() {
    const now = this.#options.now();
    if (this.#flushing === undefined || now - this.#flushingSince > FLUSH_TIMEOUT) {
      this.#flushingSince = now;
      // Send the batch of an abandoned flush again. The collector recognizes duplicates by
      // their sequence numbers.
      this.#queue.unshift(...this.#inFlight.splice(0));
      /** @type {Promise<void>} */
      const flushing = Promise.resolve().then(() => this.#flush(() => this.#flushing === flushing));
      this.#flushing = flushing;
    }
    return this.#flushing;
  }

  /** @param {() => boolean} current reports whether this flush was not abandoned */
  async #flush(current) {
    let failures = 0;
    while (current() && this.#queue.length > 0) {
      const batch = this.#take();
      const taken = await this.#options.send(batch).catch(() => undefined);
      if (!current()) return;
      const settled = this.#inFlight.splice(0);
      if (taken !== undefined) {
        this.#counts[taken ? "sent" : "rejected"] += settled.length;
        continue;
      }
      this.#queue.unshift(...settled);
      if (++failures === ATTEMPTS) break;
      await new Promise((resolve) => setTimeout(resolve, BACKOFF * 2 ** (failures - 1)));
    }
    if (current()) this.#flushing = undefined;
  }

  /** @returns {Batch} */
  #take() {
    // Made on first use, because platforms have no randomness in the global scope.
    this.#boot ||= toBase64URL(crypto.getRandomValues(new Uint8Array(16)));
    const exposures = [];
    let bytes = MAX_NAME_LENGTH * 2 + 64; // the batch without its exposures
    while (this.#queue.length > 0 && exposures.length < MAX_BATCH) {
      bytes += toUTF8(JSON.stringify(this.#queue[0])).length + 1;
      if (bytes > MAX_BATCH_BYTES) break;
      exposures.push(/** @type {Exposure} */ (this.#queue.shift()));
    }
    this.#inFlight = [...exposures];
    return { source: this.#options.source, boot: this.#boot, exposures };
  }

  /** Counts since the start. */
  stats() {
    return { ...this.#counts, queued: this.#queue.length + this.#inFlight.length };
  }
}

/** @param {string} name */
const nameFits = (name) => name !== "" && toUTF8(name).length <= MAX_NAME_LENGTH;

/**
 * The top bit of a hash of a unit: FNV-1a with the finalizer of MurmurHash3. It is
 * independent of the draws of all experiments.
 * @param {string} unit
 * @param {string} id
 */
function upperHalf(unit, id) {
  let h = 0x811c9dc5;
  for (const byte of toUTF8(`shed\0${unit}\0${id}`)) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) < 0;
}

/**
 * Makes a function that delivers batches to a collector's POST /api/v1/exposures.
 * @param {string} collector its base URL
 * @param {string} apiKey
 * @returns {Send}
 */
export function sendTo(collector, apiKey) {
  const url = new URL("api/v1/exposures", collector.replace(/\/?$/, "/")).href;
  return async (batch) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${apiKey}` },
      body: JSON.stringify(batch),
      redirect: "manual",
      signal: AbortSignal.timeout(SEND_TIMEOUT),
    });
    await response.body?.cancel();
    if (response.status === 429 || response.status >= 500) throw new Error(`the collector answered ${response.status}`);
    return response.ok;
  };
}
