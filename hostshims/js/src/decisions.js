/**
 * The decisions of one request, sorted by key. Each is made from the core's record when it is
 * asked for: one by one with for … of, by place, or by key.
 */
export class Decisions {
  #snapshot;
  #records;
  #stale;

  /**
   * @param {import("./snapshot.js").Snapshot} snapshot
   * @param {number[]} records of each the experiment and the outcome
   * @param {boolean} stale
   */
  constructor(snapshot, records, stale) {
    this.#snapshot = snapshot;
    this.#records = records;
    this.#stale = stale;
    /** How many there are. */
    this.length = records.length / 2;
  }

  /**
   * The decision at a place from 0; undefined if there are fewer.
   * @param {number} i
   */
  at(i) {
    return i >= 0 && i < this.length ? this.#snapshot.read(this.#records[2 * i], this.#records[2 * i + 1], this.#stale) : undefined;
  }

  /**
   * The decision for an experiment or flag; undefined if it is not among them.
   * @param {string} key
   */
  get(key) {
    const wanted = this.#snapshot.catalog.find(key);
    for (let from = 0, to = this.length; from < to; ) {
      const middle = (from + to) >> 1;
      const experiment = this.#records[2 * middle];
      if (experiment === wanted) return this.at(middle);
      if (experiment < wanted) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }

  /** @returns {IterableIterator<import("./decision.js").Decision>} */
  [Symbol.iterator]() {
    let i = 0;
    // Not a generator, which takes twice as long.
    return {
      next: () => {
        const value = /** @type {any} */ (this.at(i++));
        return { value, done: value === undefined };
      },
      [Symbol.iterator]() {
        return this;
      },
    };
  }

  toJSON() {
    return [...this];
  }
}
