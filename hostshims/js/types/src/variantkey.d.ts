/** The header of a request to an origin that has the variant key of its path. */
export declare const VARIANT_KEY_HEADER = "Sortition-Variant-Key";
/**
 * The key of a combination: one text for one combination, "-" for one without variants.
 * @param {Iterable<{ experiment: string, variant?: string }>} decisions of what touches the path
 */
export declare function variantKey(decisions: Iterable<{
    experiment: string;
    variant?: string;
}>): Promise<string>;
/**
 * The URL under which a cache keeps the copy of a page for a key: for the Cache API, and
 * for cf.cacheKey. It is no URL that the origin is asked for.
 * @param {string | URL} url
 * @param {string} key
 */
export declare function variantURL(url: string | URL, key: string): URL;
/**
 * The tag of an experiment or flag, for headers such as Cache-Tag and Surrogate-Key: to
 * purge the pages that it touches, whatever their visitors are given.
 * @param {string} experiment
 */
export declare const cacheTag: (experiment: string) => string;
