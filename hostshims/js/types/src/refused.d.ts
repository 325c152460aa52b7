export type Reason = (typeof REASONS)[number];
/** @typedef {(typeof REASONS)[number]} Reason */
/** Every reason. */
export declare const REASONS: readonly ["too_large", "root", "envelope", "signature", "manifest", "epoch", "environment", "application", "schema", "older", "equivocation", "payload_missing", "payload", "activation", "state"];
/** Something was refused, and would be again: the bytes are at fault. */
export declare class Refused extends Error {
    reason: "activation" | "application" | "envelope" | "environment" | "epoch" | "equivocation" | "manifest" | "older" | "payload" | "payload_missing" | "root" | "schema" | "signature" | "state" | "too_large";
    name: string;
    /**
     * @param {Reason} reason
     * @param {string} message
     * @param {unknown} [cause]
     */
    constructor(reason: Reason, message: string, cause?: unknown);
}
/**
 * Gives what f returns. Whatever f throws is refused for a reason; what has a reason
 * already keeps it.
 * @template T
 * @param {Reason} reason
 * @param {() => T} f
 */
export declare function orRefuse<T>(reason: Reason, f: () => T): T;
