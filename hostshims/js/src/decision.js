/** The reasons of decisions, in the order of their numbers in wasm/ABI.md, which describes
 * the steps of a decision. The last one is set by this package: "sticky" is an earlier
 * decision that was kept. */
export const DECISION_REASONS = Object.freeze([
  "none", "no_unit", "kill_switch", "override", "opt_out", "bot", "internal", "holdout", "not_started", "ended",
  "prerequisite", "layer", "audience", "traffic", "split", "default", "sticky",
]);

/** What the JSON of a decision has. */
const FIELDS = /** @type {const} */ ([
  "experiment", "kind", "variant", "name", "config", "reason", "rule", "unit", "phase", "revision", "stale",
]);

/** The outcome for one experiment or flag. It is immutable. */
export class Decision {
  #snapshot;
  #index;
  #variant;

  /**
   * @param {import("./snapshot.js").Snapshot} snapshot
   * @param {number} index of the experiment
   * @param {import("./catalog.js").Variant | undefined} variant
   * @param {string} reason
   * @param {number} rule
   * @param {boolean} stale
   */
  constructor(snapshot, index, variant, reason, rule, stale) {
    this.#snapshot = snapshot;
    this.#index = index;
    this.#variant = variant;
    /** One of DECISION_REASONS. */
    this.reason = reason;
    /** The index of the rule that decided, for reason "split". */
    this.rule = rule;
    /** Whether the bundle had expired when this was decided. */
    this.stale = stale;
  }

  /** The key of the experiment or flag. */
  get experiment() {
    return this.#snapshot.catalog.key(this.#index);
  }

  /** "experiment" or "flag". */
  get kind() {
    return this.#snapshot.catalog.kind[this.#index] === 1 ? "flag" : "experiment";
  }

  /** The key of the variant; undefined if none is assigned. */
  get variant() {
    return this.#variant?.key;
  }

  /** The variant's display name; undefined if none is assigned. */
  get name() {
    return this.#variant?.name;
  }

  /** The variant's configuration, parsed anew each time; undefined if none is assigned. */
  get config() {
    return this.#variant === undefined ? undefined : JSON.parse(this.#variant.config);
  }

  /** The unit type that the experiment is randomised by. */
  get unit() {
    return this.#snapshot.catalog.unit(this.#index);
  }

  /** The phase of the experiment's allocation. */
  get phase() {
    return this.#snapshot.catalog.phase[this.#index];
  }

  /** Whether visitors keep their variants of this experiment. */
  get sticky() {
    return this.#snapshot.catalog.sticky[this.#index] === 1;
  }

  /** The revision of the bundle. */
  get revision() {
    return this.#snapshot.manifest.revision;
  }

  /**
   * Returns the decision with another variant and reason; undefined if the experiment has no
   * variant with this key.
   * @param {string} key
   * @param {string} reason
   */
  withVariant(key, reason) {
    const variant = this.#snapshot.catalog.variantOf(this.#index, key);
    return variant && new Decision(this.#snapshot, this.#index, variant, reason, 0, this.stale);
  }

  toJSON() {
    return Object.fromEntries(FIELDS.map((field) => [field, this[field]]));
  }
}
