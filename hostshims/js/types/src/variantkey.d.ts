/** The header that gives an origin the variant key of the request's path. */
export declare const VARIANT_KEY_HEADER = "Sortition-Variant-Key";
/**
 * The canonical key of a combination of variants; "-" if there are no variants.
 * @param {Iterable<{ experiment: string, variant?: string }>} decisions for the experiments and
 *   flags that touch the path
 */
export declare function variantKey(decisions: Iterable<{
    experiment: string;
    variant?: string;
}>): Promise<string>;
/**
 * The URL under which a cache stores the copy of a page for a key, for the Cache API and for
 * cf.cacheKey. Do not request it from the origin.
 * @param {string | URL} url
 * @param {string} key
 */
export declare function variantURL(url: string | URL, key: string): URL;
/**
 * The tag of an experiment or flag, for headers such as Cache-Tag and Surrogate-Key. It
 * purges all pages that the experiment touches, in every variant.
 * @param {string} experiment
 */
export declare const cacheTag: (experiment: string) => string;
