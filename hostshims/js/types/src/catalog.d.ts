export type Variant = {
    key: string;
    name: string;
    config: string;
};
/** A variant of an experiment or flag.
 * @typedef {{ key: string, name: string, config: string }} Variant config is JSON */
/** The names of the experiments, flags and variants of a payload, in the order of the program. */
export declare class Catalog {
    #private;
    payload: import("./payload.js").Payload;
    kind: Uint8Array<ArrayBuffer>;
    phase: Uint32Array<ArrayBuffer>;
    /** The numbers by which requests refer to unit types and attributes. */
    units: Map<string, number>;
    attributes: Map<string, number>;
    unit: string[];
    keys: string[];
    index: Map<string, number>;
    /** 1 for each experiment whose visitors keep their variants. */
    sticky: Uint8Array<ArrayBuffer>;
    /** @param {import("./payload.js").Payload} payload */
    constructor(payload: import("./payload.js").Payload);
    /**
     * The variant of an experiment with a number; undefined if there is none.
     * @param {number} experiment
     * @param {number} variant
     */
    variant(experiment: number, variant: number): Variant | undefined;
    /**
     * The variant of an experiment with a key; undefined if there is none.
     * @param {number} experiment
     * @param {string} key
     */
    variantOf(experiment: number, key: string): Variant | undefined;
}
