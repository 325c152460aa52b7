export type Variant = {
    key: string;
    name: string;
    config: string;
};
/**
 * The names of the experiments, flags and variants of a payload, in the order of the program.
 * They stay columns; a name becomes a string when it is first asked for. The core checks the
 * columns that it reads, so the catalog checks all others.
 */
export declare class Catalog {
    #private;
    payload: import("./payload.js").Payload;
    /** By experiment: 1 for a flag. */
    kind: Uint8Array<ArrayBuffer>;
    /** By experiment: the phase of its allocation. */
    phase: Uint32Array<ArrayBuffer>;
    /** The numbers by which requests refer to unit types and attributes. */
    units: Map<string, number>;
    attributes: Map<string, number>;
    /** How many experiments and flags there are. */
    length: number;
    /** By experiment: 1 if visitors keep their variants. */
    sticky: Uint8Array<ArrayBuffer>;
    /**
     * @param {import("./payload.js").Payload} payload
     * @param {Uint32Array} keys
     * @param {Uint32Array[]} variants their keys, names and configurations
     */
    constructor(payload: import("./payload.js").Payload, keys: Uint32Array, [variantKeys, variantNames, variantConfigs]: Uint32Array[]);
    /**
     * Reads the catalog of a payload, in steps: see steps.js.
     * @param {import("./payload.js").Payload} payload
     * @returns {import("./steps.js").Steps<Catalog>}
     */
    static open(payload: import("./payload.js").Payload): import("./steps.js").Steps<Catalog>;
    /** The key of an experiment or flag. @param {number} experiment */
    key(experiment: number): string;
    /** The index of the experiment or flag with a key; -1 if there is none. @param {string} key */
    find(key: string): number;
    /** The unit type that an experiment or flag is randomised by. @param {number} experiment */
    unit(experiment: number): string;
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
