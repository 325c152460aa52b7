export type Reason = (typeof REASONS)[number];
/** @typedef {(typeof REASONS)[number]} Reason */
/** Every reason. */
export declare const REASONS: readonly ["too_large", "root", "envelope", "signature", "manifest", "epoch", "environment", "application", "schema", "older", "equivocation", "payload_missing", "payload", "activation", "state"];
/** Something is refused because of its bytes: another attempt would be refused too. */
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
 * Returns what f returns. If f throws a Refused, it throws that; any other error becomes a
 * Refused with this reason.
 * @template T
 * @param {Reason} reason
 * @param {() => T} f
 */
export declare function orRefuse<T>(reason: Reason, f: () => T): T;
