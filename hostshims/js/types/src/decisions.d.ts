/**
 * The decisions of one request, sorted by key. Each is made from the core's record when it is
 * asked for: one by one with for … of, by place, or by key.
 */
export declare class Decisions {
    #private;
    /** How many there are. */
    length: number;
    /**
     * @param {import("./snapshot.js").Snapshot} snapshot
     * @param {number[]} records of each the experiment and the outcome
     * @param {boolean} stale
     */
    constructor(snapshot: import("./snapshot.js").Snapshot, records: number[], stale: boolean);
    /**
     * The decision at a place from 0; undefined if there are fewer.
     * @param {number} i
     */
    at(i: number): import("./decision.js").Decision | undefined;
    /**
     * The decision for an experiment or flag; undefined if it is not among them.
     * @param {string} key
     */
    get(key: string): import("./decision.js").Decision | undefined;
    /** @returns {IterableIterator<import("./decision.js").Decision>} */
    [Symbol.iterator](): IterableIterator<import("./decision.js").Decision>;
    toJSON(): import("./decision.js").Decision[];
}
