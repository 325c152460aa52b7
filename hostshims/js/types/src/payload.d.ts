export type Vector = {
    request: Uint8Array<ArrayBuffer>;
    records: import("./core.js").CoreRecord[];
};
/** A golden vector: a request with the records that every core must return for it.
 * @typedef {{ request: Uint8Array<ArrayBuffer>, records: import("./core.js").CoreRecord[] }} Vector */
/** Reads columns of a payload. It keeps the payload's bytes, which must not change. */
export declare class Payload {
    #private;
    /**
     * Reads a raw payload, which must have been verified. It throws if the form is wrong. Only
     * the core checks the program in it.
     * @param {Uint8Array<ArrayBuffer>} raw
     */
    constructor(raw: Uint8Array<ArrayBuffer>);
    /** @param {string} name of a column that older payloads may lack */
    has(name: string): boolean;
    /** @param {string} name */
    u8(name: string): Uint8Array<ArrayBuffer>;
    /**
     * A column of 32-bit numbers, each stored as the difference from the one before.
     * @param {string} name
     */
    u32(name: string): Uint32Array<ArrayBuffer>;
    /** @param {number} id */
    text(id: number): Uint8Array<ArrayBuffer>;
    /**
     * A text as a string. Invalid UTF-8 is replaced.
     * @param {number} id
     */
    string(id: number): string;
    /**
     * A column of texts.
     * @param {string} name
     */
    strings(name: string): string[];
    /** @returns {Vector[]} */
    vectors(): Vector[];
}
