/** Bytes of a request at most. The core refuses longer ones. */
export declare const MAX_REQUEST = 262144;
export type Exports = {
    memory: WebAssembly.Memory;
    _initialize: () => void;
    abi_version: () => number;
    alloc: (n: number) => number;
    load: (at: number, n: number) => number;
    records: () => number;
    assign_one: (at: number, n: number, experiment: number) => number;
    assign_all: (at: number, n: number) => number;
};
/**
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {() => void} _initialize
 * @property {() => number} abi_version
 * @property {(n: number) => number} alloc
 * @property {(at: number, n: number) => number} load
 * @property {() => number} records
 * @property {(at: number, n: number, experiment: number) => number} assign_one
 * @property {(at: number, n: number) => number} assign_all
 */
/** The core behaved in a way that it never should. Its instance cannot be used any more. */
export declare class CoreError extends Error {
    name: string;
}
/**
 * Throws unless the module is a core of any version.
 * @param {WebAssembly.Module} module
 */
export declare function checkCore(module: WebAssembly.Module): void;
/** The core with one payload loaded. */
export declare class Instance {
    #private;
    /** The offset at which requests are written. */
    request: number;
    records: number;
    bytes: Uint8Array<ArrayBuffer>;
    view: DataView<ArrayBuffer>;
    /**
     * @param {WebAssembly.Module} module
     * @param {Uint8Array<ArrayBuffer>} payload raw
     */
    constructor(module: WebAssembly.Module, payload: Uint8Array<ArrayBuffer>);
    /**
     * Decides one experiment for the request that was written to memory. It returns the
     * offset of the record, or the negated status.
     * @param {number} size of the request in bytes
     * @param {number} experiment
     */
    one(size: number, experiment: number): number;
    /**
     * Decides everything for the request that was written to memory. It returns the number of
     * records, or the negated status.
     * @param {number} size of the request in bytes
     */
    all(size: number): number;
    /**
     * Throws unless the core gives the records of every vector.
     * @param {import("./payload.js").Vector[]} vectors
     */
    selfTest(vectors: import("./payload.js").Vector[]): void;
}
export type CoreRecord = {
    experiment: number;
    variant: number;
    reason: number;
    rule: number;
};
/** A record as the core writes it: the outcome for one experiment, in numbers.
 * @typedef {{ experiment: number, variant: number, reason: number, rule: number }} CoreRecord */
/** Reads a record. @param {DataView} view @param {number} at @returns {CoreRecord} */
export declare function readRecord(view: DataView, at: number): CoreRecord;
/** The offset of the i-th record. @param {Instance} instance @param {number} i */
export declare const recordAt: (instance: Instance, i: number) => number;
