/** Exposures of one batch, and bytes of its JSON: what the collector takes. */
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
     * names this host: the same for all of its workers
     */
    source: string;
    send: Send;
    /**
     * exposures held in memory, 10,000
     */
    capacity?: number;
    now?: () => number;
};
/** An exposure as the collector takes it: package bundle/event of the Go module.
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
 * Delivers a batch. True says that it was taken, false that it never will be; that it
 * throws says that trying again may help.
 * @callback Send
 * @param {Batch} batch
 * @returns {Promise<boolean>}
 */
/**
 * @typedef {object} ExposureOptions
 * @property {string} source names this host: the same for all of its workers
 * @property {Send} send
 * @property {number} [capacity] exposures held in memory, 10,000
 * @property {() => number} [now]
 */
/**
 * Records who was shown what, and delivers it beside the requests. Every exposure that is
 * no repetition gets the next sequence number of this instance's boot, whatever becomes
 * of it, so that the reader of results sees a loss; stats says which kind it was. At any
 * time emitted = sent + duplicate + shed + rejected + queued.
 */
export declare class Exposures {
    #private;
    /** @param {ExposureOptions} options */
    constructor(options: ExposureOptions);
    /**
     * Records that a unit was shown what an experiment gave it. Flags are not measured, and
     * neither are decisions without a variant.
     * @param {import("./decision.js").Decision} decision
     * @param {string} unitID the id of the decision's unit
     */
    add(decision: import("./decision.js").Decision, unitID: string): void;
    /**
     * Sends what waits. It does not reject; what could not be delivered waits for the next
     * call. To be given to the platform's waitUntil.
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
 * Delivers to a collector's POST /api/v1/exposures.
 * @param {string} collector its base URL
 * @param {string} apiKey
 * @returns {Send}
 */
export declare function sendTo(collector: string, apiKey: string): Send;
