/** Room for a request, in bytes; what is longer the core refuses. */
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
/** The core did something that it never should. Its instance is of no more use. */
export declare class CoreError extends Error {
    name: string;
}
/**
 * Throws unless a module is a core, of whatever version.
 * @param {WebAssembly.Module} module
 */
export declare function checkCore(module: WebAssembly.Module): void;
/** The core with one payload loaded. */
export declare class Instance {
    #private;
    /** Where requests are written to. */
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
     * Decides one experiment for the request of so many bytes that was written, and returns
     * where its record is. A negative number is a status, negated.
     * @param {number} size
     * @param {number} experiment
     */
    one(size: number, experiment: number): number;
    /**
     * Decides everything and returns the number of records. A negative number is a status,
     * negated.
     * @param {number} size
     */
    all(size: number): number;
    /**
     * Throws unless every vector is answered as it must be.
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
/** What the core says of one experiment, in its own numbers.
 * @typedef {{ experiment: number, variant: number, reason: number, rule: number }} CoreRecord */
/** Reads a record. @param {DataView} view @param {number} at @returns {CoreRecord} */
export declare function readRecord(view: DataView, at: number): CoreRecord;
/** Where the i-th record is. @param {Instance} instance @param {number} i */
export declare const recordAt: (instance: Instance, i: number) => number;
