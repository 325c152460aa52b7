// Passes decisions to the origin that renders a page.

import { fromBase64URL, fromUTF8, toBase64URL, toUTF8 } from "./bytes.js";

/**
 * The URL of a page for the variant of a decision: with the variant's path, if it has one in
 * paths.
 * @param {string | URL} url
 * @param {import("./decision.js").Decision | undefined} decision
 * @param {Record<string, string>} paths by variant key
 */
export function originURL(url, decision, paths) {
  const target = new URL(url);
  const variant = decision?.variant;
  if (variant !== undefined && Object.hasOwn(paths, variant)) target.pathname = paths[variant];
  return target;
}

/** The header that tells an origin what was decided. */
export const DECISIONS_HEADER = "Sortition-Decisions";

const HEADER_PURPOSE = "sortition decisions v1";

/** Milliseconds for which a header is valid. This allows for a slow origin and for clocks that
 * differ. */
const HEADER_AGE = 5 * 60_000;

/**
 * The value of the header: signed base64 of JSON {"time", "revision", "variants":
 * {experiment: variant}}. The signature proves to the origin that the shim made it.
 * @param {import("./sealer.js").Sealer} sealer
 * @param {Iterable<import("./decision.js").Decision>} decisions
 */
export async function decisionsHeader(sealer, decisions, now = Date.now()) {
  const given = [...decisions];
  const variants = Object.fromEntries(given.map(({ experiment, variant }) => [experiment, variant]));
  const text = JSON.stringify({ time: now, revision: given[0]?.revision ?? 0, variants });
  return sealer.seal(HEADER_PURPOSE, toBase64URL(toUTF8(text)));
}

/**
 * Verifies and decodes what decisionsHeader returns; undefined if the signature is wrong or
 * the header is too old.
 * @param {import("./sealer.js").Sealer} sealer
 * @param {string | null | undefined} value
 * @returns {Promise<{ time: number, revision: number, variants: Record<string, string> } | undefined>}
 */
export async function readDecisionsHeader(sealer, value, now = Date.now()) {
  const text = value ? await sealer.open(HEADER_PURPOSE, value) : undefined;
  if (text === undefined) return undefined;
  const decisions = JSON.parse(fromUTF8(fromBase64URL(text)));
  return Math.abs(now - decisions.time) <= HEADER_AGE ? decisions : undefined;
}
