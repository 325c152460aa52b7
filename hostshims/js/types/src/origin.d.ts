/**
 * The URL of the page for a variant: with another path, if the variant has one.
 * @param {string | URL} url
 * @param {import("./decision.js").Decision | undefined} decision
 * @param {Record<string, string>} paths by key of the variant
 */
export declare function originURL(url: string | URL, decision: import("./decision.js").Decision | undefined, paths: Record<string, string>): URL;
/** The header that tells an origin what was decided. */
export declare const DECISIONS_HEADER = "Sortition-Decisions";
/**
 * The value of the header: base64 of JSON {"time", "revision", "variants": {experiment:
 * variant}}, signed, so that an origin need not trust who else can reach it.
 * @param {import("./sealer.js").Sealer} sealer
 * @param {import("./decision.js").Decision[]} decisions
 */
export declare function decisionsHeader(sealer: import("./sealer.js").Sealer, decisions: import("./decision.js").Decision[], now?: number): Promise<string>;
/**
 * What decisionsHeader's value says; undefined if it is none, or is too old.
 * @param {import("./sealer.js").Sealer} sealer
 * @param {string | null | undefined} value
 * @returns {Promise<{ time: number, revision: number, variants: Record<string, string> } | undefined>}
 */
export declare function readDecisionsHeader(sealer: import("./sealer.js").Sealer, value: string | null | undefined, now?: number): Promise<{
    time: number;
    revision: number;
    variants: Record<string, string>;
} | undefined>;
