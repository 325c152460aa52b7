export type Variant = {
    key: string;
    name: string;
    config: string;
};
/** A variant of an experiment or flag.
 * @typedef {{ key: string, name: string, config: string }} Variant config is JSON */
/** Names the experiments, flags and variants of a payload, in the order of the program. */
export declare class Catalog {
    #private;
    payload: import("./payload.js").Payload;
    kind: Uint8Array<ArrayBuffer>;
    phase: Uint32Array<ArrayBuffer>;
    /** Numbers of unit types and attributes, by which requests name them. */
    units: Map<string, number>;
    attributes: Map<string, number>;
    unit: string[];
    keys: string[];
    index: Map<string, number>;
    /** Which experiments ask for variants to be kept. */
    sticky: Uint8Array<ArrayBuffer>;
    /** @param {import("./payload.js").Payload} payload */
    constructor(payload: import("./payload.js").Payload);
    /**
     * A variant of an experiment, or undefined if it has none of that number.
     * @param {number} experiment
     * @param {number} variant
     */
    variant(experiment: number, variant: number): Variant | undefined;
    /**
     * The variant of this key, or undefined.
     * @param {number} experiment
     * @param {string} key
     */
    variantOf(experiment: number, key: string): Variant | undefined;
}
