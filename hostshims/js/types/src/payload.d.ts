/**
 * Reads columns of a payload where they lie. It keeps the payload's bytes, which must not
 * change.
 */
export declare class Payload {
    #private;
    /** All texts, one after the other, and where each ends. */
    text: Uint8Array<ArrayBuffer>;
    textEnd: Uint32Array<ArrayBuffer>;
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
     * A column of 32-bit numbers, each stored as the difference from the one before. The
     * machine must be little-endian; on any other, the checks of the payload fail.
     * @param {string} name
     * @param {number} [below] what every number must be less than
     */
    u32(name: string, below?: number): Uint32Array<ArrayBuffer>;
    /**
     * A column of texts, by number.
     * @param {string} name
     */
    texts(name: string): Uint32Array<ArrayBuffer>;
    /** The bytes of a text. @param {number} id */
    bytes(id: number): Uint8Array<ArrayBuffer>;
    /**
     * A text as a string. Invalid UTF-8 is replaced.
     * @param {number} id
     */
    string(id: number): string;
    /**
     * A column of texts as strings.
     * @param {string} name
     */
    strings(name: string): string[];
    /**
     * Whether texts ascend, from the one before a place to the one before another.
     * @param {Uint32Array} ids from texts
     * @param {number} from
     * @param {number} to
     */
    ascend(ids: Uint32Array, from: number, to: number): boolean;
}
