/**
 * The URL of a page for the variant of a decision: with the variant's path, if it has one in
 * paths.
 * @param {string | URL} url
 * @param {import("./decision.js").Decision | undefined} decision
 * @param {Record<string, string>} paths by variant key
 */
export declare function originURL(url: string | URL, decision: import("./decision.js").Decision | undefined, paths: Record<string, string>): URL;
/** The header that tells an origin what was decided. */
export declare const DECISIONS_HEADER = "Sortition-Decisions";
/**
 * The value of the header: signed base64 of JSON {"time", "revision", "variants":
 * {experiment: variant}}. The signature proves to the origin that the shim made it.
 * @param {import("./sealer.js").Sealer} sealer
 * @param {Iterable<import("./decision.js").Decision>} decisions
 */
export declare function decisionsHeader(sealer: import("./sealer.js").Sealer, decisions: Iterable<import("./decision.js").Decision>, now?: number): Promise<string>;
/**
 * Verifies and decodes what decisionsHeader returns; undefined if the signature is wrong or
 * the header is too old.
 * @param {import("./sealer.js").Sealer} sealer
 * @param {string | null | undefined} value
 * @returns {Promise<{ time: number, revision: number, variants: Record<string, string> } | undefined>}
 */
export declare function readDecisionsHeader(sealer: import("./sealer.js").Sealer, value: string | null | undefined, now?: number): Promise<{
    time: number;
    revision: number;
    variants: Record<string, string>;
} | undefined>;
