export type Vector = {
    request: Uint8Array<ArrayBuffer>;
    records: import("./core.js").CoreRecord[];
};
/** A request with the records that every core must return for it.
 * @typedef {{ request: Uint8Array<ArrayBuffer>, records: import("./core.js").CoreRecord[] }} Vector */
/** Reads columns. It refers to the payload's bytes, which must not change. */
export declare class Payload {
    #private;
    /**
     * Reads a raw payload, which must be verified. It throws if the form is wrong; the
     * program is checked by the core alone.
     * @param {Uint8Array<ArrayBuffer>} raw
     */
    constructor(raw: Uint8Array<ArrayBuffer>);
    /** @param {string} name of a column that older payloads may lack */
    has(name: string): boolean;
    /** @param {string} name */
    u8(name: string): Uint8Array<ArrayBuffer>;
    /**
     * A column of 4 bytes, which is stored as differences.
     * @param {string} name
     */
    u32(name: string): Uint32Array<ArrayBuffer>;
    /** @param {number} id */
    text(id: number): Uint8Array<ArrayBuffer>;
    /**
     * A text as a string; bytes that are no UTF-8 are replaced.
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
