/** Exposures of one batch and bytes of its JSON that the collector accepts. */
export declare const MAX_BATCH = 1000;
export type Exposure = {
    seq: number;
    time: number;
    experiment: string;
    variant: string;
    phase: number;
    unit: string;
    unit_id: string;
    revision: number;
    override?: true;
};
export type Batch = {
    source: string;
    boot: string;
    exposures: Exposure[];
};
export type Send = (batch: Batch) => Promise<boolean>;
export type ExposureOptions = {
    /**
     * the name of this host, the same for all of its workers
     */
    source: string;
    send: Send;
    /**
     * exposures that may wait in memory, 10,000 by default
     */
    capacity?: number;
    /**
     * returns the time in milliseconds, Date.now by default
     */
    now?: () => number;
};
/** An exposure in the form that the collector accepts (package bundle/event of the Go module).
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
 * Delivers a batch. It returns true if the batch was accepted, and false if it never will be.
 * It rejects if another attempt may succeed.
 * @callback Send
 * @param {Batch} batch
 * @returns {Promise<boolean>}
 */
/**
 * @typedef {object} ExposureOptions
 * @property {string} source the name of this host, the same for all of its workers
 * @property {Send} send
 * @property {number} [capacity] exposures that may wait in memory, 10,000 by default
 * @property {() => number} [now] returns the time in milliseconds, Date.now by default
 */
/**
 * Records exposures, and delivers them in the background. Every exposure except duplicates
 * gets the next sequence number of this instance's boot id, even if it is dropped later, so
 * results show how many are missing. stats says what became of them; at any time
 * emitted = sent + duplicate + shed + rejected + queued.
 */
export declare class Exposures {
    #private;
    /** @param {ExposureOptions} options */
    constructor(options: ExposureOptions);
    /**
     * Records that a unit was shown a variant of an experiment. It ignores flags and decisions
     * without a variant, which are not measured.
     * @param {import("./decision.js").Decision} decision
     * @param {string} id the id of the decision's unit. Half a surrogate pair in it counts as U+FFFD,
     *   as it does for deciding.
     */
    add(decision: import("./decision.js").Decision, id: string): void;
    /**
     * Delivers the exposures that wait. It does not reject; what could not be delivered waits
     * for the next call. Pass the promise to the platform's waitUntil.
     * @returns {Promise<void>}
     */
    flush(): Promise<void>;
    /** Counts since the start. */
    stats(): {
        emitted: number;
        sent: number;
        duplicate: number;
        shed: number;
        rejected: number;
        queued: number;
    };
}
/**
 * Makes a function that delivers batches to a collector's POST /api/v1/exposures.
 * @param {string} collector its base URL
 * @param {string} apiKey
 * @returns {Send}
 */
export declare function sendTo(collector: string, apiKey: string): Send;
