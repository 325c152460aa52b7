import { check } from "./check.js";

/** A variant of an experiment or flag.
 * @typedef {{ key: string, name: string, config: string }} Variant config is JSON */

/** The names of the experiments, flags and variants of a payload, in the order of the program. */
export class Catalog {
  #end;
  #variantKey;
  #variantName;
  #variantConfig;
  /** @type {(Variant | undefined)[]} read when first asked for */ #variants;

  /** @param {import("./payload.js").Payload} payload */
  constructor(payload) {
    this.payload = payload;
    this.kind = payload.u8("experiment.kind");
    this.phase = payload.u32("experiment.phase");
    this.#end = payload.u32("experiment.variants.end");
    this.#variantKey = payload.u32("variant.key");
    this.#variantName = payload.u32("variant.name");
    this.#variantConfig = payload.u32("variant.config");
    this.#variants = new Array(this.#variantKey.length);

    const units = payload.strings("unit.name");
    /** The numbers by which requests refer to unit types and attributes. */
    this.units = numbered(units);
    this.attributes = numbered(payload.strings("attribute.name"));
    this.unit = Array.from(payload.u8("experiment.unit"), (i) => units[i]);
    this.keys = payload.strings("experiment.key");
    this.index = numbered(this.keys);

    const n = this.keys.length;
    /** 1 for each experiment whose visitors keep their variants. */
    this.sticky = payload.has("experiment.sticky") ? payload.u8("experiment.sticky") : new Uint8Array(n);
    const columns = [this.kind, this.unit, this.phase, this.sticky, this.#end];
    const fit = columns.every((column) => column.length === n) && !this.unit.includes(/** @type {any} */ (undefined));
    check(fit, "the columns of experiments differ");
  }

  /**
   * The variant of an experiment with a number; undefined if there is none.
   * @param {number} experiment
   * @param {number} variant
   */
  variant(experiment, variant) {
    const i = (experiment > 0 ? this.#end[experiment - 1] : 0) + variant;
    if (i >= this.#end[experiment] || i >= this.#variants.length) return undefined;
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
