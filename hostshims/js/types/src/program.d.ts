import { Catalog } from "./catalog.js";
import { Vectors } from "./vectors.js";
/** A payload, and an instance of the core that decides on it. */
export declare class Program {
    #private;
    catalog: Catalog;
    /**
     * @param {WebAssembly.Module} module
     * @param {Uint8Array<ArrayBuffer>} payload
     * @param {Vectors} vectors
     * @param {Catalog} catalog
     */
    constructor(module: WebAssembly.Module, payload: Uint8Array<ArrayBuffer>, vectors: Vectors, catalog: Catalog);
    /**
     * Checks a payload, loads it into the core and runs its golden vectors, in steps: see
     * steps.js. It throws if anything of that fails.
     * @param {WebAssembly.Module} module
     * @param {Uint8Array<ArrayBuffer>} payload raw
     * @returns {import("./steps.js").Steps<Program>}
     */
    static open(module: WebAssembly.Module, payload: Uint8Array<ArrayBuffer>): import("./steps.js").Steps<Program>;
    /**
     * Decides the experiment at an index in the catalog. It returns a view of the core's memory
     * that begins with the record, and is valid until the next call. It throws a RequestError,
     * or a CoreError after which the next call has an instance that was made anew.
     * @param {import("./request.js").Request} request
     * @param {number} clock the time to decide at if the request has none
     * @param {number} experiment
     */
    one(request: import("./request.js").Request, clock: number, experiment: number): DataView<ArrayBuffer>;
    /**
     * Decides everything that gives a variant. It returns the records, of each the experiment and
     * then the outcome: see Snapshot.read. They are numbers in an array, since a small ArrayBuffer
     * takes longer to make than the core takes to decide. It throws as one does.
     * @param {import("./request.js").Request} request
     * @param {number} clock
     */
    all(request: import("./request.js").Request, clock: number): number[];
}
