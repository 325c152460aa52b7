// Ways for decisions to the origin that renders a page.

import { fromBase64URL, fromUTF8, toBase64URL, toUTF8 } from "./bytes.js";

/**
 * The URL of the page for a variant: with another path, if the variant has one.
 * @param {string | URL} url
 * @param {import("./decision.js").Decision | undefined} decision
 * @param {Record<string, string>} paths by key of the variant
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

/** Milliseconds for which a header counts: time for a slow origin, and for clocks. */
const HEADER_AGE = 5 * 60_000;

/**
 * The value of the header: base64 of JSON {"time", "revision", "variants": {experiment:
 * variant}}, signed, so that an origin need not trust who else can reach it.
 * @param {import("./sealer.js").Sealer} sealer
 * @param {import("./decision.js").Decision[]} decisions
 */
export async function decisionsHeader(sealer, decisions, now = Date.now()) {
  const variants = Object.fromEntries(decisions.map(({ experiment, variant }) => [experiment, variant]));
  const text = JSON.stringify({ time: now, revision: decisions[0]?.revision ?? 0, variants });
  return sealer.seal(HEADER_PURPOSE, toBase64URL(toUTF8(text)));
}

/**
 * What decisionsHeader's value says; undefined if it is none, or is too old.
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
