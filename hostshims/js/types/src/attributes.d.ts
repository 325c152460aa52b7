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
     * from 1, certainly a bot, to 99, certainly a person
     */
    bot_score?: number;
    /**
     * whether the platform or the user agent indicates a bot
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
 * The attributes that the URL and the headers give in any runtime.
 * @param {Request} request
 * @returns {EdgeAttributes}
 */
export declare function requestAttributes({ url, headers }: Request): EdgeAttributes;
/**
 * Parses a number in a header; undefined if it is not a number.
 * @param {string | null | undefined} text
 */
export declare const numberOf: (text: string | null | undefined) => number | undefined;
/**
 * Decodes percent-encoded text of a header, as platforms send names of cities.
 * @param {string | null | undefined} text
 */
export declare function decoded(text: string | null | undefined): string | undefined;
