// The key by which a cache distinguishes the copies of one page. The form is that of the Go
// package edge/variantkey: experiment.variant of each assigned variant, joined by tildes.

import { toBase64URL, toUTF8 } from "./bytes.js";

/** Bytes of a readable key. A longer one is replaced by its hash. */
const MAX_LENGTH = 128;

/** Bytes of the hash: enough that no two keys collide by chance. */
const HASH_SIZE = 16;

/** The header that gives an origin the variant key of the request's path. */
export const VARIANT_KEY_HEADER = "Sortition-Variant-Key";

/**
 * The canonical key of a combination of variants; "-" if there are no variants.
 * @param {Iterable<{ experiment: string, variant?: string }>} decisions for the experiments and
 *   flags that touch the path
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
 * The URL under which a cache stores the copy of a page for a key, for the Cache API and for
 * cf.cacheKey. Do not request it from the origin.
 * @param {string | URL} url
 * @param {string} key
 */
export function variantURL(url, key) {
  const kept = new URL(url);
  kept.searchParams.set("sortition", key);
  return kept;
}

/**
 * The tag of an experiment or flag, for headers such as Cache-Tag and Surrogate-Key. It
 * purges all pages that the experiment touches, in every variant.
 * @param {string} experiment
 */
export const cacheTag = (experiment) => `sortition-${experiment}`;
