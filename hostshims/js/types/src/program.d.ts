import { Catalog } from "./catalog.js";
export type Outcome = {
    /**
     * its index in the catalog
     */
    experiment: number;
    variant?: import("./catalog.js").Variant;
    /**
     * as the ABI numbers them
     */
    reason: number;
    rule: number;
};
/**
 * The outcome for one experiment.
 * @typedef {object} Outcome
 * @property {number} experiment its index in the catalog
 * @property {import("./catalog.js").Variant} [variant]
 * @property {number} reason as the ABI numbers them
 * @property {number} rule
 */
/** A payload, and an instance of the core that decides on it. */
export declare class Program {
    #private;
    catalog: Catalog;
    /**
     * Loads a payload into the core and runs its golden vectors. It throws if that fails.
     * @param {WebAssembly.Module} module
     * @param {Uint8Array<ArrayBuffer>} payload raw
     */
    constructor(module: WebAssembly.Module, payload: Uint8Array<ArrayBuffer>);
    /**
     * Decides the experiment at an index in the catalog. It throws a RequestError, or a
     * CoreError after which the next call has an instance that was made anew.
     * @param {import("./request.js").Request} request
     * @param {number} clock the time to decide at if the request has none
     * @param {number} experiment
     */
    one(request: import("./request.js").Request, clock: number, experiment: number): Outcome;
    /**
     * Decides everything that gives a variant. It throws as one does.
     * @param {import("./request.js").Request} request
     * @param {number} clock
     */
    all(request: import("./request.js").Request, clock: number): Outcome[];
}
