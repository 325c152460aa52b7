import { toBase64URL, toUTF8 } from "./bytes.js";

/** Exposures of one batch, and bytes of its JSON: what the collector takes. */
export const MAX_BATCH = 1_000;
const MAX_BATCH_BYTES = 1 << 20;

/** Bytes of an id and of a name that the collector takes. */
const MAX_ID_LENGTH = 256;
const MAX_NAME_LENGTH = 128;

/** Exposures that wait in memory. A worker sends after every response, so that more than
 * a few wait only while the collector does not answer. */
const DEFAULT_CAPACITY = 10_000;

/** Exposures that are remembered so that a repetition is not sent again. */
const MAX_REMEMBERED = 10_000;

/** Deliveries that one flush tries before it leaves the rest to the next. */
const ATTEMPTS = 3;

/** Milliseconds before the second attempt, doubled for each further one. */
const BACKOFF = 200;

/** Milliseconds after which a flush counts as abandoned: a platform may have stopped it
 * together with the request that began it. It is longer than all attempts take. */
const FLUSH_TIMEOUT = 30_000;

/** Milliseconds that one delivery may take. */
const SEND_TIMEOUT = 8_000;

/** An exposure as the collector takes it: package bundle/event of the Go module.
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
 * Delivers a batch. True says that it was taken, false that it never will be; that it
 * throws says that trying again may help.
 * @callback Send
 * @param {Batch} batch
 * @returns {Promise<boolean>}
 */

/**
 * @typedef {object} ExposureOptions
 * @property {string} source names this host: the same for all of its workers
 * @property {Send} send
 * @property {number} [capacity] exposures held in memory, 10,000
 * @property {() => number} [now]
 */

/**
 * Records who was shown what, and delivers it beside the requests. Every exposure that is
 * no repetition gets the next sequence number of this instance's boot, whatever becomes
 * of it, so that the reader of results sees a loss; stats says which kind it was. At any
 * time emitted = sent + duplicate + shed + rejected + queued.
 */
export class Exposures {
  #options;
  #boot = "";
  #seq = 0;
  /** @type {Exposure[]} */ #queue = [];
  /** @type {Set<string>} */ #seen = new Set();
  #counts = { emitted: 0, sent: 0, duplicate: 0, shed: 0, rejected: 0 };
  /** @type {Exposure[]} the batch that is on its way */ #inFlight = [];
  /** @type {Promise<void> | undefined} */ #flushing;
  #flushingSince = 0;

  /** @param {ExposureOptions} options */
  constructor(options) {
    if (!nameFits(options.source)) throw new TypeError(`source: must have 1 to ${MAX_NAME_LENGTH} bytes`);
    this.#options = { capacity: DEFAULT_CAPACITY, now: Date.now, ...options };
  }

  /**
   * Records that a unit was shown what an experiment gave it. Flags are not measured, and
   * neither are decisions without a variant.
   * @param {import("./decision.js").Decision} decision
   * @param {string} unitID the id of the decision's unit
   */
  add(decision, unitID) {
    const { experiment, kind, variant, phase, unit, revision, reason } = decision;
    if (kind !== "experiment" || variant === undefined) return;
    const counts = this.#counts;
    counts.emitted++;
    const key = JSON.stringify([experiment, variant, phase, unit, unitID]);
    if (this.#seen.has(key)) {
      counts.duplicate++;
      return;
    }
    const seq = ++this.#seq;
    if (unitID === "" || toUTF8(unitID).length > MAX_ID_LENGTH) {
      counts.rejected++; // it would make the collector refuse its whole batch
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
   * Sheds by the hash of the unit, so that who is missing has nothing to do with who came
   * when or was given what: the half of the units with the higher hashes. Tells whether
   * the unit itself is in the half that stays.
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
   * Sends what waits. It does not reject; what could not be delivered waits for the next
   * call. To be given to the platform's waitUntil.
   * @returns {Promise<void>}
   */
  flush() {
    const now = this.#options.now();
    if (this.#flushing === undefined || now - this.#flushingSince > FLUSH_TIMEOUT) {
      this.#flushingSince = now;
      // What an abandoned flush had on its way is sent again; the collector knows it by
      // its sequence numbers.
      this.#queue.unshift(...this.#inFlight.splice(0));
      /** @type {Promise<void>} */
      const flushing = Promise.resolve().then(() => this.#flush(() => this.#flushing === flushing));
      this.#flushing = flushing;
    }
    return this.#flushing;
  }

  /** @param {() => boolean} current tells whether this flush was not abandoned */
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
    // Made on first use: platforms have no randomness in the global scope.
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
 * The top bit of a hash of a unit (FNV-1a, finished as in MurmurHash3), which is
 * independent of every experiment's draw.
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
 * Delivers to a collector's POST /api/v1/exposures.
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
