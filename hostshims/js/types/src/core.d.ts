/** Bytes of a request at most. The core refuses longer ones. */
export declare const MAX_REQUEST = 262144;
/** Bytes of a record. */
export declare const RECORD_SIZE = 8;
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
    /** The memory from the first record on. */
    answer: DataView<ArrayBuffer>;
    /** @param {Exports} exports of an instance that has loaded a payload */
    constructor(exports: Exports);
    /**
     * Loads a payload into a new instance, in steps: see steps.js.
     * @param {WebAssembly.Module} module
     * @param {Uint8Array<ArrayBuffer>} payload raw
     * @returns {import("./steps.js").Steps<Instance>}
     */
    static open(module: WebAssembly.Module, payload: Uint8Array<ArrayBuffer>): import("./steps.js").Steps<Instance>;
    /**
     * Decides one experiment for the request that was written to memory. It returns the number
     * of records, or the negated status.
     * @param {number} size of the request in bytes
     * @param {number} experiment
     */
    one(size: number, experiment: number): number;
    /**
     * Decides everything for the request that was written to memory. It returns as one does.
     * @param {number} size of the request in bytes
     */
    all(size: number): number;
    /**
     * Throws unless the core gives the records of a golden vector.
     * @param {import("./vectors.js").Vectors} vectors
     * @param {number} i
     */
    try(vectors: import("./vectors.js").Vectors, i: number): void;
}
