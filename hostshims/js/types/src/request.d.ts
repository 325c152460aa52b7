/** Limits of one request, those of package wasm/request of the Go module. Only units and
 * attributes that the payload has count. */
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
     * when, in milliseconds; the clock's time by default
     */
    now?: number | Date;
};
/** A list is an array of strings; a time is a Date, milliseconds, or RFC 3339 text.
 * @typedef {string | number | bigint | boolean | Date | readonly string[]} Value */
/**
 * What is decided on. A value that is null or undefined counts as missing.
 * @typedef {object} Request
 * @property {Record<string, string | null | undefined>} [units] ids by unit type
 * @property {Record<string, Value | null | undefined>} [attributes] values by name
 * @property {number | Date} [now] when, in milliseconds; the clock's time by default
 */
/** A request that is over a limit or has a value of a type that attributes do not have. */
export declare class RequestError extends Error {
    name: string;
}
/** Writes requests for one instance of the core. */
export declare class RequestWriter {
    #private;
    /**
     * @param {import("./core.js").Instance} instance
     * @param {{ units: Map<string, number>, attributes: Map<string, number> }} numbers by name
     */
    constructor({ bytes: { buffer }, request }: import("./core.js").Instance, { units, attributes }: {
        units: Map<string, number>;
        attributes: Map<string, number>;
    });
    /**
     * Writes a request and returns its size in bytes. Units and attributes that the payload
     * does not have are left out. It throws a RequestError.
     * @param {Request} request
     * @param {number} clock the time, for a request that has none of its own
     */
    write({ units, attributes, now }: Request, clock: number): number;
}
