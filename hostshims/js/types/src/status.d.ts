export type Origin = "" | "source" | "baked" | "kept";
/** Where the active bundle was read.
 * @typedef {"" | "source" | "baked" | "kept"} Origin */
/** The state of a host. Times are milliseconds since the Unix epoch, 0 for never. */
export declare class Status {
    /** The application whose experiments and flags are loaded; empty for all of them. */
    application: string;
    /** Whether a bundle is active. The next fields describe it. */
    ready: boolean;
    epoch: number;
    revision: number;
    /** @type {Origin} */
    origin: Origin;
    created: number;
    expires: number;
    activated: number;
    stale: boolean;
    /** Whether its revision is for a canary only, to which the host belongs. */
    canary: boolean;
    /** Whether the bundle was made for another core than that of this package. Its golden
     * vectors pass. */
    coreBehind: boolean;
    rootVersion: number;
    rootExpires: number;
    /** Polls that the source answered, and reads that it did not answer. */
    polls: number;
    failures: number;
    lastAnswer: number;
    /** The last error; empty after a complete poll without any error. */
    lastError: string;
    /** @type {import("./refused.js").Reason | ""} empty if the source did not answer */
    lastReason: import("./refused.js").Reason | "";
    lastErrorTime: number;
    /** @type {Record<import("./refused.js").Reason, number>} refusals by reason */
    rejected: Record<import("./refused.js").Reason, number>;
    /**
     * Counts an error: a refusal, or that the source did not answer.
     * @param {string} what
     * @param {unknown} error
     * @param {number} now
     */
    failed(what: string, error: unknown, now: number): void;
}
