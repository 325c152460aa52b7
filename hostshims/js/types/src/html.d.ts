/**
 * Encodes a value as JSON that is safe inside a script element.
 * @param {unknown} value
 */
export declare function scriptJSON(value: unknown): string;
/**
 * Returns a script element from which a page reads its decisions without another request:
 * JSON.parse(document.getElementById("sortition").textContent). The element is data and runs
 * nothing; a nonce satisfies policies that require one on every script element.
 * @param {Iterable<import("./decision.js").Decision>} decisions
 * @param {{ nonce?: string }} [options]
 */
export declare function hydrationScript(decisions: Iterable<import("./decision.js").Decision>, { nonce }?: {
    nonce?: string;
}): string;
/**
 * Inserts HTML at the beginning of a page's head while the page streams through. A page
 * without a head tag in its first 64 KiB is not changed.
 * @param {Response} response
 * @param {string} html
 */
export declare function insertIntoHead(response: Response, html: string): Response;
