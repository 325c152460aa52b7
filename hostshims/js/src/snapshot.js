import { DECISION_REASONS, Decision } from "./decision.js";
import { Program } from "./program.js";

/** A bundle that was loaded into the core. */
export class Snapshot {
  #program;
  #now;

  /**
   * @param {Program} program
   * @param {import("./manifest.js").Manifest} manifest
   * @param {() => number} now
   */
  constructor(program, manifest, now) {
    this.#program = program;
    this.#now = now;
    this.manifest = manifest;
    /** When decisions become stale: the earlier of the manifest's and the root's expiry. */
    this.expires = manifest.expires;
  }

  /**
   * Loads a bundle. It throws if the core refuses the payload, or fails its golden vectors.
   * @param {WebAssembly.Module} core
   * @param {import("./manifest.js").Manifest} manifest
   * @param {Uint8Array<ArrayBuffer>} payload raw
   * @param {() => number} now
   */
  static load(core, manifest, payload, now) {
    return new Snapshot(new Program(core, payload), manifest, now);
  }

  /**
   * Returns a snapshot of the same payload under a newer manifest.
   * @param {import("./manifest.js").Manifest} manifest
   */
  renewed(manifest) {
    return new Snapshot(this.#program, manifest, this.#now);
  }

  get catalog() {
    return this.#program.catalog;
  }

  /** Whether the bundle has expired. */
  get stale() {
    return this.#now() >= this.expires;
  }

  /**
   * Decides one experiment or flag; undefined if there is none with this key. It throws a
   * RequestError or a CoreError.
   * @param {import("./request.js").Request} request
   * @param {string} key
   */
  decide(request, key) {
    const experiment = this.catalog.index.get(key);
    if (experiment === undefined) return undefined;
    const clock = this.#now();
    return this.#decision(this.#program.one(request, clock, experiment), clock);
  }

  /**
   * Decides the experiments and flags with these indexes in the catalog. It returns their
   * decisions, with and without a variant. It throws as decide does.
   * @param {import("./request.js").Request} request
   * @param {number[]} experiments
   */
  decideEach(request, experiments) {
    const clock = this.#now();
    return experiments.map((experiment) => this.#decision(this.#program.one(request, clock, experiment), clock));
  }

  /**
   * Decides everything. It returns the decisions that have a variant, sorted by key: the
   * experiments that the unit takes part in, and every flag. It throws as decide does.
   * @param {import("./request.js").Request} request
   */
  decideAll(request) {
    const clock = this.#now();
    return this.#program.all(request, clock).map((outcome) => this.#decision(outcome, clock));
  }

  /**
   * @param {import("./program.js").Outcome} outcome
   * @param {number} clock
   */
  #decision({ experiment, variant, reason, rule }, clock) {
    return new Decision(this, experiment, variant, DECISION_REASONS[reason], rule, clock >= this.expires);
  }
}
