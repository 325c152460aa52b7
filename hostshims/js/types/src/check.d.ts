/**
 * @param {boolean} ok
 * @param {string} message
 * @returns {asserts ok}
 */
export declare function check(ok: boolean, message: string): asserts ok;
/**
 * @param {string} field
 * @param {number} n
 */
export declare function checkCount(field: string, n: number, max?: number): void;
/**
 * @param {string} field
 * @param {{ length: number }} items
 * @param {number} max
 */
export declare function checkLength(field: string, { length }: {
    length: number;
}, max: number): void;
/**
 * Parses a time in UTC with whole seconds. It returns milliseconds since the Unix epoch.
 * @param {string} field
 * @param {string} text
 */
export declare function checkTime(field: string, text: string): number;
/** @param {{ created: string, expires: string }} document */
export declare function checkPeriod({ created, expires }: {
    created: string;
    expires: string;
}): {
    created: number;
    expires: number;
};
/**
 * Checks that text is a single line.
 * @param {string} field
 * @param {string} text
 * @param {number} limit in bytes of UTF-8
 */
export declare function checkText(field: string, text: string, limit: number): void;
/**
 * @param {string} what
 * @param {string[]} ids
 */
export declare function checkAscending(what: string, ids: string[]): void;
