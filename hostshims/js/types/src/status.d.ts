export type Origin = "" | "source" | "baked" | "kept";
/** Where the active bundle was read.
 * @typedef {"" | "source" | "baked" | "kept"} Origin */
/** Tells how it stands. Times are milliseconds since the Unix epoch, 0 for never. */
export declare class Status {
    /** Whose experiments and flags are had; empty for those of all applications. */
    application: string;
    /** A bundle is active. The next fields describe it. */
    ready: boolean;
    epoch: number;
    revision: number;
    /** @type {Origin} */
    origin: Origin;
    created: number;
    expires: number;
    activated: number;
    stale: boolean;
    /** It is for the canary only, to which the host belongs. */
    canary: boolean;
    /** The bundle was made for another core than this package's; its vectors agree. */
    coreBehind: boolean;
    rootVersion: number;
    rootExpires: number;
    /** Looks at the source that were answered, and times that it did not answer. */
    polls: number;
    failures: number;
    lastAnswer: number;
    /** What went wrong last; empty once a look at everything met with nothing wrong. */
    lastError: string;
    /** @type {import("./refused.js").Reason | ""} empty if the source did not answer */
    lastReason: import("./refused.js").Reason | "";
    lastErrorTime: number;
    /** @type {Record<import("./refused.js").Reason, number>} refusals by reason */
    rejected: Record<import("./refused.js").Reason, number>;
    /**
     * Counts what went wrong: a refusal, or that the source did not answer.
     * @param {string} what
     * @param {unknown} error
     * @param {number} now
     */
    failed(what: string, error: unknown, now: number): void;
}
