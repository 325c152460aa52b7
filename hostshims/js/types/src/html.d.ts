/**
 * JSON that can stand inside a script element of any page.
 * @param {unknown} value
 */
export declare function scriptJSON(value: unknown): string;
/**
 * A script element from which a page takes its decisions without another request:
 * JSON.parse(document.getElementById("sortition").textContent). It is data and runs
 * nothing; a nonce satisfies policies that demand one of every script element.
 * @param {Iterable<import("./decision.js").Decision>} decisions
 * @param {{ nonce?: string }} [options]
 */
export declare function hydrationScript(decisions: Iterable<import("./decision.js").Decision>, { nonce }?: {
    nonce?: string;
}): string;
/**
 * Puts HTML at the beginning of a page's head while the page streams through. A page that
 * has no head tag in its first 64 KiB passes as it is.
 * @param {Response} response
 * @param {string} html
 */
export declare function insertIntoHead(response: Response, html: string): Response;
