// Golden vectors: requests with the records that every core must return for them.

import { check } from "./check.js";
import { RECORD_SIZE } from "./core.js";

/** The vectors of a payload. */
export class Vectors {
  #payload;
  #request;
  #end;
  #experiment;
  #variant;
  #reason;
  #rule;

  /** @param {import("./payload.js").Payload} payload */
  constructor(payload) {
    this.#payload = payload;
    this.#request = payload.texts("vector.request");
    this.#end = payload.u32("vector.records.end");
    this.#experiment = payload.u32("vector.experiment");
    this.#variant = payload.u8("vector.variant");
    this.#reason = payload.u8("vector.reason");
    this.#rule = payload.u8("vector.rule");
    /** How many there are. */
    this.length = this.#request.length;
    const records = this.#experiment.length;
    const fit = this.#variant.length === 2 * records && this.#reason.length === records && this.#rule.length === records &&
      this.#end.length === this.length && (this.length > 0 ? this.#end[this.length - 1] : 0) === records;
    check(fit, "the vectors have no records");
  }

  /** The request of a vector. @param {number} vector */
  request(vector) {
    return this.#payload.bytes(this.#request[vector]);
  }

  /**
   * Whether the core's records are those of a vector.
   * @param {number} vector
   * @param {DataView} view of the records
   * @param {number} count
   */
  matches(vector, view, count) {
    const from = vector > 0 ? this.#end[vector - 1] : 0;
    const to = this.#end[vector];
    let same = to - from === count;
    for (let i = from, at = 0; same && i < to; i++, at += RECORD_SIZE) {
      const outcome = this.#variant[2 * i] | (this.#variant[2 * i + 1] << 8) | (this.#reason[i] << 16) | (this.#rule[i] << 24);
      same = view.getUint32(at, true) === this.#experiment[i] && view.getInt32(at + 4, true) === outcome;
    }
    return same;
  }
}
