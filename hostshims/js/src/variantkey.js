// The key by which a cache tells the copies of one page apart. Its form is that of the Go
// package edge/variantkey: experiment.variant for each that is given, joined by tildes.

import { toBase64URL, toUTF8 } from "./bytes.js";

/** Bytes of a key that people can read; of a longer one only the hash stands. */
const MAX_LENGTH = 128;

/** Bytes of the hash: beyond a collision by chance. */
const HASH_SIZE = 16;

/** The header of a request to an origin that has the variant key of its path. */
export const VARIANT_KEY_HEADER = "Sortition-Variant-Key";

/**
 * The key of a combination: one text for one combination, "-" for one without variants.
 * @param {Iterable<{ experiment: string, variant?: string }>} decisions of what touches the path
 */
export async function variantKey(decisions) {
  const given = [...decisions].filter(({ variant }) => variant);
  const text = given
    .sort((a, b) => (a.experiment < b.experiment ? -1 : 1))
    .map(({ experiment, variant }) => `${experiment}.${variant}`)
    .join("~");
  if (text.length <= MAX_LENGTH) return text || "-";
  const hash = await crypto.subtle.digest("SHA-256", toUTF8(text));
  return `~${toBase64URL(new Uint8Array(hash, 0, HASH_SIZE))}`;
}

/**
 * The URL under which a cache keeps the copy of a page for a key: for the Cache API, and
 * for cf.cacheKey. It is no URL that the origin is asked for.
 * @param {string | URL} url
 * @param {string} key
 */
export function variantURL(url, key) {
  const kept = new URL(url);
  kept.searchParams.set("sortition", key);
  return kept;
}

/**
 * The tag of an experiment or flag, for headers such as Cache-Tag and Surrogate-Key: to
 * purge the pages that it touches, whatever their visitors are given.
 * @param {string} experiment
 */
export const cacheTag = (experiment) => `sortition-${experiment}`;
