export type EdgeAttributes = {
    /**
     * ISO 3166-1 alpha-2, upper case: "GB"
     */
    country?: string;
    /**
     * ISO 3166-2 subdivision without the country: "ENG"
     */
    region?: string;
    /**
     * as the platform spells it
     */
    city?: string;
    /**
     * "AF", "AN", "AS", "EU", "NA", "OC" or "SA"
     */
    continent?: string;
    /**
     * IANA name: "Europe/London"
     */
    timezone?: string;
    /**
     * number of the autonomous system
     */
    asn?: number;
    /**
     * 1 for surely a bot to 99 for surely a person
     */
    bot_score?: number;
    /**
     * the platform or the user agent says that it is one
     */
    bot?: boolean;
    device?: "desktop" | "mobile" | "tablet";
    os?: "android" | "chromeos" | "ios" | "linux" | "macos" | "windows";
    browser?: "chrome" | "edge" | "firefox" | "opera" | "safari" | "samsung";
    /**
     * the first of Accept-Language, lower case: "en-gb"
     */
    language?: string;
    /**
     * of the URL
     */
    host?: string;
    /**
     * of the URL
     */
    path?: string;
    /**
     * host of the page that linked here
     */
    referrer?: string;
};
/**
 * What any runtime can tell from the URL and the headers.
 * @param {Request} request
 * @returns {EdgeAttributes}
 */
export declare function requestAttributes({ url, headers }: Request): EdgeAttributes;
/**
 * A number that a header has as text; undefined if it has none.
 * @param {string | null | undefined} text
 */
export declare const numberOf: (text: string | null | undefined) => number | undefined;
/**
 * Text that a header has percent-encoded, as platforms do for cities.
 * @param {string | null | undefined} text
 */
export declare function decoded(text: string | null | undefined): string | undefined;
