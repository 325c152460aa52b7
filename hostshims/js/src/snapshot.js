import { CoreError } from "./core.js";
import { DECISION_REASONS, Decision } from "./decision.js";
import { Decisions } from "./decisions.js";

const NO_VARIANT = 0xffff;

/** A bundle that was loaded into the core. */
export class Snapshot {
  #program;
  #now;

  /**
   * @param {import("./program.js").Program} program
   * @param {import("./manifest.js").Manifest} manifest
   * @param {() => number} now
   */
  constructor(program, manifest, now) {
    this.#program = program;
    this.#now = now;
    this.manifest = manifest;
    this.catalog = program.catalog;
    /** When decisions become stale: the earlier of the manifest's and the root's expiry. */
    this.expires = manifest.expires;
  }

  /**
   * Returns a snapshot of the same payload under a newer manifest.
   * @param {import("./manifest.js").Manifest} manifest
   */
  renewed(manifest) {
    return new Snapshot(this.#program, manifest, this.#now);
  }

  /** The time in milliseconds. */
  now() {
    return this.#now();
  }

  /** Whether the bundle has expired. */
  get stale() {
    return this.now() >= this.expires;
  }

  /**
   * Decides one experiment or flag; undefined if there is none with this key. It throws a
   * RequestError or a CoreError.
   * @param {import("./request.js").Request} request
   * @param {string} key
   * @param {number} [clock] the time at which the decision is made
   */
  decide(request, key, clock = this.#now()) {
    const experiment = this.catalog.find(key);
    if (experiment < 0) return undefined;
    return this.#one(request, clock, experiment);
  }

  /**
   * @param {import("./request.js").Request} request
   * @param {number} clock
   * @param {number} experiment
   */
  #one(request, clock, experiment) {
    const record = this.#program.one(request, clock, experiment);
    return this.read(record.getUint32(0, true), record.getInt32(4, true), clock >= this.expires);
  }

  /**
   * Decides the experiments and flags with these indexes in the catalog. It returns their
   * decisions, with and without a variant. It throws as decide does.
   * @param {import("./request.js").Request} request
   * @param {number[]} experiments
   * @param {number} [clock]
   */
  decideEach(request, experiments, clock = this.#now()) {
    return experiments.map((experiment) => this.#one(request, clock, experiment));
  }

  /**
   * Decides everything. It returns the decisions that have a variant, sorted by key: the
   * experiments that the unit takes part in, and every flag. It throws as decide does.
   * @param {import("./request.js").Request} request
   * @param {number} [clock]
   */
  decideAll(request, clock = this.#now()) {
    return new Decisions(this, this.#program.all(request, clock), clock >= this.expires);
  }

  /**
   * The decision of a record of the core. It throws a CoreError if the record has a variant
   * that does not exist.
   * @param {number} experiment
   * @param {number} outcome the upper half of the record, as a signed integer
   * @param {boolean} stale
   */
  read(experiment, outcome, stale) {
    const number = outcome & 0xffff;
    const variant = number === NO_VARIANT ? undefined : this.catalog.variant(experiment, number);
    if (variant === undefined && number !== NO_VARIANT) throw new CoreError(`the core gives variant ${number}, which does not exist`);
    return new Decision(this, experiment, variant, DECISION_REASONS[(outcome >>> 16) & 0xff], outcome >>> 24, stale);
  }
}
