import { CoreError, Instance, readRecord, recordAt } from "./core.js";
import { Catalog } from "./catalog.js";
import { Payload } from "./payload.js";
import { RequestError, RequestWriter } from "./request.js";

const NO_VARIANT = 0xffff;

/** The negated status of a request that the core refuses. */
const BAD_REQUEST = -5;

/**
 * The outcome for one experiment.
 * @typedef {object} Outcome
 * @property {number} experiment its index in the catalog
 * @property {import("./catalog.js").Variant} [variant]
 * @property {number} reason as the ABI numbers them
 * @property {number} rule
 */

/** A payload, and an instance of the core that decides on it. */
export class Program {
  #module;
  #payload;
  #vectors;
  /** @type {Instance | undefined} undefined after a trap */ #instance;
  /** @type {RequestWriter | undefined} */ #writer;

  /**
   * Loads a payload into the core and runs its golden vectors. It throws if that fails.
   * @param {WebAssembly.Module} module
   * @param {Uint8Array<ArrayBuffer>} payload raw
   */
  constructor(module, payload) {
    const parsed = new Payload(payload);
    this.#module = module;
    this.#payload = payload;
    this.#vectors = parsed.vectors();
    this.catalog = new Catalog(parsed);
    this.#revive();
  }

  /**
   * Decides the experiment at an index in the catalog. It throws a RequestError, or a
   * CoreError after which the next call has an instance that was made anew.
   * @param {import("./request.js").Request} request
   * @param {number} clock the time to decide at if the request has none
   * @param {number} experiment
   */
  one(request, clock, experiment) {
    return this.#guard(request, clock, (instance, size) => this.#read(instance, instance.one(size, experiment)));
  }

  /**
   * Decides everything that gives a variant. It throws as one does.
   * @param {import("./request.js").Request} request
   * @param {number} clock
   */
  all(request, clock) {
    return this.#guard(request, clock, (instance, size) => {
      const count = instance.all(size);
      if (count < 0) this.#read(instance, count);
      /** @type {Outcome[]} */
      const outcomes = [];
      for (let i = 0; i < count; i++) outcomes.push(this.#read(instance, recordAt(instance, i)));
      return outcomes;
    });
  }

  /**
   * @template T
   * @param {import("./request.js").Request} request
   * @param {number} clock
   * @param {(instance: Instance, size: number) => T} decide
   */
  #guard(request, clock, decide) {
    if (this.#instance === undefined) this.#revive();
    const instance = /** @type {Instance} */ (this.#instance);
    const size = /** @type {RequestWriter} */ (this.#writer).write(request, clock);
    try {
      return decide(instance, size);
    } catch (error) {
      if (error instanceof RequestError) throw error;
      this.#instance = undefined; // after a trap it is broken
      throw error instanceof CoreError ? error : new CoreError("the core failed", { cause: error });
    }
  }

  #revive() {
    const instance = new Instance(this.#module, this.#payload);
    instance.selfTest(this.#vectors);
    this.#instance = instance;
    this.#writer = new RequestWriter(instance, this.catalog);
  }

  /**
   * @param {Instance} instance
   * @param {number} at the offset of a record, or a negated status
   * @returns {Outcome}
   */
  #read(instance, at) {
    if (at === BAD_REQUEST) throw new RequestError("the core refuses the request");
    if (at < 0) throw new CoreError(`the core fails with status ${-at}`);
    const { experiment, variant, reason, rule } = readRecord(instance.view, at);
    if (variant === NO_VARIANT) return { experiment, variant: undefined, reason, rule };
    const chosen = this.catalog.variant(experiment, variant);
    if (chosen === undefined) throw new CoreError(`the core gives variant ${variant}, which does not exist`);
    return { experiment, variant: chosen, reason, rule };
  }
}
