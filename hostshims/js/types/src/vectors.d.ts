/** The vectors of a payload. */
export declare class Vectors {
    #private;
    /** How many there are. */
    length: number;
    /** @param {import("./payload.js").Payload} payload */
    constructor(payload: import("./payload.js").Payload);
    /** The request of a vector. @param {number} vector */
    request(vector: number): Uint8Array<ArrayBuffer>;
    /**
     * Whether the core's records are those of a vector.
     * @param {number} vector
     * @param {DataView} view of the records
     * @param {number} count
     */
    matches(vector: number, view: DataView, count: number): boolean;
}
