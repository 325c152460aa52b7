/** Limits of one request, the same as in package wasm/request of the Go module. Units and
 * attributes that the payload does not have do not count. */
export declare const MAX_UNITS = 8;
export declare const MAX_ATTRIBUTES = 256;
export declare const MAX_STRING_LENGTH = 1024;
export declare const MAX_LIST_ITEMS = 256;
export type Value = string | number | bigint | boolean | Date | readonly string[];
export type Request = {
    /**
     * ids by unit type
     */
    units?: Record<string, string | null | undefined>;
    /**
     * values by name
     */
    attributes?: Record<string, Value | null | undefined>;
    /**
     * the time at which to decide, in milliseconds since the Unix
     * epoch; the host's clock by default
     */
    now?: number | Date;
};
/** A list is an array of strings. A time is a Date, a number of milliseconds since the Unix
 * epoch, or RFC 3339 text.
 * @typedef {string | number | bigint | boolean | Date | readonly string[]} Value */
/**
 * The ids and attributes to decide on. A value that is null or undefined counts as missing.
 * @typedef {object} Request
 * @property {Record<string, string | null | undefined>} [units] ids by unit type
 * @property {Record<string, Value | null | undefined>} [attributes] values by name
 * @property {number | Date} [now] the time at which to decide, in milliseconds since the Unix
 *   epoch; the host's clock by default
 */
/** A request is over a limit, or has a value of a type that no attribute can have. */
export declare class RequestError extends Error {
    name: string;
}
/**
 * Makes a function that writes requests for one instance of the core. It returns the size of
 * the request in bytes. Units and attributes that the payload does not have are left out. It
 * throws a RequestError.
 * @param {import("./core.js").Instance} instance
 * @param {{ units: Map<string, number>, attributes: Map<string, number> }} numbers the numbers
 *   of unit types and attributes, by name
 * @returns {(request: Request, clock: number) => number} clock is the time to decide at if the
 *   request has none
 */
export declare function requestWriter({ bytes: { buffer }, request }: import("./core.js").Instance, numbers: {
    units: Map<string, number>;
    attributes: Map<string, number>;
}): (request: Request, clock: number) => number;
