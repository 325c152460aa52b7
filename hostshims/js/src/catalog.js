import { check } from "./check.js";

/** A variant of an experiment or flag.
 * @typedef {{ key: string, name: string, config: string }} Variant config is JSON */

/** Keys that one step of opening a catalog compares. */
const KEYS_A_STEP = 512;

/**
 * The names of the experiments, flags and variants of a payload, in the order of the program.
 * They stay columns; a name becomes a string when it is first asked for. The core checks the
 * columns that it reads, so the catalog checks all others.
 */
export class Catalog {
  #unit;
  #end;
  #units;
  #key;
  #variantKey;
  #variantName;
  #variantConfig;
  /** @type {(string | undefined)[]} */ #keys;
  /** @type {(Variant | undefined)[]} */ #variants;
  /** @type {Map<string, number>} by keys that were found before */ #found = new Map();

  /**
   * @param {import("./payload.js").Payload} payload
   * @param {Uint32Array} keys
   * @param {Uint32Array[]} variants their keys, names and configurations
   */
  constructor(payload, keys, [variantKeys, variantNames, variantConfigs]) {
    this.payload = payload;
    this.#key = keys;
    this.#variantKey = variantKeys;
    this.#variantName = variantNames;
    this.#variantConfig = variantConfigs;
    /** By experiment: 1 for a flag. */
    this.kind = payload.u8("experiment.kind");
    this.#unit = payload.u8("experiment.unit");
    /** By experiment: the phase of its allocation. */
    this.phase = payload.u32("experiment.phase");
    this.#end = payload.u32("experiment.variants.end");
    this.#units = payload.strings("unit.name");
    /** The numbers by which requests refer to unit types and attributes. */
    this.units = numbered(this.#units);
    this.attributes = numbered(payload.strings("attribute.name"));
    /** How many experiments and flags there are. */
    this.length = this.#key.length;
    /** By experiment: 1 if visitors keep their variants. */
    this.sticky = payload.has("experiment.sticky") ? payload.u8("experiment.sticky") : new Uint8Array(this.length);
    this.#keys = new Array(this.length);
    this.#variants = new Array(this.#variantKey.length);

    const fit = [this.kind, this.#unit, this.phase, this.sticky, this.#end].every(({ length }) => length === this.length) &&
      this.#variantName.length === this.#variants.length && this.#variantConfig.length === this.#variants.length &&
      (this.length > 0 ? this.#end[this.length - 1] : 0) === this.#variants.length;
    check(fit, "the columns of experiments differ");
  }

  /**
   * Reads the catalog of a payload, in steps: see steps.js.
   * @param {import("./payload.js").Payload} payload
   * @returns {import("./steps.js").Steps<Catalog>}
   */
  static *open(payload) {
    const keys = payload.texts("experiment.key");
    for (let i = 0; i < keys.length; i += KEYS_A_STEP) {
      yield;
      check(payload.ascend(keys, i, i + KEYS_A_STEP), "experiment.key must be in ascending order");
    }
    const variants = [];
    for (const name of ["variant.key", "variant.name", "variant.config"]) {
      yield;
      variants.push(payload.texts(name));
    }
    return new Catalog(payload, keys, variants);
  }

  /** The key of an experiment or flag. @param {number} experiment */
  key(experiment) {
    return (this.#keys[experiment] ??= this.payload.string(this.#key[experiment]));
  }

  /** The index of the experiment or flag with a key; -1 if there is none. @param {string} key */
  find(key) {
    let found = this.#found.get(key);
    if (found !== undefined) return found;
    found = this.#search(key);
    if (found >= 0) this.#found.set(key, found);
    return found;
  }

  /** @param {string} key */
  #search(key) {
    for (let from = 0, to = this.length; from < to; ) {
      const middle = (from + to) >> 1;
      const there = this.key(middle);
      if (there === key) return middle;
      if (there < key) from = middle + 1;
      else to = middle;
    }
    return -1;
  }

  /** The unit type that an experiment or flag is randomised by. @param {number} experiment */
  unit(experiment) {
    return this.#units[this.#unit[experiment]];
  }

  /**
   * The variant of an experiment with a number; undefined if there is none.
   * @param {number} experiment
   * @param {number} variant
   */
  variant(experiment, variant) {
    const i = (experiment > 0 ? this.#end[experiment - 1] : 0) + variant;
    if (!(i < this.#end[experiment])) return undefined;
    return (this.#variants[i] ??= {
      key: this.payload.string(this.#variantKey[i]),
      name: this.payload.string(this.#variantName[i]),
      config: this.payload.string(this.#variantConfig[i]),
    });
  }

  /**
   * The variant of an experiment with a key; undefined if there is none.
   * @param {number} experiment
   * @param {string} key
   */
  variantOf(experiment, key) {
    for (let i = 0; ; i++) {
      const variant = this.variant(experiment, i);
      if (variant === undefined || variant.key === key) return variant;
    }
  }
}

/**
 * The index of each name in a list.
 * @param {string[]} names
 */
const numbered = (names) => new Map(names.map((name, i) => [name, i]));
